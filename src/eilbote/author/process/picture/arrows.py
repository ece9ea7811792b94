"""Draws arrows: sequence flows, message flows and associations (OMG formal/2013-12-09, clause 7.4).

Heads are drawn as part of each arrow, not as markers, so that nothing in a picture refers to anything.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.author.process.picture.marks import GREEN, GREY
from eilbote.author.process.picture.svg import NOTHING, Svg, joined, node, points
from eilbote.author.process.picture.symbols import PAPER
from eilbote.author.process.picture.text import INK, block, text_width, wrapped

if TYPE_CHECKING:
    from eilbote.author.process.diagram import MessageFlow, SequenceFlow

_Point: TypeAlias = tuple[float, float]
_HEAD: Final = 10.0
_SMALL: Final = 11.0


def draw_flow(corners: Sequence[_Point], *, taken: int, is_default: bool, is_conditional: bool) -> Svg:
    """Draw a sequence flow; one that was taken is thick, and one that was taken several times says how often.

    Args:
        corners: Where.
        taken: How often a token followed it.
        is_default: Whether it is taken when no condition holds.
        is_conditional: Whether it leaves an activity, and has a condition.
    """
    colour, width = (GREEN, 2.8) if taken else (INK, 1.5)
    line = _line(corners, colour, width, shortened=_HEAD * 0.7)
    start = NOTHING
    if is_default:
        start = _slash(corners, colour)
    elif is_conditional:
        start = _small_diamond(corners, colour)
    return joined((line, _head(corners, colour, filled=True), start))


def flow_words(flow: SequenceFlow | MessageFlow, corners: Sequence[_Point], *, taken: int = 0) -> Svg:
    """Write the name of an arrow beside it, and how often it was taken where that was more than once."""
    text = f"{flow.name} ×{taken}" if taken > 1 else flow.name  # noqa: RUF001 - the sign for times
    if not text.strip():
        return NOTHING
    (x1, y1), (x2, y2) = _best_piece(corners, text)
    lines = wrapped(text.strip(), width=max(abs(x2 - x1) - 16, 80), most=3, size=_SMALL)
    if abs(x2 - x1) >= abs(y2 - y1):
        y = (y1 + y2) / 2 - 9 - (len(lines) - 1) * _SMALL * 1.2
        return block(lines, (x1 + x2) / 2, y, size=_SMALL, halo=True)
    return block(
        lines,
        (x1 + x2) / 2 + 6,
        (y1 + y2) / 2 - (len(lines) - 1) * 6.6,
        size=_SMALL,
        anchor="start",
        halo=True,
    )


def beginning(corners: Sequence[_Point]) -> tuple[int, int, int, int]:
    """Say where an arrow begins and which way it goes from there; the same for arrows that leave together."""
    (x, y), (ahead, aside) = corners[0], _directions(corners[0], corners[1])[0]
    return round(x), round(y), round(ahead * 10), round(aside * 10)


def draw_message_flow(corners: Sequence[_Point]) -> Svg:
    """Draw a message flow: from a small circle, dashed, to an empty head."""
    x, y = corners[0]
    return joined((
        _line(corners, INK, 1.4, shortened=_HEAD, dash="7 4"),
        node("circle", cx=x, cy=y, r=3.6, fill=PAPER, stroke=INK, stroke_width=1.2),
        _head(corners, INK, filled=False),
    ))  # fmt: skip


def draw_association(corners: Sequence[_Point]) -> Svg:
    """Draw an association, with a note or with data."""
    return _line(corners, GREY, 1.4, shortened=0, dash="1.5 4")


def _line(
    corners: Sequence[_Point], colour: str, width: float, *, shortened: float, dash: str | None = None
) -> Svg:
    (x1, y1), (x2, y2) = corners[-2], corners[-1]
    length = math.hypot(x2 - x1, y2 - y1) or 1
    cut = min(shortened, length) / length
    last = (x2 - (x2 - x1) * cut, y2 - (y2 - y1) * cut)
    return node(
        "polyline", points=points((*corners[:-1], last)), fill="none", stroke=colour, stroke_width=width,
        stroke_linejoin="round", stroke_dasharray=dash, stroke_linecap="round" if dash == "1.5 4" else None,
    )  # fmt: skip


def _head(corners: Sequence[_Point], colour: str, *, filled: bool) -> Svg:
    (x, y), ahead, aside = corners[-1], *_directions(corners[-2], corners[-1])
    back = (x - ahead[0] * _HEAD, y - ahead[1] * _HEAD)
    wings = [
        (back[0] + aside[0] * side * _HEAD * 0.4, back[1] + aside[1] * side * _HEAD * 0.4) for side in (1, -1)
    ]
    return node(
        "polygon", points=points(((x, y), *wings)), fill=colour if filled else PAPER, stroke=colour,
        stroke_width=1.2, stroke_linejoin="round",
    )  # fmt: skip


def _slash(corners: Sequence[_Point], colour: str) -> Svg:
    ahead, aside = _directions(corners[0], corners[1])
    x, y = corners[0][0] + ahead[0] * 11, corners[0][1] + ahead[1] * 11
    start = (x + aside[0] * 5 - ahead[0] * 3, y + aside[1] * 5 - ahead[1] * 3)
    end = (x - aside[0] * 5 + ahead[0] * 3, y - aside[1] * 5 + ahead[1] * 3)
    return node("polyline", points=points((start, end)), fill="none", stroke=colour, stroke_width=1.6)


def _small_diamond(corners: Sequence[_Point], colour: str) -> Svg:
    (x, y), (ahead, aside) = corners[0], _directions(corners[0], corners[1])
    found = (
        (x, y),
        (x + ahead[0] * 8 + aside[0] * 5, y + ahead[1] * 8 + aside[1] * 5),
        (x + ahead[0] * 16, y + ahead[1] * 16),
        (x + ahead[0] * 8 - aside[0] * 5, y + ahead[1] * 8 - aside[1] * 5),
    )
    return node("polygon", points=points(found), fill=PAPER, stroke=colour, stroke_width=1.3)


def _directions(start: _Point, end: _Point) -> tuple[_Point, _Point]:
    """Give the directions along a line, and across it."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if not length:
        return (1.0, 0.0), (0.0, 1.0)
    return (dx / length, dy / length), (-dy / length, dx / length)


def _best_piece(corners: Sequence[_Point], text: str) -> tuple[_Point, _Point]:
    """Find the piece of an arrow that has room for its name: the first level one that is long enough, or the longest."""
    pieces = list(pairwise(corners))
    room = min(text_width(text, _SMALL), 80) + 12
    for piece in pieces:
        (x1, y1), (x2, y2) = piece
        if abs(y2 - y1) < 4 and abs(x2 - x1) >= room:  # noqa: PLR2004 - nearly level
            return piece
    return max(pieces, key=lambda piece: math.dist(*piece))
