"""How much room texts take in a picture, and how they are broken into lines.

Nobody knows which font a reader has, so widths are estimated, a little too wide rather than too narrow.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from eilbote.author.process.picture.svg import Svg, joined, node, words

FONT: Final = (
    "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', 'Noto Sans', 'Open Sans', Roboto, Ubuntu, Cantarell, "
    "'Segoe UI', sans-serif"
)
"""One of them is on nearly every machine; a renderer without a browser takes no other."""
SIZE: Final = 12.0
LINE: Final = 1.2
"""From one line to the next, in sizes."""
INK: Final = "#1f2328"
_NARROW: Final = frozenset("fijlrtI.,:;'|!()[] -")
_BROAD: Final = frozenset("mwMW@%&")
_WIDE: Final = frozenset("WF")
_ELLIPSIS: Final = "…"


def text_width(text: str, size: float = SIZE) -> float:
    """Estimate how wide a line is."""
    return sum(_width(char) for char in text) * size


def _width(char: str) -> float:
    if char in _NARROW:
        return 0.34
    if char in _BROAD:
        return 0.92
    if unicodedata.east_asian_width(char) in _WIDE:
        return 1.05
    if unicodedata.combining(char):
        return 0.0
    return 0.7 if char.isupper() else 0.58


def wrapped(text: str, *, width: float, most: int, size: float = SIZE) -> tuple[str, ...]:
    """Break a text into lines; a word that is too long is broken, and what does not fit is left out, with an ellipsis.

    Args:
        text: What is written; line ends and blanks count as one blank.
        width: How wide a line may be.
        most: How many lines there may be, at least one.
        size: Of the letters.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        for piece in _pieces(word, width, size):
            longer = f"{line} {piece}" if line else piece
            if line and text_width(longer, size) > width:
                lines.append(line)
                line = piece
            else:
                line = longer
        if len(lines) > most:
            break
    if line:
        lines.append(line)
    if len(lines) <= most:
        return tuple(lines)
    last = lines[most - 1]
    while last and text_width(f"{last}{_ELLIPSIS}", size) > width:
        last = last[:-1]
    return (*lines[: most - 1], f"{last.rstrip()}{_ELLIPSIS}")


def _pieces(word: str, width: float, size: float) -> list[str]:
    pieces = [""]
    for char in word:
        if pieces[-1] and text_width(pieces[-1] + char, size) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces


def block(
    lines: tuple[str, ...],
    x: float,
    y: float,
    *,
    size: float = SIZE,
    anchor: str = "middle",
    colour: str = INK,
    weight: str | None = None,
    halo: bool = False,
) -> Svg:
    """Write lines, the first one with its middle at ``y``."""
    if not lines:
        return Svg("")
    rows = joined(
        node("tspan", words(line), x=x, y=y + number * size * LINE + size * 0.35)
        for number, line in enumerate(lines)
    )
    return node(
        "text",
        rows,
        font_family=FONT,
        font_size=size,
        text_anchor=anchor,
        fill=colour,
        font_weight=weight,
        paint_order="stroke" if halo else None,
        stroke="#ffffff" if halo else None,
        stroke_width=4 if halo else None,
        stroke_linejoin="round" if halo else None,
    )


def block_height(lines: tuple[str, ...], size: float = SIZE) -> float:
    """Tell how high lines are together."""
    return len(lines) * size * LINE
