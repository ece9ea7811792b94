"""Exercises in keeping house: pauses, a clock that was set, entries that move or are forgotten, closing and reopening."""

from __future__ import annotations

from dataclasses import replace

from eilbote.errors import EntryNotFoundError, OutboxError
from eilbote.model.attempt import Event, EventKind
from eilbote.model.ids import EntryId
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.entry import Lane
from eilbote.outbox.store import EntryFilter, Pause, Wish
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
)


async def a_pause_is_kept_until_it_is_ended(outbox: Outbox) -> None:
    """A newer one takes the place of an older; beginning and end are each told once."""
    first = Pause(connection="office", since=NOW, until=at(900), reason="535 refused")
    longer = Pause(connection="office", since=NOW, until=at(1800), reason="535 refused", failures=1)
    other = Pause(connection="backup", since=NOW, until=at(60), reason="no route")
    async with opened(outbox) as store:
        expect(await store.pauses(), [], "nothing is paused at first")
        for pause in (first, longer, other):
            await store.pause(pause)
    async with opened(outbox) as store:
        expect(
            sorted(await store.pauses(), key=lambda pause: pause.connection),
            [other, longer],
            "pauses outlast reopening, the newest of each connection",
        )
        holds(await store.resume("office", now=at(5)), "there was a pause")
        holds(not await store.resume("office", now=at(6)), "there is none any more")
        expect(await store.pauses(), [other], "the other stays")

        expect(
            [
                (event.kind, event.at, event.entry, event.connection, event.text)
                for event in await store.events()
            ],
            [
                (EventKind.CONNECTION_PAUSED, NOW, None, "office", "535 refused"),
                (EventKind.CONNECTION_PAUSED, NOW, None, "backup", "no route"),
                (EventKind.CONNECTION_RESUMED, at(5), None, "office", ""),
            ],
            "each beginning and each end is told once",
        )


async def late_news_are_told_of_entries_that_are_there(outbox: Outbox) -> None:
    """What is heard of an entry later stands in the feed and in its history; of one that is not there nothing does."""
    async with opened(outbox) as store:
        (entry,) = await accept(store, new_entry())
        news = Event(
            kind=EventKind.BOUNCED,
            at=at(5),
            entry=entry,
            recipients=(0,),
            connection="office",
            organization="acme",
            text="failed: 550 5.1.1",
        )
        holds(await store.note(news), "there is such an entry")
        holds(not await store.note(replace(news, entry=EntryId(entry + 1))), "there is no other")
    async with opened(outbox) as store:
        told = (await store.history(entry)).events[-1]
        expect(replace(told, sequence=0), news, "it stands in the entry's history")
        expect((await store.events())[-1], told, "and in the feed, last")


async def waiting_is_measured_anew_after_the_clock_was_set(outbox: Outbox) -> None:
    """Retry times move with the clock, none beyond the limit; times that somebody chose stay."""
    async with opened(outbox) as store:
        chosen, first, second, finished = await accept(
            store,
            new_entry("chosen", due=at(500)),
            new_entry("first"),
            new_entry("second"),
            new_entry("done"),
        )
        holder = await courier(store)
        claims = await store.claim(holder, OFFICE, limit=9, now=NOW)
        await store.settle(
            [
                settlement(
                    holder, claims[0], RecipientStatus.DEFERRED, state=EntryState.DEFERRED, due=at(100)
                ),
                settlement(
                    holder, claims[1], RecipientStatus.DEFERRED, state=EntryState.DEFERRED, due=at(9000)
                ),
                settlement(holder, claims[2], RecipientStatus.ACCEPTED, due=at(100)),
            ]
        )

        moved = await store.shift_waiting(3600, now=at(3600), at_most=at(3600 + 7200))
        dues = {entry.id: entry.due for entry in await store.entries(EntryFilter(), limit=9)}
        expect(
            (moved, dues),
            (2, {chosen: at(500), first: at(3700), second: at(10800), finished: at(100)}),
            "retry times move, none beyond the limit",
        )
        await store.shift_waiting(-3600, now=NOW, at_most=at(7200))
        dues = {entry.id: entry.due for entry in await store.entries(EntryFilter(), limit=9)}
        expect((dues[first], dues[second]), (at(100), at(7200)), "and back")


