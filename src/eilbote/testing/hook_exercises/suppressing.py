"""Exercises of suppressed addresses: found in any letter case, an organization's own and the host's, until they expire."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from eilbote.model.ids import EntryId
from eilbote.record.suppression import Suppression, SuppressionReason
from eilbote.testing.account_exercises.scene import NOW, at
from eilbote.testing.expectation import expect, holds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.record.suppression import SuppressionStore

Kept: TypeAlias = "Callable[[], SuppressionStore]"
"""Gives handles on the same store, which is empty at first."""

Exercise: TypeAlias = Callable[[Kept], Awaitable[None]]
"""Raises :class:`AssertionError`, naming the rule, when the store does not keep it."""


def said(address: str = "anna@example.org", of: str = "acme", **changes: object) -> Suppression:
    """Give one with something in every field."""
    one = Suppression(
        organization=of,
        address=address,
        reason=SuppressionReason.HARD_BOUNCE,
        detail="550 5.1.1 unbekannt: Grüße",
        entry=EntryId(4711),
        created=NOW,
        expires=at(60),
    )
    return replace(one, **changes)  # type: ignore[arg-type]  # each is a field's


def _addresses(found: Sequence[Suppression]) -> list[tuple[str, str]]:
    return [(one.organization, one.address) for one in found]


async def an_address_is_found_in_any_letter_case(kept: Kept) -> None:
    """As it was said, but for the letter case of the address."""
    store = kept()
    holds(not await store.any(), "at first there is none")
    expect(await store.add([said("Jürgen@Example.ORG")]), 1, "one is new")
    holds(await kept().any(), "then there is one")
    for address in ("jürgen@example.org", "JÜRGEN@EXAMPLE.ORG", "ju\N{COMBINING DIAERESIS}rgen@example.org"):
        found = await kept().suppressed("acme", ["other@example.org", address], now=NOW)
        expect(list(found), [said("jürgen@example.org")], f"{address} gets nothing")
    expect(list(await kept().suppressed("acme", ["other@example.org"], now=NOW)), [], "others do")
    expect(list(await kept().suppressed("acme", [], now=NOW)), [], "and so does nobody")


async def an_organization_asks_for_its_own_and_the_hosts(kept: Kept) -> None:
    """Never for another's; until it expires."""
    store = kept()
    await store.add(
        [
            said(),
            said(of=""),
            said(of="other"),
            said("bert@example.org", expires=None),
            said("cleo@example.org"),
        ]
    )
    asked = ["anna@example.org", "bert@example.org"]
    found = await kept().suppressed("acme", asked, now=NOW)
    expected = [("", asked[0]), ("acme", asked[0]), ("acme", asked[1])]
    expect(_addresses(found), expected, "its own and the host's, in order")
    expect(_addresses(await kept().suppressed("", asked, now=NOW)), expected[:1], "the host asks for its own")
    found = await kept().suppressed("acme", asked, now=at(60))
    expect(_addresses(found), expected[2:], "what has expired holds no more")


async def a_long_list_is_looked_up_at_once(kept: Kept) -> None:
    """A message has a thousand recipients."""
    store = kept()
    await store.add([said(f"n{number}@example.org") for number in range(0, 1200, 400)])
    found = await store.suppressed("acme", [f"n{number}@example.org" for number in range(1200)], now=NOW)
    expect(len(found), 3, "each of them is found")


async def what_is_entered_again_takes_its_place(kept: Kept) -> None:
    """And is not new; of many at once for one address one is new."""
    store = kept()
    await store.add([said()])
    other = said("ANNA@example.org", reason=SuppressionReason.COMPLAINT, expires=None, entry=None, detail="")
    expect(await kept().add([other, said("bert@example.org")]), 1, "one of two is new")
    (found,) = await kept().suppressed("acme", ["anna@example.org"], now=NOW)
    expect(found, replace(other, address="anna@example.org"), "what was said last holds")
    many = [[said(f"n{number}@example.org") for number in turn] for turn in (range(6), reversed(range(6)))]
    expect(sum(await asyncio.gather(*(kept().add(each) for each in many * 3))), 6, "each is new once")
    holds(await kept().remove("acme", "Anna@Example.org"), "it can be removed, in any letter case")
    holds(not await kept().remove("acme", "anna@example.org"), "once")
    holds(not await kept().remove("", "bert@example.org"), "and only by its own organization")
    expect(await store.suppressed("acme", ["anna@example.org"], now=NOW), [], "then they get mail again")


async def the_list_is_read_page_by_page(kept: Kept) -> None:
    """In the order of organization and address, narrowed to one organization or a part of the address."""
    store = kept()
    where = [
        ("", "zoe@example.org"),
        ("acme", "a_b@example.org"),
        ("acme", "axb@example.com"),
        ("b", "anna@x.org"),
    ]
    await store.add([said(address, of) for of, address in reversed(where)])
    other = kept()
    expect(_addresses(await other.list()), where, "all, in order")
    expect(_addresses(await other.list(limit=2)), where[:2], "a page")
    expect(_addresses(await other.list(limit=2, after=where[1])), where[2:], "and the next")
    expect(_addresses(await other.list("acme")), where[1:3], "of one organization")
    expect(_addresses(await other.list("acme", after=where[1])), where[2:3], "page by page as well")
    expect(_addresses(await other.list("")), where[:1], "or the host's")
    expect(_addresses(await other.list(address="EXAMPLE.org")), where[:2], "by a part of the address")
    expect(_addresses(await other.list(address="a_b")), where[1:2], "letter by letter")
    expect(_addresses(await other.list(address="%")), [], "whatever letters these are")
    expect(_addresses(await other.list(address="x" * 100_000)), [], "and however many")


async def what_has_expired_is_forgotten(kept: Kept) -> None:
    """And nothing else."""
    store = kept()
    await store.add(
        [said(), said("bert@example.org", expires=at(61)), said("cleo@example.org", expires=None)]
    )
    expect(await store.prune(now=at(59)), 0, "nothing before its time")
    expect(await store.prune(now=at(60)), 1, "one is over")
    expect(
        _addresses(await kept().list()),
        [("acme", "bert@example.org"), ("acme", "cleo@example.org")],
        "others stay",
    )


EXERCISES: tuple[Exercise, ...] = (
    an_address_is_found_in_any_letter_case,
    an_organization_asks_for_its_own_and_the_hosts,
    a_long_list_is_looked_up_at_once,
    what_is_entered_again_takes_its_place,
    the_list_is_read_page_by_page,
    what_has_expired_is_forgotten,
)
