"""``eilbote route list|show|save|import|export|drop|enable|disable``: routes that are kept under their message names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eilbote.cli.options import OUTPUT, Json
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.route_options import NAMES, WHICH, Files, Name, Names, Organization
from eilbote.cli.screen import Screen


def list_(
    context: typer.Context, organization: Organization = None, data_dir: DataDir = None, json: Json = None
) -> None:
    """List the routes that are kept: over which connection each goes, and whether it is disabled."""
    from eilbote.cli.route_looking import list_routes

    list_routes(_screen(context, json), data_dir=data_dir, organization=organization)


def show(
    context: typer.Context,
    name: Name,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Tell everything about a route: its attributes, its message, and the published processes that send over it."""
    from eilbote.cli.route_looking import show_route

    show_route(name, _screen(context, json), data_dir=data_dir, organization=organization or "")


def save(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    files: Files,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Keep them although a published process could not send over one any more.",
            rich_help_panel=WHICH,
        ),
    ] = False,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Keep routes, each under its message name, in place of the one that has it; processes use them from now on.

    All are checked before any is kept. Exit code 3 when one cannot be used.

    \b
      eilbote route save routes/*.yaml
    """
    from eilbote.cli.route_keeping import save_routes

    save_routes(
        files, _screen(context, json), data_dir=data_dir, organization=organization or "", force=force
    )


def import_(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    files: Files,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Also those that are kept otherwise here.", rich_help_panel=WHICH),
    ] = False,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Keep routes that were exported elsewhere; those that are there already stay as they are.

    Exit code 3 when one cannot be used; then none is kept.

    \b
      eilbote route export -o routes.yaml
      eilbote route import routes.yaml --data-dir /elsewhere
    """
    from eilbote.cli.route_keeping import import_routes

    import_routes(
        files, _screen(context, json), data_dir=data_dir, organization=organization or "", replaces=replace
    )


def export(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME", help="As 'eilbote route list' shows them; all otherwise.", show_default=False
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write them to this file, which must not be there yet; stdout otherwise.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    organization: Organization = None,
    data_dir: DataDir = None,
) -> None:
    """Write the texts of routes, as their authors wrote them, with lines --- between them."""
    from eilbote.cli.route_keeping import export_routes

    screen = _screen(context, False)
    screen.names |= {"file": "--output"}
    export_routes(names or [], screen, data_dir=data_dir, organization=organization or "", output=output)


def drop(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    names: Names,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Also those that published processes send over; their messages become incidents.",
            rich_help_panel=WHICH,
        ),
    ] = False,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Forget routes. Exit code 3 when there is none of a name, or a published process uses it."""
    from eilbote.cli.route_keeping import drop_routes

    drop_routes(
        names, _screen(context, json), data_dir=data_dir, organization=organization or "", force=force
    )


def enable(
    context: typer.Context,
    names: Names,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Let messages go over routes again; what has become an incident meanwhile is retried there."""
    from eilbote.cli.route_keeping import switch_routes

    switch_routes(
        names, _screen(context, json), data_dir=data_dir, organization=organization or "", is_disabled=False
    )


def disable(
    context: typer.Context,
    names: Names,
    organization: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Let nothing go over routes for now; what a process sends over one meanwhile becomes an incident."""
    from eilbote.cli.route_keeping import switch_routes

    switch_routes(
        names, _screen(context, json), data_dir=data_dir, organization=organization or "", is_disabled=True
    )


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= NAMES
    return screen
