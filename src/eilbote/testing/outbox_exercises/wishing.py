"""Exercises in what people want: each wish in each state, exactly as the table of the lifecycle decides it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.model.attempt import EventKind
from eilbote.model.ids import EntryId
from eilbote.model.moment import later
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.entry import Entry
from eilbote.outbox.store import Wish
from eilbote.outbox.wishes import NO_SUCH_ENTRY, RETRY_SECONDS, Grant, Standing, grant
from eilbote.testing.expectation import expect, holds
from eilbote.testing.outbox_exercises.scene import (
    NOW,
    OFFICE,
    Exercise,
    Outbox,
    accept,
    at,
    attempt,
    claim_one,
    courier,
    new_entry,
    opened,
    settlement,
)

if TYPE_CHECKING:
    from eilbote.outbox.store import OutboxStore

_LATER = at(3600)


async def _queued(store: OutboxStore) -> EntryId:
    [entry] = await accept(store, new_entry("a", recipients=3, due=at(7200)))
    return entry


async def _settled(store: OutboxStore, state: EntryState, *statuses: RecipientStatus) -> EntryId:
    [entry] = await accept(store, new_entry("a", recipients=3))
    holder = await courier(store)
    claim = await claim_one(store, holder)
    await store.settle([settlement(holder, claim, *statuses, state=state, due=at(60), reason="451 later")])
    return entry


async def _deferred(store: OutboxStore) -> EntryId:
    return await _settled(
        store,
        EntryState.DEFERRED,
        RecipientStatus.ACCEPTED,
        RecipientStatus.FAILED,
        RecipientStatus.DEFERRED,
    )


async def _failed(store: OutboxStore) -> EntryId:
    return await _settled(
        store, EntryState.DONE, RecipientStatus.ACCEPTED, RecipientStatus.FAILED, RecipientStatus.FAILED
    )


async def _accepted(store: OutboxStore) -> EntryId:
    return await _settled(store, EntryState.DONE, *[RecipientStatus.ACCEPTED] * 3)


async def _parked(store: OutboxStore) -> EntryId:
    return await _settled(store, EntryState.HELD, RecipientStatus.ACCEPTED, *[RecipientStatus.IN_DOUBT] * 2)


async def _held(store: OutboxStore) -> EntryId:
    entry = await _queued(store)
    await store.apply(Wish.HOLD, [entry], now=NOW)
    return entry


async def _cancelled(store: OutboxStore) -> EntryId:
    entry = await _queued(store)
    await store.apply(Wish.CANCEL, [entry], now=NOW)
    return entry


async def _claimed(store: OutboxStore) -> EntryId:
    [entry] = await accept(store, new_entry("a", recipients=3))
    await claim_one(store, await courier(store))
    return entry


async def _transmitting(store: OutboxStore) -> EntryId:
    [entry] = await accept(store, new_entry("a", recipients=3))
    claim = await claim_one(store, await courier(store))
    await store.transmit([(claim.id, claim.epoch)])
    return entry


_STANDINGS: tuple[Callable[[OutboxStore], Awaitable[EntryId]], ...] = (
    _queued,
    _deferred,
    _claimed,
    _transmitting,
    _held,
    _parked,
    _failed,
    _accepted,
    _cancelled,
)


async def _wished(outbox: Outbox, wish: Wish) -> None:
    """Bring an entry into each standing, wish, and compare it with what the table makes of it."""
    for bring in _STANDINGS:
        async with opened(outbox) as store:
            entry = await bring(store)
            before = await store.history(entry)
            answer = await store.apply(wish, [entry], now=_LATER)
            after = await store.history(entry)
            for one, _, _ in await store.couriers():
                await store.end_courier(one, now=_LATER)  # the next standing begins anew
            decided = grant(wish, _standing(before.entry), now=_LATER)
            rule = f"{wish} of an entry that is {bring.__name__[1:]}"
            if not isinstance(decided, Grant):
                expect(answer, [decided], f"{rule}: refused with the reason")
                expect(after, before, f"{rule}: nothing is written")
            else:
                expect(answer, [None], f"{rule}: granted")
                expect(after.entry, _granted(before.entry, decided), f"{rule}: what the table says")
                expect(after.attempts, before.attempts, f"{rule}: attempts stay")
                expect(
                    [
                        (event.kind, event.at, event.entry, event.connection, event.text)
                        for event in after.events[len(before.events) :]
                    ],
                    [(decided.event, _LATER, entry, "office", decided.reason)],
                    f"{rule}: told once",
                )


def _standing(entry: Entry) -> Standing:
    return Standing(
        state=entry.state,
        transmitting=entry.transmitting,
        attempts=entry.attempts,
        has_failed=any(one.status is RecipientStatus.FAILED for one in entry.recipients),
        due=entry.due,
        expires=entry.expires,
    )


def _granted(entry: Entry, decided: Grant) -> Entry:
    reopened = tuple(
        replace(one, status=RecipientStatus.DEFERRED)
        if decided.reopens_failed and one.status is RecipientStatus.FAILED
        else one
        for one in entry.recipients
    )
    return replace(
        entry,
        state=decided.state,
        due=decided.due,
        expires=decided.expires,
        reason=decided.reason,
        finished=_LATER if decided.finishes else None,
        courier=None,
        transmitting=False,
        recipients=reopened,
    )


async def a_retry_is_granted_by_the_table(outbox: Outbox) -> None:
    """Due now; of a finished entry those who failed are tried again."""
    await _wished(outbox, Wish.RETRY)


async def a_hold_is_granted_by_the_table(outbox: Outbox) -> None:
    """Stands still; nothing whose content may be on its way can be held."""
    await _wished(outbox, Wish.HOLD)


async def a_release_is_granted_by_the_table(outbox: Outbox) -> None:
    """Goes on where it was held."""
    await _wished(outbox, Wish.RELEASE)


async def a_cancellation_is_granted_by_the_table(outbox: Outbox) -> None:
    """Called back, for ever, before its content is on its way."""
    await _wished(outbox, Wish.CANCEL)


async def what_is_held_or_cancelled_is_not_claimed(outbox: Outbox) -> None:
    """A released entry is claimed again."""
    async with opened(outbox) as store:
        held, cancelled = await accept(store, new_entry("held"), new_entry("cancelled"))
        holder = await courier(store)
        await store.apply(Wish.HOLD, [held], now=NOW)
        await store.apply(Wish.CANCEL, [cancelled], now=NOW)

        expect(await store.ready_lanes(at(1)), [], "nothing is ready")
        expect(await store.claim(holder, OFFICE, limit=9, now=at(1)), [], "nothing is claimed")
        await store.apply(Wish.RELEASE, [held], now=at(1))
        expect((await claim_one(store, holder, now=at(1))).id, held, "what was released goes on")


async def a_wish_takes_a_claim_away(outbox: Outbox) -> None:
    """Cancelled while it was claimed: the courier's note that it begins the content fails."""
    async with opened(outbox) as store:
        await accept(store, new_entry())
        holder = await courier(store)
        claim = await claim_one(store, holder)

        expect(await store.apply(Wish.CANCEL, [claim.id], now=NOW), [None], "it was not on its way yet")
        expect(await store.transmit([(claim.id, claim.epoch)]), [False], "so its content does not go out")
        expect(
            await store.settle([settlement(holder, claim, RecipientStatus.ACCEPTED)]),
            [False],
            "and nothing is settled",
        )
        expect((await store.history(claim.id)).entry.state, EntryState.CANCELLED, "it stays cancelled")


