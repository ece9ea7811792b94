"""``eilbote notify acknowledge``: somebody looks after what has happened, and nobody else is told."""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.notify_options import EVENT, text_option
from eilbote.cli.options import Json
from eilbote.cli.outbox_options import NAMES, DataDir
from eilbote.cli.screen import Screen


def acknowledge(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="As 'eilbote notify events' shows them.")],
    note: Annotated[
        str | None, text_option("--note", metavar="TEXT", text="One line about it.", panel=EVENT)
    ] = None,
    by: Annotated[
        str | None,
        text_option(
            "--by", metavar="NAME", text="Who looks after it; whoever runs this otherwise.", panel=EVENT
        ),
    ] = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Say that somebody looks after events, so that nobody else is told of them.

    Of several who say so the first one counts, and is shown.

    \b
      eilbote notify acknowledge ID --note "The disk is full, I make room"
    """
    from eilbote.cli.notify_acknowledging import acknowledge as run

    screen = Screen.of(context, json)
    screen.names |= {**NAMES, "id": "ID", "by": "--by", "note": "--note"}
    run(ids, screen, by=by or "", note=note or "", data_dir=data_dir)
