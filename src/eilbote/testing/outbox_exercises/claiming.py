"""Exercises in claiming: who is next, what a claim carries, and that nobody else has it."""

from __future__ import annotations

import asyncio
import zlib

from eilbote.model.ids import CourierId, EntryId
from eilbote.model.status import EntryState, RecipientKind, RecipientStatus
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.entry import URGENCY_HIGH, URGENCY_LOW, URGENCY_NORMAL, Claim, Lane, Pending
from eilbote.outbox.store import EntryFilter, ReadyLane
from eilbote.testing.expectation import expect, holds
from eilbote.testing.outbox_exercises.scene import (
    NOW,
    OFFICE,
    Exercise,
    Outbox,
    accept,
    at,
    claim_one,
    claimed,
    courier,
    new_entry,
    opened,
    settlement,
)


async def the_urgent_go_first_then_the_oldest(outbox: Outbox) -> None:
    """Urgency before due before id; what is not yet due is left alone."""
    async with opened(outbox) as store:
        ids = await accept(
            store,
            new_entry("low", urgency=URGENCY_LOW, due=at(-90)),
            new_entry("late", due=at(-10)),
            new_entry("future", due=at(1), urgency=URGENCY_HIGH),
            new_entry("early", due=at(-20)),
            new_entry("twin", due=at(-20)),
            new_entry("high", urgency=URGENCY_HIGH),
        )
        low, late, future, early, twin, high = ids
        holder = await courier(store)

        first = await store.claim(holder, OFFICE, limit=2, now=NOW)
        second = await store.claim(holder, OFFICE, limit=10, now=NOW)
        third = await store.claim(holder, OFFICE, limit=10, now=at(1))

        expect([claim.id for claim in first], [high, early], "no more than the limit, the urgent first")
        expect([claim.id for claim in second], [twin, late, low], "then by due, then by id")
        expect([claim.id for claim in third], [future], "what falls due later is claimed later")


async def a_claim_carries_everything_that_is_needed(outbox: Outbox) -> None:
    """No second question is needed to make an attempt."""
    async with opened(outbox) as store:
        new = new_entry(
            "a",
            organization="acme",
            connections=("office", "backup"),
            recipients=2,
            on_in_doubt=InDoubtPolicy.PARK,
            on_partial=PartialPolicy.ERROR,
        )
        holder, claim = await claimed(store, new)

        expect(
            claim,
            Claim(
                id=claim.id,
                epoch=claim.epoch,
                lane=Lane("acme", "office"),
                connections=("office", "backup"),
                attempts=0,
                accepted=NOW,
                expires=new.expires,
                on_in_doubt=InDoubtPolicy.PARK,
                on_partial=PartialPolicy.ERROR,
                others_accepted=False,
                pending=(
                    Pending(0, "a-0@example.org", RecipientKind.TO, 0, in_doubt=False),
                    Pending(1, "a-1@example.org", RecipientKind.CC, 0, in_doubt=False),
                ),
                frozen=new.frozen,
                crc=zlib.crc32(new.frozen),
            ),
            "a claim carries everything",
        )
        entry = (await store.history(claim.id)).entry
        expect(
            (entry.state, entry.courier, entry.transmitting),
            (EntryState.ACTIVE, holder, False),
            "a claimed entry is active, and its content is not on its way",
        )


