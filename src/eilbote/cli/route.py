"""``eilbote route check|test``: trying communication routes."""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.options import OUTPUT, Json
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.route_options import MESSAGE, NAMES, WHICH, Files, Organization
from eilbote.cli.screen import Screen


def check(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    files: Files,
    strict: Annotated[
        bool, typer.Option("--strict", help="A warning is as bad as an error.", rich_help_panel=OUTPUT)
    ] = False,
    connections: Annotated[
        bool,
        typer.Option(
            "--connections", help="Connections that they name must be known here.", rich_help_panel=WHICH
        ),
    ] = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Check routes: every fault with line and column, the line itself, and what to do about it.

    Nothing is kept or sent. Exit code 3 when a route cannot be used.

    \b
      eilbote route check order-ready.yaml
      eilbote route check routes/*.yaml --strict --connections
    """
    from eilbote.cli.route_checking import check_files

    check_files(files, _screen(context, json), strict=strict, with_connections=connections, data_dir=data_dir)


def probe(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    route: Annotated[
        str, typer.Argument(metavar="NAME|FILE", help="A route that is kept, or one in a file; - is stdin.")
    ],
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="ADDRESS",
            help="Send it there and to nobody else; may be repeated. Attributes without a value get a sample.",
            show_default=False,
            rich_help_panel=MESSAGE,
        ),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="The value of an attribute; may be repeated. Dots lead into tables: Customer.address=...",
            show_default=False,
            rich_help_panel=MESSAGE,
        ),
    ] = None,
    values: Annotated[
        str | None,
        typer.Option(
            "--values",
            metavar="FILE|JSON",
            help="Values by system name: JSON, a file with JSON or YAML, or - for stdin.",
            show_default=False,
            rich_help_panel=MESSAGE,
        ),
    ] = None,
    documents: Annotated[
        list[str] | None,
        typer.Option(
            "--document",
            metavar="NAME=FILE",
            help="A file for a document attribute; may be repeated.",
            show_default=False,
            rich_help_panel=MESSAGE,
        ),
    ] = None,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Send a message over a route, and tell what became of it.

    It goes through the outbox like every other one. Exit code 1 when a server refused it, 4 when it still waits.

    \b
      eilbote route test order-ready --to me@example.org
      eilbote route test order-ready.yaml --to me@example.org --set Total=12.50 --document Invoice=invoice.pdf
    """
    from eilbote.cli.route_trying import Trial, try_route

    trial = Trial(
        route=route,
        recipients=tuple(to or ()),
        sets=tuple(sets or ()),
        values=values,
        documents=tuple(documents or ()),
        organization=organization or "",
    )
    try_route(trial, _screen(context, json), data_dir=data_dir)


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= NAMES
    return screen
