"""What people ask of the outbox on SQLite: the shared questions, run on a reader's connection."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, cast

from eilbote.model.moment import Moment
from eilbote.outbox.entry import History
from eilbote.outbox.store import OutboxFigures
from eilbote.store import queries
from eilbote.store.nouns import count_states, read_attempt, read_entry, read_event, read_pause
from eilbote.store.sqlite_reader import ask, ask_octets
from eilbote.store.statistics_queries import count_minutes, count_waiting
from eilbote.store.statistics_reading import asking, minutes_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from eilbote.model.attempt import Attempt, Event
    from eilbote.model.ids import EntryId
    from eilbote.outbox.entry import Entry
    from eilbote.outbox.statistics import Span, Statistics
    from eilbote.outbox.store import EntryFilter, Pause

_AT_ONCE = 500


def _casefold(column: str) -> str:
    return f"casefold({column})"  # the reader's own function: SQLite knows letter case in ASCII alone


def entries(
    db: sqlite3.Connection, which: EntryFilter, *, limit: int, after: EntryId | None, newest_first: bool
) -> list[Entry]:
    """Give a page of entries."""
    page = ask(
        db, queries.entries(which, limit=limit, after=after, newest_first=newest_first, fold=_casefold)
    )
    return _with_recipients(db, page)


def count(db: sqlite3.Connection, which: EntryFilter, *, at_most: int) -> int:
    """Count entries, and stop at a number."""
    return cast("int", _first(db, queries.count_entries_like(which, at_most=at_most, fold=_casefold)))


def _with_recipients(db: sqlite3.Connection, page: Sequence[dict[str, object]]) -> list[Entry]:
    numbers = [cast("int", row["id"]) for row in page]
    recipients: dict[object, list[dict[str, object]]] = {number: [] for number in numbers}
    for begin in range(0, len(numbers), _AT_ONCE):
        rows = ask(db, queries.recipients(numbers[begin : begin + _AT_ONCE]))
        for number, group in groupby(rows, key=lambda row: row["entry"]):
            recipients[number] = list(group)
    return [read_entry(row, recipients[row["id"]]) for row in page]


def history(db: sqlite3.Connection, number: EntryId) -> History | None:
    """Give everything about an entry; ``None`` when there is none."""
    found = _with_recipients(db, ask(db, queries.one_entry(number)))
    if not found:
        return None
    return History(
        entry=found[0],
        attempts=tuple(read_attempt(row) for row in ask(db, queries.attempts(number))),
        events=tuple(read_event(row) for row in ask(db, queries.events_of(number))),
    )


def frozen(db: sqlite3.Connection, number: EntryId) -> bytes | None:
    """Give what is to be sent; ``None`` when there is no such entry."""
    return ask_octets(db, queries.frozen(number))


def events(db: sqlite3.Connection, *, after: int, limit: int) -> list[Event]:
    """Give what happened after an event."""
    return [read_event(row) for row in ask(db, queries.events(after=after, limit=limit))]


def newest_event(db: sqlite3.Connection) -> int:
    """Give the number of the last event."""
    return cast("int", _first(db, queries.newest_event()))


def pauses(db: sqlite3.Connection) -> list[Pause]:
    """Give every pause."""
    return [read_pause(row) for row in ask(db, queries.pauses())]


def attempts_since(db: sqlite3.Connection, connection: str, moment: Moment) -> int:
    """Count attempts."""
    return cast("int", _first(db, queries.attempts_since(connection, moment)))


def newest_attempts(db: sqlite3.Connection, connections: Sequence[str]) -> dict[str, Attempt]:
    """Give the latest attempt through each connection that was used."""
    return {name: read_attempt(row) for name in connections for row in ask(db, queries.newest_attempt(name))}


def blobs_in_use(db: sqlite3.Connection) -> set[str]:
    """Give the SHA-256 of every blob that an entry refers to."""
    return {cast("str", row["sha256"]) for row in ask(db, queries.blobs_in_use())}


def figures(db: sqlite3.Connection, now: Moment) -> OutboxFigures:
    """Count."""
    states = cast("list[tuple[str, int, int]]", _rows(db, queries.count_entries()))
    statuses = cast("list[tuple[str, int, int]]", _rows(db, queries.count_recipients()))
    connections = cast("list[tuple[str, int]]", _rows(db, queries.count_by_connection()))
    oldest = cast("int | None", _first(db, queries.oldest_due(now)))
    return OutboxFigures(
        entries=count_states((state, count) for state, count, _ in states),
        recipients={status: count for status, count, _ in statuses},
        in_doubt=sum(doubted for _, _, doubted in statuses),
        by_connection=dict(connections),
        oldest_due=None if oldest is None else Moment(oldest),
        octets=sum(octets for _, _, octets in states),
    )


def statistics(db: sqlite3.Connection, span: Span) -> Statistics:
    """Count what was accepted in a span of time, and what waits."""
    questions = asking(span)
    question = next(questions)
    while True:
        try:
            question = questions.send(ask(db, question))
        except StopIteration as end:
            return cast("Statistics", end.value)


def submitted_by_minute(db: sqlite3.Connection, organization: str, since: Moment) -> dict[int, int]:
    """Count what an organization has handed in, by minutes."""
    return minutes_of(ask(db, count_minutes(organization, since)))


def waiting(db: sqlite3.Connection, organization: str) -> int:
    """Count what waits of an organization."""
    return cast("int", _first(db, count_waiting(organization)))


def _rows(db: sqlite3.Connection, statement: queries.Question) -> Iterable[tuple[object, ...]]:
    return [tuple(row.values()) for row in ask(db, statement)]


def _first(db: sqlite3.Connection, statement: queries.Question) -> object:
    return next(iter(ask(db, statement)[0].values()))
