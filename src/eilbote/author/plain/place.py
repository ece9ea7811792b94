"""Where something stands in a flow's text, counted as editors count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_PIECE = 24
"""So many characters of a text that was written over several lines are looked for in them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands.

    Attributes:
        line: Counted from 1.
        column: Counted from 1.
    """

    line: int
    column: int

    def __str__(self) -> str:
        """Say it to people."""
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text and where it was written, so that a position in the one leads to a place in the other.

    Attributes:
        lines: Of the whole that it was read from.
        begin: Where it begins: at its quotation mark, its block mark, or its first character.
        value: What it says.
        is_literal: Whether it keeps its lines, below a ``|``.
    """

    lines: Sequence[str]
    begin: Place
    value: str
    is_literal: bool

    def place_at(self, position: int) -> Place | None:
        """Give the place of a character; ``None`` where escapes or folded lines have moved it out of sight."""
        before, _, rest = self.value[:position], "", self.value[position:]
        start = before.rpartition("\n")[2]
        line = start + rest.partition("\n")[0]
        if self.is_literal:
            number = self.begin.line + before.count("\n")
            while number < len(self.lines) and not self.lines[number].endswith(line):
                number += 1  # comments and blank lines may stand between the mark and the text
            found = self._found(line, number, 0)
        else:
            found = self._found(line, self.begin.line - 1, self.begin.column - 1)
        if found is not None:
            return Place(found.line, found.column + len(start))
        return self._searched(rest.partition("\n")[0][:_PIECE].rstrip())

    def _searched(self, piece: str) -> Place | None:
        if not piece.strip():
            return None
        for number in range(self.begin.line - 1, len(self.lines)):
            after = self.begin.column - 1 if number == self.begin.line - 1 else 0
            if (found := self._found(piece, number, after)) is not None:
                return found
        return None

    def _found(self, text: str, number: int, after: int) -> Place | None:
        column = self.lines[number].find(text, after) if number < len(self.lines) else -1
        return Place(number + 1, column + 1) if column >= 0 else None
