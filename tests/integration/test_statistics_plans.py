"""How databases go about statistics and quotas: by a range of numbers and by what is ready, whatever else is there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from eilbote.model.moment import Moment
from eilbote.outbox.statistics import Span
from eilbote.store import queries, statistics_queries
from eilbote.store.queries import Question
from eilbote.store.sqlite_file import open_file

SPAN = Span(since=Moment(1_800_000_000_000), until=Moment(1_800_000_060_000), slot=1000)
OWN = Span(since=SPAN.since, until=SPAN.until, slot=1000, organization="acme")
NARROW = replace(OWN, connection="office", author="flow:invoice")
QUESTIONS = {
    "slots": statistics_queries.count_slots(SPAN),
    "slots of one": statistics_queries.count_slots(OWN),
    "authors": statistics_queries.count_authors(SPAN),
    "slots of one connection and author": statistics_queries.count_slots(NARROW),
    "latest attempt": queries.newest_attempt("office"),
    "recipients": statistics_queries.count_recipients_within(SPAN),
    "done": statistics_queries.count_done(SPAN),
    "duration": statistics_queries.nth_duration(OWN, 3),
    "backlog": statistics_queries.count_backlog(None),
    "backlog of one": statistics_queries.count_backlog("acme"),
    "minutes": statistics_queries.count_minutes("acme", SPAN.since),
    "waiting": statistics_queries.count_waiting("acme"),
    "newest event": queries.newest_event(),
}
# The index of what is ready holds what waits, and nothing else.
LARGE = re.compile(r"SCAN (entry|body|recipient|attempt|event)\b(?! USING (COVERING )?INDEX entry_ready)")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_file(tmp_path / "eilbote.db", busy_seconds=1.0)) as connection:
        yield connection


def plan(db: sqlite3.Connection, question: Question) -> list[str]:
    return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {question.text}", question.values)]


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_question_looks_at_all_there_is(db: sqlite3.Connection, name: str) -> None:
    assert [step for step in plan(db, QUESTIONS[name]) if LARGE.search(step)] == []


def test_looking_at_all_there_is_would_be_seen(db: sqlite3.Connection) -> None:
    assert [step for step in plan(db, queries.count_entries()) if LARGE.search(step)]
