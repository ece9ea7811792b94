"""Options that several commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

RECIPIENTS, CONTENT, SERVER, OUTPUT = "Recipients and author", "Content", "Server", "Output"

Json: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--json/--no-json",
        help="JSON on stdout, or text; without either text on a terminal and JSON into a pipe.",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]
Dialogue: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--dialogue",
        help="Show on stderr what client and server said; secrets struck out.",
        rich_help_panel=OUTPUT,
    ),
]
Via: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--via",
        metavar="URI",
        help="The server: smtp://HOST (STARTTLS), smtps://HOST (TLS), smtp://HOST?starttls=never. Environment: EILBOTE_CONNECTION.",
        show_default=False,
        rich_help_panel=SERVER,
    ),
]
Service: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--service",
        metavar="NAME",
        help="The server of a known service, such as gmail; see 'eilbote services'.",
        show_default=False,
        rich_help_panel=SERVER,
    ),
]
User: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--user", metavar="NAME", help="Sign in as this user.", show_default=False, rich_help_panel=SERVER
    ),
]
PasswordFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        metavar="FILE",
        help="Read the password from the first line of a file; - is stdin. Environment: EILBOTE_PASSWORD.",
        show_default=False,
        rich_help_panel=SERVER,
    ),
]
