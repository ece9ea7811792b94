"""Places for values in the texts of a communication route: ``{SystemName}``, and nothing else.

A brace is a brace: only a name of letters, digits and ``_`` with a brace on either side can be a place, and only a declared name is
replaced. So constants, several attributes and braces of any other kind stand side by side in one text. Capitals and small letters of
a name are the same. A text is read once, before values are put in; what stands in a value is never read as a place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eilbote.author.process.route.placeholder_html import Where, stretches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST_NAME: Final = 64
SYSTEM_NAME: Final = re.compile(rf"[A-Za-z][A-Za-z0-9_]{{0,{LONGEST_NAME - 1}}}")
"""What a system name looks like."""
_PLACE: Final = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*+)\}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A place for a value.

    Attributes:
        name: As it is written in the text.
        position: Of its opening brace, counted from 0.
        where: In which part of the text it stands; always text where that is no HTML.
        before: Of an address in an HTML attribute what stands before the place, from where the address begins.
    """

    name: str
    position: int
    where: Where = Where.TEXT
    before: str = ""

    @property
    def key(self) -> str:
        """The name as it is compared."""
        return key_of(self.name)

    def __str__(self) -> str:
        """Give it as it is written."""
        return f"{{{self.name}}}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text with places for values.

    Attributes:
        text: The text.
        pieces: Its constants and places in turn; together they are the text.
    """

    text: str
    pieces: tuple[str | Placeholder, ...]

    @property
    def placeholders(self) -> Iterator[Placeholder]:
        """Every place, in order; also where no value is ever put, such as in a style sheet."""
        return (piece for piece in self.pieces if isinstance(piece, Placeholder))

    @property
    def alone(self) -> Placeholder | None:
        """The place, when the text is nothing but one."""
        found = [piece for piece in self.pieces if not isinstance(piece, str) or piece.strip()]
        return found[0] if len(found) == 1 and isinstance(found[0], Placeholder) else None

    def fill(self, value: Callable[[Placeholder], str | None]) -> str:
        """Give the text with values in it.

        Args:
            value: Gives what is to stand in a place; ``None`` leaves it as it is written.
        """
        made = [piece if isinstance(piece, str) else value(piece) for piece in self.pieces]
        return "".join(
            str(piece) if new is None else new for piece, new in zip(self.pieces, made, strict=True)
        )


def key_of(name: str) -> str:
    """Give a system name as it is compared: capitals and small letters are the same."""
    return name.lower()


@lru_cache(maxsize=512)  # a route's texts come with every message
def pattern_of(text: str, *, is_html: bool = False) -> Pattern:
    """Read a text.

    Args:
        text: The text.
        is_html: Whether it is HTML, where styles, scripts and comments have no places.
    """
    pieces: list[str | Placeholder] = []
    end = 0
    parts = stretches(text) if is_html else iter(())
    part = next(parts, None)
    for found in _PLACE.finditer(text):
        begin = found.start()
        while part is not None and part.end <= begin:
            part = next(parts, None)
        within = part if part is not None and part.begin <= begin else None
        if begin > end:
            pieces.append(text[end:begin])
        before = text[within.begin : begin].lstrip() if within and within.where is Where.ADDRESS else ""
        pieces.append(Placeholder(found[1], begin, within.where if within else Where.TEXT, before))
        end = found.end()
    if end < len(text):
        pieces.append(text[end:])
    return Pattern(text, tuple(pieces))
