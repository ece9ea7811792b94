"""Where everything of a diagram stands in its picture: as the file says, or placed by us when it says too little.

Coordinates are a stranger's: a file that places anything absurdly is placed by us as well. What lies in a sub-process that is drawn
closed is not drawn; modelers give it a page of its own, whose coordinates mean nothing on this one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.author.process.diagram import Edge, ElementKind
from eilbote.author.process.picture.layout import lay_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.process.diagram import Diagram, Element, MessageFlow, SequenceFlow, Shape

_FAR: Final = 200_000.0
_LARGEST: Final = 100_000.0
_DEEPEST: Final = 64
"""Scopes within one another; a file that nests deeper is refused when it is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Where things stand.

    Attributes:
        shapes: What is drawn, by the ids of elements and labels.
        edges: Arrows, by theirs.
        shown_in: For each element: which element shows its state; itself, or the closed sub-process around it.
        closed: Sub-processes that are drawn closed.
    """

    shapes: Mapping[str, Shape]
    edges: Mapping[str, Edge]
    shown_in: Mapping[str, str]
    closed: frozenset[str]


def place(diagram: Diagram) -> Placing:
    """Place a diagram."""
    if all(_is_sane(shape) for shape in diagram.shapes.values()):
        placing = _placed(diagram, diagram.shapes, diagram.edges)
        if all(shown in placing.shapes for shown in placing.shown_in.values()):
            return placing
    region = lay_out(diagram)
    return _placed(diagram, region.shapes, region.edges)


def _placed(diagram: Diagram, shapes: Mapping[str, Shape], edges: Mapping[str, Edge]) -> Placing:
    closed = _closed(diagram, shapes)
    shown_in = {id_: _shown_in(element, diagram, closed) for id_, element in diagram.elements.items()}
    hidden = {id_ for id_, shown in shown_in.items() if shown != id_}
    drawn = {id_: shape for id_, shape in shapes.items() if id_ not in hidden}
    arrows = {
        id_: edge for id_, edge in edges.items() if len(edge.points) > 1 and all(map(_is_near, edge.points))
    }
    flows: list[SequenceFlow | MessageFlow] = [*diagram.flows.values(), *diagram.message_flows]
    for flow in flows:
        start, end = drawn.get(flow.source), drawn.get(flow.target)
        if flow.source in hidden or flow.target in hidden:
            arrows.pop(flow.id, None)
        elif flow.id not in arrows and start is not None and end is not None:
            arrows[flow.id] = Edge(element=flow.id, points=_straight(start, end))
    return Placing(shapes=drawn, edges=arrows, shown_in=shown_in, closed=closed)


def _closed(diagram: Diagram, shapes: Mapping[str, Shape]) -> frozenset[str]:
    """Find sub-processes whose inside is not drawn where they stand."""
    open_: set[str] = set()
    for element in diagram.elements.values():
        outer, inner = shapes.get(element.scope), shapes.get(element.id)
        if outer is not None and inner is not None and outer.is_expanded and _holds(outer, inner):
            open_.add(element.scope)
    holders = {element.scope for element in diagram.elements.values()} & diagram.elements.keys()
    subs = {id_ for id_, each in diagram.elements.items() if each.kind is ElementKind.SUB_PROCESS}
    return frozenset(
        id_ for id_ in holders | subs if id_ not in open_ and (id_ in holders or _is_small(shapes.get(id_)))
    )


def _is_small(shape: Shape | None) -> bool:
    """Tell whether an empty sub-process is drawn as large as a task: some modelers leave out that it is closed."""
    return shape is not None and (not shape.is_expanded or (shape.width <= 140 and shape.height <= 100))  # noqa: PLR2004


def _shown_in(element: Element, diagram: Diagram, closed: frozenset[str]) -> str:
    """Give the outermost closed sub-process around an element, or the element itself."""
    shown, scope = element.id, element.scope
    for _ in range(_DEEPEST):
        around = diagram.elements.get(scope)
        if around is None:
            break
        if around.id in closed:
            shown = around.id
        scope = around.scope
    return shown


def _holds(outer: Shape, inner: Shape) -> bool:
    x, y = inner.x + inner.width / 2, inner.y + inner.height / 2
    return outer.x <= x <= outer.x + outer.width and outer.y <= y <= outer.y + outer.height


def _is_near(corner: tuple[float, float]) -> bool:
    return all(math.isfinite(value) and abs(value) <= _FAR for value in corner)


def _is_sane(shape: Shape) -> bool:
    return (
        _is_near((shape.x, shape.y))
        and _is_near((shape.width, shape.height))
        and 0 < shape.width <= _LARGEST
        and 0 < shape.height <= _LARGEST
    )


def _straight(start: Shape, end: Shape) -> tuple[tuple[float, float], ...]:
    """Draw a line between two shapes, from edge to edge."""
    return _edge_towards(start, end), _edge_towards(end, start)


def _edge_towards(shape: Shape, other: Shape) -> tuple[float, float]:
    x, y = shape.x + shape.width / 2, shape.y + shape.height / 2
    dx, dy = other.x + other.width / 2 - x, other.y + other.height / 2 - y
    if not dx and not dy:
        return x, y
    part = min(shape.width / 2 / abs(dx) if dx else math.inf, shape.height / 2 / abs(dy) if dy else math.inf)
    return x + dx * min(part, 1), y + dy * min(part, 1)
