"""What the process commands call their fields, and the options that several of them share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from eilbote.cli.options import OUTPUT
from eilbote.cli.outbox_options import NAMES as OUTBOX_NAMES

WHICH, INSTANCE = "Which", "The instance"

NAMES = {
    **OUTBOX_NAMES,
    "file": "FILE",
    "name": "NAME",
    "process": "NAME",
    "message": "MESSAGE",
    "settings": "--settings",
    "data": "--data",
    "set": "--set",
    "instance": "INSTANCE",
    "instance_id": "--id",
    "correlation": "--correlation",
    "version": "--version",
    "element": "--element",
    "task": "TASK",
    "answer": "--answer",
    "text": "--text",
}
"""What the process commands call their fields."""

Organization: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--org",
        metavar="NAME",
        help="On behalf of this organization; its own processes and routes are meant.",
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
        help="Of the process; 0 is the draft. The latest published one otherwise.",
        show_default=False,
        rich_help_panel=WHICH,
    ),
]
Published: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--version",
        metavar="NUMBER",
        min=1,
        help="Of the process. The latest published one otherwise.",
        show_default=False,
        rich_help_panel=WHICH,
    ),
]
Settings: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        help="The settings beside the diagram; the file of the same name that ends with .yaml otherwise, where there is one.",
        show_default=False,
        rich_help_panel=WHICH,
    ),
]
Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="The process, as 'eilbote process list' shows it.")
]
Instance: TypeAlias = Annotated[
    str, typer.Argument(metavar="INSTANCE", help="As 'eilbote process instances' shows it.")
]
Output: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write it to this file, which must not be there yet; stdout otherwise.",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]
Data: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="FILE|JSON",
        help="What it is given: JSON, a file with JSON or YAML, - for stdin, or single values as KEY=VALUE; may be repeated.",
        show_default=False,
        rich_help_panel=INSTANCE,
    ),
]
Sets: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="One value of the data; may be repeated. Dots lead into tables.",
        show_default=False,
        rich_help_panel=INSTANCE,
    ),
]
Correlation: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--correlation",
        metavar="KEY",
        help="The correlation key, such as an order's number.",
        show_default=False,
        rich_help_panel=INSTANCE,
    ),
]
By: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Who decides, as the process is told; this user otherwise.",
        show_default=False,
        rich_help_panel=INSTANCE,
    ),
]
