"""What the flow commands call their fields, and the options that several of them share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from eilbote.cli.outbox_options import NAMES as OUTBOX_NAMES

WHICH, RUN, CAPTURE = "Which", "The run", "Capture"

NAMES = {
    **OUTBOX_NAMES,
    "file": "FILE",
    "flow": "FLOW",
    "name": "NAME",
    "input": "--input",
    "set": "--set",
    "session": "--session",
    "run_id": "--run-id",
    "version": "--version",
    "run": "RUN",
}
"""What the flow commands call their fields."""

Organization: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--org",
        metavar="NAME",
        help="On behalf of this organization; its own flows and connections are meant.",
        show_default=False,
        rich_help_panel=WHICH,
    ),
]
Version: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--version",
        metavar="NUMBER",
        min=0,
        help="Of the flow; 0 is the draft. The latest published one otherwise.",
        show_default=False,
        rich_help_panel=WHICH,
    ),
]
Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="The flow, as 'eilbote flow list' shows it.")
]
