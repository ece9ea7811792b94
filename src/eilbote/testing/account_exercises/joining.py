"""Exercises of organizations, people and keys: kept, changed by one at a time, forgotten with what is theirs."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from eilbote.errors import ConflictError
from eilbote.testing.account_exercises.scene import (
    Exercise,
    Kept,
    at,
    key,
    link,
    organization,
    session,
    user,
)
from eilbote.testing.expectation import expect, holds, refused


async def an_organization_is_kept_as_it_was_said(kept: Kept) -> None:
    """All of it, for whoever looks, in the order of the names."""
    store = kept()
    first = await store.keep_organization(organization("acme"))
    expect(first, replace(organization("acme"), revision=1), "it is given back with its revision")
    for name in ("zeta", "b-2", "b2"):
        await store.keep_organization(organization(name))
    other = kept()
    expect(await other.organization("acme"), first, "everybody finds it")
    expect(await other.organization("nobody"), None, "and none that is not there")
    names = [one.name for one in await other.organizations()]
    expect(names, ["acme", "b-2", "b2", "zeta"], "in the order of their names, letter by letter")
    page = [one.name for one in await other.organizations(limit=2, after="acme")]
    expect(page, ["b-2", "b2"], "or a page of them")


async def a_user_is_kept_as_it_was_said(kept: Kept) -> None:
    """All of it, found by id, address and subject, and counted."""
    store = kept()
    anna = await store.keep_user(user("u1", subject="https://id.example.org|17"))
    bert = await store.keep_user(user("U2", "bert@example.org", of="acme"))
    expect(anna, replace(user("u1", subject="https://id.example.org|17"), revision=1), "as it was said")
    other = kept()
    expect(await other.user("u1"), anna, "everybody finds them by id")
    expect(await other.user_of_subject("https://id.example.org|17"), anna, "by who they are elsewhere")
    expect(await other.user_of_subject(""), None, "which nobody is who never came from there")
    expect([one.id for one in await other.users()], ["U2", "u1"], "in the order of ids, letter by letter")
    expect(list(await other.users("acme")), [bert], "or those of one organization")
    expect([one.id for one in await other.users(limit=1, after="U2")], ["u1"], "or a page of them")
    expect((await other.count_users(), await other.count_users("acme")), (2, 1), "and they are counted")
    holds(await other.drop_user("U2"), "one can be forgotten")
    holds(not await other.drop_user("U2"), "once")
    expect(await store.count_users(), 1, "and is not counted any more")


async def nobody_has_an_address_twice(kept: Kept) -> None:
    """In any letter case, in any organization, and however its letters are composed."""
    store = kept()
    anna = await store.keep_user(user("u1", "Jürgen@Example.org"))
    for address in ("jürgen@example.ORG", "JÜRGEN@EXAMPLE.ORG", "ju\N{COMBINING DIAERESIS}rgen@example.org"):
        expect(await kept().user_at(address), anna, f"{address} is the same")
        fault = await refused(
            store.keep_user(user("u2", address, of="acme")), ConflictError, "nobody else takes it"
        )
        expect(fault.field, "address", "and is told which field")
    bert = await store.keep_user(user("u2", "bert@example.org", of="acme"))
    await refused(
        store.keep_user(replace(bert, address="jürgen@example.org")), ConflictError, "nor by a change"
    )
    expect((await store.user("u2")), bert, "and nothing was changed")
    again = await store.keep_user(replace(anna, address="JÜRGEN@example.org"))
    expect(await store.user_at("jürgen@example.org"), again, "one's own can be written otherwise")
    await store.drop_user("u1")
    await store.keep_user(user("u3", "jürgen@example.org"))


async def of_many_who_take_an_address_at_once_one_gets_it(kept: Kept) -> None:
    """The others are told."""
    wanted = [
        user(f"u{number}", "ANNA@example.org" if number % 2 else "anna@example.org") for number in range(6)
    ]
    found = await asyncio.gather(*(kept().keep_user(one) for one in wanted), return_exceptions=True)
    faults = [one for one in found if isinstance(one, BaseException)]
    expect([type(one) for one in faults], [ConflictError] * 5, "all but one are refused")
    expect(await kept().count_users(), 1, "one is there")


async def a_subject_is_one_person(kept: Kept) -> None:
    """Whoever comes from a provider is nobody else."""
    store = kept()
    await store.keep_user(user("u1", subject="https://id.example.org|17"))
    fault = await refused(
        store.keep_user(user("u2", "bert@example.org", subject="https://id.example.org|17")),
        ConflictError,
        "nobody else is it",
    )
    expect(fault.field, "subject", "and is told which field")
    await store.keep_user(user("u2", "bert@example.org"))
    await store.keep_user(user("u3", "cleo@example.org"))


async def a_key_is_kept_as_it_was_said(kept: Kept) -> None:
    """All of it; that it was used is noted without a change of it."""
    store = kept()
    first = await store.keep_key(key("k1"))
    second = await store.keep_key(replace(key("K2", "acme"), is_revoked=True, senders=(), expires=None))
    other = kept()
    expect(await other.key("k1"), first, "everybody finds it")
    expect(await other.key("K2"), second, "whatever is left out")
    expect([one.id for one in await other.keys()], ["K2", "k1"], "in the order of ids, letter by letter")
    expect(list(await other.keys("acme")), [second], "or those of one organization")
    expect([one.id for one in await other.keys(limit=1, after="K2")], ["k1"], "or a page of them")
    await other.key_used("k1", at=at(99))
    expect(await store.key("k1"), replace(first, used=at(99)), "when it was used is known")
    await store.keep_key(replace(first, name="another"))
    holds(await store.drop_key("k1"), "it can be forgotten")
    holds(not await store.drop_key("k1"), "once")
    await store.key_used("k1", at=at(100))
    expect(await store.key("k1"), None, "and nothing brings it back")


async def who_changes_what_somebody_has_changed_is_told(kept: Kept) -> None:
    """A revision is changed once, a name or id is taken once, and what is gone is not changed."""
    store = kept()
    acme = await store.keep_organization(organization())
    anna = await store.keep_user(user())
    first = await store.keep_key(key())
    newer = (
        await store.keep_organization(replace(acme, title="New")),
        await store.keep_user(replace(anna, name="New")),
        await store.keep_key(replace(first, name="New")),
    )
    for said in (
        *(store.keep_organization(one) for one in (acme, organization(), replace(organization("x"), revision=1))),
        *(store.keep_user(one) for one in (anna, user(), replace(user("x", "x@example.org"), revision=1))),
        *(store.keep_key(one) for one in (first, key(), replace(key("x"), revision=1))),
    ):  # fmt: skip
        await refused(said, ConflictError, "an older one is not written over a newer one")
    found = (await store.organization("acme"), await store.user("u1"), await store.key("k1"))
    expect(found, newer, "what was kept stays")


async def of_two_who_change_a_user_at_once_one_is_told(kept: Kept) -> None:
    """Nobody's change is lost without a word."""
    anna = await kept().keep_user(user())
    found = await asyncio.gather(
        *(kept().keep_user(replace(anna, name=f"Anna {number}")) for number in range(4)),
        return_exceptions=True,
    )
    kept_ones = [one for one in found if not isinstance(one, BaseException)]
    expect(len(kept_ones), 1, "one is kept")
    expect(await kept().user("u1"), kept_ones[0], "and stays")


