"""Exercises about who works on a run: claims, leases, and of two who believe that they hold it one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.store import Awaits
from eilbote.errors import LeaseLostError
from eilbote.testing.expectation import expect, holds, refused
from eilbote.testing.flows_exercises.scene import (
    ENTRY,
    LEASE,
    Exercise,
    Kept,
    at,
    names,
    new_run,
    state,
    take,
)


async def a_run_is_begun_once(kept: Kept) -> None:
    """Under one id there is one run, whoever begins it how often."""
    one, two = kept(), kept()
    first, second = await asyncio.gather(
        one.begin(new_run("a", given={"who": "one"})), two.begin(new_run("a", given={"who": "two"}))
    )
    expect(first.state, second.state, "both get the run that is there")
    expect(first.revision, 1, "which is at its first revision")
    again = await one.begin(new_run("a", given={"who": "three"}, organization="acme", text="other"))
    expect(again, await two.run("a"), "whoever comes later gets it as it stands")
    expect(again.text, new_run("a").text, "with the text it began with")
    expect(len(await one.runs()), 1, "and there is no other")


async def a_run_is_kept_as_it_was_given(kept: Kept) -> None:
    """Everything about it comes back."""
    flows = kept()
    given = new_run("a", organization="acme", session="talk", given={"n": 1, "deep": [[{"x": None}]]}, due=3)
    kept_run = await flows.begin(given)
    expect(kept_run, replace(given, revision=1), "what was begun")
    expect(await kept().run("a"), kept_run, "is there for others")
    expect(await flows.run("b"), None, "and nothing else is")


async def only_what_is_due_is_taken(kept: Kept) -> None:
    """Those that have waited longest first, no more than asked for, and none that has ended."""
    flows = kept()
    for number, due in enumerate((5.0, 1.0, 3.0, None)):
        await flows.begin(new_run(f"r{number}", due=due))
    expect(names(await take(flows, now=0.5)), [], "nothing is due yet")
    expect(names(await take(flows, now=4, limit=1)), ["r1"], "the one that has waited longest")
    expect(names(await take(flows, now=4)), ["r2"], "then the others that are due")
    expect(names(await take(flows, now=4)), [], "those that are held are not taken again")
    [last] = await take(flows, now=5)
    expect((last.id, last.revision), ("r0", 2), "taking a run is a revision")
    ended = await flows.keep(
        replace(last, status=RunStatus.DONE, due=at(6)), context={}, holds=True, now=at(6)
    )
    expect(ended.due, None, "what has ended is never due")
    expect(names(await take(flows, now=1000)), ["r1", "r2"], "nor taken, when the other leases are over")


async def organizations_take_turns(kept: Kept) -> None:
    """Who begins many at a stroke keeps nobody else waiting for all of them."""
    flows = kept()
    for number in range(8):
        await flows.begin(new_run(f"flood{number}", organization="flood", due=number))
    await flows.begin(new_run("single", organization="acme", due=50))
    await flows.begin(new_run("host", due=60))
    expect(
        names(await take(flows, limit=4, now=100)),
        ["flood0", "single", "host", "flood1"],
        "each organization's turn comes, and within one the longest waiting first",
    )


async def only_those_that_are_named_are_taken(kept: Kept) -> None:
    """When it must be these, it is none of the others; and those that are not due are not taken either."""
    flows = kept()
    for name in ("a", "b", "c"):
        await flows.begin(new_run(name, due=100 if name == "c" else 0))
    expect(names(await take(flows, only=["b", "c", "unknown"])), ["b"], "the one of them that is due")
    expect(names(await take(flows, only=[])), [], "none of none")


async def what_was_restored_is_taken_by_name(kept: Kept) -> None:
    """A run that waits for somebody's word to go on is left alone until somebody names it."""
    flows = kept()
    await flows.begin(replace(new_run("a", due=None), awaits=Awaits.RELEASE))
    expect(names(await take(flows, now=10_000)), [], "it is not due")
    expect(await flows.next_due(at(0)), None, "nor will be")
    expect(names(await take(flows, only=["a"])), ["a"], "its name is the word")


async def two_workers_share_what_is_due(kept: Kept) -> None:
    """No run is taken twice, and none is left behind."""
    workers = [kept() for _ in range(4)]
    for number in range(40):
        await workers[0].begin(new_run(f"r{number}"))

    async def work(number: int) -> list[str]:
        mine: list[str] = []
        while taken := await take(workers[number], f"worker {number}", limit=3):
            mine += names(taken)
        return mine

    taken = [name for names_ in await asyncio.gather(*map(work, range(4))) for name in names_]
    expect(len(taken), len(set(taken)), "none is taken twice")
    rest = names(await take(workers[0], limit=100))
    expect(sorted(taken + rest), sorted(f"r{number}" for number in range(40)), "none is lost")


async def a_lease_that_is_over_frees_the_run(kept: Kept) -> None:
    """Others may take it, and whoever had it keeps nothing any more."""
    one, two = kept(), kept()
    await one.begin(new_run("a"))
    [lost] = await take(one, "one", now=0)
    expect(names(await take(two, "two", now=LEASE - 1)), [], "while the lease lasts it is held")
    [found] = await take(two, "two", now=LEASE)
    await refused(
        one.keep(replace(lost, state=state("a", {"by": "one"})), context={"x": 1}, holds=True, now=at(61)),
        LeaseLostError,
        "who has lost the lease keeps nothing",
    )
    expect(await two.run("a"), found, "nothing at all")
    expect(await two.context("", "a"), {}, "neither in the context")
    kept_run = await two.keep(
        replace(found, state=state("a", {"by": "two"})), context={}, holds=False, now=at(62)
    )
    expect(await one.run("a"), kept_run, "who holds it keeps")
    await refused(
        two.keep(found, context={}, holds=False, now=at(63)), LeaseLostError, "a revision is kept once"
    )


