"""Exercises in rescuing: couriers that live, couriers that are gone, and what becomes of what they held."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from eilbote.model.attempt import EventKind
from eilbote.model.ids import CourierId
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.model.submission import InDoubtPolicy
from eilbote.outbox.entry import Claim
from eilbote.outbox.rescue import MOST_DOUBTS, Orphan, rescue
from eilbote.testing.expectation import expect, holds
from eilbote.testing.outbox_exercises.scene import (
    NOW,
    OFFICE,
    Exercise,
    Outbox,
    accept,
    at,
    brought_to_done,
    claim_one,
    claimed,
    courier,
    new_entry,
    opened,
    settlement,
    told,
)


def _orphan(holder: CourierId, claim: Claim, *, transmitting: bool) -> Orphan:
    return Orphan(
        id=claim.id,
        epoch=claim.epoch,
        organization=claim.lane.organization,
        connection=claim.lane.connection,
        courier=holder,
        attempts=claim.attempts,
        transmitting=transmitting,
        on_in_doubt=claim.on_in_doubt,
        pending=tuple(pending.number for pending in claim.pending),
    )


async def what_was_only_claimed_is_due_again(outbox: Outbox) -> None:
    """It was certainly not sent: queued as before, told as rescued."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store, new_entry("a", recipients=2))
        before = (await store.history(claim.id)).entry
        taken_back = await store.end_courier(holder, now=at(40))
        history = await store.history(claim.id)
        decided = rescue(_orphan(holder, claim, transmitting=False), now=at(40))

        expect(taken_back, 1, "the number of entries is told")
        expect(
            history.entry,
            replace(before, state=EntryState.QUEUED, due=at(40), reason=decided.reason, courier=None),
            "it is queued as before, and due",
        )
        expect(history.attempts, (), "nothing was tried")
        expect(
            [replace(event, sequence=0) for event in history.events[1:]],
            list(decided.events),
            "it is told as rescued",
        )
        again = await claim_one(store, await courier(store, "courier-2"), now=at(40))
        holds(again.epoch > claim.epoch + 1, "the epoch grows with the taking back as well")


async def what_was_transmitting_is_in_doubt(outbox: Outbox) -> None:
    """Each pending recipient gets an outcome in_doubt, in an attempt of its own; by its policy it is due now."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store, new_entry("a", recipients=3))
        await store.settle(
            [
                settlement(
                    holder,
                    claim,
                    RecipientStatus.ACCEPTED,
                    RecipientStatus.DEFERRED,
                    RecipientStatus.DEFERRED,
                    state=EntryState.DEFERRED,
                )
            ]
        )
        claim = await claim_one(store, holder)
        await store.transmit([(claim.id, claim.epoch)])
        await store.end_courier(holder, now=at(40))
        history = await store.history(claim.id)
        decided = rescue(_orphan(holder, claim, transmitting=True), now=at(40))

        expect(
            (history.entry.state, history.entry.due, history.entry.attempts, history.entry.transmitting),
            (EntryState.DEFERRED, at(40), 2, False),
            "it is deferred and due now",
        )
        expect(
            [(one.status, one.attempts, one.in_doubt) for one in history.entry.recipients],
            [
                (RecipientStatus.ACCEPTED, 1, 0),
                (RecipientStatus.IN_DOUBT, 2, 1),
                (RecipientStatus.IN_DOUBT, 2, 1),
            ],
            "who was pending is in doubt, nobody else",
        )
        expect(history.attempts[1:], (decided.attempt,), "an attempt says so")
        expect(
            [replace(event, sequence=0) for event in history.events[-len(decided.events) :]],
            list(decided.events),
            "it is told as in doubt",
        )
        again = await claim_one(store, await courier(store, "courier-2"), now=at(40))
        expect(
            [(pending.number, pending.in_doubt) for pending in again.pending],
            [(1, True), (2, True)],
            "the next claim knows of the doubt",
        )


async def what_is_in_doubt_again_and_again_is_held(outbox: Outbox) -> None:
    """Whatever its policy: each time its courier was gone with the content on its way, there may be one more copy."""
    async with opened(outbox) as store:
        (entry,) = await accept(store, new_entry("a", recipients=2))
        states: list[EntryState] = []
        for number in range(MOST_DOUBTS):
            holder = await courier(store, f"courier-{number}")
            claim = await claim_one(store, holder, now=at(number))
            expect([one.doubts for one in claim.pending], [number, number], "a claim tells how often")
            await store.transmit([(claim.id, claim.epoch)])
            await store.end_courier(holder, now=at(number))
            states.append((await store.history(entry)).entry.state)
        expect(
            states,
            [*[EntryState.DEFERRED] * (MOST_DOUBTS - 1), EntryState.HELD],
            "somebody has to look at it in the end",
        )


async def what_is_in_doubt_may_be_held(outbox: Outbox) -> None:
    """By the policy of the entry it waits for somebody's decision."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store, new_entry("a", on_in_doubt=InDoubtPolicy.PARK))
        await store.transmit([(claim.id, claim.epoch)])
        await store.end_courier(holder, now=at(40))
        history = await store.history(claim.id)
        decided = rescue(_orphan(holder, claim, transmitting=True), now=at(40))

        expect(
            (history.entry.state, history.entry.reason, history.entry.attempts),
            (EntryState.HELD, decided.reason, 1),
            "it is held with the reason",
        )
        expect(
            [event.kind for event in history.events],
            [EventKind.SUBMITTED, EventKind.IN_DOUBT, EventKind.HELD],
            "it is told",
        )
        expect(await store.ready_lanes(at(9999)), [], "nobody sends it")


