"""What the route commands call their fields, and the options that several of them share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from eilbote.cli.outbox_options import NAMES as OUTBOX_NAMES

WHICH, MESSAGE = "Which", "The message"

NAMES = {
    **OUTBOX_NAMES,
    "file": "FILE",
    "name": "NAME",
    "route": "NAME",
    "input": "--values",
    "set": "--set",
    "values": "--set",
    "document": "--document",
    "recipients": "--to",
    "connection": "connection",
    "connections": "connection",
}
"""What the route commands call their fields."""

Organization: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--org",
        metavar="NAME",
        help="Of this organization, instead of the host.",
        show_default=False,
        rich_help_panel=WHICH,
    ),
]
Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="The route, as 'eilbote route list' shows it.")
]
Names: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="NAME", help="As 'eilbote route list' shows them.")
]
Files: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE", help="Routes in YAML or JSON, several with lines --- between them; - is stdin."
    ),
]
