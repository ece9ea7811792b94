"""``eilbote process start|resume|instances|show|cancel``: processes at work."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from eilbote.cli.options import OUTPUT, Json
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.process_options import (
    INSTANCE,
    NAMES,
    WHICH,
    Correlation,
    Data,
    Name,
    Organization,
    Published,
    Sets,
)
from eilbote.cli.screen import Screen


class StatusWord(StrEnum):
    """What ``--status`` takes."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


def start(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    name: Name,
    data: Data = None,
    sets: Sets = None,
    instance_id: Annotated[
        str | None,
        typer.Option(
            "--id",
            metavar="ID",
            help="Your own name for the instance: begun twice under one name it runs once.",
            show_default=False,
            rich_help_panel=INSTANCE,
        ),
    ] = None,
    correlation: Correlation = None,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait",
            help="Stay until it has ended or waits for a person, a message or a time; deliver from here where no courier does.",
            rich_help_panel=INSTANCE,
        ),
    ] = False,
    version: Published = None,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Begin an instance of a published process. It is kept at once, and outlives this program; a courier works it.

    Its id goes to stdout; with --wait, how it stands. Exit code 1 when it was waited for and has failed, 3 when there is no such
    process, or it cannot begin with these data.

    \b
      eilbote process start order-ready --data order.json --id order-4711
      eilbote process start order-ready --data order.number=4711 --wait
    """
    from eilbote.cli.process_running import Begin, start_instance

    screen = _screen(context, json)
    if data:
        screen.given["data"] = data[0]
    begin = Begin(
        process=name,
        data=data or (),
        sets=sets or (),
        organization=organization or "",
        instance_id=instance_id,
        correlation=correlation,
        version=version,
        waits=wait,
    )
    start_instance(begin, screen, data_dir=data_dir)


def resume(
    context: typer.Context,
    instance_id: Annotated[
        str | None,
        typer.Argument(metavar="INSTANCE", help="This one; all that are due otherwise.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Go on with instances that are due, deliver their messages, and return; what waits is left.

    A courier that runs does the same by itself. One that a restored backup has brought back goes on when it is named.
    """
    from eilbote.cli.process_running import resume_instances

    resume_instances(instance_id, _screen(context, json), data_dir=data_dir)


def instances(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    process: Annotated[
        str | None,
        typer.Option(
            "--process", metavar="NAME", help="Of this process.", show_default=False, rich_help_panel=WHICH
        ),
    ] = None,
    status: Annotated[
        StatusWord | None,
        typer.Option(
            "--status",
            metavar="STATUS",
            help="Those that are running, completed, failed, or cancelled.",
            show_default=False,
            rich_help_panel=WHICH,
        ),
    ] = None,
    correlation: Correlation = None,
    incidents: Annotated[
        bool, typer.Option("--incidents", help="Those with open incidents.", rich_help_panel=WHICH)
    ] = False,
    held_back: Annotated[
        bool,
        typer.Option(
            "--held-back",
            help="Those that a restored backup has brought back, and nobody has taken up.",
            rich_help_panel=WHICH,
        ),
    ] = False,
    organization: Organization = None,
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
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List instances, the latest on top; several conditions must all hold. JSON is one object a line."""
    from eilbote.cli.process_looking import Chosen, list_instances

    chosen = Chosen(
        process=process,
        status=status.value if status else None,
        correlation=correlation,
        has_incident=True if incidents else None,
        held_back=True if held_back else None,
        organization=organization,
    )
    list_instances(chosen, _screen(context, json), data_dir=data_dir, limit=limit)


def show(
    context: typer.Context,
    instance_ids: Annotated[
        list[str],
        typer.Argument(metavar="INSTANCE", help="The instance; several are shown one after the other."),
    ],
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Tell everything about an instance: tokens, tasks, what it waits for, incidents with their remedies, e-mails, history, data.

    Values called password, token and the like are struck out. Exit code 3 when there is no such instance.
    """
    from eilbote.cli.process_looking import show_in_full

    show_in_full(instance_ids, _screen(context, json), data_dir=data_dir)


def cancel(
    context: typer.Context,
    instance_ids: Annotated[
        list[str], typer.Argument(metavar="INSTANCE", help="The instance; may be several.")
    ],
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Call instances back: each ends before its next step. Messages that it has handed in stay in the outbox.

    Exit code 1 when one had ended already, 3 when there is no such instance.
    """
    from eilbote.cli.process_looking import cancel_instances

    cancel_instances(instance_ids, _screen(context, json), data_dir=data_dir)


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= NAMES
    return screen
