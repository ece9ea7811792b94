"""The text of a reply that comes as HTML alone: what its sender has written, without what their program marks as quoted.

It is read tag by tag and in one go, because parsers that mend HTML can be made to take for ever. What is read wrongly is the sender's own.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

MOST_CHARACTERS: Final = 400_000
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})\b([^<>]*+)>|<[!?][^<>]*+>")
_ID: Final = re.compile(r"""(?<![\w-])id\s*=\s*["']?\s*([^"'\s]+)""", re.IGNORECASE)
_CLASS: Final = re.compile(r"""(?<![\w-])class\s*=\s*(?:"([^"]*)"|'([^']*)'|([^"'\s]+))""", re.IGNORECASE)
_LONGEST_ATTRIBUTES: Final = 2_000
_UNSEEN: Final = frozenset({"script", "style", "head", "title", "template", "noscript"})
_BLOCKS: Final = frozenset(
    {"p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section"}
)
_QUOTED_CLASSES: Final = frozenset(
    {"gmail_quote", "gmail_attr", "moz-cite-prefix", "yahoo_quoted", "protonmail_quote", "zmail_extra"}
)
_HISTORY_IDS: Final = frozenset(
    {
        "divrplyfwdmsg",
        "appendonsend",
        "mail-editor-reference-message-container",
        "olk_src_body_section",
        "reply-intro",
    }
)
"""From such an element on everything is history, whatever encloses it."""
_RULE: Final = f"\n{'_' * 20}\n"


def text_of_html(html: str) -> str:
    """Give the text of HTML: blocks on lines of their own, without quotations and without what nobody sees."""
    html = _COMMENT.sub("", html[:MOST_CHARACTERS])
    said: list[str] = []
    left_out, depth, at = "", 0, 0  # the element that is left out, and how many of its name are open in it
    for found in _TAG.finditer(html):
        if not left_out:
            said.append(_blanks(html[at : found.start()]))
        at = found.end()
        closes, tag, attributes = found[1], (found[2] or "").lower(), (found[3] or "")[:_LONGEST_ATTRIBUTES]
        if left_out:
            if tag == left_out:
                depth += -1 if closes else 1
                left_out = left_out if depth else ""
        elif not closes and _begins_history(attributes):
            return _lines(said)
        elif not closes and _is_left_out(tag, attributes):
            left_out, depth = tag, 1
            said.append("\n")
        elif tag == "hr":
            said.append(_RULE)
        elif tag == "br" or tag in _BLOCKS:
            said.append("\n")
    if not left_out:
        said.append(_blanks(html[at:]))
    return _lines(said)


def _begins_history(attributes: str) -> bool:
    found = _ID.search(attributes)
    return found is not None and found[1].lower().removeprefix("x_") in _HISTORY_IDS


def _is_left_out(tag: str, attributes: str) -> bool:
    if tag in _UNSEEN or tag == "blockquote":
        return not attributes.endswith("/")
    found = _CLASS.search(attributes)
    classes = "" if found is None else found[1] or found[2] or found[3] or ""
    return not _QUOTED_CLASSES.isdisjoint(each.removeprefix("x_") for each in classes.lower().split())


def _blanks(text: str) -> str:
    return unescape(text).replace("\n", " ").replace("\r", " ")


def _lines(said: list[str]) -> str:
    return "\n".join(" ".join(line.split()) for line in "".join(said).split("\n"))
