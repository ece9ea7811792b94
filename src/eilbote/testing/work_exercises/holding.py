"""Exercises about who works on something: claims, leases, and of two who believe that they hold it one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from eilbote.errors import LeaseLostError
from eilbote.testing.expectation import expect, holds, refused
from eilbote.testing.work_exercises.scene import LEASE, Work, at, names

Kept: TypeAlias = Callable[[], Work]


async def only_what_is_due_is_taken(kept: Kept) -> None:
    """Those that have waited longest first, no more than asked for, and none that has ended."""
    work = kept()
    for number, due in enumerate((5.0, 1.0, 3.0, None)):
        await work.begin(f"r{number}", due=due)
    expect(names(await work.take(now=0.5)), [], "nothing is due yet")
    expect(names(await work.take(now=4, limit=1)), ["r1"], "the one that has waited longest")
    expect(names(await work.take(now=4)), ["r2"], "then the others that are due")
    expect(names(await work.take(now=4)), [], "those that are held are not taken again")
    [last] = await work.take(now=5)
    expect((last.id, last.revision), ("r0", 2), "taking one is a revision")
    ended = await work.keep(last, due=6, ends=True, holds=True, now=6)
    expect(ended.due, None, "what has ended is never due")
    expect(names(await work.take(now=1000)), ["r1", "r2"], "nor taken, when the other leases are over")


async def organizations_take_turns(kept: Kept) -> None:
    """Who begins many at a stroke keeps nobody else waiting for all of them."""
    work = kept()
    for number in range(8):
        await work.begin(f"flood{number}", organization="flood", due=number)
    await work.begin("single", organization="acme", due=50)
    await work.begin("host", due=60)
    expect(
        names(await work.take(limit=4, now=100)),
        ["flood0", "single", "host", "flood1"],
        "each organization's turn comes, and within one the longest waiting first",
    )


async def two_workers_share_what_is_due(kept: Kept) -> None:
    """Nothing is taken twice, and nothing is left behind."""
    workers = [kept() for _ in range(4)]
    for number in range(40):
        await workers[0].begin(f"r{number}")

    async def take_all(number: int) -> list[str]:
        mine: list[str] = []
        while taken := await workers[number].take(f"worker {number}", limit=3):
            mine += names(taken)
        return mine

    taken = [name for names_ in await asyncio.gather(*map(take_all, range(4))) for name in names_]
    expect(len(taken), len(set(taken)), "none is taken twice")
    rest = names(await workers[0].take(limit=100))
    expect(sorted(taken + rest), sorted(f"r{number}" for number in range(40)), "none is lost")


async def a_lease_that_is_over_frees_what_was_held(kept: Kept) -> None:
    """Others may take it, and whoever had it keeps nothing any more."""
    one, two = kept(), kept()
    await one.begin("a")
    [lost] = await one.take("one", now=0)
    expect(names(await two.take("two", now=LEASE - 1)), [], "while the lease lasts it is held")
    [found] = await two.take("two", now=LEASE)
    await refused(
        one.keep(lost, mark="one", holds=True, now=61), LeaseLostError, "who has lost the lease keeps nothing"
    )
    expect(await two.find("a"), found, "nothing at all")
    kept_one = await two.keep(found, mark="two", now=62)
    expect(await one.find("a"), kept_one, "who holds it keeps")
    await refused(two.keep(found, now=63), LeaseLostError, "a revision is kept once")


async def a_lease_that_is_over_and_free_is_still_good(kept: Kept) -> None:
    """Whoever was slow and met nobody has lost nothing."""
    work = kept()
    await work.begin("a")
    [slow] = await work.take()
    kept_one = await work.keep(slow, now=10 * LEASE)
    expect(kept_one.revision, slow.revision + 1, "it was kept")


async def a_lease_can_be_prolonged(kept: Kept) -> None:
    """By who has it; whoever has lost one is told which are left."""
    one, two = kept(), kept()
    for name in ("a", "b"):
        await one.begin(name)
    await one.take("one")
    expect(await one.prolong("one", ["a"], until=100), ("a",), "held longer")
    expect(names(await two.take("two", now=LEASE)), ["b"], "the other one is free")
    expect(await one.prolong("one", ["a", "b", "c"], until=200), ("a",), "and is not prolonged any more")
    expect(names(await two.take("two", now=150)), ["b"], "the first is still held")
    expect(await one.prolong("one", [], until=200), (), "none of none")


async def the_next_one_due_is_told(kept: Kept) -> None:
    """Its own time, or the end of the lease of who holds it."""
    work = kept()
    expect(await work.next_due(0), None, "there is nothing")
    await work.begin("a", due=50)
    await work.begin("b", due=70)
    await work.begin("c", due=None)
    expect(await work.next_due(0), at(50), "the first one")
    [held] = await work.take(now=60)
    expect(await work.next_due(60), at(70), "what is held is not")
    await work.take(now=70)
    expect(await work.next_due(70), at(60 + LEASE), "unless its lease ends first")
    await work.keep(held, ends=True, now=71)
    expect(await work.next_due(71), at(70 + LEASE), "what has ended is not")
    expect(await work.next_due(1000), at(70), "a lease that is over holds nothing")


async def what_was_cancelled_ends_before_its_next_step(kept: Kept) -> None:
    """It is due at once; whoever holds it meanwhile keeps what was done, and hears of it."""
    work = kept()
    await work.begin("waits", due=1000)
    holds(await work.cancel("waits", now=1), "it had not ended")
    [one] = await work.take(now=1)
    expect((one.id, one.cancelled), ("waits", True), "it is due, and called back")
    await work.begin("held")
    [held] = await work.take(now=2)
    holds(await kept().cancel("held", now=3), "what is held as well")
    told = await work.keep(held, due=500, now=4)
    expect((told.cancelled, told.due), (True, at(4)), "it is told")
    expect(names(await work.take(now=4)), ["held"], "and due")


async def what_has_ended_is_not_cancelled(kept: Kept) -> None:
    """Nor is what nobody knows."""
    work = kept()
    holds(not await work.cancel("unknown", now=0), "unknown")
    await work.begin("a")
    [one] = await work.take()
    await work.keep(one, ends=True, now=1)
    holds(not await work.cancel("a", now=2), "it has ended")
    found = await work.find("a")
    holds(not (found and found.cancelled), "and stays as it is")


EXERCISES: tuple[Callable[[Kept], Awaitable[None]], ...] = (
    only_what_is_due_is_taken,
    organizations_take_turns,
    two_workers_share_what_is_due,
    a_lease_that_is_over_frees_what_was_held,
    a_lease_that_is_over_and_free_is_still_good,
    a_lease_can_be_prolonged,
    the_next_one_due_is_told,
    what_was_cancelled_ends_before_its_next_step,
    what_has_ended_is_not_cancelled,
)