async def a_claim_carries_only_whose_fate_is_open(outbox: Outbox) -> None:
    """After an attempt that took one, refused one, deferred one and lost one, two are pending."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store, new_entry("a", recipients=4))
        await store.settle(
            [
                settlement(
                    holder,
                    claim,
                    RecipientStatus.ACCEPTED,
                    RecipientStatus.DEFERRED,
                    RecipientStatus.FAILED,
                    RecipientStatus.IN_DOUBT,
                    state=EntryState.DEFERRED,
                    due=at(60),
                )
            ]
        )

        expect(await store.claim(holder, OFFICE, limit=9, now=at(59)), [], "a deferred entry waits")
        again = await claim_one(store, holder, now=at(60))
        expect(
            again.pending,
            (
                Pending(1, "a-1@example.org", RecipientKind.CC, 1, in_doubt=False),
                Pending(3, "a-3@example.org", RecipientKind.CC, 1, in_doubt=True, doubts=1),
            ),
            "who was accepted or has failed is never tried again",
        )
        expect((again.attempts, again.others_accepted), (1, True), "earlier attempts are counted")
        holds(again.epoch > claim.epoch, "each claim has a newer epoch")


async def a_claim_keeps_to_its_lane(outbox: Outbox) -> None:
    """Other organizations and other connections are other lanes."""
    async with opened(outbox) as store:
        ids = await accept(
            store,
            new_entry("a"),
            new_entry("b", organization="acme"),
            new_entry("c", connections=("backup", "office")),
        )
        holder = await courier(store)
        lanes = (OFFICE, Lane("acme", "office"), Lane("", "backup"), Lane("acme", "backup"))

        found = [[claim.id for claim in await store.claim(holder, lane, limit=9, now=NOW)] for lane in lanes]

        expect(found, [[ids[0]], [ids[1]], [ids[2]], []], "each lane has its own entry")


async def an_entry_is_claimed_by_one_courier(outbox: Outbox) -> None:
    """Four couriers on two handles claim at once, until nothing is left: everything once."""
    async with opened(outbox) as store, opened(outbox) as other:
        ids = await accept(store, *(new_entry(f"n{number}") for number in range(200)))
        handles = [store, other, store, other]
        holders = [await courier(handle, f"courier-{number}") for number, handle in enumerate(handles)]

        async def all_that(number: int) -> list[EntryId]:
            mine: list[EntryId] = []
            while claims := await handles[number].claim(holders[number], OFFICE, limit=7, now=NOW):
                mine += [claim.id for claim in claims]
            return mine

        shares = await asyncio.gather(*(all_that(number) for number in range(len(handles))))

        expect(sorted(one for share in shares for one in share), ids, "everything is claimed once")


async def who_has_not_begun_or_has_ended_claims_nothing(outbox: Outbox) -> None:
    """Otherwise nobody would ever take its entries back."""
    async with opened(outbox) as store:
        await accept(store, new_entry())
        expect(
            await store.claim(CourierId("nobody"), OFFICE, limit=9, now=NOW),
            [],
            "an unknown courier claims nothing",
        )
        holder = await courier(store)
        await store.end_courier(holder, now=NOW)
        expect(
            await store.claim(holder, OFFICE, limit=9, now=NOW),
            [],
            "a courier that was taken for dead claims nothing",
        )


async def ready_lanes_are_told(outbox: Outbox) -> None:
    """A lane is ready when something in it is due; told with its most urgent and since when its oldest waits."""
    async with opened(outbox) as store:
        expect(await store.ready_lanes(NOW), [], "an empty outbox has no ready lanes")
        await accept(
            store,
            new_entry("a", due=at(-50), urgency=URGENCY_LOW),
            new_entry("b", due=at(-20), urgency=URGENCY_NORMAL),
            new_entry("c", due=at(+20), urgency=URGENCY_HIGH),
            new_entry("d", organization="acme", due=at(-5), urgency=URGENCY_HIGH),
            new_entry("e", connections=("backup",), due=at(30)),
        )

        expect(
            _by_name(await store.ready_lanes(NOW)),
            [
                ReadyLane(lane=OFFICE, urgency=URGENCY_NORMAL, due=at(-50)),
                ReadyLane(lane=Lane("acme", "office"), urgency=URGENCY_HIGH, due=at(-5)),
            ],
            "ready is where something is due",
        )
        holder = await courier(store)
        await store.claim(holder, Lane("acme", "office"), limit=9, now=NOW)
        expect(
            [ready.lane for ready in await store.ready_lanes(NOW)], [OFFICE], "what is claimed is not ready"
        )


def _by_name(lanes: list[ReadyLane]) -> list[ReadyLane]:
    return sorted(lanes, key=lambda ready: (ready.lane.organization, ready.lane.connection))


async def the_next_due_is_told(outbox: Outbox) -> None:
    """The first moment after now at which something falls due."""
    async with opened(outbox) as store:
        expect(await store.next_due(NOW), None, "nothing falls due in an empty outbox")
        await accept(
            store,
            new_entry("a", due=at(-5)),
            new_entry("b", due=NOW),
            new_entry("c", due=at(50)),
            new_entry("d", connections=("backup",), due=at(40), urgency=URGENCY_LOW),
        )

        expect(await store.next_due(NOW), at(40), "the first moment after now")
        expect(await store.next_due(at(40)), at(50), "a moment itself is not after it")
        expect(await store.next_due(at(50)), None, "after the last one there is none")


async def a_claim_of_nothing_is_empty(outbox: Outbox) -> None:
    """A lane that never was, and a limit of none."""
    async with opened(outbox) as store:
        await accept(store, new_entry())
        holder = await courier(store)

        expect(await store.claim(holder, Lane("x", "y"), limit=9, now=NOW), [], "no such lane")
        expect(await store.claim(holder, OFFICE, limit=0, now=NOW), [], "none were wanted")
        expect(
            [entry.state for entry in await store.entries(EntryFilter(), limit=9)],
            [EntryState.QUEUED],
            "nothing was touched",
        )


EXERCISES: tuple[Exercise, ...] = (
    the_urgent_go_first_then_the_oldest,
    a_claim_carries_everything_that_is_needed,
    a_claim_carries_only_whose_fate_is_open,
    a_claim_keeps_to_its_lane,
    an_entry_is_claimed_by_one_courier,
    who_has_not_begun_or_has_ended_claims_nothing,
    ready_lanes_are_told,
    the_next_due_is_told,
    a_claim_of_nothing_is_empty,
)
