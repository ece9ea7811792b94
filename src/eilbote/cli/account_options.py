"""The options that commands about accounts share, each written once."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from eilbote.cli.options import OUTPUT
from eilbote.cli.outbox_options import NAMES as OUTBOX_NAMES
from eilbote.cli.screen import Screen

NAMES = {
    **OUTBOX_NAMES,
    "address": "ADDRESS",
    "name": "NAME",
    "id": "ID",
    "organization": "--org",
    "role": "--role",
    "title": "--title",
    "language": "--language",
    "time_zone": "--time-zone",
    "permissions": "--allow",
    "senders": "--sender",
    "expires": "--expires",
    "overlap_seconds": "--overlap",
}
"""What these commands call their fields."""

Organization: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--org", metavar="NAME", help="Of this organization; without it the host's.", show_default=False
    ),
]
OfOrganization: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--org",
        metavar="NAME",
        help="Of this organization ('' is the host); without it of all.",
        show_default=False,
    ),
]
Language: TypeAlias = Annotated[
    str | None,
    typer.Option("--language", metavar="LANGUAGE", help="en, de or ru.", show_default=False),
]
TimeZone: TypeAlias = Annotated[
    str | None,
    typer.Option("--time-zone", metavar="ZONE", help="An IANA name: Europe/Berlin.", show_default=False),
]
Limit: TypeAlias = Annotated[
    int,
    typer.Option(
        "--limit", metavar="NUMBER", min=1, max=10_000, help="So many at most.", rich_help_panel=OUTPUT
    ),
]


def screen_of(context: typer.Context, json: bool | None, *, id_: str = "ID") -> Screen:
    """Open the screen of a command about accounts; ``id_`` is what the command calls that by which something is found."""
    screen = Screen.of(context, json)
    screen.names |= {**NAMES, "id": id_}
    return screen
