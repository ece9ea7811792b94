"""``eilbote flow list|save|publish|export|versions|remove``: flows that are kept under their names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eilbote.cli.flow_options import NAMES, Name, Organization, Version
from eilbote.cli.options import OUTPUT, Json
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.screen import Screen


def list_(
    context: typer.Context, organization: Organization = None, data_dir: DataDir = None, json: Json = None
) -> None:
    """List the flows that are kept: what is published of each, and whether a draft is worked on."""
    from eilbote.cli.flow_keeping import list_flows

    list_flows(_screen(context, json), data_dir=data_dir, organization=organization)


def save(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Flows in YAML or JSON; - is stdin.")],
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Keep flows as drafts, each under the name that it gives itself; what is published stays as it is.

    \b
      eilbote flow save flows/*.yaml
    """
    from eilbote.cli.flow_keeping import save_flows

    save_flows(
        files, _screen(context, json), data_dir=data_dir, organization=organization or "", publish=False
    )


def publish(
    context: typer.Context,
    flows: Annotated[
        list[str], typer.Argument(metavar="NAME|FILE", help="Flows with a draft; a file is kept first.")
    ],
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Make the draft of a flow its next version: runs by its name begin with that one from now on.

    Runs that have begun go on with the version that they began with.
    """
    from eilbote.cli.flow_keeping import save_flows

    save_flows(
        flows, _screen(context, json), data_dir=data_dir, organization=organization or "", publish=True
    )


def export(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    name: Name,
    version: Version = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write it to this file, which must not be there yet; stdout otherwise.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    organization: Organization = None,
    data_dir: DataDir = None,
) -> None:
    """Write the text of a flow, as its author wrote it."""
    from eilbote.cli.flow_keeping import export_flow

    screen = _screen(context, False)
    screen.names |= {"file": "--output"}
    export_flow(
        name, screen, data_dir=data_dir, organization=organization or "", version=version, output=output
    )


def versions(
    context: typer.Context,
    name: Name,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List the published versions of a flow, the latest on top."""
    from eilbote.cli.flow_keeping import list_versions

    list_versions(name, _screen(context, json), data_dir=data_dir, organization=organization or "")


def remove(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="As 'eilbote flow list' shows them.")],
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Forget flows and all their versions; runs that have begun go on with the text they have.

    Exit code 3 when there is no such flow.
    """
    from eilbote.cli.flow_keeping import remove_flows

    remove_flows(names, _screen(context, json), data_dir=data_dir, organization=organization or "")


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= NAMES
    return screen
