"""Exercises about messages: runs that wait for one, and results that come late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from eilbote.author.flow.limits import MOST_VALUE_OCTETS
from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.shelf import Shelf
from eilbote.author.flow.store import Awaits
from eilbote.model.ids import EntryId
from eilbote.testing.expectation import expect, holds
from eilbote.testing.flows_exercises.scene import ENTRY, Exercise, Kept, input_in, late, new_run, state
from eilbote.testing.work_exercises.scene import at, names, take

_SECOND, _THIRD = EntryId(ENTRY + 1), EntryId(ENTRY + 2)


async def a_run_is_woken_by_its_message(kept: Kept) -> None:
    """It is due at once, and goes on being awaited until it has been worked on."""
    flows = kept()
    for name, entry, due in (("a", ENTRY, None), ("b", _SECOND, 500.0), ("c", _THIRD, None)):
        await flows.begin(new_run(name))
        [run] = await take(flows, only=[name])
        waits = replace(run, awaits=Awaits.MAIL, entry=entry, due=None if due is None else at(due))
        await flows.keep(waits, context={}, holds=False, now=at(1))
    expect(await flows.awaited(limit=10), (ENTRY, _SECOND, _THIRD), "all that is awaited, in order")
    expect(await flows.awaited(limit=1, after=ENTRY), (_SECOND,), "page by page")
    expect(names(await take(flows, now=2)), [], "none is due")
    expect(await kept().wake([ENTRY, _SECOND, EntryId(7)], now=at(3)), 2, "two are woken")
    expect(await flows.wake([ENTRY, _SECOND], now=at(3)), 0, "once")
    expect(await flows.wake([], now=at(3)), 0, "nothing wakes nobody")
    expect(await flows.awaited(limit=10), (ENTRY, _SECOND, _THIRD), "they are not worked on yet")
    taken = await take(flows, now=3)
    expect(sorted(names(taken)), ["a", "b"], "they are due")
    for run in taken:
        await flows.keep(
            replace(run, awaits=Awaits.NOTHING, entry=None, status=RunStatus.DONE),
            context={},
            holds=False,
            now=at(4),
        )
    expect(await flows.awaited(limit=10), (_THIRD,), "then they wait for nothing")


async def a_run_is_woken_by_an_answer(kept: Kept) -> None:
    """If it waits for one; whatever else it waits for, nobody's answer makes it due."""
    flows = kept()
    for name, awaits in (("asks", Awaits.ANSWER), ("sleeps", Awaits.TIME)):
        await flows.begin(new_run(name))
        [run] = await take(flows, only=[name])
        await flows.keep(replace(run, awaits=awaits, due=at(500)), context={}, holds=False, now=at(1))
    expect(await kept().wake_runs(["asks", "sleeps", "unknown"], now=at(2)), 1, "one is woken")
    expect(await flows.wake_runs(["asks"], now=at(2)), 0, "once")
    expect(names(await take(flows, now=2)), ["asks"], "and is due")


async def a_late_result_comes_into_the_input(kept: Kept) -> None:
    """Once, into the table that is there, and whoever takes the run next has it."""
    flows = kept()
    await flows.begin(new_run("a", given={"order": {"number": 7}}))
    [run] = await take(flows)
    wanted = late("a", "order.mail")
    freed = await flows.keep(replace(run, due=at(50)), context={}, late=[wanted], holds=False, now=at(1))
    expect(await flows.awaited(limit=10), (ENTRY,), "its message is awaited")
    expect(await flows.late_results([ENTRY, _SECOND]), (wanted,), "and it is told what for")
    await flows.keep_late(wanted, {"status": "accepted"}, now=at(2))
    expect(await flows.awaited(limit=10), (), "then no more")
    expect(await flows.late_results([ENTRY]), (), "nor told")
    found = {"order": {"number": 7, "mail": {"status": "accepted"}}}
    expect(input_in(await kept().run("a")), found, "it is where it belongs")
    await flows.keep_late(wanted, {"status": "failed"}, now=at(3))
    [taken] = await take(flows, now=50)
    expect(input_in(taken), found, "once, for whoever takes the run")
    expect(taken.revision, freed.revision + 1, "and it is no revision")
    changed = await flows.keep(
        replace(taken, state=state("a", {"order": 0}), due=at(60)), context={}, holds=False, now=at(51)
    )
    expect(input_in(changed), {"order": 0}, "what the run makes of it holds")
    expect([input_in(each) for each in await take(flows, now=60)], [{"order": 0}], "from then on")


