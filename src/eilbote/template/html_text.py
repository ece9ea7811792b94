r"""HTML as plain text: what a reader without HTML sees (RFC 2046 §5.1.4).

Links keep their address, lists their bullets, tables their columns, images their description. Tables that only
lay out the page (``role="presentation"``, what e-mail templates are made of) are read as plain blocks, since
their columns mean nothing. The text is derived, never trusted: it is composed like any other text.
"""

# lxml comes without types; what is read from its trees is used as text at once.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CACHED_CHARACTERS = 200_000
_BLANK_LINES = re.compile(r"\n{3,}")
_TAG = re.compile(r"<[^<>]*+>")
_SHOWN_SCHEMES = ("http://", "https://", "mailto:", "tel:", "{{")
_OF_TABLES = ("caption", "tbody", "thead", "tfoot", "tr", "td", "th")
_UNSEEN = ("script", "style", "title", "template", "noscript")


def html_to_text(html: str) -> str:
    r"""Give the text of an HTML document or fragment.

    Args:
        html: Any text; what is no HTML is taken as browsers take it.

    Returns:
        Lines that end in ``\n``, without blanks at their ends and without more than one empty line in a row;
        empty when nothing is to be seen.
    """
    return _cached(html) if len(html) <= _CACHED_CHARACTERS else _derive(html)


def _derive(html: str) -> str:
    from inscriptis.css_profiles import STRICT_CSS_PROFILE
    from inscriptis.html_engine import Inscriptis
    from inscriptis.model.config import ParserConfig
    from lxml.etree import LxmlError
    from lxml.html import HTMLParser, document_fromstring

    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    octets = html.replace("\0", "").encode("utf-8", "replace")
    try:
        tree: HtmlElement = document_fromstring(octets, parser=parser)
        _simplify(tree)
        config = ParserConfig(css=STRICT_CSS_PROFILE, display_images=True)
        text: str = Inscriptis(tree, config).get_text()
    except (LxmlError, RecursionError):  # there is nothing in it
        text = _without_tags(html)
    if any("depth" in entry.message for entry in parser.error_log.filter_from_fatals()):
        text = _without_tags(html)  # the parser gives up where tags are nested beyond all reason
    return _tidied(text)


_cached = lru_cache(maxsize=64)(_derive)


def _simplify(tree: HtmlElement) -> None:
    """Turn into blocks what only looks like a table, and write the address of a link behind it."""
    for name in _UNSEEN:
        for element in list(tree.iter(name)):
            element.drop_tree()
    for table in list(tree.iter("table")):
        if (table.get("role") or "").strip().lower() in ("presentation", "none"):
            _flatten(table)
        else:
            _set_apart(table)
    for link in tree.iter("a"):
        target = (link.get("href") or "").strip()
        seen = " ".join(link.text_content().split())
        if target.lower().startswith(_SHOWN_SCHEMES) and seen not in (
            target,
            target.partition(":")[2].lstrip("/"),
        ):
            _append(link, f" ({target})" if seen or len(link) else target)
    for image in tree.iter("img"):
        if not (image.get("alt") or "").strip():
            image.attrib.pop("title", None)  # an empty description says that there is nothing to describe


def _flatten(table: HtmlElement) -> None:
    """Make blocks of a layout table and of its own cells; tables within are judged by themselves."""
    waiting = [table]
    while waiting:
        element = waiting.pop()
        waiting += [child for child in element if child.tag in _OF_TABLES]
        element.tag = "div"


def _set_apart(table: HtmlElement) -> None:
    """Put the table into a block, so that it begins on a line of its own."""
    parent = table.getparent()
    if parent is not None:
        block = table.makeelement("div")
        block.tail, table.tail = table.tail, None
        parent.replace(table, block)
        block.append(table)


def _append(element: HtmlElement, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _without_tags(html: str) -> str:
    from html import unescape

    return unescape(_TAG.sub(" ", html))


def _tidied(text: str) -> str:
    lines = "\n".join([line.rstrip() for line in text.replace("\r", "").split("\n")])
    tidy = _BLANK_LINES.sub("\n\n", lines).strip("\n")
    return f"{tidy}\n" if tidy else ""
