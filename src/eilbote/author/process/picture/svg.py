"""Writes SVG 1.1: elements, attributes, numbers and texts, every one of them escaped.

Markup is of the type :data:`Svg` and a text is not, so a text cannot become markup by accident. There is no way here to write a
script, a style sheet or a reference to anything outside the picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final, NewType

Svg = NewType("Svg", str)
"""Markup that is complete and escaped."""

NOTHING: Final = Svg("")
_UNWELCOME: Final = re.compile(r"[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0, section 2.2, does not allow, and the C1 controls, which it discourages."""
_TURNS: Final = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks of direction: with them one label could pass for another."""


def words(text: str) -> Svg:
    """Give a text as markup."""
    clean = _TURNS.sub("", _UNWELCOME.sub("\N{REPLACEMENT CHARACTER}", text))
    return Svg(clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def node(name: str, *inside: Svg, **attributes: str | float | None) -> Svg:
    """Give an element.

    Args:
        name: Its name, a constant of ours.
        *inside: What stands in it.
        **attributes: Its attributes; ``_`` stands for ``-``, a trailing one is dropped, and ``None`` leaves one out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    body = "".join(inside)
    return Svg(f"<{name}{written}>{body}</{name}>" if body else f"<{name}{written}/>")


def joined(parts: Iterable[Svg]) -> Svg:
    """Give several pieces of markup as one."""
    return Svg("".join(parts))


def number(value: float) -> str:
    """Write a number in at most two decimals; what is no number is 0."""
    if not math.isfinite(value):
        return "0"
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def points(corners: Iterable[tuple[float, float]]) -> str:
    """Write the corners of a line or polygon."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in corners)


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return words(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return number(value)
