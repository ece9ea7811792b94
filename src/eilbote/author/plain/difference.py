"""What is different between two texts, line by line (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LONG: Final = 2000
"""Lines of both from which frequent ones are no landmarks any more, so that the time it takes stays small."""
CONTEXT_LINES: Final = 3
"""Lines that are the same and shown on either side of what is different."""


class LineKind(StrEnum):
    """What became of a line."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    LEFT_OUT = "left_out"
    """In place of lines that are the same, and too far from anything else to be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferentLine:
    """A line of a difference.

    Attributes:
        kind: What became of it.
        text: What it says; empty for lines that are left out.
        before: Its number in the former text, from 1 on; ``None`` when it is not there.
        after: Its number in the latter text.
        count: How many lines this stands for.
    """

    kind: LineKind
    text: str = ""
    before: int | None = None
    after: int | None = None
    count: int = 1


def difference(before: str, after: str) -> tuple[DifferentLine, ...]:
    """Give what is different; nothing when nothing is.

    Takes time that grows with the product of both lengths in the worst case: not for the event loop.
    """
    if before == after:
        return ()
    former, latter = before.splitlines(), after.splitlines()
    lines: list[DifferentLine] = []
    matcher = SequenceMatcher(None, former, latter, autojunk=len(former) + len(latter) > _LONG)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            lines += _same(
                former, i1, i2, j1, is_first=not lines, is_last=i2 == len(former) and j2 == len(latter)
            )
            continue
        lines += [
            DifferentLine(kind=LineKind.REMOVED, text=former[number], before=number + 1)
            for number in range(i1, i2)
        ]
        lines += [
            DifferentLine(kind=LineKind.ADDED, text=latter[number], after=number + 1)
            for number in range(j1, j2)
        ]
    return tuple(lines)


def _same(
    former: Sequence[str], begin: int, end: int, other: int, *, is_first: bool, is_last: bool
) -> Iterator[DifferentLine]:
    shown_from = begin if is_first else min(begin + CONTEXT_LINES, end)
    shown_to = end if is_last else max(end - CONTEXT_LINES, begin)
    head = range(begin, begin) if is_first else range(begin, shown_from)
    tail = range(end, end) if is_last else range(max(shown_to, head.stop), end)
    for number in head:
        yield _line(former, number, other - begin)
    hidden = tail.start - head.stop
    if hidden > 0:
        yield DifferentLine(
            kind=LineKind.LEFT_OUT, before=head.stop + 1, after=head.stop + other - begin + 1, count=hidden
        )
    for number in tail:
        yield _line(former, number, other - begin)


def _line(former: Sequence[str], number: int, shift: int) -> DifferentLine:
    return DifferentLine(kind=LineKind.SAME, text=former[number], before=number + 1, after=number + shift + 1)
