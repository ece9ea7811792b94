"""What is asked by hand names the columns there are, and both databases can run it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import Table, create_engine

from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment
from eilbote.model.status import EntryState
from eilbote.outbox.condition import Asks, Condition
from eilbote.outbox.store import EntryFilter
from eilbote.store import queries, schema
from eilbote.store.queries import Question, Statement

EVERYTHING = EntryFilter(
    states=(EntryState.QUEUED, EntryState.HELD),
    connection="office",
    organization="acme",
    recipient="100%_sure/",
    subject="x",
    idempotency_key="k",
    message_id="<1@x>",
    in_doubt=True,
    failed=True,
    accepted_from=Moment(1),
    accepted_before=Moment(2),
    ids=(EntryId(3), EntryId(4)),
    conditions=tuple(
        Condition(
            asks=asks,
            texts=() if asks in {Asks.BEFORE, Asks.AFTER, Asks.ATTACHMENT, Asks.DOUBTED} else ("a", "b?"),
            moment=Moment(1) if asks in {Asks.BEFORE, Asks.AFTER} else None,
            negated=negated,
        )
        for asks in Asks
        for negated in (False, True)
    ),
)
STATEMENTS: list[Statement] = [
    queries.entries(EntryFilter(), limit=3, after=None, newest_first=True, fold=str),
    queries.entries(EVERYTHING, limit=3, after=EntryId(9), newest_first=False, fold=str),
    queries.count_entries_like(EntryFilter(), at_most=3, fold=str),
    queries.count_entries_like(EVERYTHING, at_most=3, fold=str),
    queries.one_entry(EntryId(1)),
    queries.recipients((1, 2, 3)),
    queries.recipients(()),
    queries.attempts(EntryId(1)),
    queries.events_of(EntryId(1)),
    queries.events(after=0, limit=5),
    queries.newest_event(),
    queries.frozen(EntryId(1)),
    queries.pauses(),
    queries.attempts_since("office", Moment(1)),
    queries.newest_attempt("office"),
    queries.blobs_in_use(),
    queries.count_entries(),
    queries.count_recipients(),
    queries.count_by_connection(),
    queries.oldest_due(Moment(1)),
    queries.to_prune(finished_before=Moment(1), limit=5),
    *queries.prune((1, 2)),
    queries.prune_connection_events(before=Moment(1), limit=5),
]


@pytest.mark.parametrize(
    "names, table, left_out",
    [
        (queries.ENTRY, schema.entry, {"digest"}),
        (queries.RECIPIENT, schema.recipient, set()),
        (queries.ATTEMPT, schema.attempt, set()),
        (queries.EVENT, schema.event, set()),
        (queries.PAUSE, schema.pause, set()),
    ],
)
def test_every_column_of_the_schema_is_asked_for(
    names: tuple[str, ...], table: Table, left_out: set[str]
) -> None:
    assert sorted(names) == sorted({column.name for column in table.c} - left_out)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_runs_and_gives_what_it_names(statement: Statement) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        engine = create_engine("sqlite://", creator=lambda: db)
        schema.metadata.create_all(engine)
        rows = db.execute(statement.text, statement.values)
        if isinstance(statement, Question):
            assert [column[0] for column in rows.description] == list(statement.names)
        engine.dispose()


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_has_a_value_for_each_of_its_places(statement: Statement) -> None:
    numbered = statement.numbered()

    assert "?" not in numbered
    assert [f"${number}" in numbered for number in range(1, len(statement.values) + 1)] == [True] * len(
        statement.values
    )
    assert f"${len(statement.values) + 1}" not in numbered


def test_a_text_that_is_looked_for_stands_for_itself() -> None:
    """A per cent sign and an underscore mean anything to LIKE."""
    asked = queries.entries(
        EntryFilter(subject="50%_off/ ÄPFEL"), limit=1, after=None, newest_first=True, fold=str
    )

    assert asked.values[0] == "%50/%/_off// äpfel%"
