"""Looks over the octets of a ready-made message while they come: line ends, line lengths, and where the header ends.

Only CR LF ends a line (RFC 5321 section 2.3.8). A CR or LF that stands alone means something else to the next server, and a second
message could hide behind it; so such a message is refused and never repaired. Lines are at most 998 octets long (RFC 5322 section
2.1.1), and NUL is not allowed. Nothing of the body is kept here.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_LINE: Final = 998
"""Octets of a line, without CR LF."""
_HEADER_END: Final = b"\r\n\r\n"
_TOO_LONG: Final = re.compile(rb"[^\n]{%d}" % (LONGEST_LINE + 2))  # its CR is one of them
_BARE: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class RawOctets:
    """Hears the octets of a message from its beginning to its end.

    Args:
        header_octets: So long the header section may be.

    Attributes:
        size: How many octets have come.
        fault: The first thing that is wrong; empty while nothing is.
        remedy: What to do about it.
        has_eight_bit_body: Whether the body holds an octet above 127.
        is_body_dot_free: Whether no line of the body begins with a dot.
    """

    __slots__ = (
        "_header",
        "_header_octets",
        "_is_in_body",
        "_last",
        "_line",
        "_line_octets",
        "fault",
        "has_eight_bit_body",
        "is_body_dot_free",
        "remedy",
        "size",
    )

    def __init__(self, *, header_octets: int) -> None:
        self._header = bytearray()
        self._header_octets = header_octets
        self._is_in_body = False
        self._last = b""  # the latest octet
        self._line = 1
        self._line_octets = 0  # of the line that is not at its end yet
        self.size = 0
        self.fault = ""
        self.remedy = ""
        self.has_eight_bit_body = False
        self.is_body_dot_free = True

    def feed(self, octets: bytes) -> None:
        """Hear more octets; after a fault they are only counted."""
        self.size += len(octets)
        if self.fault or not octets:
            return
        if not self._look_at_lines(octets):
            return
        if self._is_in_body:
            self._look_at_body(octets, self._last)
        else:
            self._look_at_header(octets)
        self._last = octets[-1:]

    def end(self) -> None:
        """Hear that this was all."""
        if self.fault:
            return
        if self._last == b"\r":
            self._refuse_bare(self._line)
        elif not self._is_in_body:
            self._end_header(len(self._header))

    @property
    def header(self) -> bytes:
        """The header section with the end of its last line, without the empty line behind it."""
        return bytes(self._header)

    @property
    def body_at(self) -> int:
        """Where the body begins, in octets; the end of the message when there is none."""
        return min(self.size, len(self._header) + 2)

    @property
    def ends_a_line(self) -> bool:
        """Whether the last line ends as lines do."""
        return self._last == b"\n"

    def _look_at_lines(self, octets: bytes) -> bool:
        pairs = octets.count(b"\r\n")
        before, behind = self._last == b"\r", octets.endswith(b"\r")
        across = before and octets.startswith(b"\n")
        if (
            (before and not across)
            or octets.count(b"\r") - behind != pairs
            or octets.count(b"\n") - across != pairs
        ):
            at = 0 if before and not across else _first_bare(octets, skip=1 if across else 0)
            self._refuse_bare(self._line + octets.count(b"\n", 0, at))
            return False
        first = octets.find(b"\n")
        begun = self._line_octets + (len(octets) if first < 0 else first)
        too_long = _TOO_LONG.search(octets, max(0, first))
        if begun > LONGEST_LINE + 1 or too_long is not None:
            line = self._line + (
                0
                if too_long is None or begun > LONGEST_LINE + 1
                else octets.count(b"\n", 0, too_long.start() + 1)
            )
            self._refuse(
                f"line {line} is longer than {LONGEST_LINE} octets",
                "Break it, or send the text as quoted-printable or base64",
            )
            return False
        if b"\0" in octets:
            line = self._line + octets.count(b"\n", 0, octets.index(b"\0"))
            self._refuse(f"line {line} holds a NUL octet", "Send files as base64")
            return False
        self._line += octets.count(b"\n")
        self._line_octets = begun if first < 0 else len(octets) - octets.rindex(b"\n") - 1
        return True

    def _look_at_header(self, octets: bytes) -> None:
        looked_at = max(0, len(self._header) - len(_HEADER_END) + 1)
        before = len(self._header)
        self._header += octets
        if before < 2 and self._header.startswith(b"\r\n"):  # noqa: PLR2004 - CR LF
            self._refuse("there is no header", "Send header fields, an empty line and a text")
            return
        end = self._header.find(_HEADER_END, looked_at)
        if end < 0:
            if len(self._header) > self._header_octets:
                self._refuse_header()
            return
        body = bytes(self._header[end + len(_HEADER_END) :])
        self._end_header(end + 2)
        self._look_at_body(body, b"\n")

    def _end_header(self, end: int) -> None:
        del self._header[end:]
        self._is_in_body = True
        if end > self._header_octets:
            self._refuse_header()

    def _look_at_body(self, octets: bytes, last: bytes) -> None:
        self.has_eight_bit_body = self.has_eight_bit_body or not octets.isascii()
        if self.is_body_dot_free and (b"\n." in octets or (last == b"\n" and octets.startswith(b"."))):
            self.is_body_dot_free = False

    def _refuse_header(self) -> None:
        self._refuse(
            f"the header takes more than {self._header_octets:,} octets",
            "Send to fewer people in one message, or shorten the header fields",
        )

    def _refuse_bare(self, line: int) -> None:
        self._refuse(
            f"line {line} holds a CR or LF that is no part of CR LF",
            "End every line with CR LF, and only lines",
        )

    def _refuse(self, fault: str, remedy: str) -> None:
        self.fault, self.remedy = fault, remedy


def _first_bare(octets: bytes, *, skip: int) -> int:
    """Give where the first CR or LF stands alone; the last octet may have its other half behind it."""
    found = _BARE.search(octets, skip)
    return len(octets) if found is None else found.start()
