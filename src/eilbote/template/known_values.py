"""What is known about the values that a template will get, before it gets them: a sample, and what will be added to it.

A sample says which names there are, and nothing about the values themselves: another order may have fewer lines. What is below
an open name nobody knows, so anything may be asked for there.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    """

    members: Mapping[str, Known] = field(default_factory=lambda: MappingProxyType({}))


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
            table = cast("Mapping[object, object]", sample)
            return KnownTable(
                MappingProxyType({str(name): known_from(value) for name, value in table.items()})
            )
        case list() | tuple():
            items = cast("Sequence[object]", sample)
            return KnownList(_either([known_from(item) for item in items]))
        case None:
            return OPEN
        case _:
            return None


def joined(some: Known, more: Known) -> Known:
    """Give what is known of a value that may be the one or the other."""
    match some, more:
        case (known, None) | (None, known):
            return known
        case KnownTable(), KnownTable():
            names = {**some.members, **more.members}
            both = some.members.keys() & more.members.keys()
            return KnownTable(
                MappingProxyType(
                    {
                        name: joined(some.members[name], more.members[name]) if name in both else inner
                        for name, inner in names.items()
                    }
                )
            )
        case KnownList(), KnownList():
            return KnownList(joined(some.item, more.item))
        case _:
            return OPEN


def unknown_part(known: Known, path: Iterable[str | int]) -> Unknown | None:
    """Give the first part of a path that leads nowhere; ``None`` when all of it is known, or may be there."""
    been: list[str] = []
    for part in path:
        match known:
            case KnownTable(members=members):
                if part in members:
                    known = members[str(part)]
                elif been and part in _EVERYWHERE:
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


def at_path(known: Known, path: Iterable[str | int]) -> Known:
    """Give what is known at the end of a path; :data:`OPEN` where it leads out of what is known."""
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
    return reduce(joined, items) if items else OPEN