async def an_organization_goes_with_what_is_its_own(kept: Kept) -> None:
    """Its people, their sessions and links, its keys; nothing of anybody else."""
    store = kept()
    await store.keep_organization(organization())
    stays = await store.keep_organization(organization("other"))
    for id_, of in (("u1", "acme"), ("u2", "other"), ("u3", "")):
        await store.keep_user(user(id_, f"{id_}@example.org", of=of))
        await store.keep_session(session(f"s{id_}", id_))
        await store.keep_link(link(f"l{id_}", of=id_))
        await store.keep_key(key(f"k{id_}", of))
    holds(await store.drop_organization("acme"), "there was one")
    holds(not await store.drop_organization("acme"), "once")
    other = kept()
    expect(list(await other.organizations()), [stays], "the other one stays")
    expect([one.id for one in await other.users()], ["u2", "u3"], "with its people")
    expect([one.id for one in await other.keys()], ["ku2", "ku3"], "and its keys")
    for id_, there in (("u1", False), ("u2", True), ("u3", True)):
        found = await other.session(f"s{id_}") is not None, await other.link(f"l{id_}") is not None
        expect(found, (there, there), f"sessions and links of {id_}")


EXERCISES: tuple[Exercise, ...] = (
    an_organization_is_kept_as_it_was_said,
    a_user_is_kept_as_it_was_said,
    nobody_has_an_address_twice,
    of_many_who_take_an_address_at_once_one_gets_it,
    a_subject_is_one_person,
    a_key_is_kept_as_it_was_said,
    who_changes_what_somebody_has_changed_is_told,
    of_two_who_change_a_user_at_once_one_is_told,
    an_organization_goes_with_what_is_its_own,
)
