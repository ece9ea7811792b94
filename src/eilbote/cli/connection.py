"""``eilbote connection test``: does this server take my mail, and if not, at which step and why?"""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.options import Json, PasswordFile, Service, User
from eilbote.cli.screen import Screen


def probe(
    context: typer.Context,
    uri: Annotated[
        str | None,
        typer.Argument(
            help="The server, as in --via of 'eilbote send'; or --service, or EILBOTE_CONNECTION.",
            show_default=False,
        ),
    ] = None,
    service: Service = None,
    user: User = None,
    password_file: PasswordFile = None,
    json: Json = None,
) -> None:
    """Test a connection step by step."""
    screen = Screen.of(context, json)
    screen.note("x")
