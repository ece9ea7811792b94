"""Content-Transfer-Encoding (RFC 2045 §6): which one a text gets, and the encoders.

A text stays as it is when its lines are short enough and the next hop takes its octets; otherwise it becomes
quoted-printable or base64, whichever is shorter. Line ends are CRLF in every case.
"""

from __future__ import annotations

import re
import struct
from binascii import b2a_base64, b2a_qp
from typing import TYPE_CHECKING, Final

from eilbote.errors import DraftError
from eilbote.model.message import BodyKind

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LINE: Final = 998
"""Octets in a line without CRLF (RFC 5322 §2.1.1)."""
MAX_TEXT_LINE: Final = 990
"""Octets in a line of text that is sent unencoded; some relays fold, and so change, lines from 992 on."""
BLOCK: Final = 57 * 1024
"""Octets that become 1,024 full lines of base64."""

_SEVEN_BIT = BodyKind.SEVEN_BIT
_LINE_ENDS = re.compile(r"\r\n?|\n")
_ENCODED_LINE = 76  # RFC 2045 §6.7 (5) and §6.8
_SAFE_IN_QUOTED_PRINTABLE = bytes(c for c in range(32, 127) if c != ord("=")) + b"\t\r\n"
_EQUALS = ord("=")
_BLANKS = frozenset((b" ", b"\t"))
_OCTETS = [bytes((octet,)) for octet in range(256)]
_ESCAPES = [b"=%02X" % octet for octet in range(256)]
_LINES_OF_BLOCK = struct.Struct("76s" * (BLOCK // 57)).unpack


def fast_base64() -> Callable[[bytes], bytes]:
    """Give the fastest base64 encoder at hand: pybase64 (the ``speed`` extra), else the standard library's."""
    try:
        from pybase64 import b64encode
    except ImportError:
        return lambda data: b2a_base64(data, newline=False)
    return b64encode


_base64 = fast_base64()


def encode_text(text: str, field: str, body: BodyKind) -> tuple[str, bytes]:
    """Give the transfer encoding for a text and its octets in it.

    Raises:
        DraftError: The text holds a lone surrogate.
    """
    if "\r" in text:
        text = _LINE_ENDS.sub("\n", text)
    try:
        octets = text.encode()
    except UnicodeEncodeError as exc:
        raise DraftError(
            "the text holds a lone surrogate",
            field=field,
            position=exc.start,
            remedy="Remove it: it is half of a character and cannot be encoded",
        ) from exc
    # Octets are searched several times as fast as characters beyond Latin-1, so the line ends come second.
    octets = octets.replace(b"\n", b"\r\n")
    if 0 not in octets and (len(octets) <= MAX_TEXT_LINE or lines_fit(octets, MAX_TEXT_LINE)):
        if text.isascii():
            return "7bit", octets
        if body is not _SEVEN_BIT:
            return "8bit", octets
    return encode_octets(octets, body)


def encode_octets(octets: bytes, body: BodyKind) -> tuple[str, bytes]:
    """Give the transfer encoding for octets of text with CRLF line ends, and the octets in it."""
    if 0 not in octets:
        if octets.isascii():
            if len(octets) <= MAX_TEXT_LINE or lines_fit(octets, MAX_TEXT_LINE):
                return "7bit", octets
        elif body is not _SEVEN_BIT and lines_fit(octets, MAX_TEXT_LINE):
            return "8bit", octets
        unsafe = len(octets.translate(None, _SAFE_IN_QUOTED_PRINTABLE))
        # A soft break costs 3 octets in 76; base64 turns 57 octets into 78.
        if (len(octets) + 2 * unsafe) * 79 * 57 <= len(octets) * 78 * 76:
            return "quoted-printable", quoted_printable(octets)
    return "base64", base64_lines(octets)


def lines_fit(octets: bytes, limit: int) -> bool:
    """Tell whether no line is longer than ``limit`` octets, CRLF not counted."""
    # From the beginning of a line, a line end must come within the limit; the last of those within it begins
    # the next stride. A handful of searches settles a long text.
    start, size = 0, len(octets)
    while size - start > limit:
        end = octets.rfind(b"\n", start, start + limit + 2)
        if end < 0:
            return False
        start = end + 1
    return True


def base64_lines(octets: bytes) -> bytes:
    """Encode in lines of 76 octets, each ending in CRLF (RFC 2045 §6.8)."""
    if len(octets) > BLOCK:
        return b"".join([base64_lines(octets[at : at + BLOCK]) for at in range(0, len(octets), BLOCK)])
    encoded = _base64(octets)
    if len(octets) == BLOCK:
        return b"\r\n".join(_LINES_OF_BLOCK(encoded)) + b"\r\n"
    lines = [encoded[at : at + _ENCODED_LINE] for at in range(0, len(encoded), _ENCODED_LINE)]
    lines.append(b"")
    return b"\r\n".join(lines)


def base64_size(octets: int) -> int:
    """Give how many octets :func:`base64_lines` makes of so many."""
    encoded = (octets + 2) // 3 * 4
    return encoded + (encoded + _ENCODED_LINE - 1) // _ENCODED_LINE * 2


def quoted_printable(octets: bytes) -> bytes:
    """Encode text with CRLF line ends (RFC 2045 §6.7); CR and LF that stand alone are encoded too.

    Lines that a mailbox file could mistake for something else, "From " and a lone dot, do not appear
    (RFC 2049 §3).
    """
    if (quickly := _everyday_quoted_printable(octets)) is not None:
        return quickly
    escaped = octets.replace(b"=", b"=3D")
    for octet in set(octets.translate(None, _SAFE_IN_QUOTED_PRINTABLE)):
        if octet != _EQUALS:
            escaped = escaped.replace(_OCTETS[octet], _ESCAPES[octet])
    plain_lines = escaped.split(b"\r\n")
    breaks = len(plain_lines) - 1
    if escaped.count(b"\r") != breaks or escaped.count(b"\n") != breaks:
        plain_lines = [line.replace(b"\r", b"=0D").replace(b"\n", b"=0A") for line in plain_lines]
    if b"From " in escaped or b"." in plain_lines:
        plain_lines = [_hide(line) for line in plain_lines]
    lines: list[bytes] = []
    for line in plain_lines:
        if line[-1:] in _BLANKS:
            line = line[:-1] + _ESCAPES[line[-1]]  # noqa: PLW2901 - the line itself changes
        if len(line) > _ENCODED_LINE:
            _break_softly(line, lines)
        else:
            lines.append(line)
    return b"\r\n".join(lines)


def _everyday_quoted_printable(octets: bytes) -> bytes | None:
    """Encode in C, or give ``None`` for what the interpreter's encoder does not know: lines that end in blanks, mailbox files."""
    ends = octets.count(b"\r\n")
    if (
        not ends
        or not octets.count(b"\r") == octets.count(b"\n") == ends
        or b" \r" in octets
        or b"\t\r" in octets
        or b"From " in octets
    ):
        return None
    encoded = b2a_qp(octets)
    return None if b"=\r\n." in encoded else encoded


def _break_softly(line: bytes, lines: list[bytes]) -> None:
    """Break one escaped line into several that end in ``=``, never within an escape."""
    start, size = 0, len(line)
    while size - start > _ENCODED_LINE:
        end = line.rfind(b"=", start + _ENCODED_LINE - 3, start + _ENCODED_LINE - 1)
        if end < 0:
            end = start + _ENCODED_LINE - 1
        lines.append(line[start:end] + b"=")
        start = end
    lines.append(line[start:])


def _hide(line: bytes) -> bytes:
    """Escape what must not begin a line, wherever a soft break might put it."""
    if line == b".":
        return b"=2E"
    return line.replace(b"From ", b"=46rom ")
