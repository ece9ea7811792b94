"""``eilbote process new|settings|check|diagram``: diagrams in files; nothing is kept, started or sent."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from eilbote.cli.options import OUTPUT, Json
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.process_options import NAMES, WHICH, Organization, Output, Settings, Version
from eilbote.cli.screen import Screen


class PictureFormat(StrEnum):
    """What ``--format`` takes."""

    SVG = "svg"
    PNG = "png"


def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the process is to be called.")],
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="DIR",
            help="Write into this folder, which must be there; this one otherwise.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    json: Json = None,
) -> None:
    r"""Write a first process: a diagram, the settings beside it, and a route, with comments that say what each field is for.

    \b
      eilbote process new order-ready
      eilbote process check order-ready.bpmn
    """
    from eilbote.cli.process_starting import write_starter

    screen = Screen.of(context, json)
    screen.names |= NAMES | {"into": "--into"}
    write_starter(name, into, screen)


def settings(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A diagram, BPMN 2.0; - is stdin.")],
    json: Json = None,
) -> None:
    r"""Write settings to begin with for a diagram that comes from elsewhere, to stdout, with comments that say what is missing.

    \b
      eilbote process settings order.bpmn > order.yaml
      eilbote process check order.bpmn
    """
    from eilbote.cli.process_starting import show_settings

    screen = Screen.of(context, json)
    screen.names |= NAMES | {"file": "FILE"}
    show_settings(file, screen)


def check(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Diagrams, BPMN 2.0; - is stdin.")],
    settings: Settings = None,
    route: Annotated[
        list[str] | None,
        typer.Option(
            "--route",
            metavar="FILE",
            help="A communication route; may be repeated. With one, routes that the process names must be among them.",
            show_default=False,
            rich_help_panel=WHICH,
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="A warning is as bad as an error.", rich_help_panel=OUTPUT)
    ] = False,
    json: Json = None,
) -> None:
    r"""Check processes: every fault at once, with the element's id and the line, and what to do about it.

    No database is opened; publishing checks once more, against the routes and connections that are kept. Exit code 3 when one
    cannot be published.

    \b
      eilbote process check order-ready.bpmn
      eilbote process check order-ready.bpmn --route order-ready.route.yaml --strict
    """
    from eilbote.cli.faults import CommandLineError
    from eilbote.cli.process_checking import check_diagrams

    screen = Screen.of(context, json)
    screen.names |= NAMES | {"route": "--route"}
    if settings is not None and len(files) > 1:
        raise CommandLineError(
            "the settings of one diagram are given for several",
            field="settings",
            remedy="Leave --settings out: the .yaml beside each diagram is taken",
        )
    check_diagrams(files, screen, settings=settings, routes=route or (), strict=strict)


def diagram(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE|NAME|INSTANCE", help="A diagram in a file, a published process, or an instance."
        ),
    ],
    output: Output = None,
    format_: Annotated[
        PictureFormat | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="svg or png; what the file's name ends with otherwise, and svg on stdout.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    scale: Annotated[
        float,
        typer.Option(
            "--scale",
            metavar="NUMBER",
            min=0.1,
            max=10,
            help="Of a PNG: pixels for each unit of the diagram.",
            rich_help_panel=OUTPUT,
        ),
    ] = 2.0,
    force: Annotated[
        bool, typer.Option("--force", help="Write over the file when it is there.", rich_help_panel=OUTPUT)
    ] = False,
    settings: Settings = None,
    version: Version = None,
    organization: Organization = None,
    data_dir: DataDir = None,
) -> None:
    r"""Draw a process as SVG or PNG; of an instance with its tokens, the ways they took, incidents, and what became of each e-mail.

    A file needs no database. A diagram that says nothing of where its elements stand is laid out.

    \b
      eilbote process diagram order-ready.bpmn > order-ready.svg
      eilbote process diagram order-4711 -o order-4711.png
    """
    from eilbote.cli.process_picturing import Wished, draw_what

    screen = Screen.of(context, False)
    screen.names |= NAMES | {"file": "--output", "format": "--format", "what": "FILE|NAME|INSTANCE"}
    draw_what(
        what,
        Wished(
            output=output,
            format=format_.value if format_ else None,
            scale=scale,
            force=force,
            settings=settings,
            version=version,
            organization=organization or "",
        ),
        screen,
        data_dir=data_dir,
    )
