"""Octets of a ready-made message: whatever the pieces they come in, the same is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.compose.raw_octets import RawOctets

FINE = b"From: a@example.org\r\nSubject: x\r\n\r\nHello\r\n.dot\r\n"


def looked_over(*pieces: bytes, header_octets: int = 10_000) -> RawOctets:
    found = RawOctets(header_octets=header_octets)
    for piece in pieces:
        found.feed(piece)
    found.end()
    return found


def test_the_header_is_told_from_the_body() -> None:
    found = looked_over(FINE)
    assert found.fault == ""
    assert found.header == b"From: a@example.org\r\nSubject: x\r\n"
    assert FINE[found.body_at :] == b"Hello\r\n.dot\r\n"
    assert found.ends_a_line
    assert not found.is_body_dot_free
    assert not found.has_eight_bit_body


@pytest.mark.parametrize("octets", [b"Subject: x\r\n", b"Subject: x\r\n\r\n", b"Subject: x"])
def test_a_message_may_be_all_header(octets: bytes) -> None:
    found = looked_over(octets)
    assert found.fault == ""
    assert octets[found.body_at :] == b""


@pytest.mark.parametrize(
    "octets, words",
    [
        (b"Subject: x\r\n\r\na\nb\r\n", "line 3 holds a CR or LF"),
        (b"Subject: x\r\n\r\na\rb\r\n", "line 3 holds a CR or LF"),
        (b"Subject: x\r\n\r\na\r\n\r", "line 4 holds a CR or LF"),
        (b"Subject: x\r\n\r\n\n.\r\nMAIL FROM:<x>\r\n", "line 3 holds a CR or LF"),
        (b"Subject: x\r\n\r\na\r\n\r.\r\nb\r\n", "line 4 holds a CR or LF"),
        (b"Subject: x\r\n\r\na\r\n\0\r\n", "line 4 holds a NUL"),
        (b"Subject: x\r\n\r\n" + b"x" * 999 + b"\r\n", "line 3 is longer than 998"),
        (b"\r\nHello\r\n", "there is no header"),
    ],
)
def test_what_is_wrong_is_told_whatever_the_pieces(octets: bytes, words: str) -> None:
    assert words in looked_over(octets).fault
    assert words in looked_over(*(octets[at : at + 1] for at in range(len(octets)))).fault


def test_a_line_of_998_octets_is_not_too_long() -> None:
    assert looked_over(b"Subject: x\r\n\r\n" + b"x" * 998 + b"\r\n").fault == ""


def test_a_header_has_a_limit_even_without_an_end() -> None:
    assert "header takes more than 100" in looked_over(b"A: b\r\n" * 100, header_octets=100).fault
    assert "header takes more than 100" in looked_over(b"A: b\r\n" * 100 + b"\r\nx", header_octets=100).fault


PIECES = st.lists(
    st.sampled_from(
        [b"A: b", b"\r\n", b"\r", b"\n", b"\r\n\r\n", b".", b"x" * 500, b"\xc3\xa4", b"\0", b"\r\n.\r\n"]
    ),
    max_size=12,
).map(b"".join)


@given(PIECES, st.data())
def test_any_pieces_give_the_same(octets: bytes, data: st.DataObject) -> None:
    at = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=6)))
    pieces = [octets[start:end] for start, end in zip([0, *at], [*at, len(octets)], strict=True)]
    whole, parts = looked_over(octets), looked_over(*pieces)
    assert bool(whole.fault) == bool(parts.fault)
    if whole.fault:
        return
    for name in ("header", "body_at", "size", "has_eight_bit_body", "is_body_dot_free", "ends_a_line"):
        assert getattr(whole, name) == getattr(parts, name), name


@given(PIECES)
def test_nothing_that_is_let_through_has_a_bare_line_end(octets: bytes) -> None:
    if not looked_over(octets).fault:
        without = octets.replace(b"\r\n", b"")
        assert b"\r" not in without
        assert b"\n" not in without
