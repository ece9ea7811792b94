"""``eilbote audit list|verify|export``: the book of who did what."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from eilbote.cli.account_options import Limit, OfOrganization, screen_of
from eilbote.cli.options import Json
from eilbote.cli.outbox_options import DataDir


class FormatWord(StrEnum):
    """What ``--format`` takes."""

    NDJSON = "ndjson"
    CSV = "csv"


Action: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--action", metavar="TEXT", help="What begins with this: user., user.sign_in.", show_default=False
    ),
]
Thing: TypeAlias = Annotated[
    str | None,
    typer.Option("--thing", metavar="THING", help="What concerns this: api_key:ID.", show_default=False),
]
Who: TypeAlias = Annotated[
    str | None,
    typer.Option("--who", metavar="ID", help="What this user or key has done.", show_default=False),
]
Since: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="TIME",
        help="Since a time ('2030-01-31 08:00') or for so long (2h, 3d).",
        show_default=False,
    ),
]
Before: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--before", metavar="TIME", help="Before a time, or longer ago than this.", show_default=False
    ),
]


def list_(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    org: OfOrganization = None,
    action: Action = None,
    thing: Thing = None,
    who: Who = None,
    since: Since = None,
    before: Before = None,
    limit: Limit = 50,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List what people, programs and commands have done, the latest first."""
    from eilbote.cli.audit_care import Chosen, list_records

    chosen = Chosen(org, action or "", thing or "", who or "", since, before)
    list_records(screen_of(context, json), chosen, limit=limit, data_dir=data_dir)


def verify(context: typer.Context, data_dir: DataDir = None, json: Json = None) -> None:
    """Prove that nothing was changed, put in or taken out before the latest record.

    The hash of the latest record is shown: noted elsewhere, it proves later that the end was not cut off either. Exit code 1 when the
    book is broken.
    """
    from eilbote.cli.audit_care import verify as run

    run(screen_of(context, json), data_dir=data_dir)


def export(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    org: OfOrganization = None,
    action: Action = None,
    thing: Thing = None,
    who: Who = None,
    since: Since = None,
    before: Before = None,
    form: Annotated[
        FormatWord, typer.Option("--format", help="One JSON object a line, or CSV.")
    ] = FormatWord.NDJSON,
    data_dir: DataDir = None,
) -> None:
    r"""Write all records that are meant to stdout, the latest first.

    \b
      eilbote audit export --since 30d --format csv > audit.csv
    """
    from eilbote.cli.audit_care import Chosen
    from eilbote.cli.audit_care import export as run

    chosen = Chosen(org, action or "", thing or "", who or "", since, before)
    run(screen_of(context, json=None), chosen, as_csv=form is FormatWord.CSV, data_dir=data_dir)
