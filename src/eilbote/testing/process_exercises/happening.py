"""Exercises about what happens to instances: once, in order, and never lost, whoever holds them meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.limits import LONGEST_TRIGGER_ID, MOST_TRIGGER_OCTETS
from eilbote.errors import LeaseLostError, ProcessError
from eilbote.testing.expectation import expect, holds, refused
from eilbote.testing.process_exercises.scene import Exercise, Kept, begun, happened, new_instance, trigger
from eilbote.testing.work_exercises.scene import LEASE, at, names, take


async def what_happens_makes_an_instance_due(kept: Kept) -> None:
    """And whoever takes it is told, in the order in which it happened."""
    processes = kept()
    await begun(processes, "waits")
    await begun(processes, "sleeps", due=500)
    await begun(processes, "other")
    for name in ("waits", "sleeps"):
        holds(await kept().post(name, trigger("first", when=5, data={"n": [1, None, "ü"]})), "it runs")
        holds(await processes.post(name, trigger("second", when=6)), "and again")
    expect(await processes.next_due(at(2)), at(5), "they are due since the first of it")
    taken = {each.id: each for each in await take(processes, now=6)}
    expect(sorted(taken), ["sleeps", "waits"], "both, and no other")
    first = trigger("first", when=5, data={"n": [1, None, "ü"]})
    for each in taken.values():
        expect(each.triggers, (first, trigger("second", when=6)), "whoever takes it has everything")
    found = await kept().instance("waits")
    expect(found and found.triggers, taken["waits"].triggers, "and whoever looks at it")


async def the_same_happens_once(kept: Kept) -> None:
    """However often it is told, by whom, and also after the instance has taken it in."""
    one, two = kept(), kept()
    await begun(one, "a")
    told = await asyncio.gather(*(each.post("a", trigger("t", when=2)) for each in (one, two, one, two)))
    expect(sorted(told), [False, False, False, True], "once")
    [taken] = await take(one, now=2)
    expect(happened(taken), ["t"], "and it is there once")
    freed = await one.keep(replace(taken, due=None), taken_in=["t"], holds=False, now=at(3))
    expect((freed.due, freed.triggers), (None, ()), "it is taken in")
    holds(not await two.post("a", trigger("t", when=4)), "and does not happen again")
    expect(await one.next_due(at(4)), None, "nor make it due")
    await begun(one, "b")
    holds(await one.post("b", trigger("t", when=4)), "to another it may")


async def what_has_ended_takes_nothing_in(kept: Kept) -> None:
    """Nor does what nobody knows."""
    processes = kept()
    holds(not await processes.post("unknown", trigger("t")), "unknown")
    await processes.begin(new_instance("a"))
    [one] = await take(processes)
    await processes.keep(replace(one, status=InstanceStatus.COMPLETED), holds=False, now=at(1))
    holds(not await processes.post("a", trigger("t", when=2)), "it has ended")
    expect(happened(await processes.instance("a")), [], "nothing is kept")
    expect(await processes.next_due(at(2)), None, "and nothing is due")


async def what_happens_meanwhile_is_not_lost(kept: Kept) -> None:
    """Whoever holds the instance is told when they keep it; whoever lets it go leaves it due."""
    processes = kept()
    await processes.begin(new_instance("a"))
    [one] = await take(processes)
    await kept().post("a", trigger("first", when=1))
    held = await processes.keep(replace(one, due=at(500)), holds=True, now=at(2))
    expect(happened(held), ["first"], "who holds on hears of it")
    await kept().post("a", trigger("second", when=3))
    freed = await processes.keep(replace(held, due=None), taken_in=["first"], holds=False, now=at(4))
    expect((freed.due, happened(freed)), (at(4), ["second"]), "who lets go leaves it due")
    [next_] = await take(processes, "two", now=4)
    expect(happened(next_), ["second"], "for the next one")
    freed = await processes.keep(
        replace(next_, due=at(500)), taken_in=["second", "unknown"], holds=False, now=at(5)
    )
    expect((freed.due, freed.triggers), (at(500), ()), "then it is done")


async def what_was_not_taken_in_comes_again(kept: Kept) -> None:
    """Who vanishes with it, or has lost the instance, has taken nothing away."""
    processes = kept()
    await begun(processes, "a")
    await processes.post("a", trigger("t", when=2))
    [lost] = await take(processes, "dies", now=2)
    [found] = await take(processes, "lives", now=2 + LEASE)
    expect(happened(found), ["t"], "the next one has it as well")
    await refused(
        processes.keep(lost, taken_in=["t"], holds=False, now=at(70)), LeaseLostError, "it is not theirs"
    )
    expect(happened(await processes.instance("a")), ["t"], "and takes nothing away")


async def of_many_at_once_none_is_lost(kept: Kept) -> None:
    """Told from several sides, while others keep the instance again and again."""
    ones = [kept() for _ in range(3)]
    await begun(ones[0], "a")

    async def tell(number: int) -> None:
        for each in range(6):
            holds(await ones[number].post("a", trigger(f"{number}-{each}", when=2)), "it happens")

    seen: list[str] = []

    async def work() -> int:
        taken = await take(ones[2], now=2)
        for each in taken:
            done = happened(each)
            seen.extend(done)
            await ones[2].keep(replace(each, due=None), taken_in=done, holds=False, now=at(2))
        return len(taken)

    telling = asyncio.gather(tell(0), tell(1))
    while not telling.done():
        await work()
        await asyncio.sleep(0)
    await telling
    while await work():
        pass
    expect(sorted(seen), sorted(f"{who}-{each}" for who in range(2) for each in range(6)), "each once")
    for who in range(2):
        own = [name for name in seen if name.startswith(f"{who}-")]
        expect(own, sorted(own), "in the order of who told it")
    expect(names(await take(ones[0], now=100)), [], "and nothing is left")


async def what_cannot_be_kept_does_not_happen(kept: Kept) -> None:
    """It is refused by an error that names why."""
    processes = kept()
    await begun(processes, "a")
    large = trigger("t", data={"x": "x" * MOST_TRIGGER_OCTETS})
    for each, field in (
        (large, "data"),
        (trigger("t" * (LONGEST_TRIGGER_ID + 1)), "id"),
        (trigger(""), "id"),
        (trigger("a\0"), "id"),
    ):
        fault = await refused(processes.post("a", each), ProcessError, f"{field} is refused")
        expect(fault.field, field, "and named")
    expect(happened(await processes.instance("a")), [], "nothing was kept")


EXERCISES: tuple[Exercise, ...] = (
    what_happens_makes_an_instance_due,
    the_same_happens_once,
    what_has_ended_takes_nothing_in,
    what_happens_meanwhile_is_not_lost,
    what_was_not_taken_in_comes_again,
    of_many_at_once_none_is_lost,
    what_cannot_be_kept_does_not_happen,
)
