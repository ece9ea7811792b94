"""What is known about the values that a template will get, before it gets them: a sample, and what will be added to it.

A sample says which names there are, and nothing about the values themselves: another order may have fewer lines. What is below
an open name nobody knows, so anything may be asked for there.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

OPEN: Final = "open"
"""Nobody knows what is below this name."""
_EVERYWHERE: Final = frozenset({"size", "first", "last"})
"""What Liquid knows of texts, lists and tables by itself."""
_LONGEST_SHOWN: Final = 60

Known: TypeAlias = "str | KnownTable | KnownList | None"
"""``OPEN``, names below, a list, or nothing below."""


@dataclass(frozen=True, slots=True)
class KnownTable:
    """A table of which the names are known.

    Attributes:
        members: What is known below each.
        is_whole: Whether there are no others.
    """

    members: Mapping[str, Known] = field(default_factory=lambda: MappingProxyType({}))
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class KnownList:
    """A list.

    Attributes:
        item: What is known of each item.
    """

    item: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A name that leads nowhere.

    Attributes:
        name: The part of the path that is not known.
        below: Where it was looked for; empty at the outset.
        nearest: A known name that looks like it.
    """

    name: str
    below: str
    nearest: str | None


def known_from(sample: object) -> Known:
    """Take the names out of a sample; an empty value says nothing about what is below it."""
    match sample:
        case Mapping():
            return KnownTable(
                MappingProxyType({str(name): known_from(value) for name, value in sample.items()})
            )
        case list() | tuple():
            return KnownList(_either([known_from(item) for item in sample]))
        case None:
            return OPEN
        case _:
            return None


def with_path(known: Known, path: Iterable[str], value: Known) -> Known:
    """Give what is known once a value was put under a path."""
    way = tuple(path)
    if not way:
        return value
    first, *rest = way
    table = known if isinstance(known, KnownTable) else KnownTable(is_whole=known != OPEN)
    inner = with_path(table.members.get(first, KnownTable()), rest, value)
    return KnownTable(MappingProxyType({**table.members, first: inner}), is_whole=table.is_whole)


def unknown_part(known: Known, path: Iterable[str | int]) -> Unknown | None:
    """Give the first part of a path that leads nowhere; ``None`` when all of it is known, or may be there."""
    been: list[str] = []
    for part in path:
        match known:
            case KnownTable(members=members, is_whole=is_whole):
                if part in members:
                    known = members[str(part)]
                elif not is_whole or (been and part in _EVERYWHERE):
                    return None
                else:
                    return _unknown(str(part), been, members)
            case KnownList(item=item):
                if part in {"first", "last"} or isinstance(part, int):
                    known = item
                elif part == "size":
                    return None
                else:
                    return _unknown(str(part), been, ("first", "last", "size"))
            case None:
                return None if part in _EVERYWHERE else _unknown(str(part), been, ())
            case _:
                return None
        been.append(str(part))
    return None


def item_of(known: Known) -> Known:
    """Give what is known of the items of a list."""
    return known.item if isinstance(known, KnownList) else OPEN


def below(known: Known, path: Iterable[str | int]) -> Known:
    """Give what is known at the end of a path; :data:`OPEN` when it leads out of what is known."""
    for part in path:
        match known:
            case KnownTable(members=members) if part in members:
                known = members[str(part)]
            case KnownList(item=item) if isinstance(part, int) or part in {"first", "last"}:
                known = item
            case _:
                return OPEN
    return known


def _unknown(name: str, been: list[str], names: Iterable[str]) -> Unknown:
    alike = difflib.get_close_matches(name[:_LONGEST_SHOWN], tuple(names), n=1, cutoff=0.6)
    return Unknown(name=name, below=".".join(been), nearest=alike[0] if alike else None)


def _either(items: list[Known]) -> Known:
    """Join what is known of several items: a name that one of them has may be asked for."""
    if not items or OPEN in items:
        return OPEN
    tables = [item for item in items if isinstance(item, KnownTable)]
    if len(tables) == len(items):
        names = {name for table in tables for name in table.members}
        return KnownTable(
            MappingProxyType(
                {
                    name: _either([table.members[name] for table in tables if name in table.members])
                    for name in sorted(names)
                }
            )
        )
    lists = [item for item in items if isinstance(item, KnownList)]
    if len(lists) == len(items):
        return KnownList(_either([each.item for each in lists]))
    return None if not tables and not lists else OPEN
