"""``eilbote organization create|list|show|update|delete``: who shares the host."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from eilbote.cli.account_options import Language, Limit, TimeZone, screen_of
from eilbote.cli.options import Json
from eilbote.cli.outbox_options import DataDir

Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="Small letters, digits and hyphens: acme.")
]
Title: TypeAlias = Annotated[
    str | None, typer.Option("--title", metavar="TEXT", help="What people call it.", show_default=False)
]


def _quota(name: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        name, metavar="NUMBER", min=0, help=text, show_default=False, rich_help_panel="Quota"
    )
    return option


PerHour: TypeAlias = Annotated[
    int | None, _quota("--per-hour", "Messages in any hour; 0 means as many as it likes.")
]
PerDay: TypeAlias = Annotated[int | None, _quota("--per-day", "Messages in any 24 hours; 0 the same.")]
Waiting: TypeAlias = Annotated[int | None, _quota("--waiting", "Messages that are not finished; 0 the same.")]


def create(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    name: Name,
    title: Title = None,
    language: Language = None,
    time_zone: TimeZone = None,
    per_hour: PerHour = None,
    per_day: PerDay = None,
    waiting: Waiting = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Make an organization."""
    from eilbote.cli.organization_care import Said
    from eilbote.cli.organization_care import create as run

    said = Said(title, language, time_zone, None, per_hour, per_day, waiting)
    run(name, said, screen_of(context, json), data_dir=data_dir)


def list_(context: typer.Context, limit: Limit = 100, data_dir: DataDir = None, json: Json = None) -> None:
    """List organizations."""
    from eilbote.cli.organization_care import list_organizations

    list_organizations(screen_of(context, json), limit=limit, data_dir=data_dir)


def show(context: typer.Context, name: Name, data_dir: DataDir = None, json: Json = None) -> None:
    """Tell everything about an organization."""
    from eilbote.cli.organization_care import show as run

    run(name, screen_of(context, json), data_dir=data_dir)


def update(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    name: Name,
    title: Title = None,
    language: Language = None,
    time_zone: TimeZone = None,
    enabled: Annotated[
        bool | None,
        typer.Option(
            "--enable/--disable",
            help="Let its people and programs in, or not; its mail goes on.",
            show_default=False,
        ),
    ] = None,
    per_hour: PerHour = None,
    per_day: PerDay = None,
    waiting: Waiting = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Change an organization; what is left out stays."""
    from eilbote.cli.organization_care import Said
    from eilbote.cli.organization_care import update as run

    said = Said(title, language, time_zone, enabled, per_hour, per_day, waiting)
    run(name, said, screen_of(context, json), data_dir=data_dir)


def delete(context: typer.Context, name: Name, data_dir: DataDir = None, json: Json = None) -> None:
    """Forget an organization that is disabled, with its people and keys."""
    from eilbote.cli.organization_care import delete as run

    run(name, screen_of(context, json), data_dir=data_dir)
