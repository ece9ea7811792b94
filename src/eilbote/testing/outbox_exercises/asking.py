"""Exercises in what people ask: lists with filters, page by page, figures, and the feed of events."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from eilbote.errors import EntryNotFoundError
from eilbote.model.attempt import Event, EventKind
from eilbote.model.ids import EntryId
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.entry import Lane
from eilbote.outbox.store import EntryFilter, OutboxStore, Wish
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
    told,
)


async def entries_are_listed_page_by_page(outbox: Outbox) -> None:
    """By id, from either end, without gap or repetition."""
    async with opened(outbox) as store:
        ids = await accept(store, *(new_entry(f"n{number}", recipients=2) for number in range(25)))

        size = 10
        for newest_first, order in ((True, ids[::-1]), (False, ids)):
            found: list[EntryId] = []
            while page := await store.entries(
                EntryFilter(), limit=size, after=found[-1] if found else None, newest_first=newest_first
            ):
                holds(len(page) <= size, "a page is no longer than its limit")
                found += [entry.id for entry in page]
                holds(len(found) <= len(ids), "no page tells what an earlier one has told")
            expect(found, order, "pages follow on each other")
        [first, *_] = await store.entries(EntryFilter(), limit=1, newest_first=False)
        expect(first, (await store.history(ids[0])).entry, "a list tells as much of an entry as its history")


async def every_filter_narrows_the_list(outbox: Outbox) -> None:
    """Each condition alone, then several, of which all must hold."""
    async with opened(outbox) as store:
        first, second, third, fourth = await accept(
            store,
            new_entry("anna", key="k", subject="Invoice 100%"),
            new_entry("berta", organization="acme", accepted=at(10), subject="invoice 1000"),
            new_entry("carla", connections=("backup",), recipients=2, accepted=at(20)),
            new_entry("dora_x", accepted=at(30), due=at(600)),
        )
        holder = await courier(store)
        claim = await claim_one(store, holder, lane=Lane("", "backup"), now=at(20))
        await store.settle(
            [
                settlement(
                    holder,
                    claim,
                    RecipientStatus.IN_DOUBT,
                    RecipientStatus.FAILED,
                    state=EntryState.DEFERRED,
                    due=at(60),
                )
            ]
        )
        await store.apply(Wish.HOLD, [fourth], now=NOW)

        for which, expected in (
            (EntryFilter(), [first, second, third, fourth]),
            (EntryFilter(states=(EntryState.QUEUED,)), [first, second]),
            (EntryFilter(states=(EntryState.HELD, EntryState.DEFERRED)), [third, fourth]),
            (EntryFilter(connection="backup"), [third]),
            (EntryFilter(connection="office"), [first, second, fourth]),
            (EntryFilter(organization="acme"), [second]),
            (EntryFilter(organization=""), [first, third, fourth]),
            (EntryFilter(recipient="CARLA-1@EXAMPLE"), [third]),
            (EntryFilter(recipient="example.org"), [first, second, third, fourth]),
            (EntryFilter(recipient="a_x"), [fourth]),
            (EntryFilter(recipient="a%0"), []),
            (EntryFilter(subject="iNVOICE 100"), [first, second]),
            (EntryFilter(subject="100%"), [first]),
            (EntryFilter(idempotency_key="k"), [first]),
            (EntryFilter(idempotency_key="K"), []),
            (EntryFilter(message_id="<berta@example.org>"), [second]),
            (EntryFilter(message_id="berta"), []),
            (EntryFilter(in_doubt=True), [third]),
            (EntryFilter(failed=True), [third]),
            (EntryFilter(accepted_from=at(10)), [second, third, fourth]),
            (EntryFilter(accepted_before=at(10)), [first]),
            (EntryFilter(accepted_from=at(10), accepted_before=at(30)), [second, third]),
            (EntryFilter(ids=(fourth, first, EntryId(1))), [first, fourth]),
            (EntryFilter(organization="", connection="office", states=(EntryState.QUEUED,)), [first]),
            (EntryFilter(in_doubt=True, connection="office"), []),
        ):
            found = await store.entries(which, limit=99, newest_first=False)
            expect([entry.id for entry in found], expected, f"{which}")
            expect(await store.count(which, at_most=99), len(expected), f"counted: {which}")
            expect(await store.count(which, at_most=2), min(2, len(expected)), f"counted up to two: {which}")


async def letters_outside_ascii_are_found_as_well(outbox: Outbox) -> None:
    """In any letter case: ``GRÜSSE AUS KÖLN`` finds ``Grüsse aus Köln``."""
    async with opened(outbox) as store:
        [found, _] = await accept(
            store, new_entry("a", subject="Grüsse aus Köln"), new_entry("b", subject="Grusse aus Koln")
        )

        expect(
            [entry.id for entry in await store.entries(EntryFilter(subject="GRÜSSE AUS KÖLN"), limit=9)],
            [found],
            "letters outside ASCII have two cases as well",
        )


async def what_does_not_exist_is_told(outbox: Outbox) -> None:
    """History and octets of an unknown entry: EntryNotFoundError, not an empty answer."""
    async with opened(outbox) as store:
        [entry] = await accept(store, new_entry())
        for ask in (store.history, store.frozen):
            try:
                await ask(EntryId(entry + 1))
            except EntryNotFoundError:
                continue
            raise AssertionError("an unknown entry raises EntryNotFoundError")


async def figures_count(outbox: Outbox) -> None:
    """How many stand where, who was ever in doubt, what waits, and how much is stored."""
    async with opened(outbox) as store:
        empty = await store.figures(NOW)
        expect(
            (sum(empty.entries.values()), sum(empty.recipients.values()), empty.in_doubt),
            (0, 0, 0),
            "an empty outbox has no entries",
        )
        expect((dict(empty.by_connection), empty.oldest_due), (dict[str, int](), None), "and nothing waits")
        await accept(
            store,
            new_entry("a", recipients=3, due=at(-5)),
            new_entry("b", connections=("backup",), due=at(-2), recipients=2),
            new_entry("c", due=at(50)),
            new_entry("d", due=at(-1)),
        )
        holder = await courier(store)
        a, d = await store.claim(holder, OFFICE, limit=9, now=NOW)
        await store.settle(
            [
                settlement(
                    holder,
                    a,
                    RecipientStatus.IN_DOUBT,
                    RecipientStatus.FAILED,
                    RecipientStatus.ACCEPTED,
                    state=EntryState.DEFERRED,
                    due=at(20),
                ),
                settlement(holder, d, RecipientStatus.ACCEPTED),
            ]
        )
        figures = await store.figures(NOW)

        expect(
            {state: count for state, count in figures.entries.items() if count},
            {EntryState.QUEUED: 2, EntryState.DEFERRED: 1, EntryState.DONE: 1},
            "entries by state",
        )
        expect(
            {status: count for status, count in figures.recipients.items() if count},
            {"": 3, "in_doubt": 1, "failed": 1, "accepted": 2},
            "recipients by status; never tried counts as an empty one",
        )
        expect(figures.in_doubt, 1, "recipients that were ever in doubt")
        expect(dict(figures.by_connection), {"office": 2, "backup": 1}, "what is not finished, by connection")
        expect(figures.oldest_due, at(-2), "since when the oldest due entry waits")
        expect((await store.figures(at(-100))).oldest_due, None, "what falls due later does not wait yet")
        holds(figures.octets > empty.octets, "stored octets are counted")


async def the_feed_tells_everything_once_in_order(outbox: Outbox) -> None:
    """Page by page with ``after``; numbers grow; a reader that goes on misses nothing."""
    async with opened(outbox) as store:
        expect(await store.newest_event(), 0, "before anything has happened")
        holder, claim = await claimed(store)
        kinds = (EventKind.IN_DOUBT, EventKind.GAVE_UP, EventKind.FAILED)
        await store.settle(
            [
                settlement(
                    holder,
                    claim,
                    RecipientStatus.FAILED,
                    events=tuple(told(claim, kind, 0, text=f"{kind}!") for kind in kinds),
                )
            ]
        )
        await accept(store, new_entry("b"), new_entry("c"))
        whole = await store.events()
        expect(await store.newest_event(), whole[-1].sequence, "the last one is known by itself")
        pages = [await store.events(limit=2)]
        while pages[-1] and len(pages) <= len(whole):
            pages.append(await store.events(after=pages[-1][-1].sequence, limit=2))

        expect(
            [event.kind for event in whole],
            [EventKind.SUBMITTED, *kinds, EventKind.SUBMITTED, EventKind.SUBMITTED],
            "in the order in which it happened",
        )
        holds(all(0 < one.sequence < other.sequence for one, other in pairwise(whole)), "numbers grow")
        expect([event for page in pages for event in page], whole, "pages give the whole")
        expect(whole[1].recipients, (0,), "an event tells whom it concerns")


async def a_reader_of_the_feed_misses_nothing(outbox: Outbox) -> None:
    """While several handles write at once, what a reader has passed never gets a predecessor."""
    async with opened(outbox) as store, opened(outbox) as other:
        heard: list[int] = []
        calls, each = 40, 3
        writing = asyncio.gather(
            *(
                (store, other)[number % 2].accept([new_entry(f"n{number}-{one}") for one in range(each)])
                for number in range(calls)
            )
        )
        while not writing.done():
            heard += [event.sequence for event in await _rest(other, heard)]
            await asyncio.sleep(0)
        await writing
        while (rest := await _rest(store, heard)) and len(heard) <= calls * each:
            heard += [event.sequence for event in rest]

        everything = [event.sequence for event in await store.events(limit=10_000)]
        expect(heard, everything, "a reader that goes on from the last event it heard has heard all")
        expect(len(heard), calls * each, "each submission is told")


async def _rest(store: OutboxStore, heard: list[int]) -> list[Event]:
    return await store.events(after=heard[-1] if heard else 0, limit=7)


async def attempts_of_a_day_are_counted(outbox: Outbox) -> None:
    """Through one connection, since a moment, over all its organizations."""
    async with opened(outbox) as store:
        await accept(
            store,
            new_entry("a"),
            new_entry("b", organization="acme"),
            new_entry("c", connections=("backup",)),
        )
        holder = await courier(store)
        for lane in (OFFICE, Lane("acme", "office"), Lane("", "backup")):
            claim = await claim_one(store, holder, lane=lane)
            await store.settle([settlement(holder, claim, RecipientStatus.ACCEPTED)])

        expect(await store.attempts_since("office", NOW), 2, "from the moment on")
        expect(await store.attempts_since("office", at(1)), 0, "not before it")
        expect(await store.attempts_since("nowhere", at(-99)), 0, "of this connection")


async def the_latest_attempt_through_each_connection_is_told(outbox: Outbox) -> None:
    """Over all its organizations, with what became of it; nothing of one that was never used."""
    async with opened(outbox) as store:
        await accept(
            store,
            new_entry("a"),
            new_entry("b", organization="acme"),
            new_entry("c", connections=("backup",)),
        )
        holder = await courier(store)
        for lane, status in (
            (OFFICE, RecipientStatus.ACCEPTED),
            (Lane("acme", "office"), RecipientStatus.FAILED),
            (Lane("", "backup"), RecipientStatus.ACCEPTED),
        ):
            claim = await claim_one(store, holder, lane=lane)
            await store.settle([settlement(holder, claim, status)])

        found = await store.newest_attempts(["office", "nowhere"])
        expect(set(found), {"office"}, "of those that were asked for, and used")
        expect(
            [outcome.status for outcome in found["office"].outcomes],
            [RecipientStatus.FAILED],
            "the latest, by its time and then by the place of its entry",
        )
        expect(dict(await store.newest_attempts([])), {}, "nothing of none")


EXERCISES: tuple[Exercise, ...] = (
    the_latest_attempt_through_each_connection_is_told,
    entries_are_listed_page_by_page,
    every_filter_narrows_the_list,
    letters_outside_ascii_are_found_as_well,
    what_does_not_exist_is_told,
    figures_count,
    the_feed_tells_everything_once_in_order,
    a_reader_of_the_feed_misses_nothing,
    attempts_of_a_day_are_counted,
)
