"""The hash of a body in pieces equals that of the whole, canonicalised by a simple reading of RFC 6376 §3.4.4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import example, given

from eilbote.compose.dkim import _hash_body
from eilbote.model.message import Segment


@dataclass
class Pieces:
    pieces: list[bytes]
    dot_free: bool = True

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces))

    def chunks(self) -> Iterator[bytes]:
        return iter(self.pieces)


def by_the_book(body: bytes) -> bytes:
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


BODIES = st.lists(
    st.sampled_from([b"a", b" ", b"\t", b"  ", b"\r\n", b"line", b"\r\n\r\n"]), max_size=30
).map(b"".join)


@given(BODIES, st.lists(st.integers(0, 60), max_size=6), st.booleans())
@example(b"a\r\n\r\n", [2], True)
@example(b"a \r\n \r\n", [2, 4], True)
@example(b"", [], True)
def test_any_pieces_give_the_same_hash(body: bytes, cuts: list[int], streamed: bool) -> None:
    places = sorted({min(cut, len(body)) for cut in cuts})
    bounds = [0, *places, len(body)]
    pieces = [body[start:end] for start, end in pairwise(bounds)]
    rest: list[Segment] = [Pieces(pieces[1:])] if streamed else list(pieces[1:])
    assert _hash_body(pieces[0], rest) == sha256(by_the_book(body)).digest()
