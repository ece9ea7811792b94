"""The tree of a series' message, built once, with gaps for the texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.compose.parts import Part
    from eilbote.compose.series_text import SeriesText
    from eilbote.model.message import Segment


class Layout:
    """The pieces of a body with gaps for the texts.

    Attributes:
        header: The header lines of the root.
        pieces: The empty line after the header, preceded by room for the header, and the body.
        gaps: For each text, where its header lines and its octets belong.
        single: There is one text and nothing else, so it has no boundary and its header is the message's.
        kind: What it demands of the next hop.
    """

    __slots__ = ("gaps", "header", "kind", "pieces", "single")

    def __init__(self, root: Part, texts: Sequence[SeriesText]) -> None:
        self.header = root.header
        self.kind = root.kind
        self.single = root.clear
        self.pieces: list[Segment] = [root.header, b"\r\n", *root.content]
        self.gaps = [(_index(self.pieces, text.header), _index(self.pieces, text.body)) for text in texts]


def _index(pieces: list[Segment], wanted: bytes) -> int:
    """Find a piece by identity; equal ones are others."""
    return next(index for index, piece in enumerate(pieces) if piece is wanted)
