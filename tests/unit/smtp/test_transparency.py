"""Dots at the beginning of lines."""

from __future__ import annotations

import pytest

from eilbote.smtp.transparency import Stuffer, stuff


@pytest.mark.parametrize(
    "content,stuffed",
    [
        (b"hello\r\n", b"hello\r\n"),
        (b".\r\n", b"..\r\n"),
        (b"..\r\n", b"...\r\n"),
        (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n"),
        (b".a\r\n.b\r\n.c\r\n", b"..a\r\n..b\r\n..c\r\n"),
        (b"\r\n.\r\n", b"\r\n..\r\n"),
        (b"a.b\r\n", b"a.b\r\n"),
        (b"", b""),
    ],
)
def test_stuffing(content: bytes, stuffed: bytes) -> None:
    assert stuff(content) == stuffed


def test_content_without_such_lines_is_not_copied() -> None:
    content = b"line. with dots.\r\n" * 100
    assert stuff(content) is content


@pytest.mark.parametrize(
    "pieces",
    [
        [b"a\r\n", b".b\r\n"],
        [b"a\r", b"\n.b\r\n"],
        [b"a\r", b"\n", b".b\r\n"],
        [b"a", b"\r\n.b\r\n"],
        [b"a\r\n", b"", b".b\r\n"],
    ],
)
def test_a_line_end_cut_anywhere(pieces: list[bytes]) -> None:
    stuffer = Stuffer()
    assert b"".join(map(stuffer.feed, pieces)) == b"a\r\n..b\r\n"
    assert stuffer.ends_line


def test_the_first_line_of_pieces_is_a_line() -> None:
    assert Stuffer().feed(b".a\r\n") == b"..a\r\n"


def test_a_piece_known_to_be_free_of_dots_still_ends_lines() -> None:
    stuffer = Stuffer()
    assert stuffer.pass_over(b"QUJD\r\n") == b"QUJD\r\n"
    assert stuffer.feed(b".b\r\n") == b"..b\r\n"


def test_knows_an_unfinished_line() -> None:
    stuffer = Stuffer()
    stuffer.feed(b"a\r\nb")
    assert not stuffer.ends_line
