"""All commands on one page."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING, Annotated

import typer

from eilbote import __version__
from eilbote.cli.commands import Commands
from eilbote.cli.lazy_commands import SETTINGS, LazyCommands, group
from eilbote.cli.screen import Screen

if TYPE_CHECKING:
    from typing import Any

_root = LazyCommands()


class _Root(Commands):
    """The first page, with everything on it."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - what Typer gives every group
        settings["commands"] = _root
        super().__init__(**settings)


application = typer.Typer(
    cls=_Root,
    help="Carries notifications from automations to inboxes over any SMTP server.",
    epilog="Exit codes: 0 done, 1 failed, 2 usage, 3 not found or not valid, 4 try again later, 5 sign-in.",
    no_args_is_help=True,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=SETTINGS,
)


def _group(name: str, text: str) -> LazyCommands:
    commands = LazyCommands()
    _root[name] = group(name, text, commands)
    return commands


_root.register("send", "send:send", summary="Send one message.")
_root.register("courier", "courier:courier", summary="Deliver what is in the outbox.")
_root.register("serve", "serve:serve", summary="Serve the API and the pages, and deliver.")
_root.register("doctor", "doctor:doctor", summary="See whether everything is as a server needs it.")
_root.register("services", "services:services", summary="List or search the services known by name.")
_root.register("catch", "catch:catch", summary="Catch mail on this machine, deliver none.")
_root.register("demo", "demo:demo", summary="Run a flow on this machine and show what arrives.")
_outbox = _group("outbox", "Look into the outbox, and steer it.")
_connection = _group("connection", "Keep and test connections.")
_settings = _group("settings", "See and change the mail settings.")
_config = _group("config", "See and check what the program was told.")
_database = _group("db", "Take care of the database.")
_keys = _group("keys", "Look after the keys of stored secrets.")
_flow = _group("flow", "Write, run and look at flows.")
_process = _group("process", "Draw, run and look at processes (BPMN).")
_route = _group("route", "Keep and try the routes of processes' messages.")
_template = _group("template", "Try and check templates.")
_notify = _group("notify", "Tell people what has happened.")
_webhook = _group("webhook", "Tell programs over HTTP what happens.")
_suppression = _group("suppression", "See and change who gets no mail any more.")
_bounce = _group("bounce", "Take mail that came back.")
_api = _group("api", "Tell what can be asked over HTTP.")
_organization = _group("organization", "Keep the organizations that share the host.")
_user = _group("user", "Invite people, and look after them.")
_api_key = _group("api-key", "Make keys for programs, and call them back.")
_audit = _group("audit", "Read the book of who did what.")
_snapshot = _group("snapshot", "Pack what is kept, and bring it back.")

