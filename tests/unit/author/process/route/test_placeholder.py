"""Places for values in the texts of routes."""

from __future__ import annotations

import pytest

from eilbote.author.process.route.placeholder import key_of, pattern_of
from eilbote.author.process.route.placeholder_html import TAKES_VALUES, Where, written


def filled(text: str, **values: str) -> str:
    known = {key_of(name): value for name, value in values.items()}
    return pattern_of(text).fill(lambda place: known.get(place.key))


@pytest.mark.parametrize(
    "text, result",
    [
        ("Order {Number} for {Name}", "Order 4711 for Anna"),
        ("{Number}{Name}{Number}", "4711Anna4711"),
        ("{number} and {NUMBER}", "4711 and 4711"),
        ("{Unknown} stays", "{Unknown} stays"),
        ("{ Number } {Num ber} {1st} {} {-} {Number", "{ Number } {Num ber} {1st} {} {-} {Number"),
        ("p { color: red; } a{b:c}", "p { color: red; } a{b:c}"),
        ("{{Number}} and {{ Number }}", "{4711} and {{ Number }}"),
        ('{"order":{Number}}', '{"order":4711}'),
        ("{Größe}", "{Größe}"),
        ("", ""),
    ],
)
def test_only_declared_names_between_two_braces_are_replaced(text: str, result: str) -> None:
    assert filled(text, Number="4711", Name="Anna") == result


def test_what_stands_in_a_value_is_no_place() -> None:
    assert filled("{A} {B}", A="{B}", B="{A}") == "{B} {A}"


@pytest.mark.parametrize(
    "text, alone",
    [(" {Customer}\n", "Customer"), ("{A}{B}", None), ("x{A}", None), ("x", None), ("", None)],
)
def test_a_text_may_be_nothing_but_one_place(text: str, alone: str | None) -> None:
    found = pattern_of(text).alone
    assert (found.name if found else None) == alone


@pytest.mark.parametrize(
    "html, where",
    [
        ("<p>{A}</p>", Where.TEXT),
        ("1 < 2 {A}", Where.TEXT),
        ('<p title="x {A}">', Where.ATTRIBUTE),
        ("<p title='{A}'>", Where.ATTRIBUTE),
        ("<p title={A}>", Where.ATTRIBUTE),
        ('<a class=x href="https://example.org/{A}">', Where.ADDRESS),
        ("<IMG SRC={A}>", Where.ADDRESS),
        ('<p style="color:{A}">', Where.STYLE),
        ("<style>p{A}</style>", Where.STYLE),
        ("<style media=print>\np > b {A}", Where.STYLE),
        ("<STYLE>x</style >{A}", Where.TEXT),
        ("<script>if (a < b) {A}</script>", Where.UNSEEN),
        ("<!-- {A} -->", Where.UNSEEN),
        ("<!-- > {A}", Where.UNSEEN),
        ("<!-- x -->{A}", Where.TEXT),
        ("<p {A}>", Where.TAG),
        ("<p {A}=x>", Where.TAG),
        ("<p title='x'{A}>", Where.TAG),
        ("</p {A}>", Where.TAG),
        ('<p title="a > b">{A}', Where.TEXT),
        ('<p title="open {A}', Where.ATTRIBUTE),
        ("<p =x title=y>{A}", Where.TEXT),
    ],
)
def test_html_says_where_a_place_stands(html: str, where: Where) -> None:
    (place,) = pattern_of(html, is_html=True).placeholders
    assert place.where is where


def test_plain_text_that_looks_like_html_is_plain_text() -> None:
    (place,) = pattern_of("<style>{A}").placeholders
    assert place.where is Where.TEXT


def test_an_address_knows_what_stands_before_a_place() -> None:
    first, second = pattern_of('<a href=" {A}/x?q={B}">', is_html=True).placeholders
    assert (first.before, second.before) == ("", "{A}/x?q=")


@pytest.mark.parametrize(
    "where, before, text",
    [
        (Where.TEXT, "", "&lt;b a=&quot;c&quot;&gt; &amp;<br>&#x27;"),
        (Where.ATTRIBUTE, "", "&lt;b&#32;a&#61;&quot;c&quot;&gt;&#32;&amp;&#10;&#x27;"),
        (Where.ADDRESS, "", "&lt;b&#32;a&#61;&quot;c&quot;&gt;&#32;&amp;&#10;&#x27;"),
        (Where.ADDRESS, "https://example.org/?q=", "%3Cb%20a%3D%22c%22%3E%20%26%0A%27"),
    ],
)
def test_a_value_is_written_as_the_part_of_html_takes_it(where: Where, before: str, text: str) -> None:
    assert where in TAKES_VALUES
    assert written('<b a="c"> &\n\'', where, before=before) == text


@pytest.mark.parametrize(
    "before, value, text",
    [
        ("https://example.org", "@evil.example", "%40evil.example"),
        ("https://example.org/", "a/b?c#d", "a%2Fb%3Fc%23d"),
        ("mailto:", "anna@example.org?bcc=eva@example.org", "anna@example.org%3Fbcc%3Deva@example.org"),
    ],
)
def test_a_value_does_not_change_where_an_address_leads(before: str, value: str, text: str) -> None:
    assert written(value, Where.ADDRESS, before=before) == text
