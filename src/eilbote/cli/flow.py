"""``eilbote flow check|new|kinds``: writing flows; nothing here runs, keeps or sends anything."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from eilbote.cli.flow_options import NAMES, WHICH
from eilbote.cli.options import OUTPUT, Json
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.screen import Screen


class Starter(StrEnum):
    """What ``--template`` takes."""

    NOTIFICATION = "notification"
    APPROVAL = "approval"
    LOOP = "loop"


def check(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Flows in YAML or JSON; - is stdin.")],
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
    r"""Check flows: every fault with line and column, the line itself, and what to do about it.

    Nothing is run, kept or sent. Exit code 3 when a flow cannot be used.

    \b
      eilbote flow check order-ready.yaml
      eilbote flow check flows/*.yaml --strict
    """
    from eilbote.cli.flow_checking import check_files

    screen = Screen.of(context, json)
    screen.names |= NAMES | {"file": "FILE"}
    check_files(files, screen, strict=strict, with_connections=connections, data_dir=data_dir)


def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the flow is to be called.")],
    template: Annotated[
        Starter,
        typer.Option(
            "--template",
            metavar="WORD",
            help="What to begin with: notification (the default), approval, or loop.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = Starter.NOTIFICATION,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write it here, in place of NAME.yaml; - is stdout. What is there already stays.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
) -> None:
    r"""Write a first flow to a file, with comments that say what each field is for.

    \b
      eilbote flow new order-ready
      eilbote flow run order-ready.yaml --capture
    """
    from eilbote.cli.flow_starting import write_starter

    screen = Screen.of(context, False)
    screen.names |= NAMES | {"file": "--output", "name": "NAME"}
    write_starter(name, template.value, output, screen)


def kinds(
    context: typer.Context,
    kind: Annotated[
        str | None,
        typer.Argument(metavar="KIND", help="Tell everything about this kind.", show_default=False),
    ] = None,
    json: Json = None,
) -> None:
    """List the kinds of nodes, or the fields of one.

    Kinds that installed packages bring along are among them.
    """
    from eilbote.cli.flow_kinds import show_kind, show_kinds

    screen = Screen.of(context, json)
    screen.names |= {"kind": "KIND"}
    if kind is None:
        show_kinds(screen)
    else:
        show_kind(kind, screen)
