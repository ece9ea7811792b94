"""The small signs within BPMN's shapes (OMG formal/2013-12-09, clauses 10.3 to 10.6): drawn here, around a middle point."""

from __future__ import annotations

import math
from typing import Final

from eilbote.author.process.diagram import ElementKind, EventKind
from eilbote.author.process.picture.svg import NOTHING, Svg, joined, node, points
from eilbote.author.process.picture.text import INK

PAPER: Final = "#ffffff"


def envelope(x: float, y: float, width: float, *, filled: bool, colour: str = INK) -> Svg:
    """Draw a letter: filled where one is sent, empty where one is awaited."""
    height = width * 0.68
    left, top, right = x - width / 2, y - height / 2, x + width / 2
    flap = ((left, top), (x, y + height * 0.08), (right, top))
    return joined((
        node(
            "rect", x=left, y=top, width=width, height=height,
            fill=colour if filled else PAPER, stroke=colour, stroke_width=1.2, stroke_linejoin="round",
        ),
        node(
            "polyline", points=points(flap), fill="none", stroke=PAPER if filled else colour,
            stroke_width=1.2, stroke_linejoin="round",
        ),
    ))  # fmt: skip


def clock(x: float, y: float, radius: float) -> Svg:
    """Draw a clock: a timer."""
    ticks = joined(
        _line(
            x + math.sin(turn) * radius * 0.78, y - math.cos(turn) * radius * 0.78,
            x + math.sin(turn) * radius, y - math.cos(turn) * radius, 0.9,
        )
        for turn in (hour * math.pi / 6 for hour in range(12))
    )  # fmt: skip
    hands = node(
        "polyline",
        points=points(((x + radius * 0.22, y - radius * 0.66), (x, y), (x + radius * 0.5, y + radius * 0.1))),
        fill="none", stroke=INK, stroke_width=1.2, stroke_linecap="round",
    )  # fmt: skip
    face = node("circle", cx=x, cy=y, r=radius, fill=PAPER, stroke=INK, stroke_width=1.2)
    return joined((face, ticks, hands))


def bolt(x: float, y: float, size: float, *, filled: bool) -> Svg:
    """Draw a flash: an error."""
    corners = ((-0.5, 0.5), (-0.2, -0.42), (0.13, 0.08), (0.5, -0.5), (0.22, 0.42), (-0.12, -0.04))
    return node(
        "polygon", points=points((x + dx * size, y + dy * size) for dx, dy in corners),
        fill=INK if filled else PAPER, stroke=INK, stroke_width=1.1, stroke_linejoin="round",
    )  # fmt: skip


def event_sign(kind: EventKind, x: float, y: float, radius: float, *, throws: bool) -> Svg:
    """Draw what an event waits for, or throws."""
    match kind:
        case EventKind.MESSAGE:
            return envelope(x, y, radius * 1.05, filled=throws)
        case EventKind.TIMER:
            return clock(x, y, radius * 0.62)
        case EventKind.ERROR:
            return bolt(x, y, radius * 1.05, filled=throws)
        case EventKind.TERMINATE:
            return node("circle", cx=x, cy=y, r=radius * 0.58, fill=INK)
        case EventKind.UNSUPPORTED:
            corners = [
                (x + math.sin(turn) * radius * 0.55, y - math.cos(turn) * radius * 0.55)
                for turn in (corner * 2 * math.pi / 5 for corner in range(5))
            ]
            return node(
                "polygon", points=points(corners), fill=INK if throws else PAPER, stroke=INK, stroke_width=1.1
            )
        case EventKind.NONE:
            return NOTHING


def gateway_sign(kind: ElementKind, tag: str, x: float, y: float, size: float) -> Svg:
    """Draw how a gateway decides; ``size`` is half its height."""
    reach = size * 0.36
    match kind:
        case ElementKind.EXCLUSIVE_GATEWAY:
            return _cross(x, y, reach, 3)
        case ElementKind.PARALLEL_GATEWAY:
            return _plus(x, y, reach * 1.25, 3)
        case ElementKind.INCLUSIVE_GATEWAY:
            return node("circle", cx=x, cy=y, r=size * 0.48, fill="none", stroke=INK, stroke_width=2.4)
        case ElementKind.EVENT_BASED_GATEWAY:
            corners = [
                (x + math.sin(turn) * size * 0.3, y - math.cos(turn) * size * 0.3)
                for turn in (corner * 2 * math.pi / 5 for corner in range(5))
            ]
            rings = joined(
                node("circle", cx=x, cy=y, r=size * part, fill="none", stroke=INK, stroke_width=1)
                for part in (0.54, 0.44)
            )
            star = node("polygon", points=points(corners), fill="none", stroke=INK, stroke_width=1)
            return joined((rings, star))
        case _ if tag == "complexGateway":
            return joined((_cross(x, y, reach * 0.8, 2.4), _plus(x, y, reach * 1.2, 2.4)))
        case _:
            return NOTHING


