"""Attachments as octets that are made while they are sent: base64 from a file or from memory (RFC 2045 §6.8).

A block of 57 KiB is read, encoded and handed on; the whole attachment is never held. Nothing in base64 begins a
line with a dot, so transparency need not look at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.compose.transfer_encoding import BLOCK, base64_lines, base64_size
from eilbote.errors import AttachmentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.model.attachment import FileContent


class FileSource:
    """A file's base64."""

    __slots__ = ("_content", "_field", "size")

    dot_free = True

    def __init__(self, content: FileContent, *, field: str) -> None:
        self._content = content
        self._field = field
        self.size = base64_size(content.size)

    def chunks(self) -> Iterator[bytes]:
        """Give the octets from the beginning.

        Raises:
            AttachmentError: The file cannot be read any more, or its size has changed.
        """
        left = self._content.size
        try:
            with self._content.path.open("rb") as file:
                while left:
                    block = file.read(min(BLOCK, left))
                    left -= len(block)
                    if not block:
                        raise self._changed()
                    yield base64_lines(block)
                if file.read(1):
                    raise self._changed()
        except OSError as exc:
            raise AttachmentError(
                f"cannot read {str(self._content.path)!r}",
                field=self._field,
                cause=exc.strerror,
                remedy="Check that the file is still there and that this user may read it",
            ) from exc

    def _changed(self) -> AttachmentError:
        return AttachmentError(
            f"{str(self._content.path)!r} has changed its size since it was attached",
            field=self._field,
            remedy="Attach a file that nobody writes to, or read it into memory first",
        )


class MemorySource:
    """The base64 of octets in memory, encoded anew for every reading."""

    __slots__ = ("_octets", "size")

    dot_free = True

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self.size = base64_size(len(octets))

    def chunks(self) -> Iterator[bytes]:
        """Give the octets from the beginning."""
        octets = self._octets
        for at in range(0, len(octets), BLOCK):
            yield base64_lines(octets[at : at + BLOCK])


class EncodedSource:
    """Base64 that has been made already, for a series of messages that share it."""

    __slots__ = ("_blocks", "size")

    dot_free = True

    def __init__(self, octets: bytes) -> None:
        self._blocks = tuple(MemorySource(octets).chunks())
        self.size = sum(map(len, self._blocks))

    def chunks(self) -> Iterator[bytes]:
        """Give the octets from the beginning."""
        return iter(self._blocks)
