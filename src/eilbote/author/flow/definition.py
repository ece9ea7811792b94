"""A flow as its author wrote it: nodes by id, each with its exits, checked as a whole.

::

    name: order-ready
    sample: {email: anna@example.org, number: 4711}
    nodes:
      - id: notify
        kind: email_notification
        to: "{{ input.email }}"
        subject: "Order {{ input.number }}"
      - id: done
        kind: end

A node goes on to the one below it unless its ``next`` names another; the last one ends the run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.registry import node_kind
from eilbote.author.flow.source import FlowTextError, read_source
from eilbote.errors import EilboteError
from eilbote.template.branding import Branding
from eilbote.template.localized import read_locale, read_time_zone
from eilbote.template.template import Template

if TYPE_CHECKING:
    from eilbote.author.flow.node import Node
    from eilbote.author.plain.place import Place
    from eilbote.author.plain.source import Source
    from eilbote.model.data import Data

END: Final = "end"
"""The word for the end of a run, or of a turn of a loop, in place of a node's id."""
_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_MOST_NODES: Final = 1000
_OF_FLOWS: Final = frozenset({"name", "description", "sample", "nodes", "locale", "time_zone"})
_OF_EVERY_NODE: Final = frozenset({"id", "kind", "label"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowNode:
    """A node in its place.

    Attributes:
        id: What it is called in this flow.
        kind: What kind it is.
        label: What people call it.
        node: The node itself.
        exits: To which node each way out leads; ``None`` ends the run, or the turn of the loop around it.
        place: Where it stands in the text.
    """

    id: str
    kind: str
    label: str
    node: Node
    exits: Mapping[str, str | None]
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow that can run.

    Attributes:
        name: What it is called.
        description: What it is for.
        nodes: By their ids, in the order in which they were written.
        start: Where runs begin.
        sample: An input as runs will get it.
        locale: The language of its texts, or a template that gives it: ``{{ input.locale }}``.
        time_zone: The zone in which it tells times, or a template that gives it.
        branding: How its notifications look. It stands in no flow's text: whoever runs the flow gives it.
    """

    name: str
    description: str = ""
    nodes: Mapping[str, FlowNode]
    start: str
    sample: Mapping[str, Data]
    locale: str = "en"
    time_zone: str = "UTC"
    branding: Branding = field(default_factory=Branding)


def read_flow(text: str) -> Flow:
    """Read a flow from YAML or JSON.

    Raises:
        FlowTextError: It cannot run as it is written; ``field`` names the node, ``place`` line and column.
    """
    return flow_of(read_source(text))


def flow_of(source: Source) -> Flow:
    """Make a flow of what was read; raises as :func:`read_flow`."""
    table = _table(source.data, source, (), "a flow")
    for name in table:
        if name not in _OF_FLOWS:
            raise _fault(source, (name,), f"a flow has no field {name[:60]!r}", _nearest(name, _OF_FLOWS))
    listed = table.get("nodes")
    if not isinstance(listed, list) or not listed:
        raise _fault(source, ("nodes",), "the flow has no nodes", "Give a list of nodes under 'nodes'")
    if len(listed) > _MOST_NODES:
        raise _fault(source, ("nodes",), f"the flow has {len(listed)} nodes", f"Give at most {_MOST_NODES}")
    nodes = _nodes(source, listed)
    _check_beginning(source, nodes)
    _check_reached(source, nodes)
    sample = table.get("sample") or {}
    return Flow(
        name=_name(source, table),
        description=_text(source, table, "description"),
        nodes=MappingProxyType(nodes),
        start=next(iter(nodes)),
        sample=MappingProxyType(_table(sample, source, ("sample",), "a sample")),
        locale=_manner(source, table, "locale", read_locale) or "en",
        time_zone=_manner(source, table, "time_zone", read_time_zone) or "UTC",
    )


def faults_in(source: Source) -> tuple[FlowTextError, ...]:
    """Give what is wrong with a flow that cannot run, of each node its id, its exits, and the first fault of its fields: most can be mended at once."""
    try:
        flow_of(source)
    except FlowTextError as first:
        faults: list[FlowTextError] = []
        listed = source.at("nodes")
        if isinstance(listed, list):
            with suppress(FlowTextError):  # what concerns all of them was the first fault
                _nodes(source, listed[:_MOST_NODES], faults)
        found = faults if str(first) in map(str, faults) else [first, *faults]
        return tuple(
            sorted(found, key=lambda each: (each.place.line, each.place.column) if each.place else (0, 0))
        )
    return ()


# -- nodes ----------------------------------------------------------------------------------------------------


def _nodes(
    source: Source, listed: list[Data], faults: list[FlowTextError] | None = None
) -> dict[str, FlowNode]:
    """Read the nodes; their faults are collected where somebody wants all of them."""
    tables = [_table(each, source, ("nodes", number), "a node") for number, each in enumerate(listed)]
    ids = [_written_id(table, number) for number, table in enumerate(tables)]
    for number, table in enumerate(tables):
        with _collected(faults):
            _check_id(source, table, number, ids)
    nodes: dict[str, FlowNode] = {}
    for number, (name, table) in enumerate(zip(ids, tables, strict=True)):
        below = ids[number + 1] if number + 1 < len(ids) else None
        with _collected(faults):
            nodes[name] = _node(source, number, table, below=below, ids=ids, faults=faults)
    return nodes


@contextmanager
def _collected(faults: list[FlowTextError] | None) -> Generator[None, None, None]:
    """Put a fault with the others, where somebody collects them."""
    try:
        yield
    except FlowTextError as fault:
        if faults is None:
            raise
        faults.append(fault)


def _node(
    source: Source,
    number: int,
    table: Mapping[str, Data],
    *,
    below: str | None,
    ids: list[str],
    faults: list[FlowTextError] | None,
) -> FlowNode:
    path, name = ("nodes", number), ids[number]
    word = table.get("kind")
    if not isinstance(word, str):
        raise _fault(
            source, path, f"the node {name!r} has no kind", "Give its kind, such as email_notification"
        )
    try:
        kind = node_kind(word)
    except EilboteError as fault:
        raise _placed(fault, source, path, name) from None
    exits: dict[str, str | None] = {}
    for way in kind.exits:
        otherwise = below if way == kind.exits[0] == "next" else None
        with _collected(faults):  # a way that leads nowhere hides nothing else about its node
            exits[way] = _exit(source, (*path, way), table.get(way), otherwise, ids)
    fields = {
        field: value
        for field, value in table.items()
        if field not in _OF_EVERY_NODE and field not in kind.exits and value is not None
    }
    try:
        node = kind.read(fields)
    except EilboteError as fault:
        raise _placed(fault, source, path, name) from None
    label = table.get("label")
    return FlowNode(
        id=name,
        kind=word,
        label=label if isinstance(label, str) else name,
        node=node,
        exits=MappingProxyType(exits),
        place=source.place(*path),
    )


def _written_id(table: Mapping[str, Data], number: int) -> str:
    name = table.get("id")
    return name if isinstance(name, str) and name else f"nodes.{number}"


def _check_id(source: Source, table: Mapping[str, Data], number: int, ids: list[str]) -> None:
    path, name = ("nodes", number, "id"), table.get("id")
    if not isinstance(name, str) or not _ID.fullmatch(name) or name == END:
        raise _fault(
            source,
            path,
            "a node has no usable id",
            f"Give letters, digits, _ and -, beginning with a letter; {END!r} is a word of its own",
        )
    if name in ids[:number]:
        raise _fault(source, path, f"two nodes are called {name!r}", "Give each its own id")


def _exit(
    source: Source, path: tuple[str | int, ...], value: Data, otherwise: str | None, ids: list[str]
) -> str | None:
    if value is None:
        return otherwise
    if value == END:
        return None
    if not isinstance(value, str) or value not in ids:
        named = [each for each in ids if _ID.fullmatch(each)]
        raise _fault(source, path, f"no node is called {str(value)[:60]!r}", _nearest(str(value), named))
    return value


def _check_beginning(source: Source, nodes: Mapping[str, FlowNode]) -> None:
    for number, node in enumerate(nodes.values()):
        if number and node.kind == "start":
            raise _fault(
                source,
                ("nodes", number, "kind"),
                f"the node {node.id!r} is a start, and runs begin above it",
                "Put it first, or take it out",
            )


def _check_reached(source: Source, nodes: Mapping[str, FlowNode]) -> None:
    reached: set[str] = set()
    waiting = [next(iter(nodes))]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [target for target in nodes[name].exits.values() if target is not None]
    for number, name in enumerate(nodes):
        if name not in reached:
            raise _fault(
                source,
                ("nodes", number),
                f"no way leads to the node {name!r}",
                "Name it in an exit of another node, or take it out",
            )


# -- faults ---------------------------------------------------------------------------------------------------


def _table(value: Data, source: Source, path: tuple[str | int, ...], what: str) -> dict[str, Data]:
    if not isinstance(value, dict):
        raise _fault(source, path, f"{what} is a table of fields", "Write 'field: value', a line each")
    return value


def _name(source: Source, table: Mapping[str, Data]) -> str:
    name = table.get("name")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise _fault(source, ("name",), "the flow has no usable name", "Give letters, digits, _ and -")
    return name


def _text(source: Source, table: Mapping[str, Data], field: str) -> str:
    value = table.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _fault(source, (field,), f"the {field} is no text", "Write it in quotes")
    return value


def _manner(source: Source, table: Mapping[str, Data], field: str, check: Callable[[str], str]) -> str:
    text = _text(source, table, field).strip()
    try:
        if text and Template(text, field=field).is_literal:
            check(text)
    except EilboteError as fault:
        place = source.place_of(field, position=fault.position)
        raise FlowTextError(
            fault.what,
            place=place,
            field=field,
            position=fault.position,
            cause=fault.cause,
            remedy=fault.remedy,
        ) from None
    return text


def _placed(fault: EilboteError, source: Source, path: tuple[str | int, ...], node: str) -> FlowTextError:
    error = FlowTextError(
        fault.what,
        place=source.place_of(fault.field or "", *path, position=fault.position),
        field=f"{node}.{fault.field}" if fault.field else node,
        position=fault.position,
        cause=fault.cause,
        remedy=fault.remedy,
    )
    error.__cause__ = fault
    return error


def _fault(source: Source, path: tuple[str | int, ...], what: str, remedy: str | None) -> FlowTextError:
    field = ".".join(str(part) for part in path) or None
    return FlowTextError(what, place=source.place(*path), field=field, remedy=remedy)


def _nearest(name: str, known: frozenset[str] | list[str]) -> str:
    import difflib

    alike = difflib.get_close_matches(name[:60], sorted(known), n=1, cutoff=0.5)
    return f"Did you mean {alike[0]!r}?" if alike else f"There are {', '.join(sorted(known)[:10])}"
