"""``eilbote connection list|show``: the connections that are known by name."""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.connection_options import Name, Organization, screen_for
from eilbote.cli.options import Json
from eilbote.cli.outbox_options import DataDir


def list_(
    context: typer.Context,
    org: Annotated[
        str | None,
        typer.Option("--org", metavar="NAME", help="Only those of an organization.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List the connections that are known by name, where each comes from, and which of them rests.

    Passwords are never shown.
    """
    from eilbote.cli.connection_view import list_connections

    list_connections(screen_for(context, json), data_dir=data_dir, org=org)


def show(
    context: typer.Context,
    name: Name,
    org: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Tell everything about a connection, except its secrets: of them only that they are there, and since when.

    With OAuth2 also until when the present token is valid. Nothing is contacted.
    """
    from eilbote.cli.connection_view import show as run

    run(name, screen_for(context, json), data_dir=data_dir, org=org)
