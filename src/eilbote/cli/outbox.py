"""``eilbote outbox list|show|stats|export``: looking at what the outbox holds, without changing any of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eilbote.cli.options import OUTPUT, Json
from eilbote.cli.outbox_options import (
    NAMES,
    Before,
    Chosen,
    DataDir,
    Failed,
    Ids,
    InDoubt,
    OfConnection,
    OfKey,
    OfMessageId,
    OfOrganization,
    OfRecipient,
    OfSubject,
    Since,
    States,
)
from eilbote.cli.screen import Screen


def list_(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    ids: Ids = None,
    state: States = None,
    connection: OfConnection = None,
    organization: OfOrganization = None,
    recipient: OfRecipient = None,
    subject: OfSubject = None,
    key: OfKey = None,
    message_id: OfMessageId = None,
    failed: Failed = False,
    in_doubt: InDoubt = False,
    since: Since = None,
    before: Before = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="NUMBER",
            help="At most so many; without it 50 as text, and all as JSON.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    oldest_first: Annotated[
        bool, typer.Option("--oldest-first", help="The oldest on top.", rich_help_panel=OUTPUT)
    ] = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""List entries, the newest on top; several conditions must all hold.

    \b
      eilbote outbox list --state deferred --connection office
      eilbote outbox list --failed --since 1d --json | jq -r .id
    """
    from eilbote.cli.outbox_looking import list_entries

    screen = _screen(context, json)
    chosen = Chosen(
        ids=ids or (),
        states=state or (),
        connection=connection,
        organization=organization,
        recipient=recipient,
        subject=subject,
        key=key,
        message_id=message_id,
        failed=failed,
        in_doubt=in_doubt,
        since=since,
        before=before,
    )
    list_entries(chosen, screen, data_dir=data_dir, limit=limit, newest_first=not oldest_first)


def show(
    context: typer.Context,
    ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="The entry; several are shown one after the other.")
    ],
    dialogue: Annotated[
        bool,
        typer.Option(
            "--dialogue",
            help="Also what client and server said where an attempt failed; secrets struck out.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Tell everything about an entry: each recipient, each attempt with the server's words, each event.

    Exit code 3 when there is no such entry.
    """
    from eilbote.cli.outbox_looking import show_entries

    show_entries(ids, _screen(context, json), data_dir=data_dir, dialogue=dialogue)


def stats(
    context: typer.Context,
    plot: Annotated[bool, typer.Option("--plot", help="Draw bars.", rich_help_panel=OUTPUT)] = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Count: entries by state, recipients by status, what waits for which connection, and which of them rests."""
    from eilbote.cli.outbox_looking import show_stats

    screen = _screen(context, False if plot and json is None else json)
    show_stats(screen, data_dir=data_dir, plot=plot)


def export(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="The entry; several need --into.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the message to this file, which must not be there yet; stdout otherwise.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="DIR",
            help="Write each message into this directory as ID.eml.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    r"""Write the message of an entry, octet by octet as every attempt sends it.

    \b
      eilbote outbox export 1kd8p3v4a0003 -o invoice.eml
    """
    from eilbote.cli.outbox_export import export_entries

    screen = _screen(context, False)
    screen.names |= {"directory": "--into"}
    export_entries(ids, screen, data_dir=data_dir, output=output, into=into)


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= NAMES
    return screen
