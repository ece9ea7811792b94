"""Settling on SQLite: what became of claims, written for many couriers in a handful of statements.

Nearly always every claim is still good. So that is taken for granted, and seen by how many entries were changed; only where
it was not so, the transaction begins anew and asks first.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final, cast

from eilbote.model.attempt import Event, EventKind
from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.rescue import Orphan, rescue
from eilbote.outbox.settlement import Settlement
from eilbote.store.nouns import read_in_doubt_policy
from eilbote.store.rows import attempt_row, event_row, outcome_row
from eilbote.store.sqlite_accept import EVENT
from eilbote.store.statements import RowStatement, named_sql
from eilbote.store.values import TEXTS, storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eilbote.model.attempt import Attempt
    from eilbote.model.ids import CourierId
    from eilbote.outbox.entry import Lane
    from eilbote.store.sqlite_session import SqliteSession
    from eilbote.store.values import Row

_HELD: Final = RowStatement("claims_held")
_CLAIMED: Final = RowStatement("settle_claimed")
_ENTRY: Final = RowStatement("settle_entry")
_RECIPIENT: Final = RowStatement("settle_recipient")
_GIVEN_UP: Final = RowStatement("settle_given_up")
_ATTEMPT: Final = RowStatement("settle_attempt")
_OF_COURIER: Final = named_sql("sqlite", "claims_of_courier")
_PENDING: Final = RowStatement("pending_numbers")
_END: Final = named_sql("sqlite", "courier_end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """A claimed entry that cannot be read."""

    entry: EntryId
    epoch: int
    reason: str
    now: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A courier that is no more."""

    courier: CourierId
    now: Moment


def settle(session: SqliteSession, calls: list[Sequence[Settlement]]) -> list[list[bool]]:
    """Write what became of the claims of many calls; of one claim, the first settlement counts.

    Nothing may be written before it in its transaction.
    """
    settlements = list(chain.from_iterable(calls))
    if len({one.id for one in settlements}) == len(settlements):
        entries = [_entry_row(session, one, last=one.epoch) for one in settlements]
        if _CLAIMED.run(session.db, entries) == len(entries):
            _write_rest(session, settlements)
            return [[True] * len(call) for call in calls]
        session.begin_anew()
    return _settle_held(session, calls)


def _settle_held(session: SqliteSession, calls: list[Sequence[Settlement]]) -> list[list[bool]]:
    """Do the same where not every claim is good."""
    held = _held(session, [(one.id, one.epoch) for settlements in calls for one in settlements])
    good: list[Settlement] = []
    answers: list[list[bool]] = []
    for settlements in calls:
        answer: list[bool] = []
        for one in settlements:
            is_held = held.pop((one.id, one.epoch), None) is not None
            answer.append(is_held)
            if is_held:
                good.append(one)
        answers.append(answer)
    _write(session, good, rescued=False)
    return answers


def poison(session: SqliteSession, calls: list[Poison]) -> list[bool]:
    """Hold claimed entries that cannot be read."""
    held = _held(session, [(one.entry, one.epoch) for one in calls])
    good: list[Settlement] = []
    answers: list[bool] = []
    for one in calls:
        lane = held.pop((one.entry, one.epoch), None)
        answers.append(lane is not None)
        if lane is not None:
            good.append(_poisoned(one, session.lane(lane)))
    _write(session, good, rescued=False)
    return answers


def set_apart(session: SqliteSession, calls: Iterable[Poison], lane: Lane) -> None:
    """Hold entries that were claimed from a lane in this very transaction and cannot be read."""
    _write(session, [_poisoned(one, lane) for one in calls], rescued=False)


def _poisoned(one: Poison, lane: Lane) -> Settlement:
    event = Event(
        kind=EventKind.POISONED,
        at=one.now,
        entry=one.entry,
        connection=lane.connection,
        organization=lane.organization,
        text=one.reason,
    )
    return Settlement(
        id=one.entry,
        epoch=one.epoch,
        state=EntryState.HELD,
        due=one.now,
        lane=lane,
        reason=one.reason,
        events=(event,),
    )


