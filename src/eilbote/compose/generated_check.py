"""The last look at generated octets, whatever wrote them and whichever interpreter ran (RFC 5322 §2.1, §2.2).

Everything before this is meant to be right; this makes sure that a mistake becomes an error here and never an
injected header or a second message on the wire.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from eilbote.compose.transfer_encoding import MAX_LINE, lines_fit
from eilbote.errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Sequence

_CRLF = b"\r\n"
_PRINTABLE = bytes(range(0x20, 0x7F))
_VISIBLE = b"!"  # the first octet above the blank
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def checked_header(block: str, fields: int, *, utf8: bool) -> bytes:
    """Give the octets of a header section.

    Args:
        block: The fields with their folds and line ends.
        fields: How many there are meant to be.
        utf8: Characters outside ASCII are allowed (RFC 6532).

    Raises:
        LocalProtocolError: It is not exactly that many fields, or something in it could end a line.
    """
    octets = block.encode()
    if len(octets) <= MAX_LINE:
        # The everyday section: unfolded it has as many lines as fields, each begins visibly, and nothing else ends one.
        unfolded = octets.replace(b"\r\n ", b" ")
        lines = unfolded.split(_CRLF)
        if (
            len(lines) == fields + 1 > 1
            and not lines.pop()
            and min(lines) >= _VISIBLE
            and unfolded.translate(None, _PRINTABLE) == _CRLF * fields
        ):
            return octets
    text = block.replace("\r\n", "")
    if utf8:
        broken = _CONTROL.search(text) is not None
    else:
        broken = not text.isprintable()
        if not text.isascii():
            raise _fault("a header field is not ASCII")
    if broken:
        raise _fault("a header field holds a bare line end or a control character")
    if block[-2:] != "\r\n" or block[:2] == "\r\n" or "\r\n\r\n" in block:
        raise _fault("the header does not end where it should")
    if block.count("\r\n") - block.count("\r\n ") != fields or block[0] == " ":
        raise _fault("a header field is not exactly one field")
    if len(octets) > MAX_LINE and not lines_fit(octets, MAX_LINE):
        raise _fault("a header line is longer than 998 octets")
    return octets


def checked_headers(blocks: Sequence[str], fields: int) -> list[bytes]:
    """Give the octets of several header sections of as many fields each, in ASCII; the same as one after the other.

    Raises:
        LocalProtocolError: As :func:`checked_header` says it of the first that is not right.
    """
    sections = list(map(str.encode, blocks))
    sound = _section(fields).fullmatch
    if max(map(len, sections), default=0) <= MAX_LINE and None not in map(sound, sections):
        return sections
    return [checked_header(block, fields, utf8=False) for block in blocks]


@cache
def _section(fields: int) -> re.Pattern[bytes]:
    """Give what so many fields of printable ASCII look like, each beginning visibly, folded or not."""
    return re.compile(rb"(?:[!-~][ -~]*+\r\n(?: [ -~]*+\r\n)*+){%d}" % fields)


def check_body(octets: bytes) -> None:
    """Make sure that all line ends are CRLF and that no line is too long.

    Raises:
        LocalProtocolError: One is not.
    """
    pairs = octets.count(b"\r\n")
    if octets.count(b"\n") != pairs or octets.count(b"\r") != pairs:
        raise _fault("the body holds a bare CR or LF")
    if not lines_fit(octets, MAX_LINE):
        raise _fault("a line of the body is longer than 998 octets")


def _fault(what: str) -> LocalProtocolError:
    return LocalProtocolError(
        f"{what} after composition",
        cause="this is a fault of eilbote; nothing was sent",
        remedy="Please report it with the draft that shows it",
    )
