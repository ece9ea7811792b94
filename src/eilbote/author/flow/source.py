"""A flow's text, YAML or JSON, read with the place of everything in it, so that a fault can be pointed at.

Only plain data is read: no tags, which would make objects, and no anchors, by which a page of text becomes a gigabyte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from eilbote.errors import FlowError

if TYPE_CHECKING:
    import yaml


class _Mark(Protocol):
    line: int
    column: int


_MOST_CHARACTERS: Final = 256 * 1024
_DEEPEST: Final = 40
_TOO_DEEP: Final = "the flow is nested too deeply"
_TAG: Final = "tag:yaml.org,2002:"

Data: TypeAlias = "str | int | Decimal | bool | list[Data] | dict[str, Data] | None"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands.

    Attributes:
        line: Counted from 1.
        column: Counted from 1.
    """

    line: int
    column: int

    def __str__(self) -> str:
        """Say it to people."""
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Data with the places of its parts.

    Attributes:
        data: The data.
        places: Where each part stands, by its path: ``("nodes", 0, "subject")``.
    """

    data: Data
    places: Mapping[tuple[str | int, ...], Place]

    def place(self, *path: str | int) -> Place | None:
        """Give where a part stands, or the nearest thing around it."""
        for length in range(len(path), -1, -1):
            if (found := self.places.get(path[:length])) is not None:
                return found
        return None

    def place_of(self, field: str, *path: str | int) -> Place | None:
        """Give where a field below a part stands, written as errors write it: ``values.context.x``, ``files[1].url``.

        Names may hold dots themselves, so the field is compared and not taken apart.
        """
        best: tuple[int, Place | None] = (0, self.place(*path))
        for known, place in self.places.items():
            if known[: len(path)] != path:
                continue
            written = _written(known[len(path) :])
            if len(written) > best[0] and (
                field == written or field.startswith((f"{written}.", f"{written}["))
            ):
                best = (len(written), place)
        return best[1]


def _written(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def read_source(text: str) -> Source:
    """Read YAML or JSON.

    Raises:
        FlowError: It is neither, or not plain data; line and column are told.
    """
    import yaml

    if len(text) > _MOST_CHARACTERS:
        raise FlowError(
            f"the flow has {len(text):,} characters",
            remedy=f"Give at most {_MOST_CHARACTERS:,}; long texts and files belong beside it",
        )
    places: dict[tuple[str | int, ...], Place] = {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, in C, where it was built
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise _fault(_TOO_DEEP, event.start_mark, f"Nest at most {_DEEPEST} deep")
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise _fault(
                    "anchors and aliases cannot be used",
                    event.start_mark,
                    "Write the part out in both places",
                )
        root = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        what = str(getattr(fault, "problem", "") or "it cannot be read")
        raise _fault(
            f"the text is neither YAML nor JSON: {what}", mark, "Mend the line; indent with blanks only"
        ) from None
    if root is None:
        raise FlowError("the flow is empty", remedy="Give it a name and nodes")
    return Source(data=_data(root, (), places), places=MappingProxyType(places))


def _data(node: yaml.Node, path: tuple[str | int, ...], places: dict[tuple[str | int, ...], Place]) -> Data:
    import yaml

    places[path] = Place(node.start_mark.line + 1, node.start_mark.column + 1)
    match node:
        case yaml.MappingNode():
            return dict(_members(node, path, places))
        case yaml.SequenceNode():
            return [_data(item, (*path, number), places) for number, item in enumerate(node.value)]
        case _:
            return _scalar(node)


def _members(
    node: yaml.MappingNode, path: tuple[str | int, ...], places: dict[tuple[str | int, ...], Place]
) -> Iterator[tuple[str, Data]]:
    seen: set[str] = set()
    for key, value in node.value:
        name = key.value if isinstance(key.value, str) else ""
        if not name:
            raise _fault("a name is no text", key.start_mark, "Give each field a name")
        if name in seen:
            raise _fault(f"{name[:60]!r} is said twice", key.start_mark, "Keep one of them")
        seen.add(name)
        yield name, _data(value, (*path, name), places)
        places[(*path, name)] = Place(key.start_mark.line + 1, key.start_mark.column + 1)


def _scalar(node: yaml.Node) -> Data:
    text: str = node.value
    match node.tag.removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return text.lower() in {"true", "yes", "on", "y"}
        case "int" if text.lstrip("+-").isdecimal() and (
            text.lstrip("+-") == "0" or not text.lstrip("+-").startswith("0")
        ):
            return int(text)
        case "float":
            try:
                number = Decimal(text)
            except InvalidOperation:
                return text
            return number if number.is_finite() else text
        case "str" | "int" | "timestamp" | "value" | "merge":
            return text
        case _:
            raise _fault(
                f"{node.tag[:60]!r} cannot be used",
                node.start_mark,
                "Give plain texts, numbers, lists and tables",
            )


def _fault(what: str, mark: _Mark | None, remedy: str) -> FlowError:
    place = None if mark is None else Place(mark.line + 1, mark.column + 1)
    return FlowError(what, cause=f"It stands in {place}" if place else None, remedy=remedy)
