"""How SQLite goes about each statement: by an index, whose cost is what it gives and not how much is there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from eilbote.store.sqlite_file import open_file
from eilbote.store.statements import named_sql

LOOKS_AT_ALL_ON_PURPOSE = {
    "expired": "by a reader, now and then: an index for it would be paid for by every message",
    "shift_waiting": "the wall clock was set: every waiting entry is moved",
    "restore_events": "a copy is restored",
    "restore_hold": "a copy is restored",
}
LARGE = re.compile(r"SCAN (entry|body|recipient|attempt|event|entry_blob)\b")
NAMES = sorted(
    one.name.removesuffix(".sql") for one in files("eilbote.store").joinpath("sql", "sqlite").iterdir()
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_file(tmp_path / "eilbote.db", busy_seconds=1.0)) as connection:
        yield connection


def plan(db: sqlite3.Connection, name: str) -> list[str]:
    text = named_sql("sqlite", name)
    values: object = {"now": 1, "reason": ""} if ":now" in text or ":reason" in text else (1,) * _values(text)
    return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}", values)]


def _values(text: str) -> int:
    numbered = {int(number) for number in re.findall(r"\?(\d+)", text)}
    return max(numbered) if numbered else text.count("?")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LOOKS_AT_ALL_ON_PURPOSE])
def test_no_statement_looks_at_all_there_is(db: sqlite3.Connection, name: str) -> None:
    assert [step for step in plan(db, name) if LARGE.search(step)] == []


@pytest.mark.parametrize("name", LOOKS_AT_ALL_ON_PURPOSE)
def test_looking_at_all_there_is_would_be_seen(db: sqlite3.Connection, name: str) -> None:
    assert [step for step in plan(db, name) if LARGE.search(step)]


def test_who_is_next_is_read_off_the_index(db: sqlite3.Connection) -> None:
    """Not sorted: the order of the index is the order of claims, so only what is taken is looked at."""
    steps = plan(db, "claim_due")

    assert "SEARCH entry USING INDEX entry_ready (lane=? AND urgency=? AND due<?)" in steps
    assert not [step for step in steps if "TEMP B-TREE" in step]


@pytest.mark.parametrize("name", ["ready_lanes", "next_due"])
def test_lanes_in_which_nothing_waits_cost_nothing(db: sqlite3.Connection, name: str) -> None:
    """They stay for good: a program that sends for ever new organizations paid more for each look at what is due."""
    few = _instructions(db, name)
    db.executemany(
        "INSERT INTO lane (organization, connection) VALUES (?, 'office')", [(str(n),) for n in range(1000)]
    )
    assert _instructions(db, name) == few


def _instructions(db: sqlite3.Connection, name: str) -> int:
    """Count what the machine inside SQLite does for a statement."""
    count = 0

    def one_more() -> None:
        nonlocal count
        count += 1

    db.set_progress_handler(one_more, 1)
    db.execute(named_sql("sqlite", name), (1,)).fetchall()
    db.set_progress_handler(None, 0)
    return count
