"""``eilbote connection add|list|remove|resume``: the connections that are known by name."""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.options import Json, PasswordFile
from eilbote.cli.outbox_options import NAMES, DataDir
from eilbote.cli.screen import Screen

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the connection is called.")]


def add(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    name: Name,
    uri: Annotated[
        str,
        typer.Argument(
            metavar="URI",
            help="The server, as in --via of 'eilbote send'; - reads it from stdin, where nobody else sees it.",
        ),
    ],
    password_file: PasswordFile = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Keep a connection under a name, in place of an earlier one of that name.

    It is written to connections.toml in the data folder, which only its owner can read. A courier that runs takes it up by
    itself; if the connection rested, it is tried again. Nothing is contacted: 'eilbote connection test NAME' does that.

    \b
      eilbote connection add office smtps://orders@mail.example.org --password-file secret.txt
    """
    from eilbote.cli.connection_care import add as run

    run(name, uri, password_file, _screen(context, json), data_dir=data_dir)


def list_(context: typer.Context, data_dir: DataDir = None, json: Json = None) -> None:
    """List the connections that are known by name, where each comes from, and which of them rests.

    Passwords are never shown.
    """
    from eilbote.cli.connection_care import list_connections

    list_connections(_screen(context, json), data_dir=data_dir)


def remove(
    context: typer.Context,
    name: Name,
    force: Annotated[
        bool, typer.Option("--force", help="Also when mail waits for it; that then rests until it is back.")
    ] = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Forget a connection.

    Refused while mail waits for it, unless forced.
    """
    from eilbote.cli.connection_care import remove as run

    run(name, _screen(context, json), data_dir=data_dir, force=force)


def resume(context: typer.Context, name: Name, data_dir: DataDir = None, json: Json = None) -> None:
    """Use a connection again that rests after failures, without waiting for its next try."""
    from eilbote.cli.connection_care import resume as run

    run(name, _screen(context, json), data_dir=data_dir)


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= NAMES | {
        "connection": "NAME",
        "uri": "URI",
        "host": "URI (host)",
        "port": "URI (port)",
        "security": "URI (security)",
        "user": "URI (user)",
        "tls": "URI",
    }
    return screen
