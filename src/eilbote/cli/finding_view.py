"""What is wrong with a text, told as a compiler tells it: file, line and column, the line itself, and a caret under the place.

::

    orders.yaml:9:24  error  notify.subject: expected end of expression, found dpipe
       9 |     subject: "{{ a || b }}"
         |                    ^
      why  It stands in 'a || b'.
      do   Write {{ a | default: b }}.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import typer

from eilbote.cli.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eilbote.cli.screen import Screen

ERROR: Final = "error"
_COLOURS: Final = {
    ERROR: typer.colors.RED,
    "warning": typer.colors.YELLOW,
    "hint": typer.colors.CYAN,
    "note": typer.colors.CYAN,
}
_MARGIN: Final = 6
_LABEL: Final = 7
_WIDEST: Final = 100
_SHOWN: Final = {"\t": "\N{RIGHTWARDS ARROW}"}
_BEFORE, _SHOWN_OF_A_LINE = 60, 100
"""Characters of a long line that are shown before the place, and in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to be said about a text.

    Attributes:
        severity: ``error``, ``warning``, ``hint`` or ``note``.
        what: What is found, one sentence without the full stop.
        field: In which field.
        line: Counted from 1; ``None`` when it is in no one place.
        column: Counted from 1.
        cause: Why.
        remedy: What to do.
    """

    severity: str
    what: str
    field: str = ""
    line: int | None = None
    column: int | None = None
    cause: str = ""
    remedy: str = ""

    def as_data(self) -> Mapping[str, object]:
        """Give it for programs; what is unknown is ``None``."""
        return {
            "severity": self.severity,
            "what": self.what,
            "field": self.field or None,
            "line": self.line,
            "column": self.column,
            "cause": self.cause or None,
            "remedy": self.remedy or None,
        }


def show_findings(name: str, text: str, findings: Sequence[Finding], screen: Screen) -> None:
    """Write findings for people, each with the line that it is about."""
    lines = text.splitlines()
    for finding in findings:
        screen.text(_head(name, finding))
        for line in _excerpt(lines, finding):
            screen.text(line)
        for label, said in (("why", finding.cause), ("do", finding.remedy)):
            if said:
                screen.text(_paragraph(label, said))


def summed_up(findings: Sequence[Finding]) -> str:
    """Count findings: ``1 error, 2 warnings``."""
    kinds = [each.severity for each in findings]
    return ", ".join(counted(kinds.count(kind), kind) for kind in _COLOURS if kind in kinds)


def position_in(text: str, position: int | None) -> tuple[int | None, int | None]:
    """Give line and column of an offset in a text."""
    if position is None:
        return None, None
    before = text[:position]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _head(name: str, finding: Finding) -> str:
    where = ":".join(str(part) for part in (name, finding.line, finding.column) if part is not None)
    field = f"{printable(finding.field)}: " if finding.field else ""
    word = typer.style(finding.severity, fg=_COLOURS.get(finding.severity), bold=True)
    return f"{typer.style(where, bold=True)}  {word}  {field}{printable(finding.what)}"


def _excerpt(lines: Sequence[str], finding: Finding) -> Iterator[str]:
    if finding.line is None or not 0 < finding.line <= len(lines):
        return
    line = lines[finding.line - 1]
    at = min((finding.column or 1) - 1, len(line))
    start = max(0, min(at - _BEFORE, len(line) - _SHOWN_OF_A_LINE))
    end = start + _SHOWN_OF_A_LINE
    before, after = "..." if start else "", "..." if end < len(line) else ""
    shown = "".join(
        char if char.isprintable() else _SHOWN.get(char, "\N{REPLACEMENT CHARACTER}")
        for char in line[start:end]
    )
    yield f"{finding.line:>{_MARGIN - 2}} | {before}{shown}{after}".rstrip()
    if finding.column is None:
        return
    caret = typer.style("^", fg=_COLOURS.get(finding.severity), bold=True)
    yield f"{' ' * (_MARGIN - 1)}| {' ' * (len(before) + at - start)}{caret}"


def _paragraph(label: str, said: str) -> str:
    width = min(shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDEST, _WIDEST)
    text = printable(said)
    text = text if text.endswith((".", "!", "?", ":", ")")) else f"{text}."
    if text.partition(" ")[0].isalpha():  # and not a quoted text, a variable or a file
        text = text[0].upper() + text[1:]
    return textwrap.fill(
        text,
        max(width, 40),
        initial_indent=f"  {label:<{_LABEL - 2}}",
        subsequent_indent=" " * _LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    )
