"""Where things are drawn (BPMN 2.0.2 section 12, diagram interchange), and what is drawn beside the elements."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from eilbote.author.process.bpmn.names import LABELS, is_bpmn, part, referred
from eilbote.author.process.diagram import Edge, Label, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.process.bpmn.xml_document import XmlElement

_FARTHEST: Final = 1e6


def read_labels(root: XmlElement) -> Iterator[Label]:
    """Give what is drawn and means nothing to the engine."""
    for found in root.walk():
        if found.name in LABELS and is_bpmn(found) and found.get("id"):
            text = part(found, "text")
            yield Label(
                id=found.get("id"),
                kind=found.name,
                text=found.get("name") if text is None else text.text,
                process=found.get("processRef").rpartition(":")[2] if found.name == "participant" else "",
            )


def read_drawing(
    root: XmlElement, known: frozenset[str], collapsed: frozenset[str]
) -> tuple[dict[str, Shape], dict[str, Edge]]:
    """Give shapes and edges by what they show.

    Args:
        root: The file.
        known: All ids in it.
        collapsed: Ids of sub-processes, whose insides some modelers draw on a sheet of their own; those sheets are left out.
    """
    shapes: dict[str, Shape] = {}
    edges: dict[str, Edge] = {}
    for diagram in root.children:
        if diagram.name != "BPMNDiagram":
            continue
        for plane in diagram.children:
            if plane.name != "BPMNPlane" or referred(plane.get("bpmnElement"), known) in collapsed:
                continue
            for drawn in plane.children:
                element = referred(drawn.get("bpmnElement"), known)
                if drawn.name == "BPMNShape" and (shape := _shape(drawn, element)) is not None:
                    shapes.setdefault(element, shape)
                elif drawn.name == "BPMNEdge" and (points := tuple(_points(drawn))):
                    edges.setdefault(element, Edge(element=element, points=points))
    return shapes, edges


def _shape(drawn: XmlElement, element: str) -> Shape | None:
    for bounds in drawn.children:
        if bounds.name == "Bounds":
            numbers = [_number(bounds.get(name)) for name in ("x", "y", "width", "height")]
            x, y, width, height = numbers
            if x is None or y is None or not width or not height or width < 0 or height < 0:
                return None
            return Shape(
                element=element,
                x=x,
                y=y,
                width=width,
                height=height,
                is_expanded=drawn.get("isExpanded") != "false",
                is_horizontal=drawn.get("isHorizontal") != "false",
            )
    return None


def _points(drawn: XmlElement) -> Iterator[tuple[float, float]]:
    for point in drawn.children:
        if point.name == "waypoint":
            x, y = _number(point.get("x")), _number(point.get("y"))
            if x is not None and y is not None:
                yield x, y


def _number(written: str) -> float | None:
    try:
        number = float(written)
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= _FARTHEST else None
