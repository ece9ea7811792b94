"""Exercises in searching: what each condition finds, alone, turned round, and together with others."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from eilbote.model.moment import as_datetime
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.entry import Lane
from eilbote.outbox.search import parse_search
from eilbote.outbox.store import EntryFilter, Wish
from eilbote.testing.expectation import expect
from eilbote.testing.outbox_exercises.scene import (
    NOW,
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

if TYPE_CHECKING:
    from eilbote.model.ids import EntryId
    from eilbote.outbox.store import OutboxStore


async def _found(store: OutboxStore, search: str, **others: str) -> list[EntryId]:
    conditions = parse_search(search, now=as_datetime(NOW) + timedelta(days=1))
    which = EntryFilter(conditions=conditions, organization=others.get("organization"))
    return [entry.id for entry in await store.entries(which, limit=99, newest_first=False)]


async def an_entry_tells_its_author_and_its_files(outbox: Outbox) -> None:
    """As they were handed in, with halves of characters made whole."""
    async with opened(outbox) as store:
        [entry] = await accept(store, new_entry(sender="anna@köln.example", attachments=3))

        shown = (await store.history(entry)).entry
        expect(
            (shown.sender, shown.attachments), ("anna@köln.example", 3), "author and number of files are kept"
        )


async def a_search_finds_what_it_asks_for(outbox: Outbox) -> None:
    """Each term alone, turned round, and several, of which all must hold."""
    async with opened(outbox) as store:
        anna, berta, carla, dora = every = await accept(
            store,
            new_entry("anna", key="k-1", subject='Invoice 100% "final"', sender="shop@example.net"),
            new_entry("berta", organization="acme", accepted=at(10), subject="invoice 1000", attachments=1),
            new_entry(
                "carla", connections=("backup",), recipients=2, accepted=at(20), author="flow:invoice#1"
            ),
            new_entry("dora_x", accepted=at(30), due=at(600), author="process:invoice#2", subject="GRÜSSE"),
        )
        holder = await courier(store)
        claim = await claim_one(store, holder, lane=Lane("", "backup"), now=at(20))
        statuses = (RecipientStatus.IN_DOUBT, RecipientStatus.FAILED)
        await store.settle([settlement(holder, claim, *statuses, state=EntryState.DEFERRED, due=at(60))])
        await store.apply(Wish.HOLD, [dora], now=NOW)

        for search, expected in (
            ("", every),
            ("INVOICE", [anna, berta]),
            ("invoice 100%", [anna]),
            ('"invoice 100"', [anna, berta]),
            (r'"\"final\""', [anna]),
            ("grüsse", [dora]),
            ("shop@", [anna]),
            ("CARLA-1@example", [carla]),
            ("<berta@example.org>", [berta]),
            ("-invoice", [carla, dora]),
            ("to:berta", [berta]),
            ("to:a_x", [dora]),
            ("-to:example.org", []),
            ("to:carla-0 to:carla-1", [carla]),
            ("from:SHOP", [anna]),
            ("-from:shop", [berta, carla, dora]),
            ("subject:1000", [berta]),
            ("status:queued", [anna, berta]),
            ("status:held,deferred", [carla, dora]),
            ("-status:held,deferred", [anna, berta]),
            ("status:failed", [carla]),
            ("-status:failed", [anna, berta, dora]),
            ("status:in_doubt", [carla]),
            ("status:accepted", []),
            ("flow:invoice", [carla]),
            ("flow:INVOICE#1", [carla]),
            ("flow:invo", []),
            ("flow:*", [carla]),
            ("-flow:*", [anna, berta, dora]),
            ("process:invoice", [dora]),
            ("connection:back", [carla]),
            ("key:k-1", [anna]),
            ("key:K-1", []),
            ("-key:k-1", [berta, carla, dora]),
            ("has:attachment", [berta]),
            ("-has:attachment", [anna, carla, dora]),
            (f"before:{as_datetime(at(20)).isoformat()}", [anna, berta]),
            (f"after:{as_datetime(at(20)).isoformat()}", [carla, dora]),
            (f"-after:{as_datetime(at(20)).isoformat()} -to:anna", [berta]),
            ("before:1d", []),
            ("invoice from:shop has:attachment", []),
        ):
            expect(await _found(store, search), expected, f"the search {search!r}")
        expect(await _found(store, "invoice", organization="acme"), [berta], "of one organization alone")


async def a_search_may_hold_any_character(outbox: Outbox) -> None:
    """What no entry can hold is not found, and no error: NUL, halves of characters, signs that patterns know."""
    async with opened(outbox) as store:
        [entry] = await accept(store, new_entry(subject="50% of a/b_c!"))

        for search in ("\0", "\ud800", "key:\0", "to:\udfff", "subject:'", "flow:\0", "connection:\0"):
            expect(await _found(store, search), [], f"the search {search!r}")
        for search in ("50%", "a/b_c!", "subject:b_c", "subject:%"):
            expect(await _found(store, search), [entry], f"the search {search!r}")


EXERCISES: tuple[Exercise, ...] = (
    an_entry_tells_its_author_and_its_files,
    a_search_finds_what_it_asks_for,
    a_search_may_hold_any_character,
)
