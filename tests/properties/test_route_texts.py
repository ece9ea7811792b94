"""Whatever stands in a route and whatever its values are: only declared names are replaced, and values stay values."""

from __future__ import annotations

import re
from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import given

from eilbote.author.process.route.placeholder import Pattern, key_of, pattern_of
from eilbote.author.process.route.placeholder_html import TAKES_VALUES, stretches, written
from eilbote.author.process.route.recipients import entries
from eilbote.author.process.route.route import (
    AttributeType,
    Meeting,
    MessageAttribute,
    MessageFormat,
    MessageProperties,
    Route,
)
from eilbote.author.process.route.text import read_route, switched, write_route

pieces = st.sampled_from(
    [
        "{",
        "}",
        "{{",
        "}}",
        "Name",
        "{Name}",
        "{name}",
        "{Other}",
        "{ Name }",
        "{1}",
        " ",
        "\n",
        "p{color:red}",
    ]
)
texts = st.lists(pieces | st.text(max_size=5), max_size=12).map("".join)
markup = st.sampled_from(
    [
        "<",
        ">",
        "<p>",
        "<a href=",
        '"',
        "'",
        "=",
        "/",
        "<style>",
        "</style>",
        "<!--",
        "-->",
        "<script",
        "style=",
    ]
)
pages = st.lists(pieces | markup | st.text(max_size=3), max_size=16).map("".join)
words = st.text(max_size=20) | texts | pages
# What YAML can hold in one line of an author's text or another; halves of characters cannot be kept at all.
said = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=30) | st.sampled_from(
    ["no", "1", "1.50", "~", " x ", "a\r\nb", "a\n\n b\n", "{Name}", "- x", "# x", "\x85", "\t"]
)


def put_together(pattern: Pattern) -> str:
    return "".join(map(str, pattern.pieces))


@given(texts)
def test_a_text_is_what_its_pieces_are(text: str) -> None:
    assert put_together(pattern_of(text)) == text
    assert pattern_of(text).fill(lambda _: None) == text


@given(texts, words)
def test_only_declared_names_are_replaced(text: str, value: str) -> None:
    filled = pattern_of(text).fill(lambda place: value if place.key == "name" else None)
    assert filled == re.sub(r"\{name\}", lambda _: value, text, flags=re.IGNORECASE | re.ASCII)


@given(pages)
def test_the_parts_of_a_page_follow_one_another(page: str) -> None:
    assert put_together(pattern_of(page, is_html=True)) == page
    end = 0
    for part in stretches(page):
        assert end <= part.begin <= part.end <= len(page)
        end = part.end


@given(pages, words)
def test_a_value_adds_no_tag_to_a_page(page: str, value: str) -> None:
    """What the text says outside its places is the same kind of thing after values were put in."""
    pattern = pattern_of(page, is_html=True)

    def filled(word: str) -> str:
        return pattern.fill(
            lambda place: (
                written(word, place.where, before=place.before)
                if place.where in TAKES_VALUES and place.key == "name"
                else None
            )
        )

    with_word, with_value = filled("word"), filled(value)
    assert with_value.replace("<br>", "").count("<") == with_word.replace("<br>", "").count("<")
    assert with_value.count('"') == with_word.count('"')
    assert with_value.count("'") == with_word.count("'")
    assert with_value.replace("<br>", "").count(">") == with_word.replace("<br>", "").count(">")


@given(words)
def test_a_list_loses_nothing_but_separators_and_blanks(text: str) -> None:
    for each in entries(text):
        assert text[each.position :].startswith(each.text)
    if not any(mark in text for mark in '"<(;,'):
        assert [each.text for each in entries(text)] == ([text.strip()] if text.strip() else [])


attributes = st.lists(
    st.builds(
        MessageAttribute,
        name=st.text(alphabet="abc ü{}", min_size=1, max_size=8).map(lambda text: text.strip() or "x"),
        system_name=st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True),
        type=st.sampled_from(AttributeType),
        is_required=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda each: key_of(each.system_name),
).map(tuple)
routes = st.builds(
    Route,
    message_name=st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,8}", fullmatch=True),
    name=said,
    application=said,
    connection=st.sampled_from(["", "office", "acme/office", "no", "1"]),
    is_disabled=st.booleans(),
    locale=st.sampled_from(["en", "de", "no"]),
    attributes=attributes,
    properties=st.builds(
        MessageProperties,
        to=said,
        to_names=said,
        cc=said,
        subject=said,
        format=st.sampled_from(MessageFormat),
        message=said,
        attachments=st.just(()) | st.just(("Invoice", "on")),
        meeting=st.none() | st.builds(Meeting, start=said, end=said, place=said),
    ),
)


@given(routes)
def test_a_route_that_is_written_is_read_as_it_was(route: Route) -> None:
    assert read_route(write_route(route)) == route


@given(routes, st.booleans())
def test_a_route_that_is_switched_is_otherwise_the_same(route: Route, is_disabled: bool) -> None:
    assert read_route(switched(write_route(route), is_disabled=is_disabled)) == replace(
        route, is_disabled=is_disabled
    )
