"""All commands on one page."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from inspect import cleandoc
from typing import Annotated

import typer

from eilbote import __version__
from eilbote.cli import (
    catch,
    config,
    connection,
    connection_book,
    connection_consent,
    connection_looking,
    courier,
    database,
    demo,
    keys,
    outbox,
    send,
    services,
    settings,
)
from eilbote.cli.commands import Commands
from eilbote.cli.help_layout import GroupedCommand
from eilbote.cli.outbox_wishes import SUMMARIES, wish_command
from eilbote.cli.screen import Screen

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

application = typer.Typer(
    cls=Commands,
    help="Carries notifications from automations to inboxes over any SMTP server.",
    epilog="Exit codes: 0 done, 1 failed, 2 usage, 3 not found or not valid, 4 try again later, 5 sign-in.",
    no_args_is_help=True,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=_SETTINGS,
)


def _group(name: str, text: str) -> typer.Typer:
    group = typer.Typer(help=text, no_args_is_help=True, rich_markup_mode=None, context_settings=_SETTINGS)
    application.add_typer(group, name=name)
    return group


_outbox = _group("outbox", "Look into the outbox, and steer it.")
_connection = _group("connection", "Keep and test connections.")
_settings = _group("settings", "See and change the mail settings.")
_config = _group("config", "See and check what the program was told.")
_database = _group("db", "Take care of the database.")
_keys = _group("keys", "Look after the keys of stored secrets.")


def _register(group: typer.Typer, name: str, command: Callable[..., None], *, summary: str) -> None:
    # A docstring writes the mark of a paragraph that keeps its lines as two characters, the help page as one.
    text = cleandoc(command.__doc__ or "").replace(r"\b", "\b")
    group.command(name, cls=GroupedCommand, context_settings=_SETTINGS, help=text, short_help=summary)(
        command
    )


_register(application, "send", send.send, summary="Send one message.")
_register(application, "courier", courier.courier, summary="Deliver what is in the outbox.")
_register(application, "services", services.services, summary="List or search the services known by name.")
_register(application, "catch", catch.catch, summary="Catch mail on this machine, deliver none.")
_register(application, "demo", demo.demo, summary="Send, receive and show a message on this machine.")
_register(_outbox, "list", outbox.list_, summary="List entries.")
_register(_outbox, "show", outbox.show, summary="Tell everything about an entry.")
for _word, _summary in SUMMARIES.items():
    _register(_outbox, _word, wish_command(_word), summary=_summary)
_register(_outbox, "export", outbox.export, summary="Write the message of an entry to a file.")
_register(_outbox, "stats", outbox.stats, summary="Count what is there.")
_register(_connection, "add", connection_book.add, summary="Keep a connection under a name.")
_register(_connection, "list", connection_looking.list_, summary="List the connections.")
_register(_connection, "show", connection_looking.show, summary="Tell everything about a connection.")
_register(_connection, "update", connection_book.update, summary="Change some fields of a connection.")
_register(
    _connection,
    "authorize",
    connection_consent.authorize,
    summary="Sign in once, for tokens that renew themselves.",
)
_register(_connection, "refresh", connection_consent.refresh, summary="Fetch another access token now.")
_register(_connection, "enable", connection_book.enable, summary="Let mail go through a connection again.")
_register(_connection, "disable", connection_book.disable, summary="Let mail for a connection wait.")
_register(_connection, "default", connection_book.default, summary="Use it for messages that name none.")
_register(_connection, "test", connection.probe, summary="Test a connection step by step.")
_register(_connection, "resume", connection_book.resume, summary="Use a connection again that rests.")
_register(_connection, "remove", connection_book.remove, summary="Forget a connection.")
_register(_settings, "show", settings.show, summary="Show what holds, and where it comes from.")
_register(_settings, "set", settings.set_, summary="Change what the host or an organization says.")
_register(_settings, "test", settings.probe, summary="Test what holds step by step.")
_register(_config, "show", config.show, summary="Show the settings of the program.")
_register(_config, "check", config.check, summary="Check everything that can be configured.")
_register(_database, "upgrade", database.upgrade, summary="Bring the database up to date.")
_register(_database, "check", database.check, summary="Look the outbox over.")
_register(_database, "backup", database.backup, summary="Copy the outbox while it is in use.")
_register(_database, "restore", database.restore, summary="Make an outbox of a copy.")
_register(_keys, "list", keys.list_, summary="List the keys, and what each is needed for.")
_register(_keys, "rotate", keys.rotate, summary="Encrypt every secret with a new key.")
_register(_keys, "retire", keys.retire, summary="Throw away a key that nothing needs.")
_register(_keys, "abandon", keys.abandon, summary="Give up the secrets of a lost key.")


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
