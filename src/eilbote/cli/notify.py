"""``eilbote notify subscribe|unsubscribe|list|raise|events``: who is told of what has happened."""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.notify_options import (
    EVENT,
    HOW,
    WHAT,
    CadenceWord,
    Escalate,
    Organization,
    SeverityWord,
    text_option,
)
from eilbote.cli.options import OUTPUT, Json
from eilbote.cli.outbox_options import NAMES as OUTBOX_NAMES
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.screen import Screen

_NAMES = {
    **OUTBOX_NAMES,
    "event": "--event",
    "severity": "--severity",
    "to": "ADDRESS",
    "organization": "--org",
    "everywhere": "--everywhere",
    "cadence": "--cadence",
    "at": "--at",
    "time_zone": "--time-zone",
    "quiet": "--quiet",
    "language": "--language",
    "muted_until": "--mute",
    "when": "--when",
    "replaces": "--replaces",
    "escalation": "--escalate",
    "id": "ID",
}


def subscribe(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    addresses: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ADDRESS",
            help="Who is told, each in a message of their own; role:operator or user:ID means people by their accounts.",
            show_default=False,
        ),
    ] = None,
    event: Annotated[
        str | None,
        text_option(
            "--event",
            metavar="PATTERN",
            text="Events of this kind; * stands for anything: flow.*. All of them otherwise.",
            panel=WHAT,
        ),
    ] = None,
    severity: Annotated[
        SeverityWord | None,
        text_option(
            "--severity",
            metavar="WORD",
            text="At least so bad: information, success, warning, error or fatal.",
            panel=WHAT,
        ),
    ] = None,
    when: Annotated[
        str | None,
        text_option(
            "--when",
            metavar="CONDITION",
            text="Only if this holds, as in Liquid: 'data.total > 1000'. '' ends it.",
            panel=WHAT,
        ),
    ] = None,
    org: Organization = None,
    replaces: Annotated[
        str | None,
        text_option(
            "--replaces",
            metavar="ID",
            text="With --org: in place of this subscription of the host's, for the organization's own events.",
            panel=WHAT,
        ),
    ] = None,
    everywhere: Annotated[
        bool | None,
        typer.Option(
            "--everywhere/--host-only",
            help="Those of every organization as well, for a subscription of the host's.",
            show_default=False,
            rich_help_panel=WHAT,
        ),
    ] = None,
    cadence: Annotated[
        CadenceWord | None,
        text_option(
            "--cadence",
            metavar="WORD",
            text="How soon: immediately (the default), or gathered: ten_minutes, hourly, daily; or never.",
            panel=HOW,
        ),
    ] = None,
    at: Annotated[
        str | None, text_option("--at", metavar="HH:MM", text="When, for the daily ones; 07:00.", panel=HOW)
    ] = None,
    time_zone: Annotated[
        str | None,
        text_option(
            "--time-zone", metavar="ZONE", text="In which zone times are meant and told; UTC.", panel=HOW
        ),
    ] = None,
    quiet: Annotated[
        str | None,
        text_option(
            "--quiet",
            metavar="HH:MM-HH:MM",
            text="When nothing is told but what is fatal; the rest comes when it is over. '' ends it.",
            panel=HOW,
        ),
    ] = None,
    language: Annotated[
        str | None,
        text_option("--language", metavar="LANGUAGE", text="In which language: en, de or ru; en.", panel=HOW),
    ] = None,
    escalate: Escalate = None,
    mute: Annotated[
        str | None,
        text_option(
            "--mute",
            metavar="TIME",
            text="Nothing at all until a time ('2030-01-31 08:00') or for so long (2h, 3d). '' ends it.",
            panel=HOW,
        ),
    ] = None,
    change: Annotated[
        str | None,
        text_option(
            "--change",
            metavar="ID",
            text="Change this subscription: what is left out stays as it is.",
            panel=HOW,
        ),
    ] = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Have somebody told of what has happened, and show the subscription's id.

    \b
      eilbote notify subscribe ops@example.org --event 'flow.*' --severity error
      eilbote notify subscribe boss@example.org --cadence daily --at 07:00 --time-zone Europe/Berlin
      eilbote notify subscribe --change ID --mute 3d
    """
    from eilbote.cli.notify_subscribing import subscribe as run

    said: dict[str, object] = {
        "to": addresses or None,
        "event": event,
        "severity": severity,
        "organization": org,
        "everywhere": everywhere,
        "cadence": cadence,
        "at": at,
        "time_zone": time_zone,
        "quiet": quiet,
        "language": language,
        "when": when,
        "replaces": replaces,
        "escalation": None if escalate is None else [step for step in escalate if step.strip()],
    }
    given = {name: value for name, value in said.items() if value is not None}
    run(given, _screen(context, json), change=change, mute=mute, data_dir=data_dir)


def unsubscribe(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="As 'eilbote notify list' shows them.")],
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Forget subscriptions, and what was still to be told because of them."""
    from eilbote.cli.notify_subscribing import unsubscribe as run

    run(ids, _screen(context, json), data_dir=data_dir)


