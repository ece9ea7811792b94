"""Exercises in accepting: complete, once for each key, and in order."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from eilbote.model.attempt import Event, EventKind
from eilbote.model.status import EntryState, RecipientKind, RecipientStatus
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.entry import URGENCY_HIGH, Entry, EntryRecipient, NewRecipient
from eilbote.outbox.store import EntryFilter
from eilbote.testing.expectation import expect, holds
from eilbote.testing.outbox_exercises.scene import (
    NOW,
    Exercise,
    Outbox,
    accept,
    at,
    brought_to_done,
    courier,
    new_entry,
    opened,
)


async def what_was_accepted_is_told_as_it_was(outbox: Outbox) -> None:
    """Every field of a new entry comes back; nothing has happened to it but its submission."""
    new = replace(
        new_entry(
            "all",
            organization="acme",
            connections=("office", "backup"),
            urgency=URGENCY_HIGH,
            due=at(60),
            key="invoice 17",
            on_in_doubt=InDoubtPolicy.PARK,
            on_partial=PartialPolicy.OK,
        ),
        recipients=(
            NewRecipient("a@example.org", RecipientKind.TO),
            NewRecipient('"b b"@example.org', RecipientKind.BCC),
        ),
        frozen=bytes(range(256)) * 16,
    )
    async with opened(outbox) as store:
        [acceptance] = await store.accept([new])
        history = await store.history(acceptance.id)

        expect(
            (acceptance.is_new, acceptance.is_same, acceptance.state, acceptance.message_id),
            (True, True, EntryState.QUEUED, new.message_id),
            "a new entry is queued",
        )
        expect(
            history.entry,
            Entry(
                id=acceptance.id,
                organization="acme",
                connection="office",
                connections=("office", "backup"),
                idempotency_key="invoice 17",
                message_id=new.message_id,
                subject=new.subject,
                author="exercise",
                size=1000,
                urgency=URGENCY_HIGH,
                state=EntryState.QUEUED,
                reason="",
                transmitting=False,
                attempts=0,
                accepted=NOW,
                due=at(60),
                expires=new.expires,
                finished=None,
                courier=None,
                on_in_doubt=InDoubtPolicy.PARK,
                on_partial=PartialPolicy.OK,
                recipients=(
                    _untried("a@example.org", RecipientKind.TO),
                    _untried('"b b"@example.org', RecipientKind.BCC),
                ),
                sender=new.sender,
                attachments=new.attachments,
            ),
            "what was accepted is told as it was",
        )
        expect(history.attempts, (), "nothing was tried")
        expect(
            [replace(event, sequence=0) for event in history.events],
            [
                Event(
                    kind=EventKind.SUBMITTED,
                    at=NOW,
                    entry=acceptance.id,
                    connection="office",
                    organization="acme",
                )
            ],
            "a submission is told once",
        )
        expect(await store.frozen(acceptance.id), new.frozen, "the octets are what was accepted")


def _untried(address: str, kind: RecipientKind) -> EntryRecipient:
    return EntryRecipient(
        address=address,
        kind=kind,
        status=None,
        attempts=0,
        in_doubt=0,
        reply_code=0,
        enhanced_status_code="",
        text="",
    )


async def ids_grow_with_acceptance(outbox: Outbox) -> None:
    """Results come in the order of the entries, and their ids grow, from call to call as well."""
    async with opened(outbox) as store:
        first = await accept(store, new_entry("a"), new_entry("b"))
        second = await accept(store, new_entry("c", accepted=at(1)))
        ids = [*first, *second]

        expect(ids, sorted(set(ids)), "ids grow with the time of acceptance")
        expect(
            [await store.frozen(one) for one in ids],
            [b"octets of a", b"octets of b", b"octets of c"],
            "results are in the order of the entries",
        )


async def ids_grow_although_the_clock_was_put_back(outbox: Outbox) -> None:
    """A wall clock that is put back by an hour makes no id twice."""
    async with opened(outbox) as store:
        ids = await accept(store, new_entry("a"))
        ids += await accept(store, new_entry("b", accepted=at(-3600)))
        ids += await accept(store, new_entry("c"))

        expect(len(set(ids)), 3, "no id is given twice")


async def nothing_is_accepted_as_nothing(outbox: Outbox) -> None:
    """An empty call has an empty result."""
    async with opened(outbox) as store:
        expect(await store.accept([]), [], "no entries, no results")


async def a_key_used_again_names_the_same_entry(outbox: Outbox) -> None:
    """Same key, same digest: no second entry, and nothing is told a second time."""
    async with opened(outbox) as store:
        [first] = await store.accept([new_entry("a", key="k")])
        [second] = await store.accept([new_entry("b", key="k", accepted=at(5))])

        expect(
            (second.id, second.is_new, second.is_same, second.state, second.message_id),
            (first.id, False, True, EntryState.QUEUED, first.message_id),
            "the key names the entry that it named first",
        )
        expect(await store.frozen(first.id), b"octets of a", "the first one stays as it was")
        expect(len(await store.events()), 1, "a repeated submission is no event")


async def a_key_used_for_another_message_is_told(outbox: Outbox) -> None:
    """Same key, other digest: nothing is stored, and the result says so."""
    async with opened(outbox) as store:
        [first] = await store.accept([new_entry("a", key="k")])
        [second] = await store.accept([new_entry("b", key="k", digest=b"another digest")])

        expect((second.id, second.is_new, second.is_same), (first.id, False, False), "the digests differ")
        expect(len(await store.entries(EntryFilter(), limit=9)), 1, "no second entry was stored")


async def a_key_used_twice_in_one_call_makes_one_entry(outbox: Outbox) -> None:
    """The second of one call is compared with the first, like one of an earlier call."""
    async with opened(outbox) as store:
        results = await store.accept(
            [
                new_entry("a", key="k"),
                new_entry("b"),
                new_entry("c", key="k"),
                new_entry("d", key="k", digest=b"another digest"),
            ]
        )

        expect(
            [(result.is_new, result.is_same) for result in results],
            [(True, True), (True, True), (False, True), (False, False)],
            "a key makes one entry",
        )
        expect([results[2].id, results[3].id], [results[0].id] * 2, "both name the first one")
        expect(results[3].message_id, results[0].message_id, "and its Message-ID")
        expect(len(await store.entries(EntryFilter(), limit=9)), 2, "two entries were stored")


async def a_key_belongs_to_its_organization(outbox: Outbox) -> None:
    """Two organizations may use one key for different messages."""
    async with opened(outbox) as store:
        results = await store.accept(
            [
                new_entry("a", key="k", organization="acme"),
                new_entry("b", key="k", organization="beta", digest=b"another digest"),
            ]
        )
        results += await store.accept([new_entry("c", key="k", digest=b"a third digest")])

        expect([result.is_new for result in results], [True] * 3, "keys of organizations do not meet")


async def without_a_key_every_submission_is_new(outbox: Outbox) -> None:
    """Equal digests mean nothing where no key was given."""
    async with opened(outbox) as store:
        results = await store.accept([new_entry("a"), new_entry("a")])

        expect([result.is_new for result in results], [True] * 2, "no key, no comparison")


async def twenty_at_once_make_one_entry(outbox: Outbox) -> None:
    """Twenty submissions under one key at the same time, over two handles: one is new, all name it."""
    async with opened(outbox) as store, opened(outbox) as other:
        results = [
            result
            for [result] in await asyncio.gather(
                *(
                    (store, other)[number % 2].accept([new_entry(f"n{number}", key="k")])
                    for number in range(20)
                )
            )
        ]

        expect(sum(result.is_new for result in results), 1, "one of them is new")
        expect(len({result.id for result in results}), 1, "all name one entry")
        holds(all(result.is_same for result in results), "and say the same")
        expect(len(await store.entries(EntryFilter(), limit=9)), 1, "one entry was stored")


async def a_key_is_remembered_over_reopening(outbox: Outbox) -> None:
    """A key holds as long as its entry is kept."""
    async with opened(outbox) as store:
        [first] = await store.accept([new_entry("a", key="k")])
    async with opened(outbox) as store:
        [second] = await store.accept([new_entry("a", key="k")])

        expect((second.id, second.is_new), (first.id, False), "the key is known after reopening")


async def a_repeated_submission_tells_where_the_entry_stands(outbox: Outbox) -> None:
    """The state in the result is today's."""
    async with opened(outbox) as store:
        await accept(store, new_entry("a", key="k"))
        await brought_to_done(store, await courier(store), RecipientStatus.ACCEPTED)
        [again] = await store.accept([new_entry("a", key="k")])

        expect((again.is_new, again.state), (False, EntryState.DONE), "the entry is done")


