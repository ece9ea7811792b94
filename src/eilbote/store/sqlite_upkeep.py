"""What is written to SQLite now and then: couriers, pauses, people's wishes, and what is forgotten."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from eilbote.model.attempt import Event, EventKind
from eilbote.model.moment import Moment
from eilbote.outbox.entry import Lane
from eilbote.outbox.wishes import NO_SUCH_ENTRY, Grant, Standing, grant
from eilbote.store import queries
from eilbote.store.rows import event_row
from eilbote.store.sqlite_accept import EVENT
from eilbote.store.sqlite_reader import ask, tell
from eilbote.store.statements import RowStatement, named_sql
from eilbote.store.values import STATES, storable, usable_names

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from eilbote.model.ids import CourierId, EntryId
    from eilbote.outbox.store import Pause, Wish
    from eilbote.store.sqlite_session import SqliteSession
    from eilbote.store.values import Row

_BEGIN: Final = named_sql("sqlite", "courier_begin")
_BEAT: Final = named_sql("sqlite", "courier_beat")
_SHIFT: Final = named_sql("sqlite", "shift_waiting")
_DIVERTIBLE: Final = named_sql("sqlite", "divertible")
_DIVERT: Final = named_sql("sqlite", "divert")
_STANDING: Final = RowStatement("wish_standing")
_GRANTED: Final = RowStatement("wish_entry")
_REOPEN: Final = RowStatement("wish_reopen")
_PAUSED: Final = named_sql("sqlite", "pause_known")
_PAUSE: Final = named_sql("sqlite", "pause")
_RESUME: Final = named_sql("sqlite", "resume")
_KNOWN: Final = named_sql("sqlite", "known_entry")
_AT_ONCE: Final = 500
"""How many entries a statement forgets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A courier that is going to claim."""

    courier: CourierId
    host: str
    process: int
    now: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The wall clock was set."""

    seconds: float
    now: Moment
    at_most: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Diversion:
    """Entries of one lane that name the same connections, and the one of these they shall wait for."""

    number: int
    names: str
    lane: Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """A pause is over."""

    connection: str
    now: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What somebody wants done with entries."""

    wish: Wish
    entries: Sequence[EntryId]
    now: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """What is to be forgotten."""

    finished_before: Moment
    limit: int


def begin_courier(session: SqliteSession, beginnings: list[Beginning]) -> list[None]:
    """Note couriers."""
    for one in beginnings:
        session.db.execute(_BEGIN, (one.courier, storable(one.host), one.process, one.now))
    return [None] * len(beginnings)


def beat(session: SqliteSession, couriers: list[CourierId]) -> list[bool]:
    """Count one more beat of each."""
    return [session.db.execute(_BEAT, (courier,)).rowcount == 1 for courier in couriers]


def shift_waiting(session: SqliteSession, shifts: list[Shift]) -> list[int]:
    """Move retry times."""
    return [
        session.db.execute(_SHIFT, (round(shift.seconds * 1000), shift.at_most, shift.now)).rowcount
        for shift in shifts
    ]


def pause(session: SqliteSession, pauses: list[Pause]) -> list[None]:
    """Note pauses; a new one is told."""
    db = session.db
    for one in pauses:
        if db.execute(_PAUSED, (one.connection,)).fetchone() is None:
            event = Event(
                kind=EventKind.CONNECTION_PAUSED, at=one.since, connection=one.connection, text=one.reason
            )
            EVENT.run(db, [event_row(event)])
        db.execute(_PAUSE, (one.connection, one.since, one.until, storable(one.reason), one.failures))
    return [None] * len(pauses)


def note(session: SqliteSession, events: list[Event]) -> list[bool]:
    """Tell something about entries that was heard of later; ``False`` for one that is not there any more."""
    db = session.db
    answers: list[bool] = []
    for one in events:
        there = db.execute(_KNOWN, (one.entry,)).fetchone() is not None
        if there:
            EVENT.run(db, [event_row(one)])
        answers.append(there)
    return answers


def resume(session: SqliteSession, resumptions: list[Resumption]) -> list[bool]:
    """End pauses; each that there was is told."""
    db = session.db
    answers: list[bool] = []
    for one in resumptions:
        there = db.execute(_RESUME, (one.connection,)).rowcount == 1
        if there:
            event = Event(kind=EventKind.CONNECTION_RESUMED, at=one.now, connection=one.connection)
            EVENT.run(db, [event_row(event)])
        answers.append(there)
    return answers


def diversions(db: sqlite3.Connection, connection: str, away_from: frozenset[str]) -> list[Diversion]:
    """Ask what could be moved from a connection; by a reader, for it looks at all that waits there."""
    closed = away_from | {connection}
    found: list[Diversion] = []
    (answer,) = db.execute(_DIVERTIBLE, (connection,)).fetchone()
    for number, organization, names in json.loads(answer):
        others = [one for one in usable_names(names) if one not in closed]
        if others:
            found.append(Diversion(number=number, names=names, lane=Lane(organization, others[0])))
    return found


def divert(session: SqliteSession, calls: list[list[Diversion]]) -> list[int]:
    """Move what waits for connections that take no mail."""
    return [sum(_divert(session, diversion) for diversion in call) for call in calls]


def _divert(session: SqliteSession, diversion: Diversion) -> int:
    other = session.lane_number(diversion.lane)
    return session.db.execute(_DIVERT, (other, diversion.number, diversion.names)).rowcount


# -- wishes ----------------------------------------------------------------------------------------------------


def apply(session: SqliteSession, calls: list[Wishes]) -> list[list[str | None]]:
    """Do what is wanted, call by call; an entry that is named twice in a call is meant once."""
    return [_apply(session, call) for call in calls]


def _apply(session: SqliteSession, call: Wishes) -> list[str | None]:
    db = session.db
    answers: dict[EntryId, str | None] = dict.fromkeys(call.entries, NO_SUCH_ENTRY)
    entries: list[Row] = []
    reopened: list[Row] = []
    events: list[Row] = []
    rows = cast(
        "list[tuple[EntryId, int, str, int, int, int, int, int]]",
        _STANDING.read(db, [(entry,) for entry in answers]),
    )
    for entry, lane, state, transmitting, attempts, due, expires, has_failed in rows:
        granted = grant(
            call.wish,
            Standing(
                state=STATES[state],
                transmitting=bool(transmitting),
                attempts=attempts,
                has_failed=bool(has_failed),
                due=Moment(due),
                expires=Moment(expires),
            ),
            now=call.now,
        )
        if isinstance(granted, str):
            answers[entry] = granted
            continue
        answers[entry] = None
        entries.append(_granted_row(entry, granted, call.now))
        if granted.reopens_failed:
            reopened.append((entry,))
        place = session.lane(lane)
        event = Event(
            kind=granted.event,
            at=call.now,
            entry=entry,
            connection=place.connection,
            organization=place.organization,
            text=granted.reason,
        )
        events.append(event_row(event))
    _GRANTED.run(db, entries)
    _REOPEN.run(db, reopened)
    EVENT.run(db, events)
    return [answers[entry] for entry in call.entries]


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


# -- forgetting ------------------------------------------------------------------------------------------------


def prune(session: SqliteSession, prunings: list[Pruning]) -> list[int]:
    """Forget finished entries with everything about them."""
    return [_prune(session, pruning) for pruning in prunings]


def _prune(session: SqliteSession, pruning: Pruning) -> int:
    which = queries.to_prune(finished_before=pruning.finished_before, limit=pruning.limit)
    numbers = [cast("int", row["id"]) for row in ask(session.db, which)]
    for begin in range(0, len(numbers), _AT_ONCE):
        for statement in queries.prune(numbers[begin : begin + _AT_ONCE]):
            tell(session.db, statement)
    tell(session.db, queries.prune_connection_events(before=pruning.finished_before, limit=pruning.limit))
    return len(numbers)