def list_(
    context: typer.Context,
    org: Organization = None,
    defaults: Annotated[
        bool,
        typer.Option(
            "--defaults", help="The defaults of the host as well, which mean people by their roles."
        ),
    ] = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List subscriptions: those of every organization, or of one."""
    from eilbote.cli.notify_subscribing import list_subscriptions

    list_subscriptions(_screen(context, json), organization=org, defaults=defaults, data_dir=data_dir)


def raise_(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    event: Annotated[
        str, typer.Argument(metavar="EVENT", help="What kind of thing has happened: a dotted name.")
    ],
    summary: Annotated[
        str | None, text_option("--summary", metavar="TEXT", text="One line about it.", panel=EVENT)
    ] = None,
    detail: Annotated[
        str | None,
        text_option(
            "--detail", metavar="TEXT", text="More about it. @FILE reads a file, - stdin.", panel=EVENT
        ),
    ] = None,
    severity: Annotated[
        SeverityWord | None,
        text_option(
            "--severity",
            metavar="WORD",
            text="How bad it is; as bad as eilbote knows it to be, or information.",
            panel=EVENT,
        ),
    ] = None,
    data: Annotated[
        str | None,
        text_option(
            "--data",
            metavar="FILE",
            text="Values for those who are told: JSON as it stands, a file with JSON or YAML, or - for stdin.",
            panel=EVENT,
        ),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="One value more; dots lead into tables. May be repeated.",
            show_default=False,
            rich_help_panel=EVENT,
        ),
    ] = None,
    about: Annotated[
        str | None,
        text_option(
            "--about",
            metavar="TEXT",
            text="What it is about: the same about the same thing is counted for an hour, and not told again.",
            panel=EVENT,
        ),
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="ADDRESS",
            help="Whom it concerns in person, whatever is subscribed. May be repeated.",
            show_default=False,
            rich_help_panel=EVENT,
        ),
    ] = None,
    language: Annotated[
        str | None,
        text_option("--language", metavar="LANGUAGE", text="Of those it concerns; en.", panel=EVENT),
    ] = None,
    org: Annotated[
        str | None,
        text_option("--org", metavar="NAME", text="On behalf of this organization.", panel=EVENT),
    ] = None,
    id_: Annotated[
        str | None,
        text_option(
            "--id",
            metavar="ID",
            text="A name of its own: raised again under the same one it changes nothing.",
            panel=EVENT,
        ),
    ] = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Say that something has happened; whoever has subscribed to it is told.

    It is on the disk, with everybody who is told, when this returns; messages that are due are in the outbox.

    \b
      eilbote notify raise invoice.overdue --severity warning --summary "Invoice 4711 is overdue" --about 4711
      eilbote notify raise backup.failed --detail @backup.log --set machine=db1
    """
    from eilbote.cli.notify_raising import Happened, raise_event

    happened = Happened(
        event=event,
        summary=summary or "",
        detail=detail,
        severity=None if severity is None else severity.value,
        data=data,
        values=tuple(values or ()),
        about=about or "",
        to=tuple(to or ()),
        language=language or "en",
        organization=org or "",
        id=id_,
    )
    screen = _screen(context, json)
    screen.names |= {
        "event": "EVENT",
        "to": "--to",
        "key": "--about",
        "data": "--data",
        "input": "--data",
        "detail": "--detail",
        "summary": "--summary",
        "set": "--set",
        "id": "--id",
        "argument detail": "--detail",
        "argument data": "--data",
    }
    raise_event(happened, screen, data_dir=data_dir)


def events(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    id_: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Tell everything about this event.", show_default=False),
    ] = None,
    event: Annotated[
        str | None,
        text_option(
            "--event", metavar="PATTERN", text="Of this kind; * stands for anything: flow.*.", panel=WHAT
        ),
    ] = None,
    severity: Annotated[
        SeverityWord | None,
        text_option(
            "--severity",
            metavar="WORD",
            text="At least so bad: information, success, warning, error or fatal.",
            panel=WHAT,
        ),
    ] = None,
    org: Organization = None,
    unacknowledged: Annotated[
        bool,
        typer.Option("--unacknowledged", help="Only what nobody has acknowledged.", rich_help_panel=WHAT),
    ] = False,
    limit: Annotated[
        int,
        typer.Option(
            "--limit", metavar="NUMBER", min=1, max=10_000, help="So many at most.", rich_help_panel=OUTPUT
        ),
    ] = 50,
    known: Annotated[
        bool,
        typer.Option("--known", help="List the events that eilbote knows by itself.", rich_help_panel=OUTPUT),
    ] = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List what has happened, the latest first; or tell everything about one event: who was told, and by which message."""
    from eilbote.cli.notify_raising import list_events, list_known, show_event

    screen = _screen(context, json)
    if known:
        list_known(screen)
    elif id_ is not None:
        show_event(id_, screen, data_dir=data_dir)
    else:
        list_events(
            screen,
            event=event or "*",
            severity=None if severity is None else severity.value,
            organization=org,
            acknowledged=False if unacknowledged else None,
            limit=limit,
            data_dir=data_dir,
        )


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= _NAMES
    return screen