async def only_what_the_courier_holds_is_taken_back(outbox: Outbox) -> None:
    """Waiting entries, and those of another courier, are left alone; the courier is forgotten."""
    async with opened(outbox) as store:
        await accept(store, *(new_entry(f"n{number}") for number in range(30)))
        first, second = await courier(store, "courier-1"), await courier(store, "courier-2")
        mine = await store.claim(first, OFFICE, limit=10, now=NOW)
        theirs = await store.claim(second, OFFICE, limit=10, now=NOW)
        await store.transmit([(claim.id, claim.epoch) for claim in mine[:4]])

        expect(await store.end_courier(first, now=at(1)), 10, "everything it holds is taken back")
        expect(await store.end_courier(first, now=at(1)), 0, "a courier ends once")
        expect(
            await store.transmit([(claim.id, claim.epoch) for claim in theirs]),
            [True] * 10,
            "the other courier still holds its claims",
        )
        expect([one for one, _, _ in await store.couriers()], [second], "the courier is forgotten")
        expect(
            len(await store.claim(second, OFFICE, limit=99, now=at(1))), 20, "what was taken back is due now"
        )


async def a_courier_beats_until_others_end_it(outbox: Outbox) -> None:
    """The count grows with each beat; a beat after the end says that it is over."""
    async with opened(outbox) as store, opened(outbox) as other:
        holder = await courier(store)
        counts = [(await other.couriers())[0][1]]
        for second in range(3):
            holds(await store.beat(holder, now=at(second)), "a courier lives")
            counts.append((await other.couriers())[0][1])
        await other.end_courier(holder, now=at(9))

        expect(counts, sorted(set(counts)), "the count grows with every beat")
        holds(not await store.beat(holder, now=at(10)), "a courier learns that it was ended")
        expect(await store.couriers(), [], "a beat does not bring it back")
        holds(not await store.beat(CourierId("nobody"), now=NOW), "an unknown courier is none")


async def a_living_courier_is_not_certainly_gone(outbox: Outbox) -> None:
    """Whoever asks, over whichever handle."""
    async with opened(outbox) as store, opened(outbox) as other:
        first, second = await courier(store, "courier-1"), await courier(other, "courier-2")

        for handle in (store, other):
            expect(
                sorted((one, gone) for one, _, gone in await handle.couriers()),
                [(first, False), (second, False)],
                "both live",
            )


async def a_courier_is_ended_once_by_many(outbox: Outbox) -> None:
    """Several that notice at once take everything back once."""
    async with opened(outbox) as store, opened(outbox) as other:
        await accept(store, *(new_entry(f"n{number}") for number in range(20)))
        holder = await courier(store)
        claims = await store.claim(holder, OFFICE, limit=20, now=NOW)
        await store.transmit([(claim.id, claim.epoch) for claim in claims])

        numbers = await asyncio.gather(
            *(handle.end_courier(holder, now=at(1)) for handle in (store, other, store, other))
        )

        expect(sum(numbers), 20, "each entry is taken back once")
        for claim in claims:
            expect(len((await store.history(claim.id)).attempts), 1, "and is in doubt once")


async def a_rescue_and_a_settlement_do_not_both_win(outbox: Outbox) -> None:
    """At the same time: for each entry either the outcome is written or the rescue, never both."""
    async with opened(outbox) as store, opened(outbox) as other:
        await accept(store, *(new_entry(f"n{number}") for number in range(60)))
        holder = await courier(store)
        claims = await store.claim(holder, OFFICE, limit=60, now=NOW)
        await store.transmit([(claim.id, claim.epoch) for claim in claims])
        outcomes = [
            settlement(holder, claim, RecipientStatus.ACCEPTED, events=(told(claim, EventKind.ACCEPTED, 0),))
            for claim in claims
        ]
        *settled, rescued = await asyncio.gather(
            *(store.settle(outcomes[first : first + 10]) for first in range(0, 60, 10)),
            other.end_courier(holder, now=at(1)),
        )

        written = [one for some in settled if isinstance(some, list) for one in some]
        expect(written.count(True) + int(str(rescued)), 60, "each entry has one end")
        for claim, won in zip(claims, written, strict=True):
            history = await store.history(claim.id)
            expect(
                (history.entry.state, [attempt.outcomes[0].status for attempt in history.attempts]),
                (EntryState.DONE, [RecipientStatus.ACCEPTED])
                if won
                else (EntryState.DEFERRED, [RecipientStatus.IN_DOUBT]),
                "one of the two was written",
            )


async def a_done_entry_frees_its_courier(outbox: Outbox) -> None:
    """Ending a courier touches nothing that it has settled."""
    async with opened(outbox) as store:
        await accept(store, new_entry())
        holder = await courier(store)
        claim = await brought_to_done(store, holder, RecipientStatus.ACCEPTED)
        before = await store.history(claim.id)

        expect(await store.end_courier(holder, now=at(1)), 0, "it holds nothing any more")
        expect(await store.history(claim.id), before, "a settled entry is left alone")


EXERCISES: tuple[Exercise, ...] = (
    what_was_only_claimed_is_due_again,
    what_was_transmitting_is_in_doubt,
    what_is_in_doubt_may_be_held,
    what_is_in_doubt_again_and_again_is_held,
    only_what_the_courier_holds_is_taken_back,
    a_courier_beats_until_others_end_it,
    a_living_courier_is_not_certainly_gone,
    a_courier_is_ended_once_by_many,
    a_rescue_and_a_settlement_do_not_both_win,
    a_done_entry_frees_its_courier,
)
