"""Which values are everyday ones, and what the stencil makes of them."""

from __future__ import annotations

import pytest

from eilbote.compose.placeholders import in_html
from eilbote.compose.series_text import SeriesText
from eilbote.compose.stencil import Stencil, everyday_values
from eilbote.model.message import BodyKind

OWN = b"To: a@b.example\r\nSubject: Hello\r\nMessage-ID: <m@x>\r\n"


def stencil() -> Stencil:
    plain = SeriesText("Dear {{ name }}\n", "plain", BodyKind.EIGHT_BIT)
    html = SeriesText("<p>{{ name }}", "html", BodyKind.EIGHT_BIT, in_html)
    return Stencil(
        author=b"From: c@d.example\r\n",
        shared=b"MIME-Version: 1.0\r\n",
        names=["name"],
        texts=[plain, html],
        encodings=["7bit", "8bit"],
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


@pytest.mark.parametrize(
    "name, shown", [("Anne & Co", "Anne &amp; Co"), ("J\u00fcrgen", "J\u00fcrgen"), ("", "")]
)
def test_the_holes_are_filled(name: str, shown: str) -> None:
    octets = stencil().fill([name], OWN, None)
    assert octets is not None
    assert octets.decode() == (
        "From: c@d.example\r\nTo: a@b.example\r\nSubject: Hello\r\nMessage-ID: <m@x>\r\n"
        "MIME-Version: 1.0\r\n--TOKEN\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nDear {name}\r\n"
        f"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>{shown}--TOKEN--"
    )


def test_what_varies_in_the_last_part_of_the_header() -> None:
    octets = stencil().fill(["x"], OWN, b"X-Code: 7\r\nMIME-Version: 1.0\r\n")
    assert octets is not None
    assert b"<m@x>\r\nX-Code: 7\r\nMIME-Version: 1.0\r\n--TOKEN" in octets


@pytest.mark.parametrize("value", ["a TOKEN b", "x" * 170])
def test_what_asks_for_more_than_copying(value: str) -> None:
    assert stencil().fill([value], OWN, None) is None


def test_everyday_values() -> None:
    assert everyday_values(["a", "b"], {"a": "1", "b": "x y", "c": "\n"}) == (["1", "x y"], True)
    assert everyday_values(["a"], {"a": "J\u00fcrgen"}) == (["J\u00fcrgen"], False)
    assert everyday_values([], {}) == ([], True)


@pytest.mark.parametrize(
    "given",
    [
        *({}, {"name": 1}, {"name": None}, {"name": "a\nb"}, {"name": "a\rb"}, {"name": "a\0b"}),
        *({"name": "a\u2028b"}, {"name": "a\x85b"}, {"name": "\ud800"}),
    ],
)
def test_values_that_are_not(given: dict[str, str]) -> None:
    assert everyday_values(["name"], given) is None
