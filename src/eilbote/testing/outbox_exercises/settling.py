"""Exercises in settling: exactly what happened is written, and only for the holder of the newest epoch."""

from __future__ import annotations

from dataclasses import replace

from eilbote.model.attempt import EventKind
from eilbote.model.status import EntryState, RecipientKind, RecipientStatus
from eilbote.outbox.entry import EntryRecipient, Lane
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
    claimed,
    courier,
    new_entry,
    opened,
    settlement,
    told,
)


async def an_attempt_is_written_as_it_was(outbox: Outbox) -> None:
    """State, recipients, attempt and events: each as the settlement says, and nothing else."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store, new_entry("a", recipients=2))
        before = (await store.history(claim.id)).entry
        events = (
            told(claim, EventKind.ACCEPTED, 0, moment=at(1)),
            told(claim, EventKind.DEFERRED, 1, moment=at(1), text="451 later"),
        )
        written = settlement(
            holder,
            claim,
            RecipientStatus.ACCEPTED,
            RecipientStatus.DEFERRED,
            state=EntryState.DEFERRED,
            due=at(300),
            reason="451 later",
            events=events,
        )

        expect(await store.settle([written]), [True], "the holder settles")
        history = await store.history(claim.id)
        expect(
            history.entry,
            replace(
                before,
                state=EntryState.DEFERRED,
                due=at(300),
                reason="451 later",
                courier=None,
                attempts=1,
                recipients=(
                    EntryRecipient(
                        address="a-0@example.org",
                        kind=RecipientKind.TO,
                        status=RecipientStatus.ACCEPTED,
                        attempts=1,
                        in_doubt=0,
                        reply_code=250,
                        enhanced_status_code="",
                        text="2.0.0 taken",
                    ),
                    EntryRecipient(
                        address="a-1@example.org",
                        kind=RecipientKind.CC,
                        status=RecipientStatus.DEFERRED,
                        attempts=1,
                        in_doubt=0,
                        reply_code=451,
                        enhanced_status_code="4.7.1",
                        text="later",
                    ),
                ),
            ),
            "the entry is what the settlement says",
        )
        await claim_one(store, holder, now=at(300))
        expect((await store.history(claim.id)).entry.reason, "", "what is claimed waits for nothing any more")
        expect(history.attempts, (written.attempt,), "the attempt is kept as it was")
        expect(
            [replace(event, sequence=0) for event in history.events[1:]],
            list(events),
            "the events are told in their order",
        )


async def a_finished_entry_says_when(outbox: Outbox) -> None:
    """Done: the settlement's due is when it was finished, and nobody claims it again."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store)
        await store.settle([settlement(holder, claim, RecipientStatus.ACCEPTED, due=at(7))])
        entry = (await store.history(claim.id)).entry

        expect(
            (entry.state, entry.due, entry.finished, entry.courier, entry.transmitting),
            (EntryState.DONE, at(7), at(7), None, False),
            "a done entry is finished",
        )
        expect(await store.claim(holder, OFFICE, limit=9, now=at(9999)), [], "and is never claimed again")


async def nothing_tried_changes_nothing_but_the_state(outbox: Outbox) -> None:
    """What a courier puts back is queued as before."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store)
        await store.transmit([(claim.id, claim.epoch)])
        before = (await store.history(claim.id)).entry
        await store.settle([settlement(holder, claim, state=EntryState.QUEUED, due=at(5), reason="paused")])

        history = await store.history(claim.id)
        expect(
            history.entry,
            replace(
                before,
                state=EntryState.QUEUED,
                due=at(5),
                reason="paused",
                courier=None,
                transmitting=False,
            ),
            "no attempt, no trace but the state",
        )
        expect((history.attempts, len(history.events)), ((), 1), "nothing was tried, nothing is told")
        again = await claim_one(store, holder, now=at(5))
        expect((again.attempts, again.epoch > claim.epoch), (0, True), "it is claimed anew")


async def who_is_given_up_has_failed(outbox: Outbox) -> None:
    """In spite of a deferred outcome, and without having been part of the attempt."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store, new_entry("a", recipients=3))
        tried = attempt(
            holder,
            replace(claim, pending=claim.pending[:2]),
            RecipientStatus.ACCEPTED,
            RecipientStatus.DEFERRED,
        )
        await store.settle([replace(settlement(holder, claim, given_up=(1, 2)), attempt=tried)])

        found = (await store.history(claim.id)).entry.recipients
        expect(
            [(one.status, one.attempts, one.reply_code) for one in found],
            [
                (RecipientStatus.ACCEPTED, 1, 250),
                (RecipientStatus.FAILED, 1, 451),
                (RecipientStatus.FAILED, 0, 0),
            ],
            "who is given up has failed, with what was said last",
        )