async def what_a_clock_that_was_ahead_has_put_off_is_due(outbox: Outbox) -> None:
    """Accepted to be sent at once while the clock was a day ahead; a time that the author has chosen stays."""
    async with opened(outbox) as store:
        at_once, chosen = await accept(
            store,
            new_entry("at-once", accepted=at(86_400), due=at(86_400)),
            new_entry("chosen", accepted=at(86_400), due=at(90_000)),
        )
        moved = await store.shift_waiting(-86_400, now=NOW, at_most=at(7200))
        dues = {entry.id: entry.due for entry in await store.entries(EntryFilter(), limit=9)}
        expect((moved, dues), (1, {at_once: NOW, chosen: at(90_000)}), "it does not wait for the day to pass")
        expect(await store.shift_waiting(0, now=at(1), at_most=at(7200)), 0, "what is due stays as it is")


async def what_waits_goes_another_way(outbox: Outbox) -> None:
    """Diverted: waiting entries that have another connection, unless only this server may know the message."""
    both, three = ("office", "backup"), ("office", "backup", "third")
    async with opened(outbox) as store:
        ids = await accept(
            store,
            new_entry("doubtful", connections=both, recipients=2, due=at(-9)),
            new_entry("doubt-that-ended", connections=both, recipients=2, due=at(-8)),
            new_entry("claimed", connections=both, due=at(-7)),
            new_entry("alone"),
            new_entry("moves", connections=both, due=at(60), organization="acme"),
            new_entry("moves-further", connections=three),
            new_entry("elsewhere", connections=("third", "office")),
            new_entry("held", connections=both),
        )
        doubtful, ended, active, alone, moves, further, elsewhere, held = ids
        holder = await courier(store)
        first, second, _ = await store.claim(holder, OFFICE, limit=3, now=at(-7))
        doubt, not_yet, taken = RecipientStatus.IN_DOUBT, RecipientStatus.DEFERRED, RecipientStatus.ACCEPTED
        waits = EntryState.DEFERRED
        await store.settle(
            [
                settlement(holder, first, doubt, taken, state=waits, due=at(70)),
                settlement(holder, second, doubt, not_yet, state=waits, due=at(-8)),
            ]
        )
        again = await claim_one(store, holder, now=at(-8))
        await store.settle([settlement(holder, again, taken, not_yet, state=waits, due=at(80))])
        await store.apply(Wish.HOLD, [held], now=NOW)
        before = {entry.id: entry for entry in await store.entries(EntryFilter(), limit=99)}

        number = await store.divert("office", away_from=frozenset({"office", "backup"}), now=NOW)
        expect(number, 1, "one has a connection that is neither")
        number = await store.divert("office", away_from=frozenset({"office"}), now=NOW)
        expect(number, 2, "two more may use the second")
        after = {entry.id: entry for entry in await store.entries(EntryFilter(), limit=99)}
        expect(
            {one: after[one].connection for one in ids},
            {
                doubtful: "office",
                ended: "backup",
                active: "office",
                alone: "office",
                moves: "backup",
                further: "third",
                elsewhere: "third",
                held: "office",
            },
            "each goes to the first of its own connections that is open",
        )
        expect(
            (after[moves].state, after[moves].due, after[moves].organization),
            (EntryState.QUEUED, at(60), "acme"),
            "state and due stay",
        )
        expect(
            [after[one] for one in (doubtful, active, held)],
            [before[one] for one in (doubtful, active, held)],
            "the others are left alone",
        )
        expect(
            [claim.id for claim in await store.claim(holder, Lane("acme", "backup"), limit=9, now=at(60))],
            [moves],
            "it is claimed in its new lane",
        )


async def what_is_finished_is_forgotten_after_a_time(outbox: Outbox) -> None:
    """With everything about it, and its key may be used again; what is not finished stays."""
    async with opened(outbox) as store:
        waiting, old, cancelled, young = await accept(
            store,
            new_entry("waiting", due=at(999), key="w"),
            new_entry("old", key="k", blobs=("a" * 64,)),
            new_entry("cancelled", due=at(999)),
            new_entry("young", due=at(10)),
        )
        holder = await courier(store)
        await brought_to_done(store, holder, RecipientStatus.ACCEPTED)
        await store.apply(Wish.CANCEL, [cancelled], now=at(5))
        claim = await claim_one(store, holder, now=at(10))
        await store.settle([settlement(holder, claim, RecipientStatus.FAILED, due=at(10))])
        octets = (await store.figures(NOW)).octets

        expect(await store.prune(finished_before=at(10), limit=1), 1, "no more than the limit")
        expect(await store.prune(finished_before=at(10), limit=9), 1, "the rest")
        expect(
            await store.prune(finished_before=at(10), limit=9), 0, "finished at that moment is not before it"
        )
        expect(
            [entry.id for entry in await store.entries(EntryFilter(), limit=9, newest_first=False)],
            sorted([waiting, young]),
            "what is not finished, or not for long, stays",
        )
        try:
            await store.history(old)
        except EntryNotFoundError:
            pass
        else:
            raise AssertionError("a forgotten entry has no history")
        expect({event.entry for event in await store.events()}, {waiting, young}, "nor are its events told")
        expect(await store.blobs_in_use(), set[str](), "nor does it keep blobs")
        expect(await store.attempts_since("office", at(-99)), 1, "nor are its attempts counted")
        holds((await store.figures(NOW)).octets < octets, "and it takes no room")
        [again] = await store.accept([new_entry("again", key="k", digest=b"another digest")])
        holds(again.is_new, "its key is free")


