"""What many hand in at once is written in one transaction, and each hears of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from eilbote.model.ids import EntryId
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.entry import Lane
from eilbote.outbox.store import EntryFilter, Wish
from eilbote.store.sqlite_outbox import SqliteOutbox
from eilbote.testing.outbox_exercises.scene import (
    NOW,
    OFFICE,
    accept,
    claimed,
    courier,
    new_entry,
    opened,
    settlement,
)

pytestmark = pytest.mark.asyncio


@pytest.fixture
def outbox(tmp_path: Path) -> SqliteOutbox:
    return SqliteOutbox(tmp_path / "eilbote.db")


async def test_of_one_claim_the_first_settlement_counts(outbox: SqliteOutbox) -> None:
    async with opened(lambda: outbox) as store:
        holder, claim = await claimed(store)
        said = settlement(holder, claim, RecipientStatus.ACCEPTED)
        waits = settlement(holder, claim, RecipientStatus.DEFERRED, state=EntryState.DEFERRED)

        answers = await asyncio.gather(store.settle([said, waits]), store.settle([waits]))

        assert answers == [[True, False], [False]]
        history = await store.history(claim.id)
        assert (history.entry.state, len(history.attempts)) == (EntryState.DONE, 1)


async def test_many_lanes_and_couriers_at_once(outbox: SqliteOutbox) -> None:
    lanes = [Lane(f"organization {number}", f"connection {number % 7}") for number in range(40)]
    async with opened(lambda: outbox) as store:
        couriers = [await courier(store, f"courier-{number}") for number in range(5)]
        await asyncio.gather(
            *(
                store.accept(
                    [new_entry(f"n{part}", organization=lane.organization, connections=(lane.connection,))]
                )
                for lane in lanes
                for part in range(10)
            )
        )

        claims = await asyncio.gather(
            *(store.claim(holder, lane, limit=3, now=NOW) for holder in couriers for lane in lanes)
        )

        ids = [claim.id for some in claims for claim in some]
        assert len(ids) == len(set(ids)) == 400
        assert all(claim.lane == lane for some, lane in zip(claims, lanes * 5, strict=True) for claim in some)
        assert await store.ready_lanes(NOW) == []


async def test_a_lane_that_was_not_written_is_not_remembered(outbox: SqliteOutbox) -> None:
    """The number of a new lane is gone with its transaction; whoever used it would wait in no lane."""
    async with opened(lambda: outbox) as store:
        bad = new_entry("bad", organization="new")
        spoilt = asyncio.gather(
            store.accept([bad, new_entry("half", connections=("half",), organization="\ud800")]),
            return_exceptions=True,
        )
        assert isinstance((await spoilt)[0], Exception)

        await accept(store, new_entry("good", organization="new"))

        assert [one.lane for one in await store.ready_lanes(NOW)] == [Lane("new", "office")]
        (found,) = await store.entries(EntryFilter(), limit=5)
        assert (found.organization, found.connection) == ("new", "office")


async def test_a_wish_and_a_claim_at_once_do_not_both_have_it(outbox: SqliteOutbox) -> None:
    async with opened(lambda: outbox) as store:
        holder = await courier(store)
        ids = await accept(store, *(new_entry(f"n{number}") for number in range(50)))

        refusals, claims = await asyncio.gather(
            store.apply(Wish.CANCEL, ids[::2], now=NOW), store.claim(holder, OFFICE, limit=50, now=NOW)
        )

        transmitted = await store.transmit([(claim.id, claim.epoch) for claim in claims])
        cancelled = {entry for entry, refusal in zip(ids[::2], refusals, strict=True) if refusal is None}
        going: set[EntryId] = {claim.id for claim, good in zip(claims, transmitted, strict=True) if good}
        assert not cancelled & going
        assert cancelled | going == set(ids)


async def test_that_somebody_was_accepted_is_remembered_over_attempts_that_reach_nobody(
    outbox: SqliteOutbox,
) -> None:
    """The policy for partial acceptance asks for it at the last attempt, whatever came in between."""
    yes, later = RecipientStatus.ACCEPTED, RecipientStatus.DEFERRED
    async with opened(lambda: outbox) as store:
        holder, claim = await claimed(store, new_entry(recipients=2))
        first = settlement(holder, claim, yes, later, state=EntryState.DEFERRED)
        await store.settle([first])
        (again,) = await store.claim(holder, OFFICE, limit=1, now=NOW)
        await store.settle([settlement(holder, again, later, state=EntryState.DEFERRED)])
        (third,) = await store.claim(holder, OFFICE, limit=1, now=NOW)

    assert [one.others_accepted for one in (claim, again, third)] == [False, True, True]
    assert [len(one.pending) for one in (claim, again, third)] == [2, 1, 1]
