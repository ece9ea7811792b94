"""``eilbote courier``: the process that delivers what is in the outbox."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from eilbote.cli.options import OUTPUT, Json
from eilbote.cli.outbox_options import NAMES, DataDir
from eilbote.cli.screen import Screen


class LogForm(StrEnum):
    """What ``--log`` takes."""

    TEXT = "text"
    JSON = "json"
    QUIET = "quiet"


def courier(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    once: Annotated[
        bool,
        typer.Option("--once", help="End as soon as nothing is due; what waits for its time is left."),
    ] = False,
    grace: Annotated[
        float | None,
        typer.Option(
            "--grace",
            min=0,
            max=3600,
            metavar="SECONDS",
            help="How long what is on its way may take when it is told to stop; 30 unless the settings say otherwise.",
            show_default=False,
        ),
    ] = None,
    log: Annotated[
        LogForm,
        typer.Option(
            "--log",
            help="How the log on stderr is written; quiet means text, and only what somebody should look at.",
            rich_help_panel=OUTPUT,
        ),
    ] = LogForm.TEXT,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Deliver what is in the outbox, until told to stop.

    Any number of couriers may work on one outbox. SIGTERM or Ctrl-C: nothing new is begun, what is on its way may finish, exit
    code 0; a second one ends it at once. At its end it says on stdout what it has done.

    \b
      eilbote courier
      eilbote courier --once --log quiet
    """
    from eilbote.cli.couriering import run

    screen = Screen.of(context, json)
    screen.names |= NAMES | {"courier.grace_seconds": "--grace"}
    run(screen, data_dir=data_dir, once=once, grace=grace, log=log.value)
