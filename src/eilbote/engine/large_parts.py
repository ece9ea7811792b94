"""Large parts of a message go to the blob store before the message is accepted; what is small stays in it.

A part that is made while it is read, a file's base64 for instance, is stored while it is made. So neither it nor the
message is ever in memory as a whole.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.model.message import Message, OctetSource, Segment
    from eilbote.outbox.store import BlobStore

SharedParts: TypeAlias = "dict[int, str | bytes]"
"""Parts that the messages of a series share, by their identity: as what they were stored, or as they were read."""
LARGE_SOURCE: Final = 32 * 1024
"""Octets from which a part that is made while it is read is stored apart; below, two flushes of a file cost more."""
LARGE_TEXT: Final = 256 * 1024
"""Octets from which header and text are stored apart; they are no other message's, so only their size counts."""


def has_large_parts(message: Message) -> bool:
    """Tell whether something of a message has to be stored apart, or read first."""
    segments = message.segments
    first = segments[0]
    return len(segments) > 1 or not isinstance(first, bytes) or len(first) >= LARGE_TEXT


async def store_large_parts(
    message: Message, blobs: BlobStore, shared: SharedParts | None = None
) -> tuple[Message, dict[int, str]]:
    """Store what is large; give the message with what is small in memory, and the SHA-256 of each part by its place.

    Args:
        message: What is to be stored.
        blobs: Where to.
        shared: For a series, what became of the parts its messages share; filled here.

    Raises:
        AttachmentError: A part cannot be read.
        OutboxUnavailableError: A part cannot be stored.
    """
    segments: list[Segment] = []
    stored: dict[int, str] = {}
    for place, segment in enumerate(message.segments):
        if isinstance(segment, bytes):
            kept: Segment = segment
            if len(segment) >= LARGE_TEXT:
                kept = _Octets(segment)
                stored[place] = await blobs.put(kept)
            segments.append(kept)
            continue
        became = None if shared is None else shared.get(id(segment))
        if became is None:
            became = (
                await asyncio.to_thread(_read, segment)
                if segment.size < LARGE_SOURCE
                else await blobs.put(segment)
            )
            if shared is not None:
                shared[id(segment)] = became
        if isinstance(became, str):
            stored[place] = became
            segments.append(segment)
        else:
            segments.append(became)
    return replace(message, segments=tuple(segments)), stored


def _read(source: OctetSource) -> bytes:
    return b"".join(source.chunks())


class _Octets:
    """Octets in memory as a source."""

    __slots__ = ("_octets", "dot_free", "size")

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self.size = len(octets)
        self.dot_free = not octets.startswith(b".") and b"\n." not in octets

    def chunks(self) -> Iterator[bytes]:
        """Give the octets in pieces."""
        for at in range(0, self.size, LARGE_SOURCE):
            yield self._octets[at : at + LARGE_SOURCE]
