"""Exercises of webhooks: kept, changed by one at a time, forgotten with their deliveries."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from eilbote.errors import ConflictError
from eilbote.model.secret import Secret
from eilbote.record.webhook_store import HookOwner
from eilbote.testing.expectation import expect, holds, refused
from eilbote.testing.hook_exercises.scene import NOW, Exercise, Kept, at, delivery, webhook


async def a_webhook_is_kept_as_it_was_said(kept: Kept) -> None:
    """All of it, with what it is signed with; those of one organization apart from others'."""
    store = kept()
    first = await store.keep(webhook())
    expect(first, replace(webhook(), revision=1), "it is given back with its revision")
    plain = replace(
        webhook("W2", "acme"),
        former_secret=None,
        former_until=None,
        since=None,
        failing_since=None,
        events=(),
    )
    acme = await store.keep(plain)
    other = kept()
    expect(await other.webhook("w1"), first, "everybody finds it")
    expect(await other.webhook("W2"), acme, "whatever is left out")
    expect(await other.webhook("w9"), None, "and none that is not there")
    owner = HookOwner(organization="acme", has_secret=True)
    expect(await other.owner("W2"), owner, "whose it is, is told without what it is signed with")
    expect(await other.owner("w9"), None, "of none that is not there")
    expect(list(await other.webhooks()), [acme, first], "among all of them, in the order of their ids")
    expect(list(await other.webhooks("acme")), [acme], "or among those of its organization")
    expect(list(await other.webhooks("")), [first], "and so are the host's")


async def what_it_is_signed_with_is_changed_with_it(kept: Kept) -> None:
    """The secret before is forgotten when it is not kept any more, whoever it belongs to by now."""
    store = kept()
    first = await store.keep(webhook())
    turned = replace(first, secret=Secret("whsec_new"), former_secret=first.secret)
    second = await store.keep(turned)
    expect(await kept().webhook("w1"), second, "both are there while it is turned")
    third = await store.keep(replace(second, former_secret=None, former_until=None, organization="acme"))
    expect(await kept().webhook("w1"), third, "then only the new one, even in another organization")
    holds(await store.drop("w1"), "it can be forgotten")
    fourth = await store.keep(replace(webhook(), former_secret=None))
    expect(await kept().webhook("w1"), fourth, "and nothing of the former one comes back")


async def who_changes_what_somebody_has_changed_is_told(kept: Kept) -> None:
    """A revision is changed once, and an id is taken once."""
    store = kept()
    first = await store.keep(webhook())
    second = await store.keep(replace(first, description="New"))
    for late in (first, webhook(), replace(webhook("w9"), revision=1)):
        await refused(
            store.keep(replace(late, secret=Secret("whsec_late"))), ConflictError, "an older one is not kept"
        )
    expect(await kept().webhook("w1"), second, "what was kept stays, and so does its secret")


async def of_two_who_change_it_at_once_one_is_told(kept: Kept) -> None:
    """And its secret is the one of who was kept."""
    first = await kept().keep(webhook())
    found = await asyncio.gather(
        *(kept().keep(replace(first, secret=Secret(f"whsec_{number}"))) for number in range(4)),
        return_exceptions=True,
    )
    kept_ones = [one for one in found if not isinstance(one, BaseException)]
    expect(len(kept_ones), 1, "one is kept")
    expect(await kept().webhook("w1"), kept_ones[0], "and stays")


async def failures_are_counted_without_a_change(kept: Kept) -> None:
    """Whoever changes the webhook meanwhile is not told."""
    store = kept()
    first = await store.keep(webhook())
    await store.count_failures("w1", 7, since=at(5))
    counted = replace(first, failures=7, failing_since=at(5))
    expect(await kept().webhook("w1"), counted, "they are known")
    await store.count_failures("w1", 0, since=None)
    await store.keep(replace(first, description="New"))
    await store.count_failures("w9", 1, since=NOW)
    expect(await store.webhook("w9"), None, "of none that is gone")


async def a_webhook_goes_with_its_deliveries(kept: Kept) -> None:
    """Nothing is delivered to one that is gone, and what comes for it later is not kept."""
    store = kept()
    await store.keep(webhook())
    await store.keep(webhook("w2"))
    await store.enqueue([delivery(), delivery(to="w2")])
    holds(await store.drop("w1"), "it can be forgotten")
    holds(not await store.drop("w1"), "once")
    expect(await kept().delivery("w1", "d1"), None, "its deliveries are gone")
    expect(await kept().enqueue([delivery("d2"), delivery("d2", "w2")]), 1, "and no others are kept")
    found = await kept().claim("one", limit=10, now=NOW, until=at(60))
    expect([(one.webhook, one.id) for one in found], [("w2", "d1"), ("w2", "d2")], "those of others stay")


async def what_comes_while_it_goes_goes_as_well(kept: Kept) -> None:
    """Whichever is first: nothing is left that waits for a webhook that is gone."""
    for turn in range(6):
        id_ = f"w{turn}"
        await kept().keep(webhook(id_))
        said = [[delivery(f"d{number}-{part}", id_) for part in range(8)] for number in range(3)]
        await asyncio.gather(
            kept().enqueue(said[0]), kept().drop(id_), *(kept().enqueue(each) for each in said[1:])
        )
        expect(list(await kept().deliveries(id_)), [], "nothing is left")


EXERCISES: tuple[Exercise, ...] = (
    a_webhook_is_kept_as_it_was_said,
    what_it_is_signed_with_is_changed_with_it,
    who_changes_what_somebody_has_changed_is_told,
    of_two_who_change_it_at_once_one_is_told,
    failures_are_counted_without_a_change,
    a_webhook_goes_with_its_deliveries,
    what_comes_while_it_goes_goes_as_well,
)
