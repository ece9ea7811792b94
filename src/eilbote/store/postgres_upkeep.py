"""What is written to PostgreSQL now and then: pauses, people's wishes, entries that move or are forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from eilbote.model.attempt import Event, EventKind
from eilbote.model.moment import Moment
from eilbote.outbox.wishes import NO_SUCH_ENTRY, Grant, Standing, grant
from eilbote.store import queries
from eilbote.store.postgres_reading import ask
from eilbote.store.postgres_rows import columns, count, tell
from eilbote.store.rows import event_row
from eilbote.store.statements import named_sql
from eilbote.store.values import STATES, storable, usable_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.ids import EntryId
    from eilbote.outbox.store import Pause, Wish
    from eilbote.store.postgres_link import Db, Transaction
    from eilbote.store.values import Row

_PAUSE: Final = named_sql("postgresql", "pause")
_RESUME: Final = named_sql("postgresql", "resume")
_KNOWN: Final = named_sql("postgresql", "known_entry")
_SHIFT: Final = named_sql("postgresql", "shift_waiting")
_CHOICES: Final = named_sql("postgresql", "divert_choices")
_DIVERT: Final = named_sql("postgresql", "divert")
_LANES: Final = named_sql("postgresql", "lanes")
_STANDING: Final = named_sql("postgresql", "wish_standing")
_GRANTED: Final = named_sql("postgresql", "wish_entry")
_REOPEN: Final = named_sql("postgresql", "wish_reopen")
_AT_ONCE: Final = 500
"""How many entries a statement forgets."""


async def pause(db: Transaction, one: Pause) -> None:
    """Note a pause; a new one is told."""
    is_new = await db.fetchval(
        _PAUSE, one.connection, one.since, one.until, storable(one.reason), one.failures
    )
    if is_new:
        event = Event(
            kind=EventKind.CONNECTION_PAUSED, at=one.since, connection=one.connection, text=one.reason
        )
        await tell(db, [event_row(event)])


async def note(db: Transaction, event: Event) -> bool:
    """Tell something about an entry that was heard of later; ``False`` when it is not there any more."""
    if await db.fetchval(_KNOWN, event.entry) is None:
        return False
    await tell(db, [event_row(event)])
    return True


async def resume(db: Transaction, connection: str, *, now: Moment) -> bool:
    """End a pause; if there was one, it is told."""
    if count(await db.execute(_RESUME, connection)) == 0:
        return False
    event = Event(kind=EventKind.CONNECTION_RESUMED, at=now, connection=connection)
    await tell(db, [event_row(event)])
    return True


async def shift_waiting(db: Db, seconds: float, *, now: Moment, at_most: Moment) -> int:
    """Move retry times, and make due what a clock that was ahead has put off."""
    return count(await db.execute(_SHIFT, round(seconds * 1000), at_most, now))


async def divert(db: Db, connection: str, *, away_from: frozenset[str]) -> int:
    """Move what waits for a connection that takes no mail."""
    closed = away_from | {connection}
    moved = 0
    for lane, organization, choices in cast(
        "list[tuple[int, str, str]]", await db.fetch(_CHOICES, connection)
    ):
        others = [one for one in usable_names(choices) if one not in closed]
        if others:
            [[_, _, other]] = await db.fetch(_LANES, [organization], [others[0]])
            moved += count(await db.execute(_DIVERT, other, lane, choices))
    return moved


async def apply(db: Transaction, wish: Wish, entries: Sequence[EntryId], *, now: Moment) -> list[str | None]:
    """Do what is wanted; an entry that is named twice is meant once."""
    answers: dict[int, str | None] = dict.fromkeys(entries, NO_SUCH_ENTRY)
    granted_rows: list[Row] = []
    reopened: list[int] = []
    events: list[Row] = []
    rows = cast(
        "list[tuple[EntryId, str, str, str, bool, int, int, int, bool]]",
        await db.fetch(_STANDING, list(answers)),
    )
    for entry, organization, connection, state, transmitting, attempts, due, expires, has_failed in rows:
        granted = grant(
            wish,
            Standing(
                state=STATES[state],
                transmitting=transmitting,
                attempts=attempts,
                has_failed=has_failed,
                due=Moment(due),
                expires=Moment(expires),
            ),
            now=now,
        )
        if isinstance(granted, str):
            answers[entry] = granted
            continue
        answers[entry] = None
        granted_rows.append(_granted_row(entry, granted, now))
        if granted.reopens_failed:
            reopened.append(entry)
        event = Event(
            kind=granted.event,
            at=now,
            entry=entry,
            connection=connection,
            organization=organization,
            text=granted.reason,
        )
        events.append(event_row(event))
    if granted_rows:
        await db.execute(_GRANTED, *columns(granted_rows, 7))
    if reopened:
        await db.execute(_REOPEN, reopened)
    await tell(db, events)
    return [answers[entry] for entry in entries]


def _granted_row(entry: int, granted: Grant, now: Moment) -> Row:
    return (
        entry,
        granted.state.value,
        granted.due,
        granted.expires,
        granted.reason,
        now if granted.finishes else None,
        1 if granted.takes_claim else 0,
    )


async def prune(db: Db, *, finished_before: Moment, limit: int) -> int:
    """Forget finished entries with everything about them."""
    which = queries.to_prune(finished_before=finished_before, limit=limit)
    which = replace(which, text=f"{which.text} FOR UPDATE SKIP LOCKED")
    numbers = [cast("int", row["id"]) for row in await ask(db, which)]
    for begin in range(0, len(numbers), _AT_ONCE):
        for statement in queries.prune(numbers[begin : begin + _AT_ONCE]):
            await ask(db, statement)
    await ask(db, queries.prune_connection_events(before=finished_before, limit=limit))
    return len(numbers)
