"""What to do about templates that are not finished: a block or a brace that is never closed, a word that no tag has."""

from __future__ import annotations

import difflib
import re
from typing import Final

_UNCLOSED: Final = re.compile(r"expected tag end(\w+)")
_TAG: Final = re.compile(r"unexpected tag '(\w+)'")
_BLOCKS: Final = ("if", "unless", "case", "for", "capture", "comment", "raw")
_TAGS: Final = (*_BLOCKS, "elsif", "else", "when", "assign", "break", "continue", "cycle")
_PLAIN: Final = (
    ("expected '}}'", "Write }} where the value ends"),
    ("missing tag name or closing delimiter", "Write %} where the tag ends"),
    ("expected a primitive expression, found end", "Write a variable in the braces, such as input.name"),
)


def how_to_mend(fault: str) -> str | None:
    """Give what to do about a fault in the words of the reader of Liquid, or ``None`` when that cannot be said."""
    if (block := _UNCLOSED.match(fault)) is not None:
        return f"Write {{% end{block[1]} %}} where what began with {{% {block[1]} %}} ends"
    if (tag := _TAG.match(fault)) is not None:
        return _instead(tag[1])
    return next((remedy for begin, remedy in _PLAIN if fault.startswith(begin)), None)


def _instead(tag: str) -> str | None:
    opening = tag.removeprefix("end")
    if opening in _BLOCKS and opening != tag:
        return f"Take it out, or write the {{% {opening} %}} that it ends; blocks end in the order in which they are nested"
    if tag in _TAGS:
        return f"Write {tag} only between the beginning and the end of a block"
    alike = difflib.get_close_matches(tag, [*_TAGS, *(f"end{block}" for block in _BLOCKS)], n=1, cutoff=0.6)
    return f"Did you mean {{% {alike[0]} %}}?" if alike else None
