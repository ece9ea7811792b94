r"""Placeholders in a series: ``{{ name }}`` stands for a value of each recipient's.

A text is read once and a value is put in as it is; nothing in a value is ever read as a placeholder. To write two
braces themselves, write ``{{ "{{" }}``.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from eilbote.errors import PlaceholderError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

_PLACEHOLDER = re.compile(r"""\{\{[ \t\n]*+(?:([A-Za-z_][A-Za-z0-9_.-]{0,99})|("\{\{"))[ \t\n]*+\}\}""")
_SHOWN = 40


class Pattern:
    """A text with placeholders, read once.

    Args:
        text: The text.
        field: The draft's field it comes from, for errors.
        known: For a text that was derived from the field: the placeholders the field itself has. Whatever else
            looks like one became so on the way, and stays as it is.

    Raises:
        PlaceholderError: A placeholder is malformed, with the position.
    """

    __slots__ = ("_field", "_places", "literals", "names")

    def __init__(self, text: str, field: str, known: Collection[str] | None = None) -> None:
        self._field = field
        self.literals: list[str] = []
        self.names: list[str] = []
        self._places: list[int | None] = []
        start = end = 0
        literal = ""
        while (start := text.find("{{", end)) >= 0:
            found = _PLACEHOLDER.match(text, start)
            if known is not None and not _is_one_of(known, found):
                literal += text[end : start + 2]
                end = start + 2
                continue
            if found is None:
                raise PlaceholderError(
                    f"{text[start : start + _SHOWN]!r} is not a placeholder",
                    field=field,
                    position=start,
                    remedy='Write {{ name }}; to write two braces themselves, write {{ "{{" }}',
                )
            literal += text[end:start]
            end = found.end()
            if found.group(2):
                literal += "{{"
                continue
            self.literals.append(literal)
            self.names.append(found.group(1))
            self._places.append(start if known is None else None)
            literal = ""
        self.literals.append(literal + text[end:])

    def values(self, given: Mapping[str, str]) -> list[str]:
        """Give the values in the order of their places.

        Raises:
            PlaceholderError: There is none for a placeholder, or it is not a text.
        """
        try:
            values = [given[name] for name in self.names]
            "".join(values)  # the cheapest question whether all of them are texts
        except (KeyError, TypeError):
            raise self._fault(given) from None
        return values

    def fill(self, given: Mapping[str, str], prepare: Callable[[str], str] | None = None) -> str:
        """Give the text with values in place.

        Args:
            given: The values by name.
            prepare: What happens to a value before it is put in.

        Raises:
            PlaceholderError: There is no value for a placeholder, or it is not a text.
        """
        if not self.names:
            return self.literals[0]
        values = self.values(given)
        filled = [""] * (2 * len(values) + 1)
        filled[::2] = self.literals
        filled[1::2] = values if prepare is None else map(prepare, values)
        return "".join(filled)

    def _fault(self, given: Mapping[str, str]) -> PlaceholderError:
        index, name = next(
            (index, name) for index, name in enumerate(self.names) if not isinstance(given.get(name), str)
        )
        if name in given:
            what = f"the value of {name!r} is not a text but {type(given[name]).__name__}"
        else:
            what = f"there is no value for {name!r}"
        return PlaceholderError(
            what,
            field=self._field,
            position=self._places[index],
            remedy="Give every recipient a text for every placeholder; it may be empty",
        )


def _is_one_of(known: Collection[str], found: re.Match[str] | None) -> bool:
    return found is not None and (found.group(1) is None or found.group(1) in known)


def in_html(value: str) -> str:
    """Give a value as HTML shows it."""
    return escape(value) if not value.isalnum() else value


def in_uri(value: str) -> str:
    """Give a value as a URI carries it (RFC 3986 §2.1)."""
    return quote(value, safe="", errors="replace")
