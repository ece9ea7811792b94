"""Settling on PostgreSQL: what became of claims, written for many couriers in a handful of statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, cast

from eilbote.model.attempt import Event, EventKind
from eilbote.model.ids import CourierId, EntryId
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.entry import Lane
from eilbote.outbox.rescue import Orphan, rescue
from eilbote.outbox.settlement import Settlement
from eilbote.outbox.untried import Expired, give_up
from eilbote.store.nouns import read_in_doubt_policy
from eilbote.store.postgres_rows import columns, tell
from eilbote.store.rows import attempt_row, event_row, outcome_row
from eilbote.store.statements import named_sql
from eilbote.store.values import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eilbote.model.moment import Moment
    from eilbote.store.postgres_link import Db, Transaction
    from eilbote.store.values import Row

_HELD: Final = named_sql("postgresql", "claims_held")
_SETTLE: Final = named_sql("postgresql", "settle")
_GIVEN_UP: Final = named_sql("postgresql", "settle_given_up")
_LANES: Final = named_sql("postgresql", "lanes")
_LOCK: Final = named_sql("postgresql", "courier_lock")
_OF_COURIER: Final = named_sql("postgresql", "claims_of_courier")
_EXPIRED: Final = named_sql("postgresql", "expired")
_END: Final = named_sql("postgresql", "courier_end")


class _Place(NamedTuple):
    """Where a claim came from."""

    number: int
    lane: Lane


async def settle(db: Transaction, calls: Sequence[Sequence[Settlement]]) -> list[list[bool]]:
    """Write what became of the claims of many calls; of one claim, the first settlement counts."""
    held = await _held(db, [(one.id, one.epoch) for settlements in calls for one in settlements])
    good: list[tuple[Settlement, _Place]] = []
    answers: list[list[bool]] = []
    for settlements in calls:
        answer: list[bool] = []
        for one in settlements:
            place = held.pop((one.id, one.epoch), None)
            answer.append(place is not None)
            if place is not None:
                good.append((one, place))
        answers.append(answer)
    await _write(db, good, rescued=False)
    return answers


async def is_over(db: Db, claims: Iterable[tuple[EntryId, int]]) -> bool:
    """Look whether none of these claims is held any more."""
    return not await db.fetch(_HELD, *columns(list(dict.fromkeys(claims)), 2))


async def has_ended(db: Db, courier: CourierId) -> bool:
    """Look whether a courier is no more."""
    return await db.fetchval(_LOCK, courier) is None


async def poison(db: Transaction, entry: EntryId, epoch: int, *, reason: str, now: Moment) -> bool:
    """Hold a claimed entry that cannot be read."""
    held = await _held(db, [(entry, epoch)])
    for place in held.values():
        event = Event(
            kind=EventKind.POISONED,
            at=now,
            entry=entry,
            connection=place.lane.connection,
            organization=place.lane.organization,
            text=reason,
        )
        poisoned = Settlement(
            id=entry,
            epoch=epoch,
            state=EntryState.HELD,
            due=now,
            lane=place.lane,
            reason=reason,
            events=(event,),
        )
        await _write(db, [(poisoned, place)], rescued=False)
    return bool(held)


async def end_courier(db: Transaction, courier: CourierId, *, now: Moment) -> int:
    """Take back what a courier holds, and forget the courier."""
    await db.execute(_LOCK, courier)
    rescued: list[tuple[Settlement, _Place]] = []
    for row in await db.fetch(_OF_COURIER, courier):
        orphan, number = _orphan(row, courier)
        place = _Place(number, Lane(orphan.organization, orphan.connection))
        rescued.append((rescue(orphan, now=now), place))
    await db.execute(_END, courier)
    await _write(db, rescued, rescued=True)
    return len(rescued)


async def give_up_expired(db: Transaction, *, limit: int, now: Moment) -> list[Event]:
    """Give up what waits beyond its time."""
    given_up: list[tuple[Settlement, _Place]] = []
    for row in await db.fetch(_EXPIRED, now, limit):
        entry, epoch, number, organization, connection, expires, pending = cast(
            "tuple[EntryId, int, int, str, str, Moment, list[int]]", row
        )
        lane = Lane(organization, connection)
        expired = Expired(id=entry, epoch=epoch, lane=lane, expires=expires, pending=tuple(pending))
        given_up.append((give_up(expired, now=now), _Place(number, lane)))
    await _write(db, given_up, rescued=False)
    return [event for settlement, _ in given_up for event in settlement.events]


def _orphan(row: Sequence[object], courier: CourierId) -> tuple[Orphan, int]:
    entry, epoch, number, organization, connection, attempts, transmitting, policy, pending, doubts = cast(
        "tuple[EntryId, int, int, str, str, int, bool, str, list[int], int]", row
    )
    orphan = Orphan(
        id=entry,
        epoch=epoch,
        organization=organization,
        connection=connection,
        courier=courier,
        attempts=attempts,
        transmitting=transmitting,
        on_in_doubt=read_in_doubt_policy(policy),
        pending=tuple(pending),
        doubts=doubts,
    )
    return orphan, number


async def _held(db: Db, claims: Iterable[tuple[EntryId, int]]) -> dict[tuple[EntryId, int], _Place]:
    """Tell which claims are still good, and keep others from touching them until the transaction ends."""
    rows = await db.fetch(_HELD, *columns(list(dict.fromkeys(claims)), 2))
    return {
        (EntryId(entry), epoch): _Place(number, Lane(organization, connection))
        for entry, epoch, number, organization, connection in cast(
            "list[tuple[int, int, int, str, str]]", rows
        )
    }


async def _write(db: Transaction, good: Sequence[tuple[Settlement, _Place]], *, rescued: bool) -> None:
    if not good:
        return
    lanes = await _other_lanes(db, good)
    entries: list[Row] = []
    recipients: list[Row] = []
    given_up: list[Row] = []
    attempts: list[Row] = []
    events: list[Row] = []
    for one, place in good:
        lane = lanes.get(Lane(place.lane.organization, one.connection), place.number)
        entries.append(_entry_row(one, lane, rescued=rescued))
        if one.attempt is not None:
            attempts.append(attempt_row(one.id, one.attempt))
            recipients += [outcome_row(one.id, outcome) for outcome in one.attempt.outcomes]
        given_up += [(one.id, number) for number in one.given_up]
        events += [event_row(event) for event in one.events]
    await db.execute(_SETTLE, *columns(entries, 9), *columns(recipients, 7), *columns(attempts, 12))
    if given_up:
        await db.execute(_GIVEN_UP, *columns(given_up, 2))
    await tell(db, events)


async def _other_lanes(db: Db, good: Sequence[tuple[Settlement, _Place]]) -> dict[Lane, int]:
    """Give the numbers of the lanes to which entries move."""
    moves = {
        (place.lane.organization, one.connection)
        for one, place in good
        if one.connection != place.lane.connection
    }
    if not moves:
        return {}
    rows = cast("list[tuple[str, str, int]]", await db.fetch(_LANES, *columns(sorted(moves), 2)))
    return {Lane(organization, connection): number for organization, connection, number in rows}


def _entry_row(one: Settlement, lane: int, *, rescued: bool) -> Row:
    taken = one.attempt is not None and any(
        outcome.status is RecipientStatus.ACCEPTED for outcome in one.attempt.outcomes
    )
    return (
        one.id,
        one.state.value,
        one.due,
        one.due if one.state is EntryState.DONE else None,
        lane,
        storable(one.reason),
        0 if one.attempt is None else 1,
        taken,
        1 if rescued else 0,
    )