async def a_claim_that_was_taken_away_stays_void(outbox: Outbox) -> None:
    """Held while it was claimed and released again: the wish made a newer epoch, and so does the next claim."""
    async with opened(outbox) as store:
        await accept(store, new_entry())
        holder = await courier(store)
        claim = await claim_one(store, holder)
        await store.apply(Wish.HOLD, [claim.id], now=NOW)
        await store.apply(Wish.RELEASE, [claim.id], now=NOW)
        again = await claim_one(store, holder)

        holds(again.epoch > claim.epoch + 1, "a wish that takes a claim away makes a newer epoch")
        expect(await store.transmit([(claim.id, claim.epoch)]), [False], "the older claim stays void")


async def a_retried_entry_has_time_again(outbox: Outbox) -> None:
    """Wanted after its time was over, it would otherwise be given up at once."""
    async with opened(outbox) as store:
        [entry] = await accept(store, replace(new_entry(), expires=at(10)))
        await store.apply(Wish.RETRY, [entry], now=_LATER)

        expect(
            (await store.history(entry)).entry.expires,
            later(_LATER, RETRY_SECONDS),
            "a retried entry has a day at least",
        )


async def who_had_failed_is_tried_again_alone(outbox: Outbox) -> None:
    """A retried entry's claim has those who failed, and not whom a server has accepted."""
    async with opened(outbox) as store:
        entry = await _failed(store)
        await store.apply(Wish.RETRY, [entry], now=_LATER)
        claim = await claim_one(store, await courier(store, "courier-2"), now=_LATER)

        expect([pending.number for pending in claim.pending], [1, 2], "those who failed")
        expect((claim.attempts, claim.others_accepted), (1, True), "the first attempt is remembered")


