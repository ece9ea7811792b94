"""Which values a node can count on: those of the sample, and those that every way to it has put there.

What is below a name that a node keeps is known only where the author wrote a table out; a result holds what its kind says. A
conversation may hold more than one run can know of, so a name in it that nothing here puts there is missing as far as is known.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from eilbote.author.flow.nodes.for_each import ForEach
from eilbote.author.flow.shelf import Shelf
from eilbote.template.known_values import (
    OPEN,
    Known,
    KnownList,
    KnownTable,
    at_path,
    joined,
    known_from,
    unknown_part,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.author.flow.definition import Flow
    from eilbote.author.plain.source import Source
    from eilbote.model.data import Data

ValuePath: TypeAlias = "tuple[str | int, ...]"
_Name: TypeAlias = "tuple[str, ValuePath]"
"""A path, and whether a value was kept under it, or somewhere below it."""
_Tree: TypeAlias = "dict[str, _Tree | Known]"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptName:
    """A name under which a node keeps something.

    Attributes:
        node: Which.
        where: The path of the node in the text.
        field: The node's field that says so.
        path: Shelf and names.
        value: What is known of it.
    """

    node: str
    where: tuple[str | int, ...]
    field: str
    path: tuple[str, ...]
    value: Known


def names_kept(flow: Flow, source: Source) -> Iterator[KeptName]:
    """Give every name under which a node of a flow keeps something."""
    for number, node in enumerate(flow.nodes.values()):
        where = ("nodes", number)
        said = source.at(*where)
        if not isinstance(said, dict):
            continue
        shelf, key = said.get("store_result"), said.get("store_as")
        if isinstance(shelf, str) and isinstance(key, str) and shelf.strip().lower() in set(Shelf):
            path = (shelf.strip().lower(), *key.strip().split("."))
            yield KeptName(node=node.id, where=where, field="store_as", path=path, value=OPEN)
        values = said.get("values") if node.kind == "set_value" else None
        for target, value in values.items() if isinstance(values, dict) else ():
            path = tuple(target.strip().split("."))
            yield KeptName(
                node=node.id, where=where, field=f"values.{target}", path=path, value=_shape(value)
            )
        yield from _of_the_beginning(node.id, node.kind, where, said)


def _of_the_beginning(
    node: str, kind: str, where: tuple[str | int, ...], said: Mapping[str, Data]
) -> Iterator[KeptName]:
    """Give what every run has because its first node says so."""
    needs, defaults = (said.get("needs"), said.get("defaults")) if kind == "start" else (None, None)
    for number, name in enumerate(needs if isinstance(needs, list) else ()):
        if isinstance(name, str):
            path = ("input", *name.strip().split("."))
            yield KeptName(node=node, where=where, field=f"needs[{number}]", path=path, value=OPEN)
    for name, value in defaults.items() if isinstance(defaults, dict) else ():
        path = ("input", *name.strip().split("."))
        yield KeptName(node=node, where=where, field=f"defaults.{name}", path=path, value=_shape(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownValues:
    """What nodes will see.

    Attributes:
        anywhere: What there may be at all, if the run comes by the right way.
        outset: What every run begins with.
        sure: For each node, what every way to it has put there.
    """

    anywhere: Known
    outset: Known
    sure: Mapping[str, frozenset[_Name]]

    def is_sure(self, node: str, path: ValuePath) -> bool:
        """Say whether a node can count on a value."""
        if unknown_part(self.outset, path) is None:
            return True
        sure = self.sure[node]
        return ("below", path) in sure or any(
            ("kept", path[:length]) in sure for length in range(1, len(path) + 1)
        )


def known_values(flow: Flow, source: Source) -> KnownValues:
    """Give for each node what is known of the values that it will see."""
    given = known_from(flow.sample) if flow.sample else OPEN
    puts: dict[str, set[_Name]] = {}
    tree: _Tree = {}
    for each in names_kept(flow, source):
        puts.setdefault(each.node, set()).update(_names(each.path))
        _grow(tree, each.path, each.value)
    for node in flow.nodes.values():
        if isinstance(node.node, ForEach):
            _grow(tree, (node.node.name,), _item(node.node, given))
            _grow(tree, (f"{node.node.name}_index",), None)
    outset = {Shelf.INPUT.value: given, Shelf.CONTEXT.value: KnownTable()}
    anywhere = {
        name: joined(outset.get(name), _known(tree[name]) if name in tree else None)
        for name in {*outset, *tree}
    }
    return KnownValues(
        anywhere=KnownTable(MappingProxyType(anywhere)),
        outset=KnownTable(MappingProxyType(outset)),
        sure=_sure(flow, {node: frozenset(names) for node, names in puts.items()}),
    )


def _item(loop: ForEach, sample: Known) -> Known:
    """Give what is known of a loop's items: as much as the sample tells of the list that they come from."""
    (path, *more) = [each.path for template in loop.templates() for each in template.variables()] or [()]
    if more or path[:1] != (Shelf.INPUT.value,):
        return OPEN
    found = at_path(sample, path[1:])
    return found.item if isinstance(found, KnownList) else OPEN


def _names(path: tuple[str, ...]) -> Iterator[_Name]:
    yield "kept", path
    for length in range(1, len(path)):
        yield "below", path[:length]


def _sure(flow: Flow, puts: Mapping[str, frozenset[_Name]]) -> Mapping[str, frozenset[_Name]]:
    """Give for each node the names that every way to it has put there.

    Names only get fewer as more ways are seen, so it comes to an end.
    """
    nothing: frozenset[_Name] = frozenset()
    at: dict[str, frozenset[_Name]] = {flow.start: nothing}
    waiting = deque([flow.start])
    while waiting:
        name = waiting.popleft()
        node = flow.nodes[name]
        after = at[name] | puts.get(name, nothing)
        for way, target in node.exits.items():
            if target is None:
                continue
            there = after
            if isinstance(node.node, ForEach) and way == "do":
                item = node.node.name
                there = after | {("kept", (item,)), ("kept", (f"{item}_index",))}
            known = at.get(target)
            common = there if known is None else known & there
            if common != known:
                at[target] = common
                waiting.append(target)
    return at


def _grow(tree: _Tree, path: tuple[str, ...], value: Known) -> None:
    """Put a value into a tree; what is kept there twice, in different shapes, may be anything."""
    *way, last = path
    for name in way:
        inner = tree.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        tree = inner
    tree[last] = value if tree.get(last, value) == value else OPEN


def _known(tree: _Tree | Known) -> Known:
    if not isinstance(tree, dict):
        return tree
    return KnownTable(MappingProxyType({name: _known(inner) for name, inner in tree.items()}))


def _shape(value: Data) -> Known:
    match value:
        case dict():
            return KnownTable(MappingProxyType({name: _shape(inner) for name, inner in value.items()}))
        case str() if "{" in value:
            return OPEN
        case list() | None:
            return OPEN
        case _:
            return None
