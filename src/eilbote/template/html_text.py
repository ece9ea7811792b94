r"""HTML as plain text: what a reader without HTML sees (RFC 2046 §5.1.4).

Links keep their address, lists their bullets, tables their columns, images their description. Tables that only
lay out the page (``role="presentation"``, what e-mail templates are made of) are read as plain blocks, since
their columns mean nothing. The text is derived, never trusted: it is composed like any other text.

Nobody can make it costly: a document with very many tags loses its tags and nothing else is done to it, tables
whose columns would be mostly blanks are read as blocks, and no style can ask for blanks or empty lines.
"""

# lxml comes without types; what is read from its trees is used as text at once.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

_CACHED_CHARACTERS = 200_000
_BLANK_LINES = re.compile(r"\n{3,}")
_MAX_TAGS = 10_000
_MAX_TABLE_AREA = 1_000_000  # characters with padding, all tables together
_INDENT = 4  # columns by which a list is moved to the right
_TAG = re.compile(r"<[^<>]*+>")
_BLOCK = re.compile(
    r"</?(?:address|article|aside|blockquote|br|dd|div|dl|dt|footer|h[1-6]|header|hr|li|main|nav|ol|p|pre|section"
    r"|table|td|th|tr|ul)\b[^<>]*+>",
    re.IGNORECASE,
)
_UNSEEN_EDGE = re.compile(
    r"<!--|-->|</?(?:script|style|title|template|noscript)(?=[\s/>])[^<>]*+>?", re.IGNORECASE
)
# One tag with its first attributes, or a whole element in whose text a tag means nothing. Parsers compare every
# attribute of a tag with all the others, so very many of them in one tag cost their square.
_MAX_ATTRIBUTES = 500
_ATTRIBUTE = (
    r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?+)?+"""
)
_TAG_WITH_ATTRIBUTES = re.compile(
    rf"<!--.*?(?:-->|\Z)|<(?:(script|style|title|textarea|xmp)(?=[\s/>])|[a-z][^\s/>]*+)"
    rf"(?:{_ATTRIBUTE}){{0,{_MAX_ATTRIBUTES}}}+(?P<more>[\s/]*+[^\s/>])?+(?(1).*?(?:</\1|\Z))",
    re.IGNORECASE | re.DOTALL,
)
# Of styles, what hides something and what keeps line breaks; not what asks for blanks.
_KEPT_STYLE = re.compile(r"(?<![\w-])(?:display|white-space)\s*+:\s*+[a-z-]{1,20}", re.IGNORECASE)
_NOT_XML = re.compile("[^\t -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
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
    if html.count("<") > _MAX_TAGS or _has_crowded_tag(html):
        return _tidied(_without_tags(html))
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
    from lxml.etree import strip_elements

    strip_elements(tree, *_UNSEEN, with_tail=False)
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
    for element in tree.iterfind(".//*[@style]"):
        element.set("style", ";".join(_KEPT_STYLE.findall(element.get("style") or "")))
    _judge_tables(tree)


def _judge_tables(tree: HtmlElement) -> None:
    """Set tables apart, and make blocks of those for layout and of those that would be mostly padding."""
    tables = list(tree.iter("table"))
    extents = _extents(tree) if tables else {}
    room = _MAX_TABLE_AREA
    measured: set[HtmlElement] = set()  # tables within one that is shown are part of its area
    for table in tables:
        layout = (table.get("role") or "").strip().lower() in ("presentation", "none")
        if not layout and not any(outer in measured for outer in table.iterancestors("table")):
            area = _area(table, extents)
            layout = area > room
            if not layout:
                room -= area
                measured.add(table)
        if layout:
            _flatten(table)
        else:
            _set_apart(table)


def _extents(tree: HtmlElement) -> dict[HtmlElement, tuple[int, int]]:
    """Give for each element the most columns and lines that it can take."""
    extents: dict[HtmlElement, tuple[int, int]] = {}
    for element in reversed(list(tree.iter())):
        text = (element.text or "") + (element.get("alt") or "") + (element.get("title") or "")
        columns, lines = len(text) + _INDENT, text.count("\n") + 2
        for child in element:
            inner_columns, inner_lines = extents[child]
            tail = child.tail or ""
            columns += inner_columns + len(tail)
            lines += inner_lines + tail.count("\n")
        extents[element] = columns, lines
    return extents


def _area(table: HtmlElement, extents: dict[HtmlElement, tuple[int, int]]) -> int:
    """Give the most characters that the table can take when its columns are padded."""
    widths: list[int] = []
    height = 0
    for row in _rows(table):
        tallest = 1
        for at, cell in enumerate(row):
            columns, lines = extents[cell]
            tallest = max(tallest, lines)
            if at < len(widths):
                widths[at] = max(widths[at], columns)
            else:
                widths.append(columns)
        height += tallest
    return sum(widths) * height


def _rows(table: HtmlElement) -> Iterator[HtmlElement]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in _OF_TABLES:
            yield from child.iterchildren("tr")


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
    text = _NOT_XML.sub("", text)  # a parser lets through what a tree cannot be given
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _has_crowded_tag(html: str) -> bool:
    return any(tag["more"] for tag in _TAG_WITH_ATTRIBUTES.finditer(html))


def _without_tags(html: str) -> str:
    """Give the text without its tags, line by line for blocks; the cost grows with the length only."""
    from html import unescape

    seen = _TAG.sub(" ", _BLOCK.sub("\n", "".join(_shown(html))))
    return unescape(seen)


def _shown(html: str) -> Iterator[str]:
    """Give what lies outside comments and elements that nobody sees."""
    start, closing = 0, ""
    for edge in _UNSEEN_EDGE.finditer(html):
        mark = edge.group().lower()
        if not closing:
            if mark.startswith("</") or mark == "-->":
                continue
            yield html[start : edge.start()]
            closing = "-->" if mark == "<!--" else "</" + re.split(r"[\s/>]", mark[1:])[0]
        elif not mark.startswith(closing):
            continue
        else:
            closing = ""
        start = edge.end()
    yield html[start:]


def _tidied(text: str) -> str:
    lines = "\n".join([line.rstrip() for line in text.replace("\r", "").split("\n")])
    tidy = _BLANK_LINES.sub("\n\n", lines).strip("\n")
    return f"{tidy}\n" if tidy else ""