async def what_happened_to_connections_is_forgotten_as_well(outbox: Outbox) -> None:
    """No entry takes these events with it, and a server that comes and goes makes ever more of them."""
    async with opened(outbox) as store:
        (waiting,) = await accept(store, new_entry("waiting"))
        for begin in (0, 100, 200):
            await store.pause(
                Pause(connection="office", since=at(begin), until=at(begin + 60), reason="down")
            )
            await store.resume("office", now=at(begin + 50))
        await store.prune(finished_before=at(100), limit=9)
        expect(
            [event.at for event in await store.events() if event.entry is None],
            [at(100), at(150), at(200), at(250)],
            "what happened at that moment is not before it",
        )
        await store.prune(finished_before=at(300), limit=3)
        expect(
            [(event.entry, event.at) for event in await store.events()],
            [(waiting, NOW), (None, at(250))],
            "no more than the limit, the oldest first, and what belongs to an entry goes with it",
        )


async def blobs_in_use_are_told(outbox: Outbox) -> None:
    """Each once, however many entries refer to it, and however often one of them does."""
    async with opened(outbox) as store:
        expect(await store.blobs_in_use(), set[str](), "none at first")
        await accept(
            store,
            new_entry("a", blobs=("a" * 64, "b" * 64, "a" * 64)),
            new_entry("b", blobs=("b" * 64,)),
            new_entry("c"),
        )

        expect(await store.blobs_in_use(), {"a" * 64, "b" * 64}, "each reference counts")


async def closing_and_reopening_keeps_everything(outbox: Outbox) -> None:
    """Entries, attempts, events, octets, and that an entry is in somebody's hands."""
    async with opened(outbox) as store:
        holder, claim = await claimed(store, new_entry("a", recipients=2))
        await store.settle(
            [
                settlement(
                    holder,
                    claim,
                    RecipientStatus.DEFERRED,
                    RecipientStatus.ACCEPTED,
                    state=EntryState.DEFERRED,
                    due=at(60),
                )
            ]
        )
        await accept(store, new_entry("b"))
        other = await claim_one(store, holder)
        await store.transmit([(other.id, other.epoch)])
        histories = [await store.history(claim.id), await store.history(other.id)]
        events = await store.events()
    async with opened(outbox) as store:
        expect(
            [await store.history(claim.id), await store.history(other.id)], histories, "histories are kept"
        )
        expect(await store.events(), events, "events are kept")
        expect(await store.frozen(other.id), other.frozen, "octets are kept")
        expect([one for one, _, _ in await store.couriers()], [holder], "a courier is remembered")
        expect(await store.end_courier(holder, now=at(1)), 1, "and what it held can be taken back")
        expect(
            (await store.history(other.id)).entry.recipients[0].in_doubt,
            1,
            "what was transmitting is in doubt after a restart",
        )


async def a_closed_store_says_so(outbox: Outbox) -> None:
    """An OutboxError; closing again does no harm."""
    store = outbox()
    await store.open()
    await store.close()
    await store.close()
    try:
        await store.accept([new_entry()])
    except OutboxError:
        return
    raise AssertionError("a closed store accepts nothing, and raises OutboxError")


EXERCISES: tuple[Exercise, ...] = (
    a_pause_is_kept_until_it_is_ended,
    late_news_are_told_of_entries_that_are_there,
    waiting_is_measured_anew_after_the_clock_was_set,
    what_a_clock_that_was_ahead_has_put_off_is_due,
    what_waits_goes_another_way,
    what_is_finished_is_forgotten_after_a_time,
    what_happened_to_connections_is_forgotten_as_well,
    blobs_in_use_are_told,
    closing_and_reopening_keeps_everything,
    a_closed_store_says_so,
)
