"""What was said in a session, fit to be read by people: secrets struck out, controls made visible.

Lines begin with ``C:`` or ``S:``. Content is shown by its size only. Everything a server said may come back
to a log, a screen or a receipt, and a server may echo what it was told; so texts pass the
:class:`~eilbote.model.redactor.Redactor` first.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from eilbote.model.redactor import visible

if TYPE_CHECKING:
    from eilbote.model.redactor import Redactor

_MAX_LINE = 500


class Transcript:
    """The last lines of a session.

    Args:
        redactor: What strikes the secrets out.
        limit: How many lines are kept; the oldest go first.
    """

    __slots__ = ("_lines", "_redactor")

    def __init__(self, redactor: Redactor, *, limit: int = 200) -> None:
        self._redactor = redactor
        self._lines: deque[str] = deque(maxlen=limit)

    def client(self, line: str) -> None:
        """Note a line of ours, already without secrets of its own."""
        self._note("C: ", line)

    def server(self, code: int, lines: tuple[str, ...]) -> None:
        """Note a reply."""
        last = len(lines) - 1
        for number, line in enumerate(lines):
            self._note("S: ", f"{code}{' ' if number == last else '-'}{line}")

    def content(self, octets: int) -> None:
        """Note that content was sent."""
        self._lines.append(f"C: [{octets:,} octets]")

    def remark(self, text: str) -> None:
        """Note something that was not said, such as the change to TLS."""
        self._lines.append(f"-- {text}")

    def lines(self) -> tuple[str, ...]:
        """Give what is kept, oldest first."""
        return tuple(self._lines)

    def _note(self, side: str, line: str) -> None:
        text = visible(self._redactor.clean(line))
        self._lines.append(side + (text if len(text) <= _MAX_LINE else text[: _MAX_LINE - 1] + "…"))
