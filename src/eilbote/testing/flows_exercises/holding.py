"""Exercises about who works on a run, beside those that are for process instances as well."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.store import Awaits
from eilbote.errors import LeaseLostError
from eilbote.testing.expectation import expect, refused
from eilbote.testing.flows_exercises.scene import ENTRY, Exercise, Kept, new_run, state
from eilbote.testing.flows_exercises.views import Runs
from eilbote.testing.work_exercises import holding
from eilbote.testing.work_exercises.scene import at, names, played_on, take


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


async def what_has_failed_is_taken_up_again(kept: Kept) -> None:
    """By whoever keeps it as one that runs, once: of two who do it one is refused."""
    flows = kept()
    await flows.begin(new_run("a"))
    [run] = await take(flows)
    ended = await flows.keep(
        replace(run, status=RunStatus.FAILED, due=None), context={}, holds=False, now=at(1)
    )
    expect(names(await take(flows, now=10_000)), [], "nobody works what has ended")
    again = replace(ended, status=RunStatus.RUNNING, due=at(2))
    await kept().keep(again, context={}, holds=False, now=at(2))
    await refused(flows.keep(again, context={}, holds=False, now=at(2)), LeaseLostError, "who comes second")
    expect(await flows.next_due(at(2)), at(2), "it is due")
    expect(names(await take(flows, "two", now=2)), ["a"], "and is worked")


EXERCISES: tuple[Exercise, ...] = (
    *(played_on(Runs, exercise) for exercise in holding.EXERCISES),
    a_run_is_begun_once,
    a_run_is_kept_as_it_was_given,
    only_those_that_are_named_are_taken,
    what_was_restored_is_taken_by_name,
    keeping_lets_go_or_holds,
    what_has_failed_is_taken_up_again,
)
