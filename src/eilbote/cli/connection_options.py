"""The options of ``eilbote connection``, each written once, and what they call the fields of a connection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from eilbote.cli.outbox_options import NAMES
from eilbote.cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterable

SETTINGS, SECRETS = "Settings", "Secrets"

Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="What the connection is called.", show_default=False)
]
What: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[URI] [FIELD=VALUE]...",
        help="The server as a URI, as in --via of 'eilbote send' (- reads it from stdin), and fields such as port=587.",
        show_default=False,
    ),
]
Changes: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FIELD=VALUE]...",
        help="What is to be changed, such as port=587; 'port=' takes the port back.",
        show_default=False,
    ),
]
Organization: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--org",
        metavar="NAME",
        help="The organization it belongs to; the host's without.",
        show_default=False,
    ),
]
File: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--file",
        metavar="FILE",
        help="Read fields from a YAML, JSON or TOML file, under any names in use for them; - is stdin.",
        show_default=False,
        rich_help_panel=SETTINGS,
    ),
]
Secrets: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--secret",
        metavar="FIELD=FILE",
        help="Read a secret field, such as client_secret, from a file; - is stdin. May be repeated.",
        show_default=False,
        rich_help_panel=SECRETS,
    ),
]
Ask: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--ask",
        metavar="FIELD",
        help="Ask for a secret field on the terminal, without showing it. May be repeated.",
        show_default=False,
        rich_help_panel=SECRETS,
    ),
]


def screen_for(context: typer.Context, json: bool | None) -> Screen:
    """Open the screen of a command about a named connection."""
    screen = Screen.of(context, json)
    screen.names |= {field: f"{field}=" for field in ("host", "port", "security")}  # there is no --via here
    screen.names |= NAMES | {
        "connection": "NAME",
        "name": "NAME",
        "organization": "--org",
        "uri": "URI",
        "file": "--file",
    }
    return screen


def name_fields(screen: Screen, written: Iterable[str], *, by_uri: bool) -> None:
    """Call fields in errors as they are given here."""
    named = {name: f"{name}=" for name in written}
    if by_uri:
        inside = ("host", "port", "security", "user", "tls")
        named |= {name: f"URI ({name})" for name in inside if name not in named} | {"uri": "URI"}
    screen.names |= named
