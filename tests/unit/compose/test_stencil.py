"""Which values are everyday ones, and what the stencil makes of them."""

from __future__ import annotations

import pytest

from eilbote.compose.placeholders import Pattern, in_html
from eilbote.compose.series_text import SeriesText
from eilbote.compose.stencil import Stencil
from eilbote.model.message import BodyKind

TO = "To: a@b.example\r\n"
DATE = "Date: Thu, 15 Jan 2026 09:30:00 +0000\r\n"


def stencil() -> Stencil:
    plain = SeriesText("Dear {{ name }}\n", "plain", BodyKind.SEVEN_BIT)
    html = SeriesText("<p>{{ name }}", "html", BodyKind.SEVEN_BIT, in_html)
    return Stencil(
        author=b"From: c@d.example\r\n",
        shared=b"MIME-Version: 1.0\r\n",
        subject=Pattern("Hello {{ name }}!", "subject"),
        texts=[plain, html],
        pieces=[
            b"--TOKEN\r\n",
            plain.header,
            b"\r\n",
            plain.body,
            html.header,
            b"\r\n",
            html.body,
            b"--TOKEN--",
        ],
        token=b"TOKEN",
    )


def test_the_holes_are_filled() -> None:
    assert stencil().fill({"name": "Anne & Co"}, TO, DATE, "<m@x>", None) == (
        b"From: c@d.example\r\nTo: a@b.example\r\nSubject: Hello Anne & Co!\r\n"
        b"Date: Thu, 15 Jan 2026 09:30:00 +0000\r\nMessage-ID: <m@x>\r\nMIME-Version: 1.0\r\n--TOKEN\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nDear Anne & Co\r\n"
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n<p>Anne &amp; Co--TOKEN--"
    )


def test_what_varies_in_the_last_part_of_the_header() -> None:
    octets = stencil().fill({"name": "x"}, TO, DATE, "<m@x>", b"X-Code: 7\r\nMIME-Version: 1.0\r\n")
    assert octets is not None
    assert b"<m@x>\r\nX-Code: 7\r\nMIME-Version: 1.0\r\n--TOKEN" in octets


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"name": 1},
        {"name": None},
        {"name": "\u00c4nne"},
        {"name": "a\nb"},
        {"name": "a\rb"},
        {"name": "a\0b"},
        {"name": "a\u2028b"},
        {"name": "=?utf-8?q?x?="},
        {"name": "a TOKEN b"},
        {"name": "x" * 170},
        {"name": "x" * 64},
    ],
)
def test_what_asks_for_more_than_copying(given: dict[str, str]) -> None:
    assert stencil().fill(given, TO, DATE, "<m@x>", None) is None


@pytest.mark.parametrize(
    "to, message_id",
    [
        ("To: a@b.example", "<m@x>"),
        ("To: a@b.example\r\nBcc: x\r\n", "<m@x>"),
        ("To: a@b.example\n\r\n", "<m@x>"),
        ("To: j\u00fcrgen@b.example\r\n", "<m@x>"),
        (TO, "<m@x>\r\n"),
        (TO, "<m\0@x>"),
    ],
)
def test_the_last_look_is_as_strict_as_elsewhere(to: str, message_id: str) -> None:
    assert stencil().fill({"name": "x"}, to, DATE, message_id, None) is None
