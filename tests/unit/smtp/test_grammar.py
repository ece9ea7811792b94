"""xtext and the original recipient."""

from __future__ import annotations

import pytest

from eilbote.smtp.grammar import original_recipient, xtext


@pytest.mark.parametrize(
    "text,written",
    [
        ("plain-text.42", "plain-text.42"),
        ("a+b=c", "a+2Bb+3Dc"),
        ("a b", "a+20b"),
        ("a\r\nb", "a+0D+0Ab"),
        ("ü", "+C3+BC"),
        ("", ""),
    ],
)
def test_xtext(text: str, written: str) -> None:
    assert xtext(text) == written


@pytest.mark.parametrize(
    "address,written",
    [
        ("max@example.net", "rfc822;max@example.net"),
        ("max+tag@example.net", "rfc822;max+2Btag@example.net"),
        ('"a b"@example.net', 'rfc822;"a+20b"@example.net'),
        ("zoë@example.net", r"utf-8;zo\x{EB}@example.net"),
        ("zoë+x=y\\@example.net", r"utf-8;zo\x{EB}\x{2B}x\x{3D}y\x{5C}@example.net"),
        ("用户@例え.jp", r"utf-8;\x{7528}\x{6237}@\x{4F8B}\x{3048}.jp"),
    ],
)
def test_original_recipient(address: str, written: str) -> None:
    assert original_recipient(address) == written
