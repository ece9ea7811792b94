"""Where in a text of HTML something stands (WHATWG HTML section 13.2.5), and how a value is written there so that it stays a value.

Styles, scripts and comments take no values: what is a harmless word in a text may load or hide something there. Of a tag only the
values of its attributes do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator


class Where(StrEnum):
    """In which part of a text a place stands."""

    TEXT = "text"
    ATTRIBUTE = "attribute"
    """The value of an attribute of a tag."""
    ADDRESS = "address"
    """The value of an attribute that leads somewhere, such as ``href``."""
    TAG = "tag"
    """A tag beside the values of its attributes."""
    STYLE = "style"
    """A style sheet or a ``style`` attribute."""
    UNSEEN = "unseen"
    """A script or a comment."""


TAKES_VALUES: Final = frozenset({Where.TEXT, Where.ATTRIBUTE, Where.ADDRESS})
"""Where values are put in."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an HTML text that is not simply text.

    Attributes:
        begin: Where it begins, counted from 0.
        end: Where it ends.
        where: What it is.
    """

    begin: int
    end: int
    where: Where


_TAG: Final = re.compile(r"<(?:!--|/?[A-Za-z])")
_NAME: Final = re.compile(r"</?([A-Za-z][^\s/>]*+)")
# One attribute: its name, and its value in double quotes, single quotes or none; a quote may never be closed.
_ATTRIBUTE: Final = re.compile(
    r"""[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)(?:"|\Z)|'([^']*+)(?:'|\Z)|([^\s>"'][^\s>]*+))?+)?+"""
)
_REST: Final = re.compile(r"[^>]*+>?")
_UNSEEN: Final = {"script": Where.UNSEEN, "style": Where.STYLE}
_LEADS: Final = frozenset({"href", "src", "cite", "background", "action", "poster"})


def stretches(html: str) -> Iterator[Stretch]:
    """Give the parts of an HTML text that are not simply text, in order; the time grows with the length only."""
    end = 0
    while (found := _TAG.search(html, end)) is not None:
        begin = found.start()
        if found[0] == "<!--":
            end = _after("-->", html, begin)
            yield Stretch(begin, end, Where.UNSEEN)
            continue
        parts, end = _tag(html, begin)
        yield from parts
        name = _NAME.match(html, begin)
        word = name[1].lower() if name and not found[0].startswith("</") else ""
        if (where := _UNSEEN.get(word)) is not None:
            closing = re.compile(rf"</{word}(?=[\s/>])", re.IGNORECASE).search(html, end)
            begin, end = end, closing.start() if closing else len(html)
            yield Stretch(begin, end, where)


def written(value: str, where: Where, *, before: str = "") -> str:
    """Give a value as it stands in a part of an HTML text, where it is text and nothing else.

    Args:
        value: The value.
        where: In which part.
        before: What stands before it in an address.
    """
    match where:
        case Where.TEXT:
            return "<br>".join(escape(value).splitlines()) if value.strip() else escape(value)
        case Where.ADDRESS if before:
            # One step of a path or one parameter, as in the addresses of flows; it cannot become another host.
            safe = "@" if before.lower().startswith("mailto:") else ""
            return escape(quote(value, safe=safe, errors="replace"))
        case _:
            return re.sub(r"[\s=`]", lambda found: f"&#{ord(found[0])};", escape(value))


def _tag(html: str, begin: int) -> tuple[list[Stretch], int]:
    """Take a tag apart; gives its parts and where it ends."""
    name = _NAME.match(html, begin)
    here = at = name.end() if name else begin + 1
    parts: list[Stretch] = [Stretch(begin, here, Where.TAG)]
    while (found := _ATTRIBUTE.match(html, at)) is not None:
        number = found.lastindex or 1
        if number > 1:
            value_begin, value_end = found.span(number)
            word = found[1].lower()
            where = Where.STYLE if word == "style" else Where.ADDRESS if word in _LEADS else Where.ATTRIBUTE
            parts += [Stretch(here, value_begin, Where.TAG), Stretch(value_begin, value_end, where)]
            here = value_end
        at = found.end()
    rest = _REST.match(html, at)
    end = rest.end() if rest else len(html)
    parts.append(Stretch(here, end, Where.TAG))
    return parts, end


def _after(mark: str, html: str, begin: int) -> int:
    found = html.find(mark, begin)
    return len(html) if found < 0 else found + len(mark)
