"""A picture made in code: the demo's logo, so that the package carries no binary file (PNG, RFC 2083)."""

from __future__ import annotations

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_WIDTH, _HEIGHT = 96, 64
_PAPER, _INK, _EDGE = b"\xf6\xf1\xe4", b"\xb8\x3a\x2e", b"\x3a\x3a\x3a"


def envelope_png() -> bytes:
    """Draw a sealed envelope, 96 by 64 pixels."""
    rows = b"".join(b"\0" + b"".join(_colour(x, y) for x in range(_WIDTH)) for y in range(_HEIGHT))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    return (
        _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _colour(x: int, y: int) -> bytes:
    if (x - _WIDTH / 2) ** 2 + (y - 36) ** 2 <= 81:  # noqa: PLR2004 - the seal, a disc of radius 9
        return _INK
    on_edge = min(x, y, _WIDTH - 1 - x, _HEIGHT - 1 - y) < 2  # noqa: PLR2004
    on_flap = abs(y - min(x, _WIDTH - 1 - x) * 36 / (_WIDTH / 2)) < 1.5  # noqa: PLR2004
    return _EDGE if on_edge or on_flap else _PAPER