async def doubts_are_counted(outbox: Outbox) -> None:
    """However it ends, a recipient tells how often the message may have reached it without a word."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store)
        for _ in range(2):
            await store.settle(
                [settlement(holder, claim, RecipientStatus.IN_DOUBT, state=EntryState.DEFERRED)]
            )
            claim = await claim_one(store, holder)
        expect((claim.pending[0].in_doubt, claim.attempts), (True, 2), "a claim tells of the doubt")
        await store.settle([settlement(holder, claim, RecipientStatus.ACCEPTED)])

        [found] = (await store.history(claim.id)).entry.recipients
        expect(
            (found.status, found.attempts, found.in_doubt),
            (RecipientStatus.ACCEPTED, 3, 2),
            "a later success does not take a doubt back",
        )


async def an_entry_moves_to_its_next_connection(outbox: Outbox) -> None:
    """A settlement names the lane in which the entry waits next."""
    async with opened(outbox) as store:
        holder, claim = await claimed(
            store, new_entry("a", organization="acme", connections=("office", "backup"))
        )
        await store.settle([settlement(holder, claim, state=EntryState.QUEUED, connection="backup")])

        expect(
            [ready.lane for ready in await store.ready_lanes(NOW)],
            [Lane("acme", "backup")],
            "it waits in the other lane",
        )
        again = await claim_one(store, holder, lane=Lane("acme", "backup"))
        expect(
            (again.lane, again.connections),
            (Lane("acme", "backup"), ("office", "backup")),
            "and keeps its connections",
        )


async def transmitting_is_noted_by_the_holder(outbox: Outbox) -> None:
    """Noted for each claim that is held; noting it again changes nothing; a lost claim is told."""
    async with opened(outbox) as store:
        await accept(store, new_entry("a"), new_entry("b"))
        holder = await courier(store)
        first, second = await store.claim(holder, OFFICE, limit=9, now=NOW)
        await store.settle([settlement(holder, second, state=EntryState.QUEUED, due=at(60))])

        expect(
            await store.transmit(
                [(first.id, first.epoch), (second.id, second.epoch), (first.id, first.epoch + 1)]
            ),
            [True, False, False],
            "only a claim that is held is transmitting",
        )
        expect(await store.transmit([(first.id, first.epoch)]), [True], "noting it again changes nothing")
        expect(
            [(await store.history(one.id)).entry.transmitting for one in (first, second)],
            [True, False],
            "only a claim that is held is transmitting",
        )
        expect(await store.transmit([]), [], "nothing to note")


async def a_claim_is_settled_once(outbox: Outbox) -> None:
    """The second settlement of one claim is too late, and nothing of it is written."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store)
        await store.settle([settlement(holder, claim, RecipientStatus.DEFERRED, state=EntryState.DEFERRED)])
        before = await store.history(claim.id)
        late = settlement(
            holder, claim, RecipientStatus.ACCEPTED, events=(told(claim, EventKind.ACCEPTED, 0),)
        )

        expect(await store.settle([late]), [False], "a claim is settled once")
        expect(await store.transmit([(claim.id, claim.epoch)]), [False], "and does not transmit afterwards")
        holds(
            not await store.poison(claim.id, claim.epoch, reason="late", now=NOW),
            "and is not poisoned afterwards",
        )
        expect(await store.history(claim.id), before, "nothing of it was written")


