"""Links, pictures and words of an HTML text, found in one pass: whatever somebody has written, it takes time by its length alone (pure).

It is no parser of documents. What no reader's program would take for a link may be taken for one here, which harms nobody: it is looked at,
and not followed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_HTML: Final = 1_000_000
MOST_LINKS: Final = 500
_LONGEST_TAG: Final = 4000
# Each of them succeeds at its first try, or fails before the next "<": nothing is read twice.
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG: Final = re.compile(r"<(?P<end>/?)(?P<name>[a-z][a-z0-9]*+)(?=[\s/>])(?P<rest>[^<>]*+)>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(
    r"""(?<![a-z-])([a-z-]++)\s*+=\s*+(?:"([^"]*+)(?:"|\Z)|'([^']*+)(?:'|\Z)|([^\s"']++))""", re.IGNORECASE
)
_UNSEEN: Final = frozenset({"style", "script", "title"})


@dataclass(slots=True)
class HtmlLink:
    """A link.

    Attributes:
        target: Where it leads, as it is written.
        text: What it shows.
    """

    target: str
    text: str = ""


@dataclass(slots=True)
class HtmlPage:
    """What was found.

    Attributes:
        links: In their order, five hundred at most.
        pictures: The attributes of each, the same.
        words: How many words a reader sees.
    """

    links: list[HtmlLink] = field(default_factory=list[HtmlLink])
    pictures: list[Mapping[str, str]] = field(default_factory=list["Mapping[str, str]"])
    words: int = 0


def read_page(html: str) -> HtmlPage:
    """Look an HTML text through; of one that is longer than a million characters, the beginning."""
    text = _COMMENT.sub("", html[:LONGEST_HTML])
    page = HtmlPage()
    link: HtmlLink | None = None
    unseen = ""
    at = 0
    for tag in _TAG.finditer(text):
        if not unseen:
            _see(page, link, text[at : tag.start()])
        at = tag.end()
        name = tag["name"].lower()
        if unseen:
            unseen = "" if tag["end"] and name == unseen else unseen
        elif tag["end"]:
            link = None if name == "a" else link
        elif name in _UNSEEN:
            unseen = name
        elif name == "a":
            target = _attributes(tag["rest"]).get("href", "").strip()
            link = HtmlLink(target) if target and len(page.links) < MOST_LINKS else None
            page.links += [link] if link is not None else []
        elif name == "img" and len(page.pictures) < MOST_LINKS:
            page.pictures.append(_attributes(tag["rest"]))
    if not unseen:
        _see(page, link, text[at:])
    return page


def _see(page: HtmlPage, link: HtmlLink | None, text: str) -> None:
    page.words += len(text.split())
    if link is not None and len(link.text) < _LONGEST_TAG:
        link.text += unescape(text[:_LONGEST_TAG])


def _attributes(rest: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in _ATTRIBUTE.finditer(rest[:_LONGEST_TAG]):
        found.setdefault(each[1].lower(), unescape(each[2] or each[3] or each[4] or ""))
    return found
