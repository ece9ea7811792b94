"""``eilbote process list|save|publish|versions|export|drop``: processes that are kept under their names."""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.faults import CommandLineError
from eilbote.cli.options import Json
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.process_options import NAMES, Name, Organization, Output, Settings, Version
from eilbote.cli.screen import Screen


def list_(
    context: typer.Context, organization: Organization = None, data_dir: DataDir = None, json: Json = None
) -> None:
    """List the processes that are kept: what is published of each, and whether a draft is worked on."""
    from eilbote.cli.process_keeping import list_processes

    list_processes(_screen(context, json), data_dir=data_dir, organization=organization)


def save(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Diagrams, BPMN 2.0; - is stdin.")],
    settings: Settings = None,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Keep processes as drafts, each under the name that it gives itself; what is published stays as it is.

    A draft only has to be readable; whether it is sound is looked at when it is published.
    """
    from eilbote.cli.process_keeping import save_processes

    screen = _screen(context, json)
    _one_for_settings(settings is not None, files)
    save_processes(files, screen, data_dir=data_dir, organization=organization or "", settings=settings)


def publish(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    processes: Annotated[
        list[str],
        typer.Argument(metavar="NAME|FILE", help="Processes with a draft; a diagram is kept first."),
    ],
    settings: Settings = None,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Make the draft of a process its next version: instances begin with that one from now on.

    It is checked first: routes, mappings and their types, connections, flows, names of elements. Every fault is told at once, and
    nothing is published then (exit code 3). Instances that have begun keep the version they began with.

    \b
      eilbote process publish order-ready.bpmn
    """
    from eilbote.cli.process_keeping import publish_processes

    screen = _screen(context, json)
    _one_for_settings(settings is not None, processes)
    publish_processes(
        processes, screen, data_dir=data_dir, organization=organization or "", settings=settings
    )


def versions(
    context: typer.Context,
    name: Name,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List the published versions of a process, the latest on top."""
    from eilbote.cli.process_keeping import list_versions

    list_versions(name, _screen(context, json), data_dir=data_dir, organization=organization or "")


def export(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    name: Name,
    version: Version = None,
    output: Output = None,
    organization: Organization = None,
    data_dir: DataDir = None,
) -> None:
    """Write a process as its author wrote it: the diagram to --output and its settings beside it; to stdout both as JSON."""
    from eilbote.cli.process_keeping import export_process

    screen = _screen(context, False)
    screen.names |= {"file": "--output"}
    export_process(
        name, screen, data_dir=data_dir, organization=organization or "", version=version, output=output
    )


def drop(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="As 'eilbote process list' shows them.")],
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Forget processes and all their versions, and what begins them; instances that have begun go on.

    Exit code 3 when there is no such process.
    """
    from eilbote.cli.process_keeping import drop_processes

    drop_processes(names, _screen(context, json), data_dir=data_dir, organization=organization or "")


def _one_for_settings(is_given: bool, said: list[str]) -> None:
    if is_given and len(said) > 1:
        raise CommandLineError(
            "the settings of one diagram are given for several",
            field="settings",
            remedy="Leave --settings out: the .yaml beside each diagram is taken",
        )


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= NAMES
    return screen
