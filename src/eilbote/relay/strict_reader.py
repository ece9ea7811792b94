"""Lines of a client, strictly: a command ends in CR LF and holds neither CR nor LF (RFC 5321 section 2.3.8)."""

from __future__ import annotations

import asyncio


class LineEndError(Exception):
    """A line ends in another way, or holds half of a line end."""


class StrictReader(asyncio.StreamReader):
    """Gives whole lines, and refuses those that a stricter or a laxer server would take for others.

    Attributes:
        is_over: Nothing is read any more, not even what has come already.
    """

    is_over = False

    async def readuntil(self, separator: bytes = b"\n") -> bytes:  # type: ignore[override] # with one separator
        """Give a line with its end.

        Raises:
            LineEndError: It does not end in CR LF, or holds a CR that is no part of that.
            CancelledError: The session is over.
        """
        if self.is_over:
            raise asyncio.CancelledError
        line: bytes = await super().readuntil(separator)
        if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
            raise LineEndError
        return line

    @property
    def has_more(self) -> bool:
        """Whether something has come that nobody has read."""
        return bool(self._buffer)  # type: ignore[attr-defined] # pyright: ignore[reportUnknownMemberType,reportUnknownArgumentType,reportAttributeAccessIssue] - asyncio has no other way to ask