async def a_thousand_are_accepted_in_one_call(outbox: Outbox) -> None:
    """No limit of a driver on rows or parameters shows."""
    async with opened(outbox) as store:
        results = await store.accept(
            [new_entry(f"n{number}", recipients=3, key=f"k{number}") for number in range(1200)]
        )

        expect(len({result.id for result in results}), 1200, "every entry has its own id")
        last = (await store.history(results[-1].id)).entry
        expect(last.idempotency_key, "k1199", "results are in the order of the entries")
        expect(
            [recipient.address for recipient in last.recipients],
            [f"n1199-{number}@example.org" for number in range(3)],
            "recipients are in the envelope's order",
        )


async def any_text_can_be_kept(outbox: Outbox) -> None:
    """Whatever letters a subject has, also those a database might stumble over."""
    for number, subject in enumerate(("Grüße, 漢字 🚚", "'; DROP TABLE entry; --", '%_\\ "quoted"', "")):
        async with opened(outbox) as store:
            [accepted] = await accept(store, new_entry(f"n{number}", subject=subject))

            expect((await store.history(accepted)).entry.subject, subject, "a subject comes back as it was")


EXERCISES: tuple[Exercise, ...] = (
    what_was_accepted_is_told_as_it_was,
    ids_grow_with_acceptance,
    ids_grow_although_the_clock_was_put_back,
    nothing_is_accepted_as_nothing,
    a_key_used_again_names_the_same_entry,
    a_key_used_for_another_message_is_told,
    a_key_used_twice_in_one_call_makes_one_entry,
    a_key_belongs_to_its_organization,
    without_a_key_every_submission_is_new,
    twenty_at_once_make_one_entry,
    a_key_is_remembered_over_reopening,
    a_repeated_submission_tells_where_the_entry_stands,
    a_thousand_are_accepted_in_one_call,
    any_text_can_be_kept,
)
