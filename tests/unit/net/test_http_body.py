"""Bodies are unpacked as far as an answer may go, and no further."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

from eilbote.errors import DeliveryError
from eilbote.net.http_body import Decoder
from eilbote.net.http_faults import Circumstances


def decoder(coding: str, octets: int) -> Decoder:
    return Decoder(coding, Circumstances(field="url", server="a.example:443", seconds=1, octets=octets))


def test_a_bomb_takes_no_memory() -> None:
    """50 MB in 50 kB, in one piece: what does not fit is never made."""
    bomb = gzip.compress(b" " * 50_000_000)
    bounded = decoder("gzip", 64 * 1024)
    tracemalloc.start()
    try:
        with pytest.raises(DeliveryError, match="65,536 octets"):
            bounded.feed(bomb)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 1_000_000


def test_a_body_comes_out_piece_by_piece() -> None:
    packed = gzip.compress(bytes(range(256)) * 40)
    bounded = decoder("x-gzip", 10_240)
    out = b"".join(bounded.feed(packed[at : at + 7]) for at in range(0, len(packed), 7)) + bounded.finish()

    assert out == bytes(range(256)) * 40


def test_what_is_not_packed_passes() -> None:
    bounded = decoder("identity", 4)

    assert bounded.feed(b"abcd") == b"abcd"
    assert bounded.finish() == b""
    with pytest.raises(DeliveryError):
        bounded.feed(b"e")
