"""Exercises of the book of who did what: each record follows the one before it, whoever writes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.accounts.audit import BEGINNING, AuditFilter, chained, first_break
from eilbote.testing.account_exercises.scene import Exercise, Kept, at, deed, organization, user
from eilbote.testing.expectation import expect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.accounts.audit import AuditRecord


def _numbers(records: Sequence[AuditRecord]) -> list[int]:
    return [one.sequence for one in records]


async def a_deed_is_written_as_it_was_said(kept: Kept) -> None:
    """All of it; its hash follows from it and from the one before."""
    store = kept()
    said = deed(
        before={"port": 25, "user": None, "list": ["a", 1.5, True]}, after={"port": 465, "secret": "***"}
    )
    (first,) = await store.write([said])
    expect((first.sequence, first.deed), (1, said), "it is the first")
    expect(first.hash, chained(BEGINNING, 1, said), "and follows from the beginning")
    second, third = await kept().write([deed(organization="acme"), deed("user.sign_in")])
    expect(second.hash, chained(first.hash, 2, second.deed), "the next follows from it")
    expect(third.hash, chained(second.hash, 3, third.deed), "and so do several at once")
    expect(list(await kept().write([])), [], "of nothing nothing is written")
    found = await kept().records_from(1, limit=10)
    expect(list(found), [first, second, third], "everybody reads the same, in order")
    expect(_numbers(await kept().records_from(2, limit=1)), [2], "or a part of it")
    expect(first_break(found), None, "and it hangs together")


async def whoever_writes_at_once_writes_one_book(kept: Kept) -> None:
    """No gap, no number twice, no record that does not follow."""
    written = await asyncio.gather(
        *(kept().write([deed(f"a{number}.first"), deed(f"a{number}.second")]) for number in range(12))
    )
    found = await kept().records_from(1, limit=100)
    expect(_numbers(found), list(range(1, 25)), "without a gap")
    expect(first_break(found), None, "each follows from the one before")
    for first, second in written:
        expect(second.sequence, first.sequence + 1, "what is written together stands together")
        expect(second.deed.action.partition(".")[0], first.deed.action.partition(".")[0], "as it was said")


async def anything_that_is_said_can_be_written(kept: Kept) -> None:
    """Half a letter, octets that end a text elsewhere: who fails to sign in says what they like."""
    odd = "a\0b\ud800c \N{SPARKLES} \u2028"
    (record,) = await kept().write([deed(name=odd, who=odd, thing=odd, after={odd: odd})])
    (found,) = await kept().records_from(1, limit=10)
    expect(found, record, "it is read as it was written")
    expect(found.deed.name, odd, "to the last letter")
    expect(first_break([found]), None, "and hangs together")


async def records_are_found_by_what_they_say(kept: Kept) -> None:
    """The latest first, narrowed by each field that is given."""
    store = kept()
    for number, (action, of, who, thing) in enumerate(
        (
            ("user.sign_in", "", "u1", ""),
            ("user.sign_in_failed", "acme", "", ""),
            ("user_group.add", "acme", "u1", "user:u2"),
            ("connection.update", "acme", "k1", "connection:acme/office"),
            ("USER.sign_in", "acme", "k1", "connection:acme/office2"),
        )
    ):
        await store.write([deed(action, when=number, organization=of, who=who, thing=thing)])
    other = kept()
    expect(_numbers(await other.records(AuditFilter())), [5, 4, 3, 2, 1], "all, the latest first")
    expect(_numbers(await other.records(AuditFilter(), limit=2, after=4)), [3, 2], "page by page")
    for which, expected in (
        (AuditFilter(organization="acme"), [5, 4, 3, 2]),
        (AuditFilter(organization=""), [1]),
        (AuditFilter(action="user."), [2, 1]),
        (AuditFilter(action="user"), [3, 2, 1]),
        (AuditFilter(action="user.sign_in_"), [2]),
        (AuditFilter(action="%"), []),
        (AuditFilter(action=".sign_in_failed"), [2]),
        (AuditFilter(action=".in"), []),
        (AuditFilter(action=".a_verb_that_is_longer_than_every_action"), []),
        (AuditFilter(thing="connection:"), [5, 4]),
        (AuditFilter(thing="%:"), []),
        (AuditFilter(thing="connection:acme/office"), [4]),
        (AuditFilter(who="u1"), [3, 1]),
        (AuditFilter(since=at(3)), [5, 4]),
        (AuditFilter(before=at(1)), [1]),
        (AuditFilter(organization="acme", who="k1", since=at(1), before=at(4)), [4]),
    ):
        expect(_numbers(await other.records(which)), expected, f"{which}")


async def the_book_stays_when_an_organization_goes(kept: Kept) -> None:
    """What its people did stays written, and the book goes on."""
    store = kept()
    acme = await store.keep_organization(organization())
    await store.keep_user(user(of=acme.name))
    await store.write([deed(organization="acme")])
    await store.drop_organization("acme")
    await store.prune(now=at(10**6))
    (record,) = await kept().records(AuditFilter(organization="acme"))
    expect(record.deed, replace(deed(organization="acme")), "it is still there")
    (after,) = await kept().write([deed("organization.delete")])
    expect(after.hash, chained(record.hash, 2, after.deed), "and the next one follows from it")


EXERCISES: tuple[Exercise, ...] = (
    a_deed_is_written_as_it_was_said,
    whoever_writes_at_once_writes_one_book,
    anything_that_is_said_can_be_written,
    records_are_found_by_what_they_say,
    the_book_stays_when_an_organization_goes,
)