async def an_older_epoch_is_too_late(outbox: Outbox) -> None:
    """Rescued and claimed by another: the first courier, awake again, changes nothing."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store)
        await store.end_courier(holder, now=NOW)
        other = await courier(store, "courier-2")
        newer = await claim_one(store, other)
        before = await store.history(claim.id)

        expect(await store.transmit([(claim.id, claim.epoch)]), [False], "the first one may not transmit")
        expect(
            await store.settle(
                [
                    settlement(
                        holder, claim, RecipientStatus.ACCEPTED, events=(told(claim, EventKind.ACCEPTED, 0),)
                    )
                ]
            ),
            [False],
            "the first one may not settle",
        )
        holds(
            not await store.poison(claim.id, claim.epoch, reason="late", now=NOW),
            "the first one may not poison",
        )
        expect(await store.history(claim.id), before, "nothing of it was written")
        expect(await store.transmit([(newer.id, newer.epoch)]), [True], "the second one holds it")


async def each_settlement_of_a_call_stands_for_itself(outbox: Outbox) -> None:
    """One lost claim among many does not keep the others from being written."""
    async with opened(outbox) as store:
        ids = await accept(store, *(new_entry(f"n{number}", recipients=2) for number in range(300)))
        holder = await courier(store)
        claims = await store.claim(holder, OFFICE, limit=300, now=NOW)
        results = await store.settle(
            [
                settlement(
                    holder,
                    replace(claim, epoch=claim.epoch + (claim.id == ids[7])),
                    RecipientStatus.ACCEPTED,
                    RecipientStatus.FAILED,
                    events=(told(claim, EventKind.ACCEPTED, 0), told(claim, EventKind.FAILED, 1)),
                )
                for claim in claims
            ]
        )

        expect(results.count(False), 1, "one claim is lost")
        expect(results.index(False), [claim.id for claim in claims].index(ids[7]), "results are in order")
        expect(
            (await store.history(ids[7])).entry.state, EntryState.ACTIVE, "nothing is written of a lost claim"
        )
        history = await store.history(ids[299])
        expect(
            [one.status for one in history.entry.recipients],
            [RecipientStatus.ACCEPTED, RecipientStatus.FAILED],
            "the others are written",
        )
        expect(
            [event.kind for event in history.events],
            [EventKind.SUBMITTED, EventKind.ACCEPTED, EventKind.FAILED],
            "each with its events",
        )
        expect(await store.settle([]), [], "nothing to settle")


async def what_cannot_be_read_is_held_apart(outbox: Outbox) -> None:
    """Poisoned: held with the reason, told, and out of the way of the others."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store)
        held = await store.poison(claim.id, claim.epoch, reason="its head is damaged", now=at(3))
        history = await store.history(claim.id)

        holds(held, "the holder may poison")
        expect(
            (history.entry.state, history.entry.reason, history.entry.courier, history.entry.transmitting),
            (EntryState.HELD, "its head is damaged", None, False),
            "it is held with the reason",
        )
        expect(history.entry.due, at(3), "since then")
        expect((history.entry.attempts, history.attempts), (0, ()), "nothing was tried")
        [_, poisoned] = history.events
        expect(
            replace(poisoned, sequence=0),
            told(claim, EventKind.POISONED, moment=at(3), text="its head is damaged"),
            "it is told",
        )
        expect(await store.claim(holder, OFFICE, limit=9, now=at(9)), [], "nobody claims it again")


async def whatever_a_server_said_is_kept(outbox: Outbox) -> None:
    """A reply with a NUL, with quotes, with letters of any kind: the settlement is written."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store)
        odd = 'nul \x00, bell \a, "quoted", back\\slash, Grüße 漢字 🚚'
        written = settlement(
            holder,
            claim,
            RecipientStatus.FAILED,
            reason=odd,
            events=(told(claim, EventKind.FAILED, 0, text=odd),),
        )
        assert written.attempt is not None  # noqa: S101 - a status was given
        [said] = written.attempt.outcomes
        written = replace(
            written,
            attempt=replace(written.attempt, reply=odd, transcript=odd, outcomes=(replace(said, text=odd),)),
        )

        expect(await store.settle([written]), [True], "no reply keeps an outcome from being written")
        history = await store.history(claim.id)
        expect(
            [
                text.replace("\x00", "").replace("\N{REPLACEMENT CHARACTER}", "")
                for text in (
                    history.attempts[0].reply,
                    history.attempts[0].transcript,
                    history.attempts[0].outcomes[0].text,
                    history.entry.recipients[0].text,
                    history.events[-1].text,
                )
            ],
            [odd.replace("\x00", "")] * 5,
            "but for the NUL, which not every database can hold, it is kept as it was",
        )


EXERCISES: tuple[Exercise, ...] = (
    an_attempt_is_written_as_it_was,
    a_finished_entry_says_when,
    nothing_tried_changes_nothing_but_the_state,
    who_is_given_up_has_failed,
    doubts_are_counted,
    an_entry_moves_to_its_next_connection,
    transmitting_is_noted_by_the_holder,
    a_claim_is_settled_once,
    an_older_epoch_is_too_late,
    each_settlement_of_a_call_stands_for_itself,
    what_cannot_be_read_is_held_apart,
    whatever_a_server_said_is_kept,
)
