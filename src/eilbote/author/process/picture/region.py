"""A part of a picture that is placed by itself, and what decides how an element is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from eilbote.author.process.diagram import Edge, ElementKind, Shape

if TYPE_CHECKING:
    from eilbote.author.process.diagram import Element

EVENTS: Final = frozenset({
    ElementKind.START_EVENT,
    ElementKind.END_EVENT,
    ElementKind.THROW_EVENT,
    ElementKind.CATCH_EVENT,
    ElementKind.BOUNDARY_EVENT,
})  # fmt: skip
GATEWAYS: Final = frozenset({
    ElementKind.EXCLUSIVE_GATEWAY,
    ElementKind.PARALLEL_GATEWAY,
    ElementKind.INCLUSIVE_GATEWAY,
    ElementKind.EVENT_BASED_GATEWAY,
})  # fmt: skip


@dataclass(slots=True)
class Region:
    """What is placed together, from 0, 0."""

    width: float = 0.0
    height: float = 0.0
    shapes: dict[str, Shape] = field(default_factory=dict[str, Shape])
    edges: dict[str, Edge] = field(default_factory=dict[str, Edge])

    def take(self, other: Region, x: float, y: float) -> None:
        """Put another one into this one."""
        for shape in other.shapes.values():
            self.shapes[shape.element] = replace(shape, x=shape.x + x, y=shape.y + y)
        for edge in other.edges.values():
            self.edges[edge.element] = replace(edge, points=tuple((px + x, py + y) for px, py in edge.points))


def is_event(element: Element) -> bool:
    """Tell whether it is drawn as a circle."""
    return element.kind in EVENTS or (
        element.kind is ElementKind.UNSUPPORTED and element.tag.endswith("Event")
    )


def is_gateway(element: Element) -> bool:
    """Tell whether it is drawn as a diamond."""
    return element.kind in GATEWAYS or (
        element.kind is ElementKind.UNSUPPORTED and element.tag.endswith("Gateway")
    )
