"""A process as a picture: SVG 1.1, the diagram as it was drawn, and on top of it how an instance stands.

Whoever cannot see it is told the same: the picture has a title and a description, each element its name, its kind and its state. The
SVG holds no script, no style sheet and no reference, inside or outside; texts are escaped where they are written. It can so be put into
a page as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from eilbote.author.process.diagram import ElementKind, EventKind
from eilbote.author.process.picture.arrows import (
    beginning,
    draw_association,
    draw_flow,
    draw_message_flow,
    flow_words,
)
from eilbote.author.process.picture.marks import LEGEND_WIDTH, legend, marks_on
from eilbote.author.process.picture.place import place
from eilbote.author.process.picture.region import is_event, is_gateway
from eilbote.author.process.picture.shapes import draw_element, draw_label, label_room
from eilbote.author.process.picture.state import ElementState
from eilbote.author.process.picture.svg import NOTHING, Svg, joined, node, number, words
from eilbote.author.process.picture.text import block, text_width, wrapped

if TYPE_CHECKING:
    from eilbote.author.process.diagram import Diagram, Element, MessageFlow, SequenceFlow
    from eilbote.author.process.picture.place import Placing
    from eilbote.author.process.picture.state import InstanceState

_MARGIN, _ABOVE, _BELOW = 28.0, 34.0, 34.0
_TITLE: Final = 15.0
_NONE_TAKEN: Final[Mapping[str, int]] = {}
_FRAMES: Final = frozenset({"participant", "lane", "group"})
_WORDS: Final = {
    ElementKind.START_EVENT: "start event",
    ElementKind.END_EVENT: "end event",
    ElementKind.THROW_EVENT: "event",
    ElementKind.CATCH_EVENT: "catching event",
    ElementKind.BOUNDARY_EVENT: "boundary event",
    ElementKind.TASK: "task",
    ElementKind.SEND_TASK: "send task",
    ElementKind.RECEIVE_TASK: "receive task",
    ElementKind.USER_TASK: "user task",
    ElementKind.SERVICE_TASK: "service task",
    ElementKind.SUB_PROCESS: "sub-process",
    ElementKind.CALL_ACTIVITY: "call activity",
    ElementKind.EXCLUSIVE_GATEWAY: "exclusive gateway",
    ElementKind.PARALLEL_GATEWAY: "parallel gateway",
    ElementKind.INCLUSIVE_GATEWAY: "inclusive gateway",
    ElementKind.EVENT_BASED_GATEWAY: "event-based gateway",
}


def draw(diagram: Diagram, *, title: str, subtitle: str = "", state: InstanceState | None = None) -> str:
    """Draw a diagram.

    Args:
        diagram: What is drawn; placed by us when the file does not say where everything stands.
        title: The first line above it.
        subtitle: What stands beside the title, such as the instance and its status.
        state: How an instance stands; ``None`` draws the diagram alone.

    Returns:
        A whole SVG document. Its size is in the diagram's units, 1 for a pixel.
    """
    placing = place(diagram)
    seen = _seen(placing, state)
    left, top, right, low = _bounds(diagram, placing)
    headline = f"{title}   {subtitle}".strip()
    widest = max(text_width(headline, _TITLE), LEGEND_WIDTH if state is not None else 0.0)
    right = max(right, left + min(widest, 1600.0))
    x, y = left - _MARGIN, top - _MARGIN - _ABOVE
    width = right - left + 2 * _MARGIN
    height = low - top + 2 * _MARGIN + _ABOVE + (_BELOW if state is not None else 0)
    parts = [
        node("title", words(headline)),
        node("desc", words(_described(diagram, seen, told=state is not None))),
        node("rect", x=x, y=y, width=width, height=height, fill="#ffffff"),
        _heading(title, subtitle, left, y + 26, right - left),
        *_frames(diagram, placing),
        *_elements(diagram, placing, seen, containers=True),
        *_arrows(diagram, placing, state),
        *_elements(diagram, placing, seen, containers=False),
        *_names(diagram, placing, state),
        *_marks(diagram, placing, seen),
    ]
    if state is not None:
        parts.append(legend(left, low + _MARGIN + 8))
    return node(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=" ".join(map(number, (x, y, width, height))),
        width=width,
        height=height,
        role="graphics-document document",
        aria_roledescription="process diagram",
    )


def _seen(placing: Placing, state: InstanceState | None) -> dict[str, ElementState]:
    """Give what each drawn element shows; a closed sub-process shows what is in it as well."""
    if state is None:
        return {}
    seen: dict[str, ElementState] = {}
    for id_, each in state.elements.items():
        shown = placing.shown_in.get(id_)
        if shown is None:
            continue
        if shown == id_:
            seen[id_] = each.merged(seen[id_]) if id_ in seen else each
        else:
            seen[shown] = seen.get(shown, ElementState()).merged(each)
    return seen


# -- layers, from the ground up ------------------------------------------------------------------------------------


def _heading(title: str, subtitle: str, x: float, y: float, width: float) -> Svg:
    first = wrapped(title, width=width, most=1, size=_TITLE)
    drawn = block(first, x, y, size=_TITLE, anchor="start", weight="bold")
    rest = width - text_width(first[0] if first else "", _TITLE) - 24
    if not subtitle or rest < 40:  # noqa: PLR2004 - no room for a word
        return drawn
    second = wrapped(subtitle, width=rest, most=1, size=12)
    return joined((drawn, block(second, x + width - rest, y, size=12, anchor="start", colour="#4a5158")))


def _frames(diagram: Diagram, placing: Placing) -> Iterator[Svg]:
    """Draw pools, then lanes, then what is around or beside elements."""
    order = {"participant": 0, "lane": 1, "group": 2}
    for label in sorted(diagram.labels, key=lambda label: order.get(label.kind, 3)):
        shape = placing.shapes.get(label.id)
        if shape is not None:
            yield node("g", node("title", words(label.text or label.kind)), draw_label(label, shape))


def _elements(
    diagram: Diagram, placing: Placing, seen: dict[str, ElementState], *, containers: bool
) -> Iterator[Svg]:
    """Draw open sub-processes, the outer ones first; or everything else, events on boundaries last."""
    holders = {element.scope for element in diagram.elements.values()} - placing.closed
    chosen = [
        (element, placing.shapes[element.id])
        for element in diagram.elements.values()
        if element.id in placing.shapes and (element.id in holders) is containers
    ]
    if containers:
        chosen.sort(key=lambda each: -each[1].width * each[1].height)
    else:
        chosen.sort(key=lambda each: bool(each[0].attached_to))
    hosts = {element.attached_to for element in diagram.elements.values()}
    driven = _event_driven(diagram)
    for element, shape in chosen:
        state = seen.get(element.id)
        drawn = draw_element(
            element,
            shape,
            state,
            is_closed=element.id in placing.closed,
            is_open=element.id in holders,
            is_host=element.id in hosts,
            is_event_driven=element.id in driven,
        )
        yield node(
            "g",
            node("title", words(_told(element, state))),
            drawn,
            role="graphics-symbol img",
            data_element=element.id,
        )


def _event_driven(diagram: Diagram) -> set[str]:
    """Find event sub-processes: no arrow leads to them, and what they begin with waits for something."""
    reached = {flow.target for flow in diagram.flows.values()}
    return {
        element.scope
        for element in diagram.elements.values()
        if element.kind is ElementKind.START_EVENT
        and element.event is not EventKind.NONE
        and element.scope in diagram.elements
        and element.scope not in reached
    }


def _arrows(diagram: Diagram, placing: Placing, state: InstanceState | None) -> Iterator[Svg]:
    defaults = {element.default for element in diagram.elements.values() if element.default}
    messages = {flow.id for flow in diagram.message_flows}
    taken: Mapping[str, int] = state.taken if state is not None else _NONE_TAKEN
    later: list[Svg] = []
    for id_, edge in placing.edges.items():
        flow = diagram.flows.get(id_)
        if flow is None:
            yield draw_message_flow(edge.points) if id_ in messages else draw_association(edge.points)
            continue
        source = diagram.elements.get(flow.source)
        drawn = draw_flow(
            edge.points,
            taken=taken.get(id_, 0),
            is_default=id_ in defaults,
            is_conditional=flow.condition is not None and source is not None and not is_gateway(source),
        )
        arrow = node("g", drawn, data_flow=id_)
        if taken.get(id_):
            later.append(arrow)
        else:
            yield arrow
    yield from later


def _names(diagram: Diagram, placing: Placing, state: InstanceState | None) -> Iterator[Svg]:
    """Write the names of arrows, above everything else so that no line crosses them."""
    taken: Mapping[str, int] = state.taken if state is not None else _NONE_TAKEN
    named: list[SequenceFlow | MessageFlow] = [*diagram.flows.values(), *diagram.message_flows]
    beginnings = Counter(
        beginning(placing.edges[id_].points) for id_ in diagram.flows if id_ in placing.edges
    )
    for flow in named:
        edge = placing.edges.get(flow.id)
        if edge is not None:
            # Where several leave together, the name stands where the arrow is alone.
            together = beginnings[beginning(edge.points)] > 1 and len(edge.points) > 2  # noqa: PLR2004 - has a bend
            corners = edge.points[1:] if together else edge.points
            drawn = flow_words(flow, corners, taken=taken.get(flow.id, 0))
            if drawn != NOTHING:
                yield drawn


def _marks(diagram: Diagram, placing: Placing, seen: dict[str, ElementState]) -> Iterator[Svg]:
    for id_, state in seen.items():
        shape, element = placing.shapes.get(id_), diagram.elements.get(id_)
        if shape is not None and element is not None:
            yield marks_on(
                shape, state, is_attached=bool(element.attached_to), is_diamond=is_gateway(element)
            )


# -- room, words ---------------------------------------------------------------------------------------------------


def _bounds(diagram: Diagram, placing: Placing) -> tuple[float, float, float, float]:
    boxes = [
        (shape.x, shape.y, shape.x + shape.width, shape.y + shape.height) for shape in placing.shapes.values()
    ]
    boxes += [(x, y, x, y) for edge in placing.edges.values() for x, y in edge.points]
    boxes += [
        label_room(element.name, placing.shapes[element.id])
        for element in diagram.elements.values()
        if element.id in placing.shapes and element.name and (is_event(element) or is_gateway(element))
    ]
    boxes += [
        label_room(label.text, placing.shapes[label.id])
        for label in diagram.labels
        if label.id in placing.shapes and label.kind not in {*_FRAMES, "textAnnotation"}
    ]
    if not boxes:
        return 0.0, 0.0, 300.0, 60.0
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _kind(element: Element) -> str:
    if element.kind is ElementKind.UNSUPPORTED:
        return f"{element.tag}, not executed"
    said = _WORDS[element.kind]
    if element.event is EventKind.NONE or element.kind not in {
        ElementKind.START_EVENT,
        ElementKind.END_EVENT,
        ElementKind.THROW_EVENT,
        ElementKind.CATCH_EVENT,
        ElementKind.BOUNDARY_EVENT,
    }:
        return said
    return f"{element.event.value} {said}"


def _told(element: Element, state: ElementState | None) -> str:
    how = state.in_words() if state is not None else ""
    return f"{element.name or element.id} ({_kind(element)})" + (f": {how}" if how else "")


def _described(diagram: Diagram, seen: dict[str, ElementState], *, told: bool) -> str:
    """Say in words what the picture shows: what stands where, or of which elements it is made."""
    if told:
        found = [
            _told(diagram.elements[id_], each)
            for id_, each in seen.items()
            if id_ in diagram.elements and each.in_words()
        ]
        return "; ".join(found[:200]) or "No token has moved yet."
    names = [_told(element, None) for element in diagram.elements.values()]
    rest = f"; and {len(names) - 100} more" if len(names) > 100 else ""  # noqa: PLR2004
    return "; ".join(names[:100]) + rest
