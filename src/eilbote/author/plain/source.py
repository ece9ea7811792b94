"""A text, YAML or JSON, read with the place of everything in it, so that a fault can be pointed at.

Only plain data is read: no tags, which would make objects, and no anchors, by which a page of text becomes a gigabyte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from eilbote.author.plain.place import Place, WrittenText
from eilbote.errors import ConfigurationError

if TYPE_CHECKING:
    import yaml

    from eilbote.model.data import Data


class _Mark(Protocol):
    line: int
    column: int


_MOST_CHARACTERS: Final = 256 * 1024
_DEEPEST: Final = 40
_MOST_DIGITS: Final = 1000
"""Of a whole number, as much as is kept; Python itself reads no more than 4300."""
# An escape of JSON, whatever it is, so that a backslash that is itself escaped begins none; or a pair of surrogates.
_ESCAPE: Final = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_TAG: Final = "tag:yaml.org,2002:"
_UNEVEN: Final = ("did not find expected '-' indicator", "did not find expected key", "expected <block end>")
"""What the reader of YAML says when lines of one list or table do not begin in the same column."""
_QUOTED: Final = re.compile(r"""["']\s*$""")
_PLAIN: Final = frozenset({f"{_TAG}map", f"{_TAG}seq"})


class PlainTextError(ConfigurationError):
    """A text cannot be used, and it is known where; ``cause`` ends with the place.

    Attributes:
        place: Where; ``None`` when the fault is that something is missing altogether.
        reason: Why, without the place.
    """

    def __init__(
        self,
        what: str,
        *,
        place: Place | None,
        field: str | None = None,
        position: int | None = None,
        cause: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(
            what, field=field, position=position, cause=cause_with_place(cause, place), remedy=remedy
        )
        self.place = place
        self.reason = cause


def cause_with_place(cause: str | None, place: Place | None) -> str | None:
    """Give a cause that ends with the place."""
    said = [each.rstrip(".") for each in (cause, f"It stands in {place}" if place else None) if each]
    return ". ".join(said) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Data with the places of its parts.

    Attributes:
        data: The data.
        places: Where each part stands, by its path: ``("nodes", 0, "subject")``; of what has a name, where that is.
        texts: Where each text itself begins.
    """

    data: Data
    places: Mapping[tuple[str | int, ...], Place]
    texts: Mapping[tuple[str | int, ...], WrittenText]

    def at(self, *path: str | int) -> Data:
        """Give a part of the data; ``None`` when there is none."""
        found = self.data
        for part in path:
            match found:
                case dict() if isinstance(part, str):
                    found = found.get(part)
                case list() if isinstance(part, int) and part < len(found):
                    found = found[part]
                case _:
                    return None
        return found

    def place(self, *path: str | int) -> Place | None:
        """Give where a part stands, or the nearest thing around it."""
        for length in range(len(path), -1, -1):
            if (found := self.places.get(path[:length])) is not None:
                return found
        return None

    def place_of(self, field: str, *path: str | int, position: int | None = None) -> Place | None:
        """Give where a field below a part stands, written as errors write it: ``values.context.x``, ``files[1].url``.

        Names may hold dots themselves, so the field is compared and not taken apart. With a position in the field's text it is
        that place.
        """
        found = self._path_of(field, path)
        written = self.texts.get(found)
        if position is not None and written is not None and (exact := written.place_at(position)) is not None:
            return exact
        return self.place(*found)

    def text_of(self, field: str, *path: str | int) -> str | None:
        """Give the text that a field below a part holds, named as in :meth:`place_of`; ``None`` when it is no text."""
        written = self.texts.get(self._path_of(field, path))
        return None if written is None else written.value

    def _path_of(self, field: str, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
        best = (0, path)
        for known in self.places:
            if known[: len(path)] != path:
                continue
            written = _written(known[len(path) :])
            if len(written) > best[0] and (
                field == written or field.startswith((f"{written}.", f"{written}["))
            ):
                best = (len(written), known)
        return best[1]


def _written(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def read_source(text: str, *, what: str) -> Source:
    """Read YAML or JSON.

    Args:
        text: The text.
        what: What it is, for errors: ``flow``.

    Raises:
        PlainTextError: It is neither, or not plain data; line and column are told.
    """
    import yaml

    if len(text) > _MOST_CHARACTERS:
        raise PlainTextError(
            f"the {what} has {len(text):,} characters",
            place=None,
            remedy=f"Give at most {_MOST_CHARACTERS:,}; long texts and files belong beside it",
        )
    text = _without_surrogates(text)
    places: dict[tuple[str | int, ...], Place] = {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, in C, where it was built
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise _fault(
                    f"the {what} is nested too deeply", event.start_mark, f"Nest at most {_DEEPEST} deep"
                )
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise _fault(
                    "anchors and aliases cannot be used",
                    event.start_mark,
                    "Write the part out in both places",
                )
        root = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as fault:
        raise _unreadable(fault, text) from None
    if root is None:
        raise PlainTextError(f"the {what} is empty", place=None, remedy="Write what it is to do")
    texts: dict[tuple[str | int, ...], WrittenText] = {}
    data = _Reader(text.splitlines(), places, texts).data(root, ())
    return Source(data=data, places=MappingProxyType(places), texts=MappingProxyType(texts))


def _without_surrogates(text: str) -> str:
    """Write the characters beyond 16 bits of a JSON text (RFC 8259 section 7) as YAML does, which knows no surrogates.

    What stands behind one in the same line moves two columns to the left; nothing else changes.
    """
    if not text.lstrip().startswith(("{", "[")):
        return text
    return _ESCAPE.sub(lambda found: _one_character(found[1], found[2]) if found[1] else found[0], text)


def _one_character(high: str, low: str) -> str:
    number = 0x10000 + ((int(high, 16) & 0x3FF) << 10 | int(low, 16) & 0x3FF)
    return f"\\U{number:08x}"


@dataclass(frozen=True, slots=True)
class _Reader:
    lines: list[str]
    places: dict[tuple[str | int, ...], Place]
    texts: dict[tuple[str | int, ...], WrittenText]

    def data(self, node: yaml.Node, path: tuple[str | int, ...]) -> Data:
        import yaml

        begin = self.places[path] = Place(node.start_mark.line + 1, node.start_mark.column + 1)
        match node:
            case yaml.CollectionNode() if node.tag not in _PLAIN:
                raise _no_data(node)
            case yaml.MappingNode():
                return dict(self._members(node, path))
            case yaml.SequenceNode():
                return [self.data(item, (*path, number)) for number, item in enumerate(node.value)]
            case _:
                value = _scalar(node)
                if isinstance(value, str):
                    is_literal = getattr(node, "style", None) == "|"
                    self.texts[path] = WrittenText(self.lines, begin, value, is_literal)
                return value

    def _members(self, node: yaml.MappingNode, path: tuple[str | int, ...]) -> Iterator[tuple[str, Data]]:
        import yaml

        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.MappingNode):
                raise _fault(
                    "a text that begins with {{ has no quotes",
                    node.start_mark,
                    'Put all of it in quotes: "{{ input.name }}"',
                )
            name = key.value if isinstance(key.value, str) else ""
            if not name:
                raise _fault("a name is no text", key.start_mark, "Give each field a name")
            if name in seen:
                raise _fault(f"{name[:60]!r} is said twice", key.start_mark, "Keep one of them")
            seen.add(name)
            yield name, self.data(value, (*path, name))
            self.places[(*path, name)] = Place(key.start_mark.line + 1, key.start_mark.column + 1)


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
            if len(text) > _MOST_DIGITS:
                raise _fault(
                    "this number is too long", node.start_mark, "Put it in quotes if it is no quantity"
                )
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
            raise _no_data(node)


def _no_data(node: yaml.Node) -> PlainTextError:
    return _fault(
        f"{node.tag[:60]!r} cannot be used", node.start_mark, "Give plain texts, numbers, lists and tables"
    )


def _fault(what: str, mark: _Mark | None, remedy: str) -> PlainTextError:
    return PlainTextError(
        what, place=None if mark is None else Place(mark.line + 1, mark.column + 1), remedy=remedy
    )


def _unreadable(fault: yaml.YAMLError, text: str) -> PlainTextError:
    mark: _Mark | None = getattr(fault, "problem_mark", None)
    problem = str(getattr(fault, "problem", "") or "it cannot be read")
    what, remedy = f"the text is neither YAML nor JSON: {problem}", "Mend the line, or the one above it"
    lines = text.splitlines()
    line = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        what, remedy = "a tab indents this line", "Indent with blanks only"
    elif problem.startswith("found unexpected end of stream"):
        mark = getattr(fault, "context_mark", None) or mark
        what, remedy = "a text in quotes has no closing quote", "Put a quote of the same kind behind the text"
    elif problem.startswith(_UNEVEN) and mark is not None and _QUOTED.search(line[: mark.column]):
        what = "something stands behind a text in quotes"
        remedy = "Put all of the text in quotes, single ones where it has double ones itself"
    elif problem.startswith(_UNEVEN) and mark is not None and not line[: mark.column].strip(" -"):
        what = "a line is indented otherwise than its list or table"
        remedy = "Put the fields of one table in the same column, and the dashes of one list as well"
    elif re.search(r"[:-]\s+\{\{", line):
        what = "a text that begins with {{ has no quotes"
        remedy = 'Put all of it in quotes: "{{ input.name }}"'
    elif problem.startswith("mapping values are not allowed") and mark is not None:
        what = "a colon with a blank behind it stands in a text without quotes"
        if not line[: mark.column].strip(" -") or ":" not in line[: mark.column]:
            what = "a field is indented otherwise than the ones above it"
            remedy = "Put fields of one table below each other, in the same column"
        else:
            remedy = "Put the text in quotes, or on lines of its own below a |"
    return _fault(what, mark, remedy)