async def a_late_result_is_not_lost_while_somebody_holds_the_run(kept: Kept) -> None:
    """Whoever holds it keeps a state that knows nothing of it, any number of times; the next one has both."""
    flows = kept()
    await flows.begin(new_run("a"))
    [run] = await take(flows)
    held = await flows.keep(run, context={}, late=[late("a")], holds=True, now=at(1))
    await kept().keep_late(late("a"), {"status": "accepted"}, now=at(2))
    for number in range(2):
        step = replace(held, state=state("a", {"step": number}), due=at(3))
        held = await flows.keep(step, context={}, holds=number == 0, now=at(3))
    both = {"step": 1, "mail": {"status": "accepted"}}
    expect(input_in(await flows.run("a")), both, "the result and the step")
    [taken] = await take(flows, now=3)
    expect(input_in(taken), both, "for whoever takes it next")


async def a_late_result_outlives_a_worker_that_dies_with_it(kept: Kept) -> None:
    """Who took the run and kept nothing has taken nothing away."""
    flows = kept()
    await flows.begin(new_run("a"))
    [run] = await take(flows)
    await flows.keep(run, context={}, late=[late("a")], holds=False, now=at(1))
    await flows.keep_late(late("a"), {"status": "accepted"}, now=at(2))
    await take(flows, "dies", now=2)
    [again] = await take(flows, "lives", now=100)
    expect(input_in(again), {"mail": {"status": "accepted"}}, "the next one has it as well")
    ended = replace(again, status=RunStatus.DONE, due=None)
    expect(
        input_in(await flows.keep(ended, context={}, holds=False, now=at(101))),
        {"mail": {"status": "accepted"}},
        "and keeps it",
    )


async def a_late_result_comes_into_the_context(kept: Kept) -> None:
    """Beside what is there, and not underneath what whoever holds the run is about to write."""
    flows = kept()
    await flows.begin(new_run("a", session="talk"))
    wanted = late("a", "mails.first", shelf=Shelf.CONTEXT)
    second = late("a", "mails.second", shelf=Shelf.CONTEXT, entry=_SECOND)
    [run] = await take(flows)
    held = await flows.keep(
        run, context={"mails": {"sent": 2}, "x": 1}, late=[wanted, second], holds=True, now=at(1)
    )
    await flows.keep_late(wanted, {"status": "accepted"}, now=at(2))
    expect(await flows.context("", "talk"), {"mails": {"sent": 2}, "x": 1}, "it waits for whoever holds it")
    held = await flows.keep(held, context={}, holds=True, now=at(3))
    await flows.keep(replace(held, due=at(9)), context={"mails": {"sent": 3}}, holds=False, now=at(3))
    first = {"sent": 3, "first": {"status": "accepted"}}
    expect(await flows.context("", "talk"), {"mails": first, "x": 1}, "then it is put in")
    await flows.keep_late(second, {"status": "failed"}, now=at(4))
    both = {"mails": {**first, "second": {"status": "failed"}}, "x": 1}
    expect(await flows.context("", "talk"), both, "at once when nobody holds it")
    [taken] = await take(flows, now=9)
    expect(taken.context, both, "and whoever takes the run finds it")


