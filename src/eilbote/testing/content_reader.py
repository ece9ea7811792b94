"""Finding the end of a message's content, strictly (RFC 5321 §4.1.1.4, §4.5.2).

The rule this file keeps: only the five octets CR LF . CR LF end the content. A server that also takes a bare LF
for a line end lets a sender hide a second message inside the first ("SMTP smuggling"), and a test against such
a server would not notice a sender that lets bare line feeds out.
"""

from __future__ import annotations

import re

_END = b"\r\n.\r\n"
_LONGEST_LINE = 998  # RFC 5322 §2.1.1, without CRLF
_LONG_LINE = re.compile(rb"^[^\n]{%d}" % (_LONGEST_LINE + 2), re.MULTILINE)  # CR is one of them


class ContentReader:
    """Takes the octets after DATA and undoes transparency.

    Args:
        limit: Octets kept at most; more are counted and dropped, and the end is still found.
    """

    __slots__ = ("_buffer", "_limit", "_seen", "_start_of_search")

    def __init__(self, limit: int) -> None:
        # The content begins at the beginning of a line: pretend the line before has just ended.
        self._buffer = bytearray(b"\r\n")
        self._limit = limit
        self._seen = 0
        self._start_of_search = 0

    def feed(self, data: bytes) -> bytes | None:
        """Take octets; give what follows the end of the content, or ``None`` while it has not come."""
        self._buffer += data
        end = self._buffer.find(_END, self._start_of_search)
        if end >= 0:
            rest = bytes(self._buffer[end + len(_END) :])
            del self._buffer[end + 2 :]
            return rest
        self._start_of_search = max(0, len(self._buffer) - len(_END) + 1)
        if len(self._buffer) > self._limit + len(_END):
            # Too much already: keep no more than the end needs to be recognised.
            self._seen += self._start_of_search
            del self._buffer[: self._start_of_search]
            self._start_of_search = 0
        return None

    @property
    def too_large(self) -> bool:
        """Whether more came than may be kept."""
        return self._seen > 0 or len(self._buffer) - 2 > self._limit

    def content(self) -> bytes:
        """Give the content after its end was found: dots unstuffed, the last CRLF kept."""
        return bytes(self._buffer.replace(b"\r\n.", b"\r\n")[2:])


def has_bare_line_end(content: bytes) -> bool:
    """Tell whether a CR or LF stands alone, which RFC 5321 §2.3.8 forbids in content."""
    pairs = content.count(b"\r\n")
    return content.count(b"\r") != pairs or content.count(b"\n") != pairs


def remarks_on(content: bytes, *, eight_bit_declared: bool, utf8_declared: bool) -> tuple[str, ...]:
    """Say what a stricter server might refuse in content that was taken."""
    remarks: list[str] = []
    if found := _LONG_LINE.search(content):
        line = content.count(b"\n", 0, found.start()) + 1
        remarks.append(f"line {line} is longer than 998 octets (RFC 5322 section 2.1.1)")
    header = content.partition(b"\r\n\r\n")[0]
    if not header.isascii() and not utf8_declared:
        remarks.append("the header holds octets above 127, and MAIL did not say SMTPUTF8 (RFC 6531)")
    if not content[len(header) :].isascii() and not eight_bit_declared:
        remarks.append("the body holds octets above 127, and MAIL did not say BODY=8BITMIME (RFC 6152)")
    if b"\0" in content:
        remarks.append("the content holds NUL octets (RFC 5322 section 3.5)")
    return tuple(remarks)
