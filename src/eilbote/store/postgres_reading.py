"""What people ask of the outbox on PostgreSQL: the shared questions, run by the driver of the hot path.

What takes more than one statement is asked in one look (:meth:`~eilbote.store.postgres_link.PostgresLink.look`), so that
an entry and its recipients are of the same moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.model.moment import Moment
from eilbote.outbox.entry import History
from eilbote.outbox.store import OutboxFigures
from eilbote.store import queries
from eilbote.store.nouns import count_states, read_attempt, read_entry, read_event, read_pause
from eilbote.store.statistics_queries import count_minutes, count_waiting
from eilbote.store.statistics_reading import asking, minutes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.model.attempt import Attempt, Event
    from eilbote.model.ids import EntryId
    from eilbote.outbox.entry import Entry
    from eilbote.outbox.statistics import Span, Statistics
    from eilbote.outbox.store import EntryFilter, Pause
    from eilbote.store.postgres_link import Db

_AT_ONCE: Final = 500


async def ask(db: Db, statement: queries.Statement) -> list[Mapping[str, object]]:
    """Run a statement; gives rows by the names of their columns, if it gives any."""
    return cast("list[Mapping[str, object]]", await db.fetch(statement.numbered(), *statement.values))


def folding(collation: str | None) -> Callable[[str], str]:
    """Make letter case not matter.

    Args:
        collation: One that knows the letters of all languages; ``None`` leaves it to the database's own.
    """
    suffix = "" if collation is None else ' COLLATE "{}"'.format(collation.replace('"', '""'))

    def fold(column: str) -> str:
        # What is looked for was folded by rules that have no such letter.
        return f"replace(lower({column}{suffix}), 'ß', 'ss')"

    return fold


async def entries(
    db: Db,
    which: EntryFilter,
    *,
    limit: int,
    after: EntryId | None,
    newest_first: bool,
    fold: Callable[[str], str],
) -> list[Entry]:
    """Give a page of entries."""
    page = await ask(
        db, queries.entries(which, limit=limit, after=after, newest_first=newest_first, fold=fold)
    )
    return await _with_recipients(db, page)


async def count(db: Db, which: EntryFilter, *, at_most: int, fold: Callable[[str], str]) -> int:
    """Count entries, and stop at a number."""
    return cast("int", await _first(db, queries.count_entries_like(which, at_most=at_most, fold=fold)))


async def _with_recipients(db: Db, page: Sequence[Mapping[str, object]]) -> list[Entry]:
    numbers = [cast("int", row["id"]) for row in page]
    recipients: dict[object, list[Mapping[str, object]]] = {number: [] for number in numbers}
    for begin in range(0, len(numbers), _AT_ONCE):
        for row in await ask(db, queries.recipients(numbers[begin : begin + _AT_ONCE])):
            recipients[row["entry"]].append(row)
    return [read_entry(row, recipients[row["id"]]) for row in page]


async def history(db: Db, number: EntryId) -> History | None:
    """Give everything about an entry; ``None`` when there is none."""
    found = await _with_recipients(db, await ask(db, queries.one_entry(number)))
    if not found:
        return None
    return History(
        entry=found[0],
        attempts=tuple(read_attempt(row) for row in await ask(db, queries.attempts(number))),
        events=tuple(read_event(row) for row in await ask(db, queries.events_of(number))),
    )


async def frozen(db: Db, number: EntryId) -> bytes | None:
    """Give what is to be sent; ``None`` when there is no such entry."""
    for row in await ask(db, queries.frozen(number)):
        return cast("bytes", row["frozen"])
    return None


async def events(db: Db, *, after: int, limit: int) -> list[Event]:
    """Give what happened after an event."""
    return [read_event(row) for row in await ask(db, queries.events(after=after, limit=limit))]


async def newest_event(db: Db) -> int:
    """Give the number of the last event."""
    return cast("int", await _first(db, queries.newest_event()))


async def pauses(db: Db) -> list[Pause]:
    """Give every pause."""
    return [read_pause(row) for row in await ask(db, queries.pauses())]


async def attempts_since(db: Db, connection: str, moment: Moment) -> int:
    """Count attempts."""
    return cast("int", await _first(db, queries.attempts_since(connection, moment)))


async def newest_attempts(db: Db, connections: Sequence[str]) -> dict[str, Attempt]:
    """Give the latest attempt through each connection that was used."""
    return {
        name: read_attempt(row) for name in connections for row in await ask(db, queries.newest_attempt(name))
    }


async def blobs_in_use(db: Db) -> set[str]:
    """Give the SHA-256 of every blob that an entry refers to."""
    return {cast("str", row["sha256"]) for row in await ask(db, queries.blobs_in_use())}


async def figures(db: Db, now: Moment) -> OutboxFigures:
    """Count."""
    states = cast("list[tuple[str, int, int]]", await _rows(db, queries.count_entries()))
    statuses = cast("list[tuple[str, int, int]]", await _rows(db, queries.count_recipients()))
    connections = cast("list[tuple[str, int]]", await _rows(db, queries.count_by_connection()))
    oldest = cast("int | None", await _first(db, queries.oldest_due(now)))
    return OutboxFigures(
        entries=count_states((state, number) for state, number, _ in states),
        recipients={status: number for status, number, _ in statuses},
        in_doubt=sum(doubted for _, _, doubted in statuses),
        by_connection=dict(connections),
        oldest_due=None if oldest is None else Moment(oldest),
        octets=int(sum(octets for _, _, octets in states)),
    )


async def octets(db: Db) -> int:
    """Tell how much room the database takes."""
    size = queries.Question("SELECT pg_database_size(current_database()) AS size", (), ("size",))
    return cast("int", await _first(db, size))


async def statistics(db: Db, span: Span) -> Statistics:
    """Count what was accepted in a span of time, and what waits."""
    questions = asking(span)
    question = next(questions)
    while True:
        rows = await ask(db, question)
        try:
            question = questions.send(rows)
        except StopIteration as end:
            return cast("Statistics", end.value)


async def submitted_by_minute(db: Db, organization: str, since: Moment) -> dict[int, int]:
    """Count what an organization has handed in, by minutes."""
    return minutes_of(await ask(db, count_minutes(organization, since)))


async def waiting(db: Db, organization: str) -> int:
    """Count what waits of an organization."""
    return cast("int", await _first(db, count_waiting(organization)))


async def _rows(db: Db, statement: queries.Question) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in await ask(db, statement)]


async def _first(db: Db, statement: queries.Question) -> object:
    return next(iter((await ask(db, statement))[0].values()))
