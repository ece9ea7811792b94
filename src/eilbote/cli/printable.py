"""Text from elsewhere, made fit for a terminal: what a server or an author wrote cannot move the cursor or forge a line."""

from __future__ import annotations

import unicodedata

_STANDS_IN = "\N{REPLACEMENT CHARACTER}"


def printable(text: str, *, longest: int | None = None) -> str:
    """Give a text on one line, control and invisible characters replaced, cut to ``longest`` characters."""
    shown = "".join(
        char
        if char.isprintable() or unicodedata.category(char) == "Zs"
        else " "
        if char.isspace()
        else _STANDS_IN
        for char in text
    )
    if longest is None or len(shown) <= longest:
        return shown
    return f"{shown[: max(longest - 3, 1)]}..." if longest > len("...") else shown[:longest]


def counted(number: int, noun: str, plural: str = "") -> str:
    """Give a number with its noun: ``1 entry``, ``2,000 entries``."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
