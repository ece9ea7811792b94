"""Which inline pictures an HTML text shows, by their ``cid:`` references (RFC 2392)."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.model.draft import Draft

_LONGEST = 80  # characters of an id that are worth showing
# In an attribute or in CSS; a text that only speaks of a cid: is no reference.
_REFERENCE = re.compile(
    r"""(?:=\s*|url\(\s*)(?:"\s*cid:([^"]*)"|'\s*cid:([^']*)'|cid:([^\s"'>)]+))""", re.IGNORECASE
)


def references(html: str) -> tuple[str, ...]:
    """Give the Content-IDs that an HTML text refers to, each once, in the order of appearance."""
    found = (match[1] or match[2] or match[3] or "" for match in _REFERENCE.finditer(html))
    return tuple(dict.fromkeys(unquote(unescape(each)).strip() for each in found))


def slips(draft: Draft) -> Iterator[str]:
    """Tell where the HTML and the inline pictures of a draft do not meet: most often a slip of the pen."""
    shown = references(draft.html or "")
    inline = [attachment.content_id for attachment in draft.attachments if attachment.inline]
    held = {attachment.content_id for attachment in draft.attachments}
    for content_id in shown:
        if content_id not in held:
            yield (
                f"the HTML shows cid:{_shorten(content_id)}, and no picture has that id: readers see a gap; "
                f"attach it with --inline FILE:{_shorten(content_id)}"
            )
    for wanted in inline:
        if wanted not in shown:
            yield f"the HTML shows no cid:{wanted}, so that picture may stay unseen"


def _shorten(content_id: str) -> str:
    printable = "".join(char for char in content_id if char.isprintable())
    return printable if len(printable) <= _LONGEST else f"{printable[:_LONGEST]}..."
