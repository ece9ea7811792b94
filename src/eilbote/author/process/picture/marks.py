"""What is drawn on top of an element: tokens, ticks, incidents, cancelled ones and messages, each by a sign and a number.

Colours repeat what the signs say; nobody has to tell them apart. Each has a contrast of at least 4.5 to 1 on white (WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from eilbote.author.process.picture.state import MailMark
from eilbote.author.process.picture.svg import NOTHING, Svg, joined, node, points, words
from eilbote.author.process.picture.symbols import PAPER, envelope
from eilbote.author.process.picture.text import FONT, INK, block, text_width

if TYPE_CHECKING:
    from eilbote.author.process.diagram import Shape
    from eilbote.author.process.picture.state import ElementState

BLUE, GREEN, RED, GREY, AMBER, PURPLE = "#0b57d0", "#1a7f37", "#b3261e", "#59636e", "#8a5300", "#7a2fb5"
PILL: Final = 18.0
_GAP: Final = 3.0
_SIZE: Final = 11.0
_SIGN: Final = 10.0


class Sign(StrEnum):
    """What a mark shows."""

    TOKEN = "token"  # noqa: S105 - of a process
    TICK = "tick"
    CROSS = "cross"
    BANG = "bang"
    DOTS = "dots"
    DOUBT = "doubt"


_COLOURS: Final = {
    Sign.TOKEN: BLUE,
    Sign.TICK: GREEN,
    Sign.CROSS: GREY,
    Sign.BANG: RED,
    Sign.DOTS: AMBER,
    Sign.DOUBT: PURPLE,
}
_OF_MAIL: Final = {
    MailMark.ACCEPTED: Sign.TICK,
    MailMark.UNDER_WAY: Sign.DOTS,
    MailMark.FAILED: Sign.BANG,
    MailMark.IN_DOUBT: Sign.DOUBT,
}
_LEGEND: Final = (
    (Sign.TOKEN, "tokens here"),
    (Sign.TICK, "done"),
    (Sign.BANG, "incident"),
    (Sign.CROSS, "cancelled"),
)


@dataclass(frozen=True, slots=True)
class _Mark:
    width: float
    drawn: Svg
    """With its left edge at 0 and its middle at 0."""


def marks_on(shape: Shape, state: ElementState, *, is_attached: bool, is_diamond: bool) -> Svg:
    """Draw how it stands at an element, on its upper edge; of an event on a boundary below, beside its name."""
    found = list(_marks(state))
    if not found:
        return NOTHING
    if is_attached:
        return _row(found, shape.x + shape.width - 8, shape.y + shape.height - 2)
    if is_diamond:  # arrows come and go at its corners
        return _row(found, shape.x + shape.width / 2 + 6, shape.y + 1)
    is_small = shape.width < 70  # noqa: PLR2004 - events; activities have room on their edge
    whole = sum(mark.width for mark in found) + _GAP * (len(found) - 1)
    left = shape.x + shape.width / 2 - whole / 2 if is_small else shape.x + shape.width + 6 - whole
    return _row(found, left, shape.y - PILL / 2 + (-3 if is_small else 2))


def legend(x: float, y: float) -> Svg:
    """Explain the marks, from ``x`` to the right, with their middle at ``y``."""
    drawn: list[Svg] = []
    for sign, meaning in _LEGEND:
        mark = _pill(sign, 0)
        drawn += (
            _moved(mark.drawn, x, y),
            block((meaning,), x + mark.width + 5, y, size=_SIZE, anchor="start"),
        )
        x += mark.width + 5 + text_width(meaning, _SIZE) + 14
    drawn.append(envelope(x + 7, y, 14, filled=False))
    x += 19
    drawn.append(block(("e-mail:",), x, y, size=_SIZE, anchor="start"))
    x += text_width("e-mail:", _SIZE) + 6
    for mark_, sign in _OF_MAIL.items():
        drawn += (
            _moved(_sign(sign, _COLOURS[sign]), x + 5, y),
            block((mark_.value,), x + 13, y, size=_SIZE, anchor="start"),
        )
        x += 13 + text_width(mark_.value, _SIZE) + 12
    return node("g", *drawn, aria_hidden="true")


LEGEND_WIDTH: Final = 640.0
"""About as wide as the legend is."""


def _marks(state: ElementState) -> Iterator[_Mark]:
    if state.incident:
        yield _pill(Sign.BANG, 0)
    if state.tokens:
        yield _pill(Sign.TOKEN, state.tokens)
    if any(state.mails.values()):
        yield _mail(state)
    if state.cancelled:
        yield _pill(Sign.CROSS, state.cancelled if state.cancelled > 1 else 0)
    if state.done:
        yield _pill(Sign.TICK, state.done if state.done > 1 else 0)


def _row(found: Iterable[_Mark], x: float, y: float) -> Svg:
    drawn: list[Svg] = []
    for mark in found:
        drawn.append(_moved(mark.drawn, x, y))
        x += mark.width + _GAP
    return node("g", *drawn, aria_hidden="true")


def _moved(drawn: Svg, x: float, y: float) -> Svg:
    return node("g", drawn, transform=f"translate({x:.2f} {y:.2f})")


def _pill(sign: Sign, count: int) -> _Mark:
    """Draw a filled mark; a token always says how many there are, others from two."""
    colour = _COLOURS[sign]
    if sign is Sign.TOKEN:
        text = str(count or 1)
        width = max(PILL, text_width(text, _SIZE) + 10)
        inside = _count(text, width / 2, PAPER)
    else:
        text = str(count) if count else ""
        width = PILL + (text_width(text, _SIZE) + 4 if text else 0)
        inside = joined((
            _moved(_sign(sign, PAPER), PILL / 2, 0),
            _count(text, PILL - 1 + text_width(text, _SIZE) / 2, PAPER) if text else NOTHING,
        ))  # fmt: skip
    box = node(
        "rect", x=0, y=-PILL / 2, width=width, height=PILL, rx=PILL / 2, fill=colour, stroke=PAPER, stroke_width=1.5
    )  # fmt: skip
    return _Mark(width, joined((box, inside)))


def _mail(state: ElementState) -> _Mark:
    x = 21.0
    drawn: list[Svg] = []
    for mark, sign in _OF_MAIL.items():
        count = state.mails.get(mark, 0)
        if not count:
            continue
        colour = _COLOURS[sign]
        drawn.append(_moved(_sign(sign, colour), x + _SIGN / 2, 0))
        x += _SIGN + 2
        if count > 1:
            text = str(count)
            drawn.append(_count(text, x + text_width(text, _SIZE) / 2, colour))
            x += text_width(text, _SIZE) + 3
    width = x + 4
    box = node(
        "rect", x=0, y=-PILL / 2, width=width, height=PILL, rx=PILL / 2, fill=PAPER, stroke=INK, stroke_width=1.1
    )  # fmt: skip
    return _Mark(width, joined((box, envelope(12, 0, 11, filled=False), *drawn)))


def _count(text: str, x: float, colour: str) -> Svg:
    return node(
        "text", words(text), x=x, y=_SIZE * 0.36, font_family=FONT, font_size=_SIZE, font_weight="bold",
        text_anchor="middle", fill=colour,
    )  # fmt: skip


def _sign(sign: Sign, colour: str) -> Svg:
    """Draw a sign around 0, 0."""
    match sign:
        case Sign.TICK:
            return _stroke(((-4, 0), (-1.2, 3), (4.2, -3.4)), colour)
        case Sign.CROSS:
            return joined(
                (_stroke(((-3.2, -3.2), (3.2, 3.2)), colour), _stroke(((-3.2, 3.2), (3.2, -3.2)), colour))
            )
        case Sign.BANG:
            return joined(
                (_stroke(((0, -4.6), (0, 1)), colour, 2.4), node("circle", cx=0, cy=4.2, r=1.4, fill=colour))
            )
        case Sign.DOTS:
            return joined(node("circle", cx=x, cy=0, r=1.4, fill=colour) for x in (-4, 0, 4))
        case Sign.DOUBT:
            return node(
                "text", words("?"), x=0, y=4.2, font_family=FONT, font_size=12, font_weight="bold",
                text_anchor="middle", fill=colour,
            )  # fmt: skip
        case Sign.TOKEN:
            return node("circle", cx=0, cy=0, r=4, fill=colour)


def _stroke(corners: Iterable[tuple[float, float]], colour: str, width: float = 2) -> Svg:
    return node(
        "polyline", points=points(corners), fill="none", stroke=colour, stroke_width=width,
        stroke_linecap="round", stroke_linejoin="round",
    )  # fmt: skip
