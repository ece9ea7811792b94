"""Composed octets: a message as it will travel, before dot-transparency."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator


class BodyKind(StrEnum):
    """What the octets demand of the next hop (RFC 6152, RFC 3030)."""

    SEVEN_BIT = "7BIT"
    """US-ASCII in lines of at most 998 octets: every server takes it."""
    EIGHT_BIT = "8BITMIME"
    """Octets above 127, still in lines of at most 998."""
    BINARY = "BINARYMIME"
    """Anything; travels by BDAT only."""


class OctetSource(Protocol):
    """Octets that are made while they are sent, such as a file's base64.

    Attributes:
        size: How many octets :meth:`chunks` gives in total.
        dot_free: No line of it begins with a dot, so transparency need not look.
    """

    @property
    def size(self) -> int:
        """How many octets there are."""
        ...

    @property
    def dot_free(self) -> bool:
        """Whether no line begins with a dot."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Give the octets from the beginning, each call anew, in pieces of some 10 kB."""
        ...


Segment: TypeAlias = "bytes | OctetSource"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A header section and a body in final form (RFC 5322), CRLF line ends, ending in CRLF.

    Attributes:
        message_id: The Message-ID with its angle brackets; the same in every attempt.
        segments: The octets in order. Each ``bytes`` segment starts at the beginning of a line.
        size: Octets in total, before transparency; what SIZE announces (RFC 1870).
        body: What the octets demand of the next hop.
        smtputf8: A header field holds UTF-8, so SMTPUTF8 is needed (RFC 6532).
    """

    message_id: str
    segments: tuple[Segment, ...]
    size: int
    body: BodyKind = BodyKind.SEVEN_BIT
    smtputf8: bool = False

    def octets(self) -> bytes:
        """Give the whole message as one ``bytes``; for small messages, tests and the outbox."""
        if len(self.segments) == 1 and isinstance(self.segments[0], bytes):
            return self.segments[0]
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        """Give the octets piece by piece, without holding them all."""
        for segment in self.segments:
            if isinstance(segment, bytes):
                yield segment
            else:
                yield from segment.chunks()
