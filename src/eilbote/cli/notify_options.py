"""The options of ``eilbote notify``, each written once; their words are those of the nouns, which no help page has to load."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

WHAT, HOW, EVENT = "What is told", "How it is told", "The event"


class SeverityWord(StrEnum):
    """What ``--severity`` takes; the same words as the noun's, which is not imported for a help page."""

    INFORMATION = "information"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"
    FATAL = "fatal"


class CadenceWord(StrEnum):
    """What ``--cadence`` takes."""

    IMMEDIATELY = "immediately"
    TEN_MINUTES = "ten_minutes"
    HOURLY = "hourly"
    DAILY = "daily"
    NEVER = "never"


Organization: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--org",
        metavar="NAME",
        help="Of this organization; without it the host's.",
        show_default=False,
        rich_help_panel=WHAT,
    ),
]


Escalate: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--escalate",
        metavar="STEP",
        help="Who is told next while nobody acknowledges it: '15m role:operator,boss@example.org fatal'. "
        "May be repeated. '' ends it.",
        show_default=False,
        rich_help_panel=HOW,
    ),
]


def text_option(name: str, *, metavar: str, text: str, panel: str) -> typer.models.OptionInfo:
    """Give an option that takes a text."""
    option: typer.models.OptionInfo = typer.Option(
        name, metavar=metavar, help=text, show_default=False, rich_help_panel=panel
    )
    return option
