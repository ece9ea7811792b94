"""``eilbote template render|lint``: templates looked at before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from eilbote.cli.options import OUTPUT, Json
from eilbote.cli.screen import Screen

_TEXT, _VALUES = "The template", "Values"
_NAMES = {
    "template": "FILE",
    "file": "FILE",
    "input": "--input",
    "set": "--set",
    "locale": "--locale",
    "time_zone": "--time-zone",
    "into": "--into",
}

File: TypeAlias = Annotated[str, typer.Argument(metavar="FILE", help="The template, in Liquid; - is stdin.")]
IsHtml: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--html/--text",
        help="What it is: in HTML values are escaped. By the file's ending when neither is given.",
        show_default=False,
        rich_help_panel=_TEXT,
    ),
]
Input: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--input",
        metavar="FILE|JSON",
        help="The values of 'input': JSON, a file with JSON or YAML, or - for stdin.",
        show_default=False,
        rich_help_panel=_VALUES,
    ),
]
Context: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--context",
        metavar="FILE|JSON",
        help="The values of 'context', in the same ways.",
        show_default=False,
        rich_help_panel=_VALUES,
    ),
]
Sets: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="One value of 'input'; may be repeated. Dots lead into tables.",
        show_default=False,
        rich_help_panel=_VALUES,
    ),
]


def render(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    file: File,
    input_: Input = None,
    kept: Context = None,
    sets: Sets = None,
    is_html: IsHtml = None,
    locale: Annotated[
        str,
        typer.Option(
            "--locale",
            metavar="LANGUAGE",
            help="In which numbers, money and times are written.",
            rich_help_panel=_VALUES,
        ),
    ] = "en",
    time_zone: Annotated[
        str,
        typer.Option("--time-zone", metavar="ZONE", help="In which times are told.", rich_help_panel=_VALUES),
    ] = "UTC",
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="A variable without a value is an error, in place of nothing.",
            rich_help_panel=_VALUES,
        ),
    ] = False,
    frame: Annotated[
        bool,
        typer.Option(
            "--frame", help="Show it in the frame of notifications, as HTML.", rich_help_panel=OUTPUT
        ),
    ] = False,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="FILE",
            help="Write it to this file, in place of stdout; one that is there is replaced.",
            show_default=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    json: Json = False,
) -> None:
    r"""Put values into a template, and send nothing.

    \b
      eilbote template render order.html --input '{"name": "Anna"}' --frame --into preview.html
      echo "{{ input.total | currency: 'EUR' }}" | eilbote template render - --set total=12.5 --locale de
    """
    from eilbote.cli.templating import Values, render_file

    screen = Screen.of(context, json)
    screen.names |= _NAMES
    render_file(
        file,
        Values(
            input=input_,
            context=kept,
            sets=tuple(sets or ()),
            locale=locale,
            time_zone=time_zone,
            strict=strict,
        ),
        screen,
        is_html=is_html,
        frame=frame,
        into=into,
    )


def lint(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Templates in Liquid; - is stdin.")],
    input_: Input = None,
    kept: Context = None,
    sets: Sets = None,
    is_html: IsHtml = None,
    json: Json = None,
) -> None:
    r"""Find what is wrong with templates: each fault with line and column, the line itself, and what to write instead.

    With values their variables are checked as well. Exit code 3 when a template cannot be used.

    \b
      eilbote template lint *.html --input sample.json
    """
    from eilbote.cli.templating import Values, lint_files

    screen = Screen.of(context, json)
    screen.names |= _NAMES
    lint_files(files, Values(input=input_, context=kept, sets=tuple(sets or ())), screen, is_html=is_html)