_outbox.register("list", "outbox:list_", summary="List entries.")
_outbox.register("show", "outbox:show", summary="Tell everything about an entry.")
_outbox.register("retry", "outbox_wishes:retry", summary="Try entries now.")
_outbox.register("cancel", "outbox_wishes:cancel", summary="Call entries back.")
_outbox.register("hold", "outbox_wishes:hold", summary="Let entries stand still.")
_outbox.register("release", "outbox_wishes:release", summary="Let held entries go on.")
_outbox.register("export", "outbox:export", summary="Write the message of an entry to a file.")
_outbox.register("stats", "outbox:stats", summary="Count what is there.")
_connection.register("add", "connection_book:add", summary="Keep a connection under a name.")
_connection.register("list", "connection_looking:list_", summary="List the connections.")
_connection.register("show", "connection_looking:show", summary="Tell everything about a connection.")
_connection.register("update", "connection_book:update", summary="Change some fields of a connection.")
_connection.register(
    "authorize", "connection_consent:authorize", summary="Sign in once, for tokens that renew themselves."
)
_connection.register("refresh", "connection_consent:refresh", summary="Fetch another access token now.")
_connection.register("enable", "connection_book:enable", summary="Let mail go through a connection again.")
_connection.register("disable", "connection_book:disable", summary="Let mail for a connection wait.")
_connection.register("default", "connection_book:default", summary="Use it for messages that name none.")
_connection.register("test", "connection:probe", summary="Test a connection step by step.")
_connection.register("resume", "connection_book:resume", summary="Use a connection again that rests.")
_connection.register("remove", "connection_book:remove", summary="Forget a connection.")
_settings.register("show", "settings:show", summary="Show what holds, and where it comes from.")
_settings.register("set", "settings:set_", summary="Change what the host or an organization says.")
_settings.register("reset", "settings:reset", summary="Forget what a level says, damaged or not.")
_settings.register("test", "settings:probe", summary="Test what holds step by step.")
_config.register("show", "config:show", summary="Show the settings of the program.")
_config.register("check", "config:check", summary="Check everything that can be configured.")
_database.register("upgrade", "database:upgrade", summary="Bring the database up to date.")
_database.register("check", "database:check", summary="Look the outbox over.")
_database.register("backup", "database:backup", summary="Copy the outbox while it is in use.")
_database.register("restore", "database:restore", summary="Make an outbox of a copy.")
_keys.register("list", "keys:list_", summary="List the keys, and what each is needed for.")
_keys.register("rotate", "keys:rotate", summary="Encrypt every secret with a new key.")
_keys.register("retire", "keys:retire", summary="Throw away a key that nothing needs.")
_keys.register("abandon", "keys:abandon", summary="Give up the secrets of a lost key.")
_flow.register("new", "flow:new", summary="Write a first flow to a file.")
_flow.register("check", "flow:check", summary="Find what is wrong with a flow.")
_flow.register("kinds", "flow:kinds", summary="List the kinds of nodes and their fields.")
_flow.register("run", "flow_runs:run", summary="Run a flow, or only try it.")
_flow.register("runs", "flow_runs:runs", summary="List runs.")
_flow.register("show", "flow_runs:show", summary="Tell everything about a run.")
_flow.register("resume", "flow_runs:resume", summary="Go on with runs that are due.")
_flow.register("cancel", "flow_runs:cancel", summary="Call runs back.")
_flow.register("retry", "flow_runs:retry", summary="Let a failed run begin again where it failed.")
_flow.register("answer", "flow_runs:answer", summary="Answer what a run asks.")
_flow.register("context", "flow_runs:context_", summary="Show or forget what a conversation keeps.")
_flow.register("save", "flow_book:save", summary="Keep flows as drafts.")
_flow.register("publish", "flow_book:publish", summary="Make drafts the next versions.")
_flow.register("list", "flow_book:list_", summary="List the flows that are kept.")
_flow.register("versions", "flow_book:versions", summary="List the versions of a flow.")
_flow.register("export", "flow_book:export", summary="Write the text of a flow.")
_flow.register("remove", "flow_book:remove", summary="Forget flows.")
_process.register("new", "process:new", summary="Write a first process to files.")
_process.register("settings", "process:settings", summary="Write settings for a diagram.")
_process.register("check", "process:check", summary="Find what is wrong with a process.")
_process.register("diagram", "process:diagram", summary="Draw a process, or how an instance stands.")
_process.register("save", "process_book:save", summary="Keep processes as drafts.")
_process.register("publish", "process_book:publish", summary="Make drafts the next versions.")
_process.register("list", "process_book:list_", summary="List the processes that are kept.")
_process.register("versions", "process_book:versions", summary="List the versions of a process.")
_process.register("export", "process_book:export", summary="Write the texts of a process.")
_process.register("drop", "process_book:drop", summary="Forget processes.")
_process.register("start", "process_instances:start", summary="Begin an instance.")
_process.register("instances", "process_instances:instances", summary="List instances.")
_process.register("show", "process_instances:show", summary="Tell everything about an instance.")
_process.register("resume", "process_instances:resume", summary="Go on with instances that are due.")
_process.register("cancel", "process_instances:cancel", summary="Call instances back.")
_process.register("tasks", "process_people:tasks", summary="List what people have to do.")
_process.register("complete", "process_people:complete", summary="Say that a task is done.")
_process.register("message", "process_people:message", summary="Give a message to an instance.")
_process.register("reply", "process_people:reply", summary="Give a received e-mail to its instance.")
_process.register("retry", "process_people:retry", summary="Try again what an incident stopped at.")
_process.register("skip", "process_people:skip", summary="Go on behind an incident.")
_route.register("check", "route:check", summary="Find what is wrong with a route.")
_route.register("test", "route:probe", summary="Send a message over a route.")
_route.register("save", "route_book:save", summary="Keep routes.")
_route.register("list", "route_book:list_", summary="List the routes that are kept.")
_route.register("show", "route_book:show", summary="Tell everything about a route.")
_route.register("enable", "route_book:enable", summary="Let messages go over routes again.")
_route.register("disable", "route_book:disable", summary="Let nothing go over routes for now.")
_route.register("export", "route_book:export", summary="Write the texts of routes.")
_route.register("import", "route_book:import_", summary="Keep routes that were exported elsewhere.")
_route.register("drop", "route_book:drop", summary="Forget routes.")
_template.register("render", "template:render", summary="Put values into a template.")
_template.register("lint", "template:lint", summary="Find what is wrong with a template.")
_notify.register("subscribe", "notify:subscribe", summary="Have somebody told of what has happened.")
_notify.register("unsubscribe", "notify:unsubscribe", summary="Forget subscriptions.")
_notify.register("list", "notify:list_", summary="List subscriptions.")
_notify.register("raise", "notify:raise_", summary="Say that something has happened.")
_notify.register(
    "acknowledge", "notify_care:acknowledge", summary="Say that somebody looks after what has happened."
)
_notify.register("events", "notify:events", summary="List what has happened, and who was told.")
_webhook.register("add", "webhook:add", summary="Have somebody told over HTTP.")
_webhook.register("list", "webhook:list_", summary="List webhooks.")
_webhook.register("show", "webhook:show", summary="Tell everything about a webhook.")
_webhook.register("change", "webhook:change", summary="Change a webhook.")
_webhook.register("rotate", "webhook:rotate", summary="Replace the secret of a webhook.")
_webhook.register("enable", "webhook:enable", summary="Let a webhook hear again.")
_webhook.register("disable", "webhook:disable", summary="Let a webhook hear nothing.")
_webhook.register("test", "webhook:probe", summary="Bring a trial delivery now.")
_webhook.register("deliveries", "webhook:deliveries", summary="List what was and is to be delivered.")
_webhook.register("redeliver", "webhook:redeliver", summary="Deliver something again.")
_webhook.register("remove", "webhook:remove", summary="Forget a webhook.")
_api.register("describe", "api:describe", summary="Write the description of the API (OpenAPI).")
_api.register("reference", "api:reference", summary="Write the reference of the API as a page.")
_organization.register("create", "organization:create", summary="Make an organization.")
_organization.register("list", "organization:list_", summary="List organizations.")
_organization.register("show", "organization:show", summary="Tell everything about an organization.")
_organization.register("update", "organization:update", summary="Change an organization.")
_organization.register("delete", "organization:delete", summary="Forget an organization.")
_user.register("create", "user:create", summary="Invite somebody.")
_user.register("list", "user:list_", summary="List people.")
_user.register("invitations", "user:invitations", summary="List open invitations.")
_user.register("show", "user:show", summary="Tell everything about somebody.")
_user.register("change", "user:change", summary="Change somebody.")
_user.register("disable", "user:disable", summary="Lock somebody out.")
_user.register("enable", "user:enable", summary="Let somebody in again.")
_user.register("reset", "user:reset", summary="Send somebody a link for a new password.")
_user.register("revoke", "user:revoke", summary="Take an invitation back.")
_user.register("delete", "user:delete", summary="Forget somebody.")
_api_key.register("create", "api_key:create", summary="Make a key, and show it once.")
_api_key.register("list", "api_key:list_", summary="List keys.")
_api_key.register("rotate", "api_key:rotate", summary="Give a key another text.")
_api_key.register("revoke", "api_key:revoke", summary="Call a key back for ever.")
_audit.register("list", "audit:list_", summary="List what was done.")
_audit.register("verify", "audit:verify", summary="Prove that nothing was taken out.")
_audit.register("export", "audit:export", summary="Write the book to a file.")
_suppression.register("list", "suppression:list_", summary="List who gets no mail any more.")
_suppression.register("add", "suppression:add", summary="Write to somebody no more.")
_suppression.register("remove", "suppression:remove", summary="Let somebody get mail again.")
_bounce.register("take", "suppression:take", summary="Take a mail that came back.")
_snapshot.register("create", "snapshot:create", summary="Pack flows, connections and settings into a file.")
_snapshot.register("show", "snapshot:show", summary="Tell what is in a snapshot.")
_snapshot.register("restore", "snapshot:restore", summary="Bring back what a snapshot holds.")


@application.callback()
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
    json: Annotated[
        bool | None, typer.Option("--json", help="Show the version as JSON.", show_default=False)
    ] = None,
) -> None:
    """Answer ``--version``, or show the help when no command is named."""
    if os.environ.get("NO_COLOR"):
        context.color = False
    if version:
        screen = Screen.of(context, json or False)
        if screen.as_json:
            screen.data(
                {
                    "name": "eilbote",
                    "version": __version__,
                    "python": platform.python_version(),
                    "platform": platform.platform(),
                }
            )
        else:
            screen.text(f"eilbote {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)
