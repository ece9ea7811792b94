"""One statement for many rows: few steps, few different texts, every row once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files

import pytest

from eilbote.store.statements import RowStatement, named_sql


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE body (entry INTEGER PRIMARY KEY, frozen BLOB, crc INTEGER)")
        yield connection


@pytest.mark.parametrize("count", [0, 1, 2, 3, 255, 256, 257, 1000])
def test_every_row_is_written_once(db: sqlite3.Connection, count: int) -> None:
    written = RowStatement("accept_body").run(db, [(number, b"octets", 7) for number in range(count)])

    assert written == count
    assert [row[0] for row in db.execute("SELECT entry FROM body")] == list(range(count))


@pytest.mark.parametrize(
    "count, steps",
    [
        (0, 0),
        (1, 1),
        (3, 1),
        (7, 1),
        (8, 1),
        (9, 2),
        (20, 1),
        (47, 2),
        (255, 3),
        (256, 1),
        (500, 3),
        (769, 4),
    ],
)
def test_many_rows_take_few_steps(db: sqlite3.Connection, count: int, steps: int) -> None:
    """At each step the driver gives the interpreter's lock away, and waits for it beside a busy event loop."""
    db.execute("CREATE TABLE recipient (entry, number, address, kind, status, attempts, in_doubt)")
    db.executemany(
        "INSERT INTO recipient VALUES (?, 0, 'a', 'to', NULL, 0, 0)", [(one,) for one in range(1000)]
    )
    db.execute("INSERT INTO recipient VALUES (NULL, 0, 'nobody', 'to', NULL, 0, 0)")
    taken: list[str] = []
    db.set_trace_callback(taken.append)

    answers = RowStatement("pending_numbers").read(db, [(number,) for number in range(count)])

    assert [answer[0] for answer in answers] == list(range(count))
    assert len(taken) == steps


@pytest.mark.parametrize("count", [1, 2, 3, 7, 256, 300])
def test_what_is_noted_as_on_its_way_is_counted(db: sqlite3.Connection, count: int) -> None:
    """When all of them were good, nobody has to ask which; the driver counts only for what begins with UPDATE."""
    db.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, epoch INTEGER, state TEXT, transmitting INTEGER)")
    db.executemany("INSERT INTO entry VALUES (?, 1, 'active', 0)", [(one,) for one in range(count)])
    db.execute("INSERT INTO entry VALUES (1000, 2, 'active', 0), (1001, 1, 'held', 0)")
    good = [(one, 1) for one in range(count)]
    transmit = RowStatement("transmit")

    assert transmit.run(db, good) == count
    assert transmit.run(db, [*good, (1000, 1), (1001, 1), (1002, 1)]) == count
    noted = db.execute("SELECT id FROM entry WHERE transmitting ORDER BY id").fetchall()
    assert [one for (one,) in noted] == list(range(count))


def test_batches_of_any_size_share_few_texts(db: sqlite3.Connection) -> None:
    """Each text is prepared once and kept; a text for every size would be prepared anew every time."""
    statement = RowStatement("accept_body")
    texts: set[str] = set()
    for count in range(1, 400):
        db.execute("DELETE FROM body")
        db.set_trace_callback(lambda text: texts.add(text.partition("VALUES")[2].count("(") * "?"))
        statement.run(db, [(number, b"", 0) for number in range(count)])
        db.set_trace_callback(None)

    assert sorted(map(len, texts)) == [
        *range(1, 8),
        *(digits << zeros for zeros in range(1, 6) for digits in range(4, 8)),
        256,
    ]


@pytest.mark.parametrize(
    "name", sorted(one.name for one in files("eilbote.store").joinpath("sql", "sqlite").iterdir())
)
def test_every_statement_begins_with_what_it_is_for(name: str) -> None:
    text = files("eilbote.store").joinpath("sql", "sqlite", name).read_text()

    assert text.startswith("-- ")
    assert not named_sql("sqlite", name.removesuffix(".sql")).startswith("--")


def test_a_statement_for_one_row_cannot_be_repeated() -> None:
    with pytest.raises(ValueError, match="no VALUES group"):
        RowStatement("newest_entry")
