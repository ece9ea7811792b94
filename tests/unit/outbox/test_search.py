"""The search language: what each term means, and where a search that cannot be understood goes wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.errors import DraftError
from eilbote.model.moment import moment_of
from eilbote.outbox.condition import Asks, Condition
from eilbote.outbox.search import LONGEST_SEARCH, MOST_TERMS, parse_search

NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)


def asked(text: str) -> tuple[Condition, ...]:
    return parse_search(text, now=NOW)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", ()),
        ("  \t\n ", ()),
        ("invoice", (Condition(asks=Asks.WORD, texts=("invoice",)),)),
        ('"unpaid invoice"', (Condition(asks=Asks.WORD, texts=("unpaid invoice",)),)),
        ("-invoice", (Condition(asks=Asks.WORD, texts=("invoice",), negated=True),)),
        ('-"unpaid invoice"', (Condition(asks=Asks.WORD, texts=("unpaid invoice",), negated=True),)),
        ('"to:anna"', (Condition(asks=Asks.WORD, texts=("to:anna",)),)),
        (r'"say \"yes\""', (Condition(asks=Asks.WORD, texts=('say "yes"',)),)),
        ("anna@example.org", (Condition(asks=Asks.WORD, texts=("anna@example.org",)),)),
        ("to:anna", (Condition(asks=Asks.TO, texts=("anna",)),)),
        ("TO:Anna", (Condition(asks=Asks.TO, texts=("Anna",)),)),
        ("-to:anna", (Condition(asks=Asks.TO, texts=("anna",), negated=True),)),
        ("from:orders@example.org", (Condition(asks=Asks.FROM, texts=("orders@example.org",)),)),
        ('subject:"Order 17"', (Condition(asks=Asks.SUBJECT, texts=("Order 17",)),)),
        ('-subject:"Order 17"', (Condition(asks=Asks.SUBJECT, texts=("Order 17",), negated=True),)),
        ("status:deferred", (Condition(asks=Asks.STATE, texts=("deferred",)),)),
        ("status:Held,queued", (Condition(asks=Asks.STATE, texts=("held", "queued")),)),
        ("status:failed", (Condition(asks=Asks.RECIPIENT, texts=("failed",)),)),
        ("status:failed,accepted", (Condition(asks=Asks.RECIPIENT, texts=("failed", "accepted")),)),
        ("status:in-doubt", (Condition(asks=Asks.DOUBTED),)),
        ("flow:invoice", (Condition(asks=Asks.SUBMITTED_BY, texts=("flow:invoice#",)),)),
        ("flow:invoice#17", (Condition(asks=Asks.SUBMITTED_BY, texts=("flow:invoice#17",)),)),
        ("flow:*", (Condition(asks=Asks.SUBMITTED_BY, texts=("flow:",)),)),
        ("process:leave", (Condition(asks=Asks.SUBMITTED_BY, texts=("process:leave#",)),)),
        ("connection:office", (Condition(asks=Asks.CONNECTION, texts=("office",)),)),
        ("key:invoice-17", (Condition(asks=Asks.KEY, texts=("invoice-17",)),)),
        ("has:attachment", (Condition(asks=Asks.ATTACHMENT),)),
        ("-has:attachment", (Condition(asks=Asks.ATTACHMENT, negated=True),)),
        (
            "to:anna -status:held x",
            (
                Condition(asks=Asks.TO, texts=("anna",)),
                Condition(asks=Asks.STATE, texts=("held",), negated=True),
                Condition(asks=Asks.WORD, texts=("x",)),
            ),
        ),
    ],
)
def test_each_term_becomes_a_condition(text: str, expected: tuple[Condition, ...]) -> None:
    assert asked(text) == expected


@pytest.mark.parametrize(
    "text, moment",
    [
        ("after:3d", NOW - timedelta(days=3)),
        ("after:90min", NOW - timedelta(minutes=90)),
        ("after:12h", NOW - timedelta(hours=12)),
        ("after:2w", NOW - timedelta(weeks=2)),
        ("after:2030-01-30", datetime(2030, 1, 30, tzinfo=UTC)),
        ("after:2030-01-30T08:00", datetime(2030, 1, 30, 8, tzinfo=UTC)),
        ("after:2030-01-30T08:00+02:00", datetime(2030, 1, 30, 6, tzinfo=UTC)),
        ("after:2030-01-30T08:00Z", datetime(2030, 1, 30, 8, tzinfo=UTC)),
        ('after:"2030-01-30 08:00"', datetime(2030, 1, 30, 8, tzinfo=UTC)),
    ],
)
def test_times_are_days_hours_or_how_long_ago(text: str, moment: datetime) -> None:
    assert asked(text) == (Condition(asks=Asks.AFTER, moment=moment_of(moment)),)
    assert asked(text.replace("after", "-before")) == (
        Condition(asks=Asks.BEFORE, moment=moment_of(moment), negated=True),
    )


def test_a_time_without_a_zone_is_in_the_readers_zone() -> None:
    zone = timezone(timedelta(hours=2))

    (found,) = parse_search("before:2030-01-30T08:00", now=NOW, zone=zone)

    assert found.moment == moment_of(datetime(2030, 1, 30, 6, tzinfo=UTC))


@pytest.mark.parametrize(
    "text, position, words",
    [
        ("to:anna sender:bob", 8, "no field 'sender'"),
        ("anna -", 5, "hyphen alone"),
        ("to:", 3, "no value"),
        ('x to:""', 6, "no value"),
        ('x ""', 3, "nothing to be looked for"),
        ('x "open', 2, "never closed"),
        ('subject:"open', 8, "never closed"),
        ('ab"c d"', 2, "amid a word"),
        ('"a"b', 0, "amid a word"),
        ("x status:sent", 9, "no status"),
        ("status:held,sent", 12, "no status"),
        ("status:held,failed", 7, "cannot be alternatives"),
        ("has:text", 4, "nothing is known"),
        ("before:yesterday", 7, "no time"),
        ("before:999999w", 7, "no time"),
        ("before:0001-01-01T00:00+14:00", 7, "no time"),
        ("flow:*#17", 5, "one name"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_position(text: str, position: int, words: str) -> None:
    with pytest.raises(DraftError, match=words) as caught:
        asked(text)

    assert (caught.value.field, caught.value.position) == ("q", position)
    assert caught.value.remedy


def test_a_field_that_is_nearly_one_is_proposed() -> None:
    with pytest.raises(DraftError, match="Did you mean subject:"):
        asked("subjct:order")


def test_a_search_is_bounded() -> None:
    assert len(asked("a " * MOST_TERMS)) == MOST_TERMS
    with pytest.raises(DraftError, match="too many terms"):
        asked("a " * (MOST_TERMS + 1))
    with pytest.raises(DraftError, match="too long"):
        asked("a" * (LONGEST_SEARCH + 1))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_within_it(text: str) -> None:
    position: int | None = 0
    try:
        parse_search(text, now=NOW)
    except DraftError as error:
        position = error.position

    assert position is not None
    assert 0 <= position <= len(text)


@given(st.text(min_size=1, max_size=50).filter(str.strip))
def test_any_text_can_be_looked_for_in_quotation_marks(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')

    assert asked(f'subject:"{quoted}"') == (Condition(asks=Asks.SUBJECT, texts=(text,)),)