async def a_wish_is_told_from_the_attempts_before_it(outbox: Outbox) -> None:
    """The waits between attempts begin anew with a person's wish for another one, and with nothing else."""
    async with opened(outbox) as store:
        [entry] = await accept(store, new_entry())
        holder = await courier(store)
        for moment, wish, before in (
            (NOW, None, 0),
            (at(60), None, 0),
            (at(120), Wish.RETRY, 2),
            (at(180), None, 2),
            (at(240), Wish.HOLD, 2),
            (at(300), Wish.RETRY, 5),
        ):
            if wish is not None:
                await store.apply(wish, [entry], now=moment)
            if wish is Wish.HOLD:
                await store.apply(Wish.RELEASE, [entry], now=moment)
            claim = await claim_one(store, holder, now=moment)
            expect(
                claim.attempts_before, before, "as many attempts as there were when somebody last wanted one"
            )
            tried = replace(
                settlement(holder, claim, RecipientStatus.DEFERRED, state=EntryState.DEFERRED, due=moment),
                attempt=attempt(holder, claim, RecipientStatus.DEFERRED, started=moment),
            )
            await store.settle([tried])


async def each_of_many_wishes_has_its_answer(outbox: Outbox) -> None:
    """In order; one that does not exist gets a text, and one that is named twice is meant once."""
    async with opened(outbox) as store:
        ids = await accept(store, *(new_entry(f"n{number}") for number in range(150)))
        unknown = EntryId(ids[-1] + 1000)
        answers = await store.apply(Wish.CANCEL, [ids[0], unknown, *ids], now=NOW)

        expect(answers, [None, NO_SUCH_ENTRY, *[None] * 150], "each has its answer, in order")
        expect(await store.apply(Wish.HOLD, [], now=NOW), [], "nothing wished")
        expect(
            sum(event.kind is EventKind.CANCELLED for event in await store.events()), 150, "each is told once"
        )


EXERCISES: tuple[Exercise, ...] = (
    a_retry_is_granted_by_the_table,
    a_hold_is_granted_by_the_table,
    a_release_is_granted_by_the_table,
    a_cancellation_is_granted_by_the_table,
    what_is_held_or_cancelled_is_not_claimed,
    a_wish_takes_a_claim_away,
    a_claim_that_was_taken_away_stays_void,
    a_retried_entry_has_time_again,
    who_had_failed_is_tried_again_alone,
    a_wish_is_told_from_the_attempts_before_it,
    each_of_many_wishes_has_its_answer,
)