def task_sign(kind: ElementKind, tag: str, x: float, y: float) -> Svg:
    """Draw of which type a task is, in the upper left corner that begins at ``x``, ``y``."""
    middle, level = x + 14, y + 13
    match tag:
        case "sendTask":
            return envelope(middle, level, 15, filled=True)
        case "receiveTask":
            return envelope(middle, level, 15, filled=False)
        case "userTask":
            return _person(middle, level)
        case "manualTask":
            return _hand(middle, level)
        case "serviceTask":
            return _cog(middle, level)
        case "scriptTask":
            return _script(middle, level)
        case "businessRuleTask":
            return _table(middle, level)
        case _:
            return _sign_of(kind, middle, level)


def _sign_of(kind: ElementKind, x: float, y: float) -> Svg:
    """Draw what the settings have made of a task that the diagram leaves open."""
    match kind:
        case ElementKind.SEND_TASK:
            return envelope(x, y, 15, filled=True)
        case ElementKind.USER_TASK:
            return _person(x, y)
        case ElementKind.SERVICE_TASK:
            return _cog(x, y)
        case _:
            return NOTHING


def loop_sign(x: float, y: float, *, is_sequential: bool) -> Svg:
    """Draw that an activity is done several times: one after the other, or all at the same time."""
    steps = (-4, 0, 4)
    if is_sequential:
        return joined(_line(x - 6, y + step, x + 6, y + step, 2) for step in steps)
    return joined(_line(x + step, y - 6, x + step, y + 6, 2) for step in steps)


def closed_sign(x: float, y: float) -> Svg:
    """Draw that there is more inside."""
    frame = node("rect", x=x - 7, y=y - 7, width=14, height=14, fill=PAPER, stroke=INK, stroke_width=1.2)
    return joined((frame, _plus(x, y, 4.5, 1.4)))


# -- what tasks are ------------------------------------------------------------------------------------------------


def _person(x: float, y: float) -> Svg:
    head = node("circle", cx=x, cy=y - 4, r=3.4, fill=PAPER, stroke=INK, stroke_width=1.2)
    body = node(
        "path", d=f"M{x - 7:g} {y + 7.5:g} v-2.5 a5 4.6 0 0 1 5 -4.6 h4 a5 4.6 0 0 1 5 4.6 v2.5 z",
        fill=PAPER, stroke=INK, stroke_width=1.2, stroke_linejoin="round",
    )  # fmt: skip
    return joined((body, head))


def _hand(x: float, y: float) -> Svg:
    return node(
        "path",
        d=f"M{x - 7:g} {y + 5:g} v-6 l5 -4.5 h2 l-1.5 3 h7 a1.3 1.3 0 0 1 0 2.6 h1 a1.3 1.3 0 0 1 0 2.6 h-1 a1.3 1.3 0 0 1 0 2.3 z",
        fill=PAPER, stroke=INK, stroke_width=1.1, stroke_linejoin="round",
    )  # fmt: skip


def _cog(x: float, y: float) -> Svg:
    corners: list[tuple[float, float]] = []
    for tooth in range(8):
        middle = tooth * math.pi / 4
        for turn, reach in ((-0.26, 5.4), (-0.16, 7.4), (0.16, 7.4), (0.26, 5.4)):
            corners.append((x + math.sin(middle + turn) * reach, y - math.cos(middle + turn) * reach))
    wheel = node(
        "polygon",
        points=points(corners),
        fill=PAPER,
        stroke=INK,
        stroke_width=1.1,
        stroke_linejoin="round",
    )
    return joined((wheel, node("circle", cx=x, cy=y, r=2.4, fill="none", stroke=INK, stroke_width=1.1)))


def _script(x: float, y: float) -> Svg:
    page = node(
        "path",
        d=f"M{x - 4:g} {y - 7:g} h10 c-5 4 3 9 -2 14 h-10 c5 -5 -3 -10 2 -14 z",
        fill=PAPER,
        stroke=INK,
        stroke_width=1.1,
    )
    lines = joined(
        _line(x - 3 + lean, y + at, x + 3 + lean, y + at, 1) for lean, at in ((0, -3.5), (1, 0), (0, 3.5))
    )
    return joined((page, lines))


def _table(x: float, y: float) -> Svg:
    frame = node("rect", x=x - 8, y=y - 6, width=16, height=12, fill=PAPER, stroke=INK, stroke_width=1.1)
    head = node("rect", x=x - 8, y=y - 6, width=16, height=3.6, fill=INK)
    return joined(
        (frame, head, _line(x - 8, y + 1.8, x + 8, y + 1.8, 1), _line(x - 3, y - 6, x - 3, y + 6, 1))
    )


# -- strokes -------------------------------------------------------------------------------------------------------


def _line(x1: float, y1: float, x2: float, y2: float, width: float) -> Svg:
    return node("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=INK, stroke_width=width)


def _cross(x: float, y: float, reach: float, width: float) -> Svg:
    return joined((
        _line(x - reach * 0.8, y - reach, x + reach * 0.8, y + reach, width),
        _line(x - reach * 0.8, y + reach, x + reach * 0.8, y - reach, width),
    ))  # fmt: skip


def _plus(x: float, y: float, reach: float, width: float) -> Svg:
    return joined((_line(x - reach, y, x + reach, y, width), _line(x, y - reach, x, y + reach, width)))
