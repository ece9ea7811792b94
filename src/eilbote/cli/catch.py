"""``eilbote catch``: a mail server for trying things out, which takes every message and delivers none."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from eilbote.cli.options import OUTPUT, SERVER, Json
from eilbote.cli.screen import Screen


class Protection(StrEnum):
    """What ``--tls`` takes."""

    STARTTLS = "starttls"
    TLS = "tls"


def catch(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    port: Annotated[
        int,
        typer.Option(
            min=0,
            max=65535,
            metavar="NUMBER",
            help="The port to listen on; 0 takes a free one.",
            rich_help_panel=SERVER,
        ),
    ] = 1025,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="The address to listen on; with another than 127.0.0.1 others can reach it.",
            rich_help_panel=SERVER,
        ),
    ] = "127.0.0.1",
    tls: Annotated[
        Protection | None,
        typer.Option(
            "--tls",
            help="Encrypt: by STARTTLS, which is then needed, or from the first octet.",
            show_default=False,
            rich_help_panel=SERVER,
        ),
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--dir",
            metavar="DIR",
            help="Store each message there as an .eml file.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="NUMBER",
            help="End after so many messages.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    dialogue: Annotated[
        bool,
        typer.Option("--dialogue", help="Show on stderr what was said.", rich_help_panel=OUTPUT),
    ] = False,
    json: Json = None,
) -> None:
    """Catch mail on this machine: every message is shown, none is delivered.

    Any user name and password is taken. With --tls it shows a certificate made for this run, and names the file with the
    authority to trust. With JSON, each message is one line on stdout. Ctrl-C ends it.
    """
    screen = Screen.of(context, json)
    screen.names |= {"host": "--host", "port": "--port", "dir": "--dir"}
    from eilbote.cli.catching import run

    run(
        screen,
        host=host,
        port=port,
        security="none" if tls is None else tls.value,
        directory=directory,
        count=count,
        dialogue=dialogue,
    )
