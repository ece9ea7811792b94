"""The last look finds what must never get that far; every fault is made once."""

from __future__ import annotations

import pytest

from eilbote.compose.generated_check import check_body, checked_header, checked_headers
from eilbote.errors import LocalProtocolError

GOOD = "From: a@b\r\nSubject: one\r\n two\r\n"


def test_what_is_sound_passes() -> None:
    assert checked_header(GOOD, 2, utf8=False) == GOOD.encode()
    assert checked_header("To: ü@b\r\n", 1, utf8=True) == "To: ü@b\r\n".encode()
    check_body(b"one\r\n\r\n.\r\n\xff\r\n")
    check_body(b"")


@pytest.mark.parametrize(
    "block, fields",
    [
        (GOOD, 3),
        (GOOD, 1),
        ("", 1),
        ("From: a@b", 1),
        ("From: a@b\r\n\r\n", 1),
        ("From: a@b\r\n\r\nSubject: x\r\n", 2),
        ("From: a@b\r\n\r\nSubject: x\r\n", 3),
        ("From: a\nb\r\n", 1),
        ("From: a\rb\r\n", 1),
        ("From: a\r\r\n", 1),
        ("From: a\n\r\n", 1),
        ("From: a\0\r\n", 1),
        ("From: a\tb\r\n", 1),
        ("From: a\x7f\r\n", 1),
        ("From: a\x85\r\n", 1),
        ("From: a\u2028\r\n", 1),
        ("From: ü\r\n", 1),
        ("From: a@b\r\nBcc: x@y\r\n", 1),
        ("Subject: " + "x" * 990 + "\r\n", 1),
    ],
)
@pytest.mark.parametrize("utf8", [False, True])
def test_what_is_not_is_found(block: str, fields: int, utf8: bool) -> None:
    if utf8 and block == "From: ü\r\n":
        return
    with pytest.raises(LocalProtocolError) as caught:
        checked_header(block, fields, utf8=utf8)
    assert "nothing was sent" in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"a\nb", b"a\rb", b"a\r\r\n", b"\n", b"\r", b"x" * 999, b"a\r\n" + b"x" * 999 + b"\r\n"]
)
def test_a_body_too(body: bytes) -> None:
    with pytest.raises(LocalProtocolError):
        check_body(body)


def test_several_sound_sections_pass() -> None:
    assert checked_headers([GOOD, GOOD], 2) == [GOOD.encode()] * 2
    long = "From: a@b\r\nSubject:" + 30 * (" " + "w" * 60 + "\r\n")
    assert checked_headers([GOOD, long], 2) == [GOOD.encode(), long.encode()]


@pytest.mark.parametrize(
    "blocks",
    [
        ["From: a@b\r\nSubject: x\r\nBcc: c@d\r\n", "From: a@b\r\n"],  # four fields together
        ["From: a@b\r\nSubject: x", "From: a@b\r\nSubject: x\r\nBcc: c@d\r\n"],
        ["From: a@b\r\nSubject: x\r\nBcc: c", "From: a@b\r\nSubject: x\r\n"],
        ["From: a@b\r\nSubject: x\r\n", " folded\r\nFrom: a@b\r\nSubject: x\r\n"],
        ["From: a@b\r\nSubject: x\r\n", "From: a@b\r\nSubject: " + "w" * 1_000 + "\r\n"],
        ["From: a@b\r\nSubject: x\r\n", "From: a@b\r\nSubject: x\n\r\n"],
        ["From: a@b\r\nSubject: x\r\n", "From: a@b\r\nSubject: ü\r\n"],
        ["From: a@b\r\nSubject: x\r\n", "From: a@b\r\n\r\n"],
    ],
)
def test_one_unsound_section_among_several_is_found(blocks: list[str]) -> None:
    with pytest.raises(LocalProtocolError):
        checked_headers(blocks, 2)
