"""Exercises about processes: drafts and versions, as flows have them, and what begins instances of the latest one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from eilbote.author.plain.keepable import LONGEST_NAME
from eilbote.author.process.kept import ProcessStart
from eilbote.errors import ConflictError, ProcessError
from eilbote.testing.expectation import expect, holds, refused
from eilbote.testing.process_exercises.scene import (
    Exercise,
    Kept,
    new_process,
    on_message,
    on_timer,
    publish,
)
from eilbote.testing.process_exercises.views import ProcessDrafts
from eilbote.testing.work_exercises import drafting
from eilbote.testing.work_exercises.scene import at, played_on


async def what_was_checked_is_published(kept: Kept) -> None:
    """Whoever changes the draft between check and publication keeps it from being published unchecked."""
    processes = kept()
    checked = await processes.keep_draft(new_process("order"), "one", now=at(0))
    await kept().keep_draft(checked, "two", now=at(1))
    fault = await refused(
        processes.publish("", "order", revision=checked.revision, starts=[on_message("s", "m")], now=at(2)),
        ConflictError,
        "it is another draft by now",
    )
    expect(fault.field, "revision", "which is said")
    expect(await processes.versions("", "order"), (), "there is no version")
    expect(await processes.starts("", "m"), (), "and nothing begins one")


async def a_message_begins_what_waits_for_it(kept: Kept) -> None:
    """Every latest version of the same organization that begins with it."""
    processes = kept()
    for name, organization in (("order", ""), ("bill", ""), ("order", "acme")):
        await publish(processes, name, on_message("start", "ordered"), organization=organization, text="one")
    await publish(processes, "other", on_message("start", "paid"), text="one")
    wanted = [("bill", "start"), ("order", "start")]
    found = await kept().starts("", "ordered")
    expect([(start.process, start.element) for start in found], wanted, "those of the host")
    expect({start.organization for start in found}, {""}, "and no others")
    [start] = await processes.starts("acme", "ordered")
    expect(start, replace(on_message("start", "ordered"), organization="acme", process="order"), "or acme's")
    expect(await processes.starts("", "unknown"), (), "what nobody waits for begins nothing")


async def starts_are_those_of_the_latest_version(kept: Kept) -> None:
    """Publishing replaces them, and dropping a process takes them along."""
    processes = kept()
    await publish(processes, "order", on_message("a", "first"), on_timer("b", 50), text="one")
    await publish(processes, "other", on_message("a", "first"), text="one")
    await publish(processes, "order", on_message("a", "second"), on_timer("c", 60), text="two")
    expect([each.process for each in await processes.starts("", "first")], ["other"], "the former are gone")
    expect([each.process for each in await processes.starts("", "second")], ["order"], "the new are there")
    due = await processes.due_starts(now=at(100), limit=10)
    expect([each.element for each in due], ["c"], "so are those of timers")
    await processes.drop("", "order")
    expect(await processes.starts("", "second"), (), "they go with their process")
    expect(await processes.due_starts(now=at(100), limit=10), (), "all of them")
    expect(len(await processes.starts("", "first")), 1, "and those of others stay")


async def timers_are_given_when_they_are_due(kept: Kept) -> None:
    """Those first that are due first; and when the next one is due is told with the instances."""
    processes = kept()
    expect(await processes.next_due(at(0)), None, "there is nothing")
    await publish(processes, "order", on_timer("a", 30), on_timer("b", 10), on_message("c", "m"), text="one")
    await publish(processes, "bill", on_timer("a", 20), text="one")
    expect(await processes.next_due(at(0)), at(10), "the first one")
    expect(await processes.due_starts(now=at(9), limit=10), (), "none is due yet")
    due = await processes.due_starts(now=at(30), limit=2)
    expect([(each.process, each.element) for each in due], [("order", "b"), ("bill", "a")], "in their order")
    expect([each.turn for each in due], [0, 0], "none has fired yet")


async def a_timer_fires_once(kept: Kept) -> None:
    """Of two who see that it is due one is told that it is theirs; and then it is due when it is said to be."""
    one, two = kept(), kept()
    await publish(one, "order", on_timer("a", 10), text="one")
    [first], [second] = [await each.due_starts(now=at(10), limit=1) for each in (one, two)]
    won = await asyncio.gather(one.move_start(first, due=at(20)), two.move_start(second, due=at(20)))
    expect(sorted(won), [False, True], "one of them")
    expect(await one.due_starts(now=at(19), limit=1), (), "it is due later")
    [again] = await two.due_starts(now=at(20), limit=1)
    expect((again.due, again.turn), (at(20), 1), "for its next turn")
    holds(not await one.move_start(replace(again, turn=0), due=at(5)), "and is moved on turn by turn")
    holds(await two.move_start(again, due=None), "or for the last time")
    expect(await one.next_due(at(0)), None, "then never again")
    holds(not await one.move_start(replace(again, due=None, turn=2), due=at(5)), "which nobody changes")
    holds(not await one.move_start(replace(again, element="unknown"), due=at(5)), "nor what nobody knows")


async def a_timer_of_a_former_version_fires_no_more(kept: Kept) -> None:
    """Whoever still has it at hand finds that it is not theirs."""
    processes = kept()
    await publish(processes, "order", on_timer("a", 10), text="one")
    [former] = await processes.due_starts(now=at(10), limit=1)
    await publish(processes, "order", on_timer("a", 15), text="two")
    holds(not await processes.move_start(former, due=at(20)), "it is another one by now")
    [found] = await processes.due_starts(now=at(100), limit=2)
    expect((found.due, found.turn), (at(15), 0), "which is left alone")


async def starts_that_cannot_be_kept_are_refused(kept: Kept) -> None:
    """Before anything is published."""
    processes = kept()
    long = "n" * (LONGEST_NAME + 1)
    cases: list[tuple[list[ProcessStart], str]] = [
        ([on_message("s", long)], "message"),
        ([on_message(long, "m")], "element"),
        ([on_message("s", "m"), on_timer("s", 5)], "element"),
    ]
    for starts, field in cases:
        fault = await refused(publish(processes, "order", *starts, text="one"), ProcessError, "it is refused")
        expect(fault.field, field, "and named")
    expect(await processes.versions("", "order"), (), "nothing was published")


EXERCISES: tuple[Exercise, ...] = (
    *(played_on(ProcessDrafts, exercise) for exercise in drafting.EXERCISES),
    what_was_checked_is_published,
    a_message_begins_what_waits_for_it,
    starts_are_those_of_the_latest_version,
    timers_are_given_when_they_are_due,
    a_timer_fires_once,
    a_timer_of_a_former_version_fires_no_more,
    starts_that_cannot_be_kept_are_refused,
)