async def a_lease_that_is_over_and_free_is_still_good(kept: Kept) -> None:
    """Whoever was slow and met nobody has lost nothing."""
    flows = kept()
    await flows.begin(new_run("a"))
    [slow] = await take(flows)
    kept_run = await flows.keep(slow, context={}, holds=False, now=at(10 * LEASE))
    expect(kept_run.revision, slow.revision + 1, "it was kept")


async def a_lease_can_be_prolonged(kept: Kept) -> None:
    """By who has it; whoever has lost one is told which are left."""
    one, two = kept(), kept()
    for name in ("a", "b"):
        await one.begin(new_run(name))
    await take(one, "one")
    expect(await one.prolong("one", ["a"], until=at(100)), ("a",), "held longer")
    expect(names(await take(two, "two", now=LEASE)), ["b"], "the other one is free")
    expect(await one.prolong("one", ["a", "b", "c"], until=at(200)), ("a",), "and is not prolonged any more")
    expect(names(await take(two, "two", now=150)), ["b"], "the first is still held")
    expect(await one.prolong("one", [], until=at(200)), (), "none of none")


async def keeping_lets_go_or_holds(kept: Kept) -> None:
    """As it was said; who holds on goes on with the revision that was given back."""
    flows = kept()
    await flows.begin(new_run("a"))
    [run] = await take(flows, now=0)
    held = await flows.keep(replace(run, due=at(0)), context={}, holds=True, now=at(1))
    expect(names(await take(flows, "two", now=2)), [], "still held")
    waits = replace(held, awaits=Awaits.MAIL, entry=ENTRY, due=at(30), state=state("a", {"step": 2}))
    freed = await flows.keep(waits, context={}, holds=False, now=at(3))
    expect((freed.awaits, freed.entry, freed.due), (Awaits.MAIL, ENTRY, at(30)), "what it waits for is kept")
    expect(freed.changed, at(3), "with the time")
    expect(names(await take(flows, "two", now=29)), [], "not due yet")
    [taken] = await take(flows, "two", now=30)
    expect(taken, replace(freed, revision=freed.revision + 1), "then it is taken as it was kept")


async def the_next_one_due_is_told(kept: Kept) -> None:
    """Its own time, or the end of the lease of who holds it."""
    flows = kept()
    expect(await flows.next_due(at(0)), None, "there is nothing")
    await flows.begin(new_run("a", due=50))
    await flows.begin(new_run("b", due=70))
    await flows.begin(new_run("c", due=None))
    expect(await flows.next_due(at(0)), at(50), "the first one")
    [held] = await take(flows, now=60)
    expect(await flows.next_due(at(60)), at(70), "a run that is held is not")
    await take(flows, now=70)
    expect(await flows.next_due(at(70)), at(60 + LEASE), "unless its lease ends first")
    await flows.keep(replace(held, status=RunStatus.FAILED), context={}, holds=False, now=at(71))
    expect(await flows.next_due(at(71)), at(70 + LEASE), "what has ended is not")
    expect(await flows.next_due(at(1000)), at(70), "a lease that is over holds nothing")


async def a_cancelled_run_ends_before_its_next_step(kept: Kept) -> None:
    """It is due at once; whoever holds it meanwhile keeps what was done, and hears of it."""
    flows = kept()
    await flows.begin(new_run("waits", due=1000))
    holds(await flows.cancel("waits", now=at(1)), "it had not ended")
    [run] = await take(flows, now=1)
    expect((run.id, run.cancelled), ("waits", True), "it is due, and called back")
    await flows.begin(new_run("held"))
    [held] = await take(flows, now=2)
    holds(await kept().cancel("held", now=at(3)), "a run that is held as well")
    told = await flows.keep(
        replace(held, awaits=Awaits.TIME, due=at(500), state=state("held", {"done": True})),
        context={},
        holds=False,
        now=at(4),
    )
    expect((told.cancelled, told.due, told.state), (True, at(4), state("held", {"done": True})), "it is told")
    expect(names(await take(flows, now=4)), ["held"], "and due")


async def what_has_ended_is_not_cancelled(kept: Kept) -> None:
    """Nor is what nobody knows."""
    flows = kept()
    holds(not await flows.cancel("unknown", now=at(0)), "unknown")
    await flows.begin(new_run("a"))
    [run] = await take(flows)
    await flows.keep(replace(run, status=RunStatus.DONE, due=None), context={}, holds=False, now=at(1))
    holds(not await flows.cancel("a", now=at(2)), "it has ended")
    found = await flows.run("a")
    holds(not (found and found.cancelled), "and stays as it is")


EXERCISES: tuple[Exercise, ...] = (
    a_run_is_begun_once,
    a_run_is_kept_as_it_was_given,
    only_what_is_due_is_taken,
    organizations_take_turns,
    only_those_that_are_named_are_taken,
    what_was_restored_is_taken_by_name,
    two_workers_share_what_is_due,
    a_lease_that_is_over_frees_the_run,
    a_lease_that_is_over_and_free_is_still_good,
    a_lease_can_be_prolonged,
    keeping_lets_go_or_holds,
    the_next_one_due_is_told,
    a_cancelled_run_ends_before_its_next_step,
    what_has_ended_is_not_cancelled,
)
