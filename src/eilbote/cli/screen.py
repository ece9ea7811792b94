"""Where output goes: data to stdout, everything meant for the person in front of it to stderr.

On a terminal stdout is a table; into a pipe or a file it is JSON; ``--json`` and ``--no-json`` decide otherwise.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

_KEY = "eilbote.screen"
_OBEYED = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""C1 controls and delete, marks of direction, and line ends that only some programs know."""


@dataclass(slots=True)
class Screen:
    """The output of one command.

    Attributes:
        as_json: Whether stdout takes JSON rather than text for people.
        given: What stood on the command line, by the name of the field, so that an error can point into it.
            Never a secret.
        names: What this command calls fields that ``eilbote send`` calls otherwise.
    """

    as_json: bool
    given: dict[str, str] = field(default_factory=dict[str, str])
    names: dict[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, context: typer.Context, flag: bool | None) -> Screen:
        """Open the screen of a command: ``flag`` is ``--json``, ``--no-json``, or neither."""
        screen = cls(as_json=not sys.stdout.isatty() if flag is None else flag)
        context.meta[_KEY] = screen
        return screen

    @classmethod
    def current(cls, context: typer.Context) -> Screen:
        """Give the screen of the command that ran in this context, or one for text if none was opened."""
        screen = context.meta.get(_KEY)
        return screen if isinstance(screen, Screen) else cls(as_json=False)

    def data(self, value: Mapping[str, object] | list[Mapping[str, object]]) -> None:
        """Write JSON to stdout: indented for a terminal, one line for a program."""
        indent = 2 if sys.stdout.isatty() else None
        typer.echo(json_text(value, indent=indent))

    def line(self, value: Mapping[str, object]) -> None:
        """Write one JSON object of many to stdout, on a line of its own whoever reads it."""
        typer.echo(json_text(value))

    def text(self, line: str = "") -> None:
        """Write a line for people to stdout."""
        typer.echo(line)

    def note(self, line: str = "") -> None:
        """Write a line for people to stderr; one that cannot be written changes nothing else."""
        with suppress(OSError):
            typer.echo(line, err=True)


def json_text(value: object, *, indent: int | None = None) -> str:
    """Write JSON as UTF-8 takes it, but what moves a cursor or turns the direction of a text as its number.

    JSON demands that of the characters below U+0020 only (RFC 8259, section 7); those above are values of strangers as well,
    and a terminal obeys them.
    """
    written = json.dumps(value, ensure_ascii=False, indent=indent)
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def console(*, stderr: bool = False) -> Console:
    """Give rich's console; it draws without colours and at 100 columns when nobody is looking."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(
        file=stream, width=None if stream.isatty() else 100, highlight=False, emoji=False, markup=False
    )
