"""A message as a page that can be looked at: its HTML with the pictures that travel with it, or its text.

The page does nothing by itself: whoever shows it sends :func:`preview_policy` along, under which no script runs, no form is sent, nothing
leads anywhere, and nothing is fetched from elsewhere, so no sender hears that it was looked at. Its HTML is not cleaned: what is shown is what
was sent.
"""

from __future__ import annotations

import base64
import re
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eilbote.engine.message_parts import MessageView, PartView

LARGEST_PICTURES: Final = 20 * 1024 * 1024
"""Octets of pictures that are put into a page; further ones are left out."""
_CID: Final = re.compile(r"cid:([^\s\"'<>)&]{1,300})", re.IGNORECASE)
_PICTURES: Final = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"}
)
"""What is shown within a page; a drawing (SVG) may hold more than a picture."""
_PAGE: Final = (
    '<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head>'
    '<body style="font-family:sans-serif;margin:16px"><pre style="white-space:pre-wrap;overflow-wrap:anywhere">{text}</pre></body></html>'
)


def preview_policy(*, remote: bool) -> str:
    """Give the Content-Security-Policy under which a preview is shown.

    Args:
        remote: Whether pictures from elsewhere are fetched; their owners hear of it then.
    """
    pictures = (
        "data: https:" if remote else "data:"
    )  # nothing from here either: it would be asked for with rights
    return f"sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}"


def preview_page(view: MessageView) -> str:
    """Give the page."""
    subject = next((value for name, value in view.headers if name.lower() == "subject"), "")
    if view.html is None:
        return _PAGE.format(title=escape(subject), text=escape(view.text or ""))
    pictures = {
        part.content_id: part for part in view.parts if part.content_id and part.media_type in _PICTURES
    }
    left = LARGEST_PICTURES
    made: dict[str, str] = {}

    def put_in(found: re.Match[str]) -> str:
        nonlocal left
        name = _unquoted(found[1])
        part = pictures.get(name)
        if part is None:
            return found[0]
        if name not in made:
            if len(part.octets) > left:
                return found[0]
            made[name] = _data_url(part)
        left -= len(part.octets)  # as often as it is shown: it stands in the page as often
        return made[name] if left >= 0 else found[0]

    return _CID.sub(put_in, view.html)


def _data_url(part: PartView) -> str:
    return f"data:{part.media_type};base64,{base64.b64encode(part.octets).decode()}"


def _unquoted(content_id: str) -> str:
    """Undo the percent signs by which a URL may write an id (RFC 2392)."""
    from urllib.parse import unquote

    return unquote(content_id)