def end_courier(session: SqliteSession, endings: list[Ending]) -> list[int]:
    """Take back what couriers hold, one after the other, and forget them."""
    return [_end_courier(session, ending) for ending in endings]


def _end_courier(session: SqliteSession, ending: Ending) -> int:
    db = session.db
    (holds,) = db.execute(_OF_COURIER, (ending.courier,)).fetchone()
    rows = cast("list[tuple[int, int, int, int, int, str]]", sorted(json.loads(holds)))
    pending = pending_of(session, [row[0] for row in rows])
    rescued: list[Settlement] = []
    for entry, epoch, lane, attempts, transmitting, policy in rows:
        place = session.lane(lane)
        orphan = Orphan(
            id=EntryId(entry),
            epoch=epoch,
            organization=place.organization,
            connection=place.connection,
            courier=ending.courier,
            attempts=attempts,
            transmitting=bool(transmitting),
            on_in_doubt=read_in_doubt_policy(policy),
            pending=tuple(pending[entry]),
            doubts=max(pending[entry].values(), default=0),
        )
        rescued.append(rescue(orphan, now=ending.now))
    _write(session, rescued, rescued=True)
    db.execute(_END, (ending.courier,))
    return len(rows)


def pending_of(session: SqliteSession, entries: Sequence[int]) -> dict[int, dict[int, int]]:
    """Tell for each entry whom it has still to reach, by number, and how often each was in doubt."""
    pending: dict[int, dict[int, int]] = {entry: {} for entry in entries}
    rows = _PENDING.read(session.db, [(entry,) for entry in entries])
    for entry, number, doubts in cast("list[tuple[int, int, int]]", rows):
        pending[entry][number] = doubts
    return pending


def settle_unclaimed(session: SqliteSession, good: Sequence[Settlement]) -> None:
    """Write what becomes of entries that were found waiting in this very transaction."""
    _write(session, good, rescued=False)


def _held(session: SqliteSession, claims: Iterable[tuple[EntryId, int]]) -> dict[tuple[EntryId, int], int]:
    """Tell which claims are still good, with their lanes."""
    rows = _HELD.read(session.db, list(dict.fromkeys(claims)))
    return {(entry, epoch): lane for entry, epoch, lane in cast("list[tuple[EntryId, int, int]]", rows)}


def _write(session: SqliteSession, good: Sequence[Settlement], *, rescued: bool) -> None:
    """Write what becomes of entries that were looked at in this very transaction."""
    _ENTRY.run(session.db, [_entry_row(session, one, last=1 if rescued else 0) for one in good])
    _write_rest(session, good)


def _write_rest(session: SqliteSession, good: Sequence[Settlement]) -> None:
    """Write what goes with the entries' next states."""
    recipients: list[Row] = []
    given_up: list[Row] = []
    attempts: list[Row] = []
    events: list[Row] = []
    for one in good:
        entry, attempt = one.id, one.attempt
        if attempt is not None:
            attempts.append(attempt_row(entry, attempt))
            recipients += [outcome_row(entry, outcome) for outcome in attempt.outcomes]
        if one.given_up:
            given_up += [(entry, number) for number in one.given_up]
        events += [event_row(event) for event in one.events]
    db = session.db
    _RECIPIENT.run(db, recipients)
    _GIVEN_UP.run(db, given_up)
    _ATTEMPT.run(db, attempts)
    EVENT.run(db, events)


def _entry_row(session: SqliteSession, one: Settlement, *, last: int) -> Row:
    """Give a row of ``settle_claimed.sql``, whose last column is the epoch, or of ``settle_entry.sql``."""
    state, attempt = one.state, one.attempt
    return (
        one.id,
        TEXTS[state],
        one.due,
        one.due if state is EntryState.DONE else None,
        session.lane_number(one.lane),
        storable(one.reason) if one.reason else "",
        0 if attempt is None else 1,
        0 if attempt is None else _taken(attempt),
        last,
    )


def _taken(attempt: Attempt) -> int:
    """Tell whether somebody was accepted."""
    for outcome in attempt.outcomes:
        if outcome.status is RecipientStatus.ACCEPTED:
            return 1
    return 0
