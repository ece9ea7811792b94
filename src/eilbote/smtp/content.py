"""A message's octets on their way to the wire: in one write when they are few, piece by piece otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.errors import LocalProtocolError
from eilbote.smtp.transparency import Stuffer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.model.message import Message

PIECE_OCTETS = 256 * 1024
"""What is larger leaves in pieces, so that nobody has to hold it twice."""


def fits_one_write(message: Message) -> bool:
    """Say whether a content is small and at hand; refuse one that no final dot can follow.

    Raises:
        LocalProtocolError: It does not end in CRLF.
    """
    segments = message.segments
    if len(segments) == 1 and isinstance(segments[0], bytes):
        if segments[0][-2:] != b"\r\n":
            raise _unfinished()
        return message.size <= PIECE_OCTETS
    last = segments[-1] if segments else b""
    if not isinstance(last, bytes):
        return False
    if last[-2:] != b"\r\n":
        raise _unfinished()
    return message.size <= PIECE_OCTETS and all(isinstance(segment, bytes) for segment in segments)


def pieces_of(message: Message, *, transparent: bool) -> Iterator[bytes]:
    """Give a content piece by piece, with or without dot-transparency; the next piece may come from a file.

    Raises:
        LocalProtocolError: It does not end in CRLF, or has not the size that was announced.
    """
    stuffer = Stuffer()
    size = 0
    for segment in message.segments:
        dot_free = not isinstance(segment, bytes) and segment.dot_free
        hand_on = stuffer.feed if transparent and not dot_free else stuffer.pass_over
        for piece in _cut(segment) if isinstance(segment, bytes) else segment.chunks():
            size += len(piece)
            yield hand_on(piece)
    if not size or not stuffer.ends_line:
        raise _unfinished()
    if size != message.size:
        raise LocalProtocolError(
            f"the content has {size:,} octets and not {message.size:,} as announced",
            cause="what it is made from has changed since it was composed",
        )


def _cut(segment: bytes) -> Iterator[bytes]:
    """Cut a large segment, so that making it transparent needs no copy of the whole."""
    if len(segment) <= PIECE_OCTETS:
        yield segment
        return
    for first in range(0, len(segment), PIECE_OCTETS):
        yield segment[first : first + PIECE_OCTETS]


def _unfinished() -> LocalProtocolError:
    return LocalProtocolError(
        "the content does not end in CR LF",
        cause="the final dot would become part of its last line (RFC 5321 §4.1.1.4)",
    )
