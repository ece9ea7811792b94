"""Draws the shapes of BPMN 2.0 (OMG formal/2013-12-09, clauses 7.2 and 9 to 13): events, activities, gateways, pools, notes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from eilbote.author.process.diagram import ElementKind
from eilbote.author.process.picture.marks import BLUE, GREEN, GREY, RED
from eilbote.author.process.picture.region import is_event, is_gateway
from eilbote.author.process.picture.svg import NOTHING, Svg, joined, node, points
from eilbote.author.process.picture.symbols import (
    PAPER,
    closed_sign,
    event_sign,
    gateway_sign,
    loop_sign,
    task_sign,
)
from eilbote.author.process.picture.text import INK, LINE, SIZE, block, block_height, text_width, wrapped

if TYPE_CHECKING:
    from eilbote.author.process.diagram import Element, Label, Shape
    from eilbote.author.process.picture.state import ElementState

_BAND: Final = 30.0
_SMALL: Final = 11.0
_NOT_EXECUTED: Final = "#f1f1f1"
_LABEL_WIDTH: Final = 92.0
_TASK_SIGNS: Final = frozenset({
    "sendTask", "receiveTask", "userTask", "manualTask", "serviceTask", "scriptTask", "businessRuleTask",
})  # fmt: skip

_SIGNED: Final = frozenset({ElementKind.SEND_TASK, ElementKind.USER_TASK, ElementKind.SERVICE_TASK})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pen:
    """With what a shape is drawn."""

    line: str = INK
    fill: str = PAPER
    dash: str | None = None
    extra: float = 0.0
    """How much thicker the line is than it would be."""


def _pen(element: Element, state: ElementState | None) -> _Pen:
    if element.kind is ElementKind.UNSUPPORTED:
        return _Pen(fill=_NOT_EXECUTED, line=GREY, dash="5 3")
    if state is None:
        return _Pen()
    if state.incident:
        return _Pen(line=RED, fill="#fdecea", extra=1)
    if state.tokens:
        return _Pen(line=BLUE, fill="#e8f0fe", extra=1)
    if state.cancelled and not state.done:
        return _Pen(line=GREY, fill="#f3f4f6", dash="4 3")
    if state.done:
        return _Pen(line=GREEN, fill="#e9f6ec")
    return _Pen()


def draw_element(
    element: Element,
    shape: Shape,
    state: ElementState | None,
    *,
    is_closed: bool,
    is_open: bool,
    is_host: bool,
    is_event_driven: bool,
) -> Svg:
    """Draw a flow node.

    Args:
        element: Which.
        shape: Where.
        state: How it stands there; ``None`` when no token came to it.
        is_closed: For sub-processes: there is more inside that is not drawn.
        is_open: For sub-processes: its inside is drawn.
        is_host: For activities: events stand on its boundary.
        is_event_driven: For sub-processes: an event begins it, no token.
    """
    pen = _pen(element, state)
    if is_event_driven:
        pen = replace(pen, dash="1.5 3")
    if is_event(element):
        return _event(element, shape, pen)
    if is_gateway(element):
        return _gateway(element, shape, pen)
    return _activity(element, shape, pen, is_closed=is_closed, is_open=is_open, is_host=is_host)


# -- events, gateways ----------------------------------------------------------------------------------------------


def _event(element: Element, shape: Shape, pen: _Pen) -> Svg:
    x, y = shape.x + shape.width / 2, shape.y + shape.height / 2
    radius = min(shape.width, shape.height) / 2
    ends = element.tag == "endEvent"
    is_double = element.tag in {"intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent"}
    dash = pen.dash or ("4 2.5" if not element.is_interrupting else None)
    rings = [
        node(
            "circle", cx=x, cy=y, r=radius, fill=pen.fill, stroke=pen.line,
            stroke_width=(3.2 if ends else 1.5) + pen.extra, stroke_dasharray=dash,
        )
    ]  # fmt: skip
    if is_double:
        rings.append(
            node(
                "circle", cx=x, cy=y, r=max(radius - 3.2, 1), fill="none", stroke=pen.line, stroke_width=1.3,
                stroke_dasharray=dash,
            )
        )  # fmt: skip
    throws = ends or element.tag == "intermediateThrowEvent"
    sign = event_sign(element.event, x, y, radius, throws=throws)
    return joined((*rings, sign, _name_below(element.name, shape)))


def _gateway(element: Element, shape: Shape, pen: _Pen) -> Svg:
    x, y = shape.x + shape.width / 2, shape.y + shape.height / 2
    corners = ((x, shape.y), (shape.x + shape.width, y), (x, shape.y + shape.height), (shape.x, y))
    diamond = node(
        "polygon", points=points(corners), fill=pen.fill, stroke=pen.line, stroke_width=1.6 + pen.extra,
        stroke_dasharray=pen.dash, stroke_linejoin="round",
    )  # fmt: skip
    sign = gateway_sign(element.kind, element.tag, x, y, min(shape.width, shape.height) / 2)
    return joined((diamond, sign, _name_below(element.name, shape)))


def _name_below(name: str, shape: Shape) -> Svg:
    lines = wrapped(name, width=_LABEL_WIDTH, most=4, size=_SMALL)
    return block(lines, shape.x + shape.width / 2, shape.y + shape.height + 11, size=_SMALL, halo=True)


# -- activities ----------------------------------------------------------------------------------------------------


def _activity(
    element: Element, shape: Shape, pen: _Pen, *, is_closed: bool, is_open: bool, is_host: bool
) -> Svg:
    calls = element.kind is ElementKind.CALL_ACTIVITY or element.tag == "callActivity"
    boxes = [_box(shape, pen, width=(4 if calls else 1.6) + pen.extra, inset=0, radius=10, fill=pen.fill)]
    if element.tag == "transaction":
        boxes.append(_box(shape, pen, width=1.3, inset=4, radius=7, fill="none"))
    signs, sign_row = _signs_below(element, shape, is_closed=is_closed)
    has_sign = (element.tag in _TASK_SIGNS or element.kind in _SIGNED) and not is_open
    corner = task_sign(element.kind, element.tag, shape.x + 2, shape.y + 2) if has_sign else NOTHING
    if is_open:
        lines = wrapped(element.name, width=max(shape.width - 20, 20), most=1)
        text = block(lines, shape.x + 10, shape.y + 14, anchor="start", weight="bold")
    else:
        top = 24.0 if has_sign else 6.0
        text = _name_within(element.name, shape, top=top, bottom=20.0 if sign_row or is_host else 6.0)
    return joined((*boxes, corner, text, signs))


def _box(shape: Shape, pen: _Pen, *, width: float, inset: float, radius: float, fill: str) -> Svg:
    return node(
        "rect", x=shape.x + inset, y=shape.y + inset, width=max(shape.width - 2 * inset, 1),
        height=max(shape.height - 2 * inset, 1), rx=radius, fill=fill, stroke=pen.line, stroke_width=width,
        stroke_dasharray=pen.dash,
    )  # fmt: skip


def _signs_below(element: Element, shape: Shape, *, is_closed: bool) -> tuple[Svg, bool]:
    x, y = shape.x + shape.width / 2, shape.y + shape.height - 11
    signs: list[Svg] = []
    if element.loop is not None:
        at = x - 11 if is_closed else x
        signs.append(loop_sign(at, y, is_sequential=element.loop.is_sequential))
    if is_closed:
        signs.append(closed_sign(x + 11 if element.loop is not None else x, y))
    return joined(signs), bool(signs)


def _name_within(name: str, shape: Shape, *, top: float, bottom: float) -> Svg:
    """Write a name into a box: in its middle where it fits, otherwise between the signs, and smaller."""
    width, height = max(shape.width - 12, 20), shape.height
    x = shape.x + shape.width / 2
    lines = wrapped(name, width=width, most=99)
    tall = block_height(lines)
    first = (height - tall) / 2
    if first >= (top - 3 if top > 10 else 4) and first + tall <= height - (bottom if bottom > 10 else 4):  # noqa: PLR2004
        return block(lines, x, shape.y + first + SIZE * LINE / 2)
    room = height - top - bottom
    lines = wrapped(name, width=width, most=max(int((room + 4) // (_SMALL * LINE)), 1), size=_SMALL)
    first = top + (room - block_height(lines, _SMALL)) / 2
    return block(lines, x, shape.y + first + _SMALL * LINE / 2, size=_SMALL)


# -- what means nothing to the engine ------------------------------------------------------------------------------


def draw_label(label: Label, shape: Shape) -> Svg:
    """Draw a pool, a lane, a note, a group, or data."""
    match label.kind:
        case "participant" | "lane":
            return _pool(label, shape)
        case "textAnnotation":
            return _note(label, shape)
        case "group":
            frame = node(
                "rect", x=shape.x, y=shape.y, width=shape.width, height=shape.height, rx=10, fill="none",
                stroke=GREY, stroke_width=1.5, stroke_dasharray="8 3 2 3",
            )  # fmt: skip
            lines = wrapped(label.text, width=max(shape.width - 12, 20), most=2, size=_SMALL)
            return joined((frame, block(lines, shape.x + shape.width / 2, shape.y + 12, size=_SMALL)))
        case "dataStoreReference":
            return joined((_store(shape), _name_below(label.text, shape)))
        case _:
            return joined((_page(shape), _name_below(label.text, shape)))


def _pool(label: Label, shape: Shape) -> Svg:
    frame = node(
        "rect", x=shape.x, y=shape.y, width=shape.width, height=shape.height,
        fill=PAPER if label.kind == "participant" else "none", stroke=INK, stroke_width=1.5,
    )  # fmt: skip
    is_black_box = label.kind == "participant" and not label.process
    if is_black_box:
        lines = wrapped(label.text, width=max(shape.width - 20, 20), most=2)
        y = shape.y + shape.height / 2 - block_height(lines) / 2 + SIZE * LINE / 2
        return joined((frame, block(lines, shape.x + shape.width / 2, y)))
    if not shape.is_horizontal:
        line = node(
            "line", x1=shape.x, y1=shape.y + _BAND, x2=shape.x + shape.width, y2=shape.y + _BAND,
            stroke=INK, stroke_width=1.2,
        )  # fmt: skip
        lines = wrapped(label.text, width=max(shape.width - 8, 20), most=1)
        return joined((frame, line, block(lines, shape.x + shape.width / 2, shape.y + _BAND / 2)))
    x = shape.x + _BAND
    line = node("line", x1=x, y1=shape.y, x2=x, y2=shape.y + shape.height, stroke=INK, stroke_width=1.2)
    lines = wrapped(label.text, width=max(shape.height - 8, 20), most=2, size=_SMALL)
    middle = shape.x + _BAND / 2, shape.y + shape.height / 2
    upper = middle[1] - (len(lines) - 1) * _SMALL * LINE / 2
    text = block(lines, middle[0], upper, size=_SMALL)
    turned = node("g", text, transform=f"rotate(-90 {middle[0]:.2f} {middle[1]:.2f})")
    return joined((frame, line, turned))


def _note(label: Label, shape: Shape) -> Svg:
    arm = min(12.0, shape.width / 2)
    bracket = node(
        "polyline",
        points=points((
            (shape.x + arm, shape.y), (shape.x, shape.y), (shape.x, shape.y + shape.height),
            (shape.x + arm, shape.y + shape.height),
        )),
        fill="none", stroke=INK, stroke_width=1.3,
    )  # fmt: skip
    most = max(int((shape.height - 4) // (_SMALL * LINE)), 1)
    lines = wrapped(label.text, width=max(shape.width - 12, 20), most=most, size=_SMALL)
    return joined((bracket, block(lines, shape.x + 7, shape.y + 11, size=_SMALL, anchor="start")))


def _page(shape: Shape) -> Svg:
    x, y, right, low = shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
    fold = min(shape.width, shape.height) * 0.3
    page = ((x, y), (right - fold, y), (right, y + fold), (right, low), (x, low))
    corner = ((right - fold, y), (right - fold, y + fold), (right, y + fold))
    return joined((
        node("polygon", points=points(page), fill=PAPER, stroke=INK, stroke_width=1.3, stroke_linejoin="round"),
        node("polyline", points=points(corner), fill="none", stroke=INK, stroke_width=1.3),
    ))  # fmt: skip


def _store(shape: Shape) -> Svg:
    rx, ry = shape.width / 2, min(shape.height * 0.13, 8)
    left, top, low = shape.x, shape.y + ry, shape.y + shape.height - ry
    right = shape.x + shape.width
    body = node(
        "path",
        d=f"M{left:.2f} {top:.2f} A{rx:.2f} {ry:.2f} 0 0 1 {right:.2f} {top:.2f} V{low:.2f} A{rx:.2f} {ry:.2f} 0 0 1 {left:.2f} {low:.2f} Z",
        fill=PAPER, stroke=INK, stroke_width=1.3,
    )  # fmt: skip
    lid = node(
        "path", d=f"M{left:.2f} {top:.2f} A{rx:.2f} {ry:.2f} 0 0 0 {right:.2f} {top:.2f}",
        fill="none", stroke=INK, stroke_width=1.3,
    )  # fmt: skip
    return joined((body, lid))


def label_room(name: str, shape: Shape) -> tuple[float, float, float, float]:
    """Give the box that the name below a shape takes: left, top, right, lower edge."""
    lines = wrapped(name, width=_LABEL_WIDTH, most=4, size=_SMALL)
    wide = max((text_width(line, _SMALL) for line in lines), default=0.0)
    x, low = shape.x + shape.width / 2, shape.y + shape.height
    return x - wide / 2, low, x + wide / 2, low + (5 + block_height(lines, _SMALL) if lines else 0)
