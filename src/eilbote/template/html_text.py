"""HTML as plain text: what a reader without HTML sees (RFC 2046 §5.1.4).

Links keep their address, lists their bullets, tables their columns. Tables that only lay out the page
(``role="presentation"``) are read as plain blocks.
"""

from __future__ import annotations

import re
from functools import lru_cache

_LAYOUT_TABLE = re.compile(
    r"""<table\b(?=[^>]*\brole\s*=\s*["']?(?:presentation|none)\b)[^>]*>""", re.IGNORECASE
)
_BLANK_LINES = re.compile(r"\n{3,}")


@lru_cache(maxsize=64)
def html_to_text(html: str) -> str:
    r"""Give the text of an HTML document or fragment, with ``\n`` line ends."""
    from inscriptis import get_text
    from inscriptis.model.config import ParserConfig

    text = get_text(html, ParserConfig(display_links=True, display_images=True, display_anchors=False))
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", lines).strip("\n") + "\n"
