"""HTML as people without HTML read it."""

from __future__ import annotations

from time import process_time

import pytest

from eilbote.template.html_text import html_to_text

TEXTS = {
    "<p>Hello <b>you</b></p><p>Bye": "Hello you\n\nBye\n",
    "plain &amp; simple": "plain & simple\n",
    "a<br>b": "a\nb\n",
    '<a href="https://x.example/y">here</a>': "here (https://x.example/y)\n",
    '<a href="https://x.example">https://x.example</a>': "https://x.example\n",
    '<a href="https://x.example">x.example</a>': "x.example\n",
    '<a href="mailto:a@b.example">a@b.example</a>': "a@b.example\n",
    '<a href="mailto:a@b.example">Write</a>': "Write (mailto:a@b.example)\n",
    '<a href="#top">up</a> <a href="javascript:x()">no</a> <a>plain</a>': "up no plain\n",
    '<a href="https://x.example"><img src="cid:x" alt="Logo"></a>': "[Logo] (https://x.example)\n",
    '<a href="https://x.example"></a>': "https://x.example\n",
    '<img src="x" alt="A chart"><img src="pixel" alt="" title="tracker">': "[A chart]\n",
    "<ul><li>one<li>two<ol><li>first<li>second</ol></ul>": "  * one\n  * two\n     1. first\n     2. second\n",
    "<table><tr><th>Item<th>Price<tr><td>Tea<td>3</table>": "Item  Price\nTea   3\n",
    "before<table><tr><td>a</table>after": "before\na\n\nafter\n",
    '<table role="presentation"><tr><td>Left<td>Right</table>': "Left\nRight\n",
    "<table role=presentation><tr><td><table><tr><td>a<td>b</table><p>c</table>": "a  b\n\nc\n",
    '<p style="display:none">hidden</p>shown': "shown\n",
    "<title>T</title><style>x{}</style><script>y()</script>shown<!-- c -->": "shown\n",
    "a < b, 1 > 0": "a < b, 1 > 0\n",
    '<?xml version="1.0" encoding="utf-16"?><p>ü': "ü\n",
    "<p>{{ name }}, <a href='{{ url }}'>go</a>": "{{ name }}, go ({{ url }})\n",
    "nul\0 and half \ud83d": "nul and half ?\n",
    "a\r\nb": "a b\n",
    "": "",
    " \n ": "",
    "<p></p>": "",
}


@pytest.mark.parametrize("html", TEXTS)
def test_texts(html: str) -> None:
    assert html_to_text(html) == TEXTS[html]


def test_no_empty_lines_in_heaps() -> None:
    assert "\n\n\n" not in html_to_text("<div><p>a</p><p></p><br><br><br><p>b</p></div>" * 3)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "seen",
        "<table><tr><td>" * 2_000 + "seen",
        '<table role="presentation"><tr><td>' * 2_000 + "seen",
        "<ul><li>" * 300 + "seen",
        "<" * 100_000 + " seen",
        "&" * 100_000 + "seen",
        "<a href='https://x'>" * 5_000 + "seen",
        "<!--" * 10_000 + "-->seen",
    ],
    ids=["blocks", "tables", "layout tables", "lists", "angles", "ampersands", "links", "comments"],
)
def test_hostile_html_is_read_in_time(html: str) -> None:
    start = process_time()
    assert "seen" in html_to_text(html)
    assert process_time() - start < 2
