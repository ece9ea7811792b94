"""Exercises in counting: what was accepted in a span of time, what waits, what an organization has handed in."""

from __future__ import annotations

from dataclasses import replace

from eilbote.model.moment import Moment
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.statistics import Backlog, Span
from eilbote.testing.expectation import expect, holds
from eilbote.testing.outbox_exercises.scene import (
    NOW,
    OFFICE,
    Exercise,
    Outbox,
    accept,
    at,
    courier,
    new_entry,
    opened,
    settlement,
)


async def the_room_that_is_taken_is_told(outbox: Outbox) -> None:
    """Of the whole database: there is never less of it for a message more."""
    async with opened(outbox) as store:
        before = await store.octets()
        await accept(store, *(new_entry(f"n{number}") for number in range(50)))
        holds(await store.octets() >= before, "it does not shrink")
        holds(await store.octets() > 0, "and something is there")


async def an_empty_span_has_no_numbers(outbox: Outbox) -> None:
    """Every slot is there, and nothing is in it."""
    async with opened(outbox) as store:
        found = await store.statistics(Span(since=at(-10), until=at(20), slot=10_000))

        expect((len(found.entries), len(found.recipients), found.octets), (0, 0, 0), "nothing was accepted")
        expect([slot.begins for slot in found.slots], [at(-10), NOW, at(10)], "every slot is told")
        expect((found.connections, found.backlog), ((), ()), "no connection is concerned")
        expect((found.median_seconds, found.p95_seconds), (None, None), "nothing took any time")


async def a_span_is_counted_by_slot_connection_and_state(outbox: Outbox) -> None:
    """What was accepted before it or behind it does not count, but what waits is told whenever it was accepted."""
    async with opened(outbox) as store:
        for entry in (
            new_entry("early", accepted=at(-100), due=at(-100)),
            new_entry("a", accepted=NOW, recipients=2),
            new_entry("b", accepted=at(5)),
            new_entry("c", accepted=at(10), organization="acme"),
            new_entry("d", accepted=at(25), connections=("backup",)),
            new_entry("late", accepted=at(30), due=at(99)),
        ):
            await accept(store, entry)
        holder = await courier(store)
        claims = {claim.accepted: claim for claim in await store.claim(holder, OFFICE, limit=9, now=at(10))}
        failed = (RecipientStatus.ACCEPTED, RecipientStatus.FAILED)
        await store.settle(
            [
                settlement(holder, claims[NOW], *failed, due=at(10)),
                settlement(holder, claims[at(5)], RecipientStatus.ACCEPTED, due=at(7)),
                settlement(holder, claims[at(-100)], RecipientStatus.DEFERRED, state=EntryState.DEFERRED),
            ]
        )

        found = await store.statistics(Span(since=NOW, until=at(30), slot=10_000))
        expect(dict(found.entries), {EntryState.DONE: 2, EntryState.QUEUED: 2}, "by state, of the span alone")
        expect(dict(found.recipients), {"accepted": 2, "failed": 1, "": 2}, "recipients by status")
        expect(found.octets, 4000, "octets of its messages")
        expect(
            [(one.connection, dict(one.entries), one.octets) for one in found.connections],
            [
                ("backup", {EntryState.QUEUED: 1}, 1000),
                ("office", {EntryState.DONE: 2, EntryState.QUEUED: 1}, 3000),
            ],
            "by connection, in the order of their names",
        )
        expect(
            [(slot.begins, dict(slot.entries)) for slot in found.slots],
            [
                (NOW, {EntryState.DONE: 2}),
                (at(10), {EntryState.QUEUED: 1}),
                (at(20), {EntryState.QUEUED: 1}),
            ],
            "slot by slot",
        )
        expect(
            found.backlog,
            (
                Backlog(connection="backup", waiting=1, oldest=at(25)),
                Backlog(connection="office", waiting=3, oldest=at(-100)),
            ),
            "what waits, and since when",
        )
        expect(
            (found.median_seconds, found.p95_seconds), (2.0, 10.0), "how long it took until nothing was left"
        )

        own = await store.statistics(Span(since=NOW, until=at(30), slot=30_000, organization="acme"))
        expect(dict(own.entries), {EntryState.QUEUED: 1}, "of one organization")
        expect(own.backlog, (Backlog(connection="office", waiting=1, oldest=at(10)),), "what waits of it")
        expect((own.p95_seconds, dict(own.recipients)), (None, {"": 1}), "and nothing of others")


async def what_an_organization_hands_in_is_counted_by_the_minute(outbox: Outbox) -> None:
    """Since a moment, whatever has become of it; and what of it waits."""
    async with opened(outbox) as store:
        for seconds, organization in ((-90, "acme"), (0, "acme"), (1, "other"), (2, "acme"), (70, "acme")):
            await accept(
                store, new_entry(f"n{seconds}", organization=organization, accepted=at(seconds), due=at(0))
            )
        minute = NOW // 60_000

        counted = await store.submitted_by_minute("acme", NOW)
        expect(dict(counted), {minute: 2, minute + 1: 1}, "by minutes since 1970")
        earlier = await store.submitted_by_minute("acme", at(-3600))
        expect(sum(earlier.values()), 4, "all since a moment")
        expect(dict(await store.submitted_by_minute("nobody", Moment(0))), {}, "nothing of nobody")
        expect((await store.waiting("acme"), await store.waiting("nobody")), (4, 0), "all of it waits")


async def a_span_is_counted_by_author_whatever_the_run(outbox: Outbox) -> None:
    """Runs of one flow are one author; of one author or one connection alone the same is counted."""
    async with opened(outbox) as store:
        for number, (author, connection) in enumerate(
            (
                ("flow:invoice#17", "office"),
                ("flow:invoice#o'clock %_", "backup"),
                ("flow:invoice-late#1", "office"),
                ("process:order#5", "office"),
                ("cli", "office"),
                ("", "office"),
            )
        ):
            await accept(store, new_entry(f"n{number}", author=author, connections=(connection,)))
        span = Span(since=at(-10), until=at(10), slot=10_000)

        found = await store.statistics(span)
        expect(
            [(one.author, one.entries[EntryState.QUEUED], one.octets) for one in found.authors],
            [
                ("flow:invoice", 2, 2000),
                ("", 1, 1000),
                ("cli", 1, 1000),
                ("flow:invoice-late", 1, 1000),
                ("process:order", 1, 1000),
            ],
            "who has most first, the runs of a flow together",
        )
        for narrowed, total in (
            (replace(span, author="flow:invoice"), 2),
            (replace(span, author="flow:"), 3),
            (replace(span, author="flow"), 0),
            (replace(span, author="cli"), 1),
            (replace(span, author="%"), 0),
            (replace(span, connection="office"), 5),
            (replace(span, connection="nowhere"), 0),
            (replace(span, connection="office", author="flow:invoice"), 1),
        ):
            counted = await store.statistics(narrowed)
            expect(sum(counted.entries.values()), total, f"{narrowed}")
            expect(sum(counted.recipients.values()), total, f"recipients: {narrowed}")
        alone = await store.statistics(replace(span, connection="backup"))
        expect([one.connection for one in alone.backlog], ["backup"], "what waits for it")


EXERCISES: tuple[Exercise, ...] = (
    a_span_is_counted_by_author_whatever_the_run,
    an_empty_span_has_no_numbers,
    the_room_that_is_taken_is_told,
    a_span_is_counted_by_slot_connection_and_state,
    what_an_organization_hands_in_is_counted_by_the_minute,
)
