"""Dot-transparency (RFC 5321 §4.5.2): a line that begins with a dot gets another one.

A line begins after CRLF and at the very start. Message octets hold no CR or LF outside CRLF, which is what
makes this rule safe: a server that took a bare LF for a line end would see ends of content that are none.
"""

from __future__ import annotations

import re

# The same question as ``b"\r\n." in content`` for octets without bare LF, asked in half the time.
_find_dot_line = re.compile(rb"\n\.").search


def stuff(content: bytes) -> bytes:
    """Make a whole content transparent; gives the same object back when no line begins with a dot."""
    if _find_dot_line(content) is not None:
        content = content.replace(b"\r\n.", b"\r\n..")
    return b"." + content if content[:1] == b"." else content


class Stuffer:
    """Makes content transparent that comes in pieces; a line end may be cut anywhere."""

    __slots__ = ("_tail",)

    def __init__(self) -> None:
        # The last two octets; before the first piece it is as if a line had just ended.
        self._tail = b"\r\n"

    def feed(self, piece: bytes) -> bytes:
        """Make the next piece transparent."""
        if not piece:
            return piece
        tail, self._tail = self._tail, (self._tail + piece[-2:])[-2:]
        stuffed = piece.replace(b"\r\n.", b"\r\n..") if _find_dot_line(piece) is not None else piece
        if tail == b"\r\n" and piece[:1] == b".":
            return b"." + stuffed
        if tail[-1:] == b"\r" and piece[:2] == b"\n.":
            return b"\n.." + stuffed[2:]
        return stuffed

    def pass_over(self, piece: bytes) -> bytes:
        """Note a piece that stays as it is: no line of it begins with a dot, or it travels by BDAT."""
        if piece:
            self._tail = (self._tail + piece[-2:])[-2:]
        return piece

    @property
    def ends_line(self) -> bool:
        """Whether what was fed so far ends a line, or is nothing at all."""
        return self._tail == b"\r\n"