async def runs_that_are_taken_together_see_the_same_context(kept: Kept) -> None:
    """A result that a dead worker held back comes into the conversation with the claim, and all that are claimed find it."""
    flows = kept()
    for name in ("a", "b"):
        await flows.begin(new_run(name, session="talk"))
    wanted = late("b", "mail", shelf=Shelf.CONTEXT)
    [run] = await take(flows, "dies", only=["b"])
    await flows.keep(run, context={}, late=[wanted], holds=True, now=at(1))
    await flows.keep_late(wanted, {"status": "accepted"}, now=at(2))
    taken = await take(flows, "lives", now=100)
    expect([run.id for run in taken], ["a", "b"], "both are free")
    found = {"mail": {"status": "accepted"}}
    expect([dict(run.context) for run in taken], [found, found], "and know the same")


async def a_late_result_in_a_context_outlives_a_worker_that_dies(kept: Kept) -> None:
    """What waited for who held the run is there for who takes it next."""
    flows = kept()
    await flows.begin(new_run("a"))
    [run] = await take(flows, "dies")
    wanted = late("a", shelf=Shelf.CONTEXT)
    await flows.keep(run, context={}, late=[wanted], holds=True, now=at(1))
    await flows.keep_late(wanted, {"status": "accepted"}, now=at(2))
    [taken] = await take(flows, "lives", now=100)
    expect(taken.context, {"mail": {"status": "accepted"}}, "it is there")


async def a_late_result_finds_a_run_that_has_ended(kept: Kept) -> None:
    """It is put in all the same, in its input or its conversation."""
    flows = kept()
    await flows.begin(new_run("a"))
    [run] = await take(flows)
    wanted = [late("a"), late("a", shelf=Shelf.CONTEXT, entry=_SECOND), late("a", "third", entry=_THIRD)]
    held = await flows.keep(run, context={}, late=wanted, holds=True, now=at(1))
    await flows.keep_late(wanted[2], {"status": "early"}, now=at(1))
    done = replace(held, status=RunStatus.DONE, due=None)
    await flows.keep(done, context={}, holds=False, now=at(2))
    await flows.keep_late(wanted[0], {"status": "accepted"}, now=at(3))
    await flows.keep_late(wanted[1], {"status": "failed"}, now=at(4))
    found = await kept().run("a")
    expect(input_in(found), {"mail": {"status": "accepted"}, "third": {"status": "early"}}, "in its input")
    expect(found and found.status, RunStatus.DONE, "which stays ended")
    expect(await flows.context("", "a"), {"mail": {"status": "failed"}}, "and in the conversation")
    expect(await flows.awaited(limit=10), (), "nothing is awaited any more")


async def a_late_result_that_is_too_large_is_told_in_short(kept: Kept) -> None:
    """It cannot be kept, and nobody must ask for it again and again."""
    flows = kept()
    await flows.begin(new_run("a"))
    [run] = await take(flows)
    wanted = [late("a"), late("a", shelf=Shelf.CONTEXT, entry=_SECOND)]
    await flows.keep(run, context={}, late=wanted, holds=False, now=at(1))
    for each in wanted:
        large = {"id": "4711", "status": "accepted", "log": "x" * MOST_VALUE_OCTETS}
        await flows.keep_late(each, large, now=at(2))
    expect(await flows.awaited(limit=10), (), "nothing is awaited any more")
    for values in (input_in(await flows.run("a")), await flows.context("", "a")):
        told = values.get("mail") if isinstance(values, Mapping) else None
        expect(isinstance(told, dict) and (told["id"], told["status"]), ("4711", "accepted"), "in short")
        holds(isinstance(told, dict) and "error" in told, "with the reason")


EXERCISES: tuple[Exercise, ...] = (
    a_run_is_woken_by_its_message,
    a_run_is_woken_by_an_answer,
    a_late_result_comes_into_the_input,
    a_late_result_is_not_lost_while_somebody_holds_the_run,
    a_late_result_outlives_a_worker_that_dies_with_it,
    a_late_result_comes_into_the_context,
    runs_that_are_taken_together_see_the_same_context,
    a_late_result_in_a_context_outlives_a_worker_that_dies,
    a_late_result_finds_a_run_that_has_ended,
    a_late_result_that_is_too_large_is_told_in_short,
)
