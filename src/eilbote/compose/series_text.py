"""The texts of a series: read once, kept as octets with gaps for the values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from eilbote.compose.parts import TEXT_HEADERS
from eilbote.compose.placeholders import Pattern
from eilbote.compose.transfer_encoding import encode_octets
from eilbote.errors import DraftError
from eilbote.model.message import BodyKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LINE_ENDS = re.compile(r"\r\n?|\n")
_SEVEN_BIT, _EIGHT_BIT = BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT


class SeriesText:
    """One form of the text in a series.

    Args:
        text: The text.
        subtype: ``plain`` or ``html``.
        body: The most the next hop takes.
        prepare: What happens to a value before it is put in.
        derived_from: The HTML this was derived from; only its placeholders are placeholders here.

    Attributes:
        subtype: ``plain`` or ``html``.
        names: The placeholders in the order of their places.
        pieces: Octets between the places, with an empty piece for each place.
        header: Stands for its header lines in the tree until they are known; found again by identity.
        body: Stands for its octets, likewise.
    """

    __slots__ = ("_body", "_finished", "_pattern", "_prepare", "body", "header", "names", "pieces", "subtype")

    def __init__(
        self,
        text: str,
        subtype: str,
        body: BodyKind,
        prepare: Callable[[str], str] | None = None,
        derived_from: SeriesText | None = None,
    ) -> None:
        name = "text" if subtype == "plain" and derived_from is None else "html"
        self._pattern = Pattern(text, name, None if derived_from is None else derived_from.names)
        self._prepare = prepare
        self._body = body
        self.subtype = subtype
        self.names: list[str] = self._pattern.names
        self.pieces = [b""] * (2 * len(self.names) + 1)
        self.pieces[::2] = [self._octets(literal, name) for literal in self._pattern.literals]
        self.header = bytes(bytearray(b"header"))
        self.body = bytes(bytearray(b"body"))
        self._finished = None if self.names else encode_octets(self.pieces[0], body)

    def compose(self, given: Mapping[str, str]) -> tuple[bytes, bytes, BodyKind]:
        """Give header lines, octets, and what the octets demand."""
        encoding, octets = self._finished or encode_octets(self._fill(given), self._body)
        return TEXT_HEADERS[self.subtype][encoding], octets, _EIGHT_BIT if encoding == "8bit" else _SEVEN_BIT

    def _fill(self, given: Mapping[str, str]) -> bytes:
        prepare = self._prepare
        pieces = self.pieces.copy()
        gap = 1
        for value in self._pattern.values(given):
            shown = value if prepare is None else prepare(value)
            pieces[gap] = shown.encode() if shown.isprintable() else self._octets(shown, "values")
            gap += 2
        return b"".join(pieces)

    def without_values(self) -> tuple[str, bytes]:
        """Give the transfer encoding and the octets of the text with nothing in its places."""
        return encode_octets(b"".join(self.pieces), self._body)

    @staticmethod
    def _octets(text: str, name: str) -> bytes:
        try:
            return _LINE_ENDS.sub("\r\n", text).encode()
        except UnicodeEncodeError as exc:
            raise DraftError(
                "the text holds a lone surrogate",
                field=name,
                position=exc.start,
                remedy="Remove it: it is half of a character and cannot be encoded",
            ) from exc
