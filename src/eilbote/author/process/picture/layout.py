"""Places a diagram that says nothing of where its elements stand: in columns, each as far to the right as the longest way to it.

An element stays in the row of the first that leads to it, further ones take free rows below; an arrow over several columns keeps a
cell free in each of them. Arrows go along rows and between columns, those that lead back below everything.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.author.process.diagram import Edge, Shape
from eilbote.author.process.picture.region import Region, is_event, is_gateway
from eilbote.author.process.picture.ways import BETWEEN_COLUMNS, Way, draw_ways, up_or_down

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eilbote.author.process.diagram import Diagram, Element

_EVENT, _GATEWAY, _TASK = (36.0, 36.0), (50.0, 50.0), (100.0, 80.0)
_BETWEEN_ROWS = 44.0
_INSIDE, _BAND, _BETWEEN_POOLS, _BOX = 24.0, 30.0, 40.0, 60.0
_HEAD: Final = 26.0
"""For the name of a sub-process."""
_MOST_CELLS: Final = 4000
"""That arrows keep free; where they would keep more, they go straight, so that no drawing takes long."""
_LOWEST_ROOM: Final = 22.0
"""Below the last row, for labels."""

_Point: TypeAlias = tuple[float, float]


def lay_out(diagram: Diagram) -> Region:
    """Place everything that has a meaning: processes one below the other, in pools where they have participants."""
    inside: dict[str, list[Element]] = defaultdict(list)
    for element in diagram.elements.values():
        inside[element.scope].append(element)
    whole = Region()
    participants = [label for label in diagram.labels if label.kind == "participant"]
    of_process = {label.process: label for label in participants if label.process}
    regions = [(plan.id, _region(inside[plan.id], inside, diagram)) for plan in diagram.processes]
    width = max((region.width for _, region in regions), default=0.0)
    y = 0.0
    for process, region in regions:
        label = of_process.get(process)
        if label is None:
            whole.take(region, 0, y)
            y += region.height + _BETWEEN_POOLS
            continue
        height = region.height + 2 * _INSIDE
        whole.shapes[label.id] = Shape(
            element=label.id, x=0, y=y, width=width + 2 * _INSIDE + _BAND, height=height
        )
        whole.take(region, _BAND + _INSIDE, y + _INSIDE)
        y += height + _BETWEEN_POOLS
    for label in participants:
        if label.id not in whole.shapes:
            whole.shapes[label.id] = Shape(
                element=label.id, x=0, y=y, width=max(width + 2 * _INSIDE + _BAND, 300), height=_BOX
            )
            y += _BOX + _BETWEEN_POOLS
    for flow in diagram.message_flows:
        ends = whole.shapes.get(flow.source), whole.shapes.get(flow.target)
        if ends[0] is not None and ends[1] is not None:
            whole.edges[flow.id] = Edge(element=flow.id, points=up_or_down(ends[0], ends[1]))
    return whole


# -- one process or sub-process -----------------------------------------------------------------------------------


def _region(elements: Sequence[Element], inside: Mapping[str, Sequence[Element]], diagram: Diagram) -> Region:
    hosts = {element.id: element.attached_to for element in elements if element.attached_to}
    here = {each.id for each in elements}
    nodes = [element for element in elements if hosts.get(element.id) not in here]
    within = {
        element.id: _region(inside[element.id], inside, diagram)
        for element in nodes
        if inside.get(element.id)
    }
    sizes = {element.id: _size(element, within.get(element.id)) for element in nodes}
    ways = _ways([element.id for element in nodes], hosts, diagram)
    columns = _columns(list(sizes), ways)
    rows, via = _rows(list(sizes), ways, columns)
    region = Region()
    lefts, tops = _grid(sizes, columns, rows, via)
    for element in nodes:
        width, height = sizes[element.id]
        left, room = lefts[columns[element.id]]
        top, high = tops[rows[element.id]]
        region.shapes[element.id] = Shape(
            element=element.id, x=left + (room - width) / 2, y=top + (high - height) / 2, width=width, height=height
        )  # fmt: skip
    _attach(hosts, region)
    for id_, inner in within.items():
        shape = region.shapes[id_]
        region.take(inner, shape.x + _INSIDE, shape.y + _HEAD + _INSIDE / 2)
    region.width = max((left + room for left, room in lefts), default=0.0)
    region.height = max((top + high for top, high in tops), default=0.0) + _LOWEST_ROOM
    draw_ways(ways, via, region, lefts, tops, columns, diagram)
    return region


def _size(element: Element, inner: Region | None) -> _Point:
    if is_event(element):
        return _EVENT
    if is_gateway(element):
        return _GATEWAY
    if inner is None:
        return _TASK
    return max(inner.width + 2 * _INSIDE, 140.0), inner.height + _HEAD + _INSIDE * 1.5


def _ways(nodes: Sequence[str], hosts: Mapping[str, str], diagram: Diagram) -> list[Way]:
    known = set(nodes)
    found: list[tuple[str, str, str, str]] = []
    for flow in diagram.flows.values():
        source = hosts.get(flow.source, flow.source)
        if source in known and flow.target in known:
            found.append((flow.id, source, flow.target, flow.source))
    back = _leading_back(nodes, [(source, target) for _, source, target, _ in found])
    return [
        Way(id_, source, target, leaves, (source, target) in back) for id_, source, target, leaves in found
    ]


def _leading_back(nodes: Sequence[str], arrows: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Find the arrows that lead to where their way has been already, without recursion: diagrams may be long."""
    following: dict[str, list[str]] = defaultdict(list)
    reached = {target for source, target in arrows if source != target}
    for source, target in arrows:
        following[source].append(target)
    back: set[tuple[str, str]] = set()
    state: dict[str, int] = {}
    for start in sorted(nodes, key=lambda node: node in reached):
        if start in state:
            continue
        state[start] = 1
        stack = [(start, iter(following[start]))]
        while stack:
            node, rest = stack[-1]
            target = next(rest, "")
            if not target:
                state[node] = 2
                stack.pop()
            elif state.get(target) == 1:
                back.add((node, target))
            elif target not in state:
                state[target] = 1
                stack.append((target, iter(following[target])))
    return back


