"""Exercises in giving up: what waits beyond its time fails, though nobody claims it."""

from __future__ import annotations

from dataclasses import replace

from eilbote.model.attempt import EventKind
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.store import Wish
from eilbote.testing.expectation import expect
from eilbote.testing.outbox_exercises.scene import (
    NOW,
    OFFICE,
    Exercise,
    Outbox,
    accept,
    at,
    claim_one,
    courier,
    new_entry,
    opened,
    settlement,
)


async def what_waits_beyond_its_time_fails(outbox: Outbox) -> None:
    """Due or not, tried or not, whatever its lane; whoever was accepted stays so, and each is told once."""
    async with opened(outbox) as store:
        (tried,) = await accept(store, replace(new_entry("a", recipients=2), expires=at(60)))
        holder = await courier(store)
        claim = await claim_one(store, holder)
        accepted, deferred = RecipientStatus.ACCEPTED, RecipientStatus.DEFERRED
        later = settlement(holder, claim, accepted, deferred, state=EntryState.DEFERRED, due=at(3600))
        await store.settle([later])
        (queued,) = await accept(
            store, replace(new_entry("b", organization="acme", connections=("backup",)), expires=at(60))
        )
        (young,) = await accept(store, replace(new_entry("c"), expires=at(61)))

        expect(await store.give_up_expired(limit=10, now=at(59)), [], "nobody fails before the time is over")
        events = await store.give_up_expired(limit=10, now=at(60))
        again = await store.give_up_expired(limit=10, now=at(60))

        expect(
            sorted((event.entry, event.kind, event.recipients) for event in events),
            [(tried, EventKind.GAVE_UP, (1,)), (queued, EventKind.GAVE_UP, (0,))],
            "each is told, with those who have failed",
        )
        expect(again, [], "and told once")
        histories = [await store.history(entry) for entry in (tried, queued, young)]
        expect(
            [history.entry.state for history in histories],
            [EntryState.DONE, EntryState.DONE, EntryState.QUEUED],
            "what is over is done",
        )
        expect(
            [one.status for one in histories[0].entry.recipients],
            [accepted, RecipientStatus.FAILED],
            "who was accepted stays so",
        )
        expect(histories[1].entry.finished, at(60), "it is finished now")
        expect(
            [history.events[-1].kind for history in histories[:2]], [EventKind.GAVE_UP] * 2, "the feed tells"
        )


async def only_what_waits_is_given_up(outbox: Outbox) -> None:
    """What a courier holds is its own, and what is held waits for a person; at most as many as asked for."""
    async with opened(outbox) as store:
        ids = await accept(store, *(replace(new_entry(f"n{n}"), expires=at(1)) for n in range(5)))
        held, _, *rest = ids
        await store.apply(Wish.HOLD, [held], now=NOW)
        (active,) = await store.claim(await courier(store), OFFICE, limit=1, now=NOW)

        two = await store.give_up_expired(limit=2, now=at(2))
        last = await store.give_up_expired(limit=2, now=at(2))

        given_up = [event.entry for event in (*two, *last)]
        expect((len(two), len(last)), (2, 1), "no more than the limit")
        expect(sorted(entry for entry in given_up if entry), sorted(rest), "what waits, nothing else")
        expect((await store.history(active.id)).entry.state, EntryState.ACTIVE, "a claim is left alone")
        expect((await store.history(held)).entry.state, EntryState.HELD, "so is what is held")


EXERCISES: tuple[Exercise, ...] = (what_waits_beyond_its_time_fails, only_what_waits_is_given_up)
