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


@pytest.mark.parametrize(
    "html",
    [
        "<style></style>x" * 60_000 + "seen",
        "<p>" * 300_000 + "seen",
        "<td>x" * 200_000 + "seen",
        "<table>" + "<tr><td>y</td></tr>" * 2_000 + f"<tr><td>{'z' * 200_000} seen</td></tr></table>",
        "<table>" + "<tr><td>y</td></tr>" * 2_000 + f"<tr><td><img alt='{'z' * 200_000} seen'></table>",
        '<div style="padding-left:99999em">x</div>' * 5_000 + "seen",
        f"<p {' '.join(f'a{n}' for n in range(40_000))}>seen",
        f"<script>a<b x=\"</script><p y='>' {' '.join(f'a{n}' for n in range(40_000))}>seen",
    ],
    ids=[
        "unseen",
        "blocks",
        "cells",
        "wide cell",
        "wide image",
        "indents",
        "attributes",
        "hidden attributes",
    ],
)
def test_a_document_costs_no_more_than_its_length(html: str) -> None:
    start = process_time()
    text = html_to_text(html)
    assert process_time() - start < 1
    assert "seen" in text
    assert len(text) < len(html)


def test_very_many_tags_leave_lines_and_hide_what_nobody_sees() -> None:
    html = "<style>p{}</style><!-- <p>no --><P>one <b>two</b></P><script >x<y</script >" + "<p>&lt;" * 10_000
    assert html_to_text(html).startswith("one  two\n\n<\n<\n")


@pytest.mark.parametrize("target", ["mailto:\x01", "http://x/\ufffe"])
def test_a_link_to_nowhere_is_shown_without_what_cannot_be_shown(target: str) -> None:
    assert html_to_text(f'<a href="{target}">go</a>') == f"go ({target[:-1]})\n"
