"""The content of a message while it comes (RFC 5321 section 4.1.1.4): its end is found, its dots are undone, and it is put down.

Only the five octets CR LF . CR LF end it. Whoever also took a bare line feed for the end of a line would let a client hide a second
message within the first. Small content stays in memory, more goes into a file without a name.
"""

from __future__ import annotations

import hashlib
import os
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Final

from eilbote.compose.raw_octets import RawOctets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_END: Final = b"\r\n.\r\n"
_IN_MEMORY: Final = 128 * 1024
_PIECE: Final = 64 * 1024
_HEADER_OCTETS: Final = 1024 * 1024


class IncomingContent:
    """Takes the octets behind DATA.

    Args:
        limit: Octets that are kept; of more only the end is looked for.
        directory: Where the file is; where this machine keeps what is temporary when ``None``.

    Attributes:
        looked_over: What was found in it.
        is_too_large: Whether more came than may be kept.
    """

    def __init__(self, limit: int, *, directory: Path | None = None) -> None:
        self._limit = limit
        self._unread = bytearray()
        self._before = (
            b"\r\n"  # the two octets before what is unread: content begins at the beginning of a line
        )
        where = None if directory is None else str(directory)
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY, dir=where)  # noqa: SIM115 - closed by close()
        self._hash = hashlib.sha256()
        self.looked_over = RawOctets(header_octets=_HEADER_OCTETS)
        self.is_too_large = False

    def feed(self, octets: bytes) -> bytes | None:
        """Take octets; give what follows the end of the content, or ``None`` while it has not come."""
        self._unread += octets
        end = (self._before + self._unread[:3]).find(_END)
        if end < 0:
            end = self._unread.find(_END)
            end = end + 2 if end >= 0 else -1
        if end >= 0:
            # the CR LF of the last line belongs to the content; that of the line before it may be read already
            rest = bytes(self._unread[end + 3 :])
            self._take(bytes(self._unread[:end]))
            self._unread.clear()
            self.looked_over.end()
            return rest
        safe = len(self._unread) - len(_END) + 1
        if safe > 0:
            self._take(bytes(self._unread[:safe]))
            del self._unread[:safe]
        return None

    def octets(self) -> bytes | SpooledContent:
        """Give the content once its end was found: what is small as it is, what is large to be read piece by piece."""
        size = self.looked_over.size
        if size <= _IN_MEMORY:
            self._file.seek(0)
            return self._file.read()
        self._file.flush()
        return SpooledContent(self._file.fileno(), size)

    def digest(self) -> bytes:
        """Give the SHA-256 of what was kept."""
        return self._hash.digest()

    def close(self) -> None:
        """Forget it."""
        self._file.close()

    def _take(self, stuffed: bytes) -> None:
        before = self._before
        self._before = (before + stuffed)[-2:]
        # undone with what stands before it, so that a piece may begin anywhere
        plain = (before + stuffed).replace(b"\r\n.", b"\r\n")[2:]
        if self.looked_over.size + len(plain) > self._limit:
            self.is_too_large = True
        if not self.is_too_large:
            self.looked_over.feed(plain)
            self._hash.update(plain)
            self._file.write(plain)


class SpooledContent:
    """Content in a file without a name, as an :class:`~eilbote.model.message.OctetSource`; it lives as long as its file."""

    __slots__ = ("_handle", "dot_free", "size")

    def __init__(self, handle: int, size: int) -> None:
        self._handle = handle
        self.size = size
        self.dot_free = False

    def chunks(self) -> Iterator[bytes]:
        """Give the octets, each call from the beginning."""
        at = 0
        while at < self.size:
            octets = os.pread(self._handle, _PIECE, at)
            if not octets:
                return
            at += len(octets)
            yield octets
