"""Draws arrows between elements that we have placed: along rows and between columns, and back below everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from eilbote.author.process.diagram import Edge, Shape
from eilbote.author.process.picture.region import is_gateway

if TYPE_CHECKING:
    from eilbote.author.process.diagram import Diagram
    from eilbote.author.process.picture.region import Region

_Point: TypeAlias = tuple[float, float]
BETWEEN_COLUMNS = 54.0
_ACTIVITY_WIDTH = 100.0
_MOST_COMPARED = 500
"""Elements of a region; in larger ones every arrow enters from the left, so that no drawing takes long."""


@dataclass(frozen=True, slots=True)
class Way:
    """An arrow within the region; ``via`` are the cells that it keeps free."""

    id: str
    source: str
    target: str
    leaves: str
    """The element that it is drawn from: a boundary event, or the source itself."""
    goes_back: bool


def draw_ways(  # noqa: PLR0917 - all that is known of the region
    ways: Sequence[Way],
    via: Mapping[str, Sequence[int]],
    region: Region,
    lefts: Sequence[_Point],
    tops: Sequence[_Point],
    columns: Mapping[str, int],
    diagram: Diagram,
) -> None:
    """Draw the arrows of a region into it, which may grow by those that lead back."""
    lowest = region.height
    for way in ways:
        start, end = region.shapes[way.leaves], region.shapes[way.target]
        if way.goes_back:
            left, _ = lefts[columns[way.target]]
            corners = _way_back(start, end, lowest, left)
            region.height = max(region.height, lowest + 12)
            lowest += 12
        else:
            levels = [tops[row][0] + tops[row][1] / 2 for row in via[way.id]]
            channels = [
                lefts[column][0] - BETWEEN_COLUMNS / 2
                for column in range(columns[way.source] + 1, columns[way.target] + 1)
            ]
            corners = _way_on(
                start,
                end,
                levels,
                channels,
                drops=way.leaves != way.source or is_gateway(diagram.elements[way.leaves]),
                climbs=is_gateway(diagram.elements[way.target]) and _is_free(end, levels, region),
            )
        region.edges[way.id] = Edge(element=way.id, points=_without_doubles(corners))


def _way_on(
    start: Shape, end: Shape, levels: Sequence[float], channels: Sequence[float], *, drops: bool, climbs: bool
) -> list[_Point]:
    (x, y), (to_x, to_y) = _middle(start), _middle(end)
    stops = [*levels, to_y]
    corners: list[_Point]
    first = stops[0]
    if drops and abs(first - y) > 1:
        edge = start.y + start.height if first > y else start.y
        corners = [(x, edge), (x, first)]
    else:
        corners = [(start.x + start.width, y)]
    level = corners[-1][1]
    for number, (channel, stop) in enumerate(zip(channels, stops, strict=False)):
        if abs(stop - level) <= 1:
            continue
        if climbs and number == len(stops) - 1:
            edge = end.y + end.height if level > stop else end.y
            return [*corners, (to_x, level), (to_x, edge)]
        corners += [(channel, level), (channel, stop)]
        level = stop
    return [*corners, (end.x, to_y)]


def _is_free(end: Shape, levels: Sequence[float], region: Region) -> bool:
    """Tell whether nothing stands between a gateway and the row that an arrow comes along."""
    if len(region.shapes) > _MOST_COMPARED:
        return False
    x, y = _middle(end)
    level = levels[-1] if levels else y
    low, high = sorted((level, y))
    return not any(
        shape.x <= x <= shape.x + shape.width and low <= shape.y + shape.height and shape.y <= high
        for shape in region.shapes.values()
        if shape.element != end.element
    )


def _way_back(start: Shape, end: Shape, lowest: float, left: float) -> list[_Point]:
    right = start.x + start.width + BETWEEN_COLUMNS / 3
    y, to_y = _middle(start)[1], _middle(end)[1]
    before = left - BETWEEN_COLUMNS / 3
    return [
        (start.x + start.width, y), (right, y), (right, lowest), (before, lowest), (before, to_y), (end.x, to_y)
    ]  # fmt: skip


def up_or_down(start: Shape, end: Shape) -> tuple[_Point, ...]:
    """Draw an arrow between what stands one above the other, such as pools."""
    x, to_x = _middle(start)[0], _middle(end)[0]
    is_below = end.y >= start.y
    y = start.y + start.height if is_below else start.y
    to_y = end.y if is_below else end.y + end.height
    if end.width > 2 * _ACTIVITY_WIDTH:  # a pool: straight to its edge
        to_x = x
    elif start.width > 2 * _ACTIVITY_WIDTH:
        x = to_x
    middle = (y + to_y) / 2
    return _without_doubles([(x, y), (x, middle), (to_x, middle), (to_x, to_y)])


def _middle(shape: Shape) -> _Point:
    return shape.x + shape.width / 2, shape.y + shape.height / 2


def _without_doubles(corners: Sequence[_Point]) -> tuple[_Point, ...]:
    found: list[_Point] = []
    for corner in corners:
        if not found or abs(corner[0] - found[-1][0]) + abs(corner[1] - found[-1][1]) > 0.5:  # noqa: PLR2004
            found.append(corner)
    return tuple(found)