def _columns(nodes: Sequence[str], ways: Sequence[Way]) -> dict[str, int]:
    """Give each node the length of the longest way to it."""
    columns = dict.fromkeys(nodes, 0)
    following: dict[str, list[str]] = defaultdict(list)
    missing = dict.fromkeys(nodes, 0)
    for way in ways:
        if not way.goes_back:
            following[way.source].append(way.target)
            missing[way.target] += 1
    ready = [node for node in nodes if not missing[node]]
    while ready:
        node = ready.pop()
        for target in following[node]:
            columns[target] = max(columns[target], columns[node] + 1)
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    return columns


def _rows(
    nodes: Sequence[str], ways: Sequence[Way], columns: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Give each node its row, and each arrow the rows of the cells that it passes."""
    rows: dict[str, int] = {}
    via: dict[str, list[int]] = {way.id: [] for way in ways}
    coming: dict[str, list[Way]] = defaultdict(list)
    for way in ways:
        if not way.goes_back:
            coming[way.target].append(way)
    at: dict[int, list[str]] = defaultdict(list)
    for node in nodes:
        at[columns[node]].append(node)
    under_way: list[Way] = []
    leaving: dict[int, list[Way]] = defaultdict(list)
    if sum(columns[way.target] - columns[way.source] for way in ways if not way.goes_back) <= _MOST_CELLS:
        for way in ways:
            if not way.goes_back:
                leaving[columns[way.source]].append(way)
    for column in range(max(columns.values(), default=-1) + 1):
        wishes: list[tuple[int, int, int, str, Way | None]] = []
        for order, node in enumerate(at[column]):
            wish = min((_row_before(way, rows, via) for way in coming[node]), default=0)
            wishes.append((wish, 0, order, node, None))
        under_way = [way for way in under_way if columns[way.target] > column]
        wishes += [
            (_row_before(way, rows, via), -1 if via[way.id] else 1, order, way.id, way)
            for order, way in enumerate(under_way)
        ]
        taken: set[int] = set()
        for wish, _, _, id_, passing in sorted(wishes, key=lambda each: each[:3]):
            row = wish
            while row in taken:
                row += 1
            taken.add(row)
            if passing is None:
                rows[id_] = row
            else:
                via[id_].append(row)
        under_way += leaving[column]
    return rows, via


def _row_before(way: Way, rows: Mapping[str, int], via: Mapping[str, Sequence[int]]) -> int:
    if via[way.id]:
        return via[way.id][-1]
    return rows[way.source] + (1 if way.leaves != way.source else 0)


def _grid(
    sizes: Mapping[str, _Point],
    columns: Mapping[str, int],
    rows: Mapping[str, int],
    via: Mapping[str, Sequence[int]],
) -> tuple[list[_Point], list[_Point]]:
    """Give where each column and each row begins, and how much room it has."""
    widths = [0.0] * (max(columns.values(), default=-1) + 1)
    heights = [0.0] * (
        max((*rows.values(), *(row for passed in via.values() for row in passed)), default=-1) + 1
    )
    for node, (width, height) in sizes.items():
        widths[columns[node]] = max(widths[columns[node]], width)
        heights[rows[node]] = max(heights[rows[node]], height)
    return _laid(widths, BETWEEN_COLUMNS), _laid([max(height, 36.0) for height in heights], _BETWEEN_ROWS)


def _laid(rooms: Iterable[float], between: float) -> list[_Point]:
    found: list[_Point] = []
    at = 0.0
    for room in rooms:
        found.append((at, room))
        at += room + between
    return found


def _attach(hosts: Mapping[str, str], region: Region) -> None:
    """Put boundary events onto the lower edges of their activities, from the right."""
    count: dict[str, int] = defaultdict(int)
    for id_, host in hosts.items():
        if host not in region.shapes:
            continue
        shape = region.shapes[host]
        x = shape.x + shape.width - 30 - 44 * count[host]
        count[host] += 1
        region.shapes[id_] = Shape(
            element=id_, x=x - _EVENT[0] / 2, y=shape.y + shape.height - _EVENT[1] / 2, width=_EVENT[0], height=_EVENT[1]
        )  # fmt: skip
