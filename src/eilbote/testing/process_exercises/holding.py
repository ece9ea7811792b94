"""Exercises about who works on an instance, beside those that are for runs of flows as well."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.kept import InstanceFilter, WaitKind
from eilbote.testing.expectation import expect, holds
from eilbote.testing.process_exercises.scene import (
    ENTRY,
    Exercise,
    Kept,
    happened,
    mail_wait,
    message_wait,
    new_instance,
    state,
    task_wait,
    trigger,
)
from eilbote.testing.process_exercises.views import Instances
from eilbote.testing.work_exercises import holding
from eilbote.testing.work_exercises.scene import LEASE, at, names, played_on, take


async def an_instance_is_begun_once(kept: Kept) -> None:
    """Under one id there is one instance, whoever begins it how often."""
    one, two = kept(), kept()
    first, second = await asyncio.gather(
        one.begin(new_instance("a", given={"who": "one"})), two.begin(new_instance("a", given={"who": "two"}))
    )
    expect(first, second, "both get the one that is there")
    expect(first.revision, 1, "which is at its first revision")
    again = await one.begin(new_instance("a", given={"who": "three"}, organization="acme", text="other"))
    expect(again, await two.instance("a"), "whoever comes later gets it as it stands")
    expect(len(await one.instances()), 1, "and there is no other")


async def an_instance_is_kept_as_it_was_given(kept: Kept) -> None:
    """Everything about it comes back."""
    processes = kept()
    given = replace(
        new_instance("a", organization="acme", correlation="4711", given={"deep": [[{"x": None}]]}, due=3),
        waits=(mail_wait(), message_wait("paid", "4711"), task_wait("Look", due=9)),
        stage="Ordered",
        incidents=2,
    )
    begun = await processes.begin(given)
    expect(begun, replace(given, revision=1), "what was begun")
    expect(await kept().instance("a"), begun, "is there for others")
    expect(await processes.instance("b"), None, "and nothing else is")
    [taken] = await take(processes, now=3)
    changed = replace(taken, stage="Sent", incidents=0, waits=(), due=at(30), state=state("a", {"step": 2}))
    now_there = await processes.keep(changed, holds=False, now=at(4))
    expect(now_there, replace(changed, changed=at(4), revision=taken.revision + 1), "and what was changed")
    expect(await kept().instance("a"), now_there, "as well")


async def those_that_are_named_are_taken_due_or_not(kept: Kept) -> None:
    """When it must be these, it is none of the others; and those that are held or have ended are left alone."""
    processes = kept()
    for name, due in (("a", 0.0), ("b", None), ("c", 100.0), ("d", 50.0), ("e", 0.0)):
        await processes.begin(new_instance(name, due=due))
    [ended] = await take(processes, only=["e"])
    await processes.keep(replace(ended, status=InstanceStatus.COMPLETED), holds=False, now=at(0))
    taken = names(await take(processes, only=["b", "c", "d", "e", "unknown"]))
    expect(taken, ["d", "c", "b"], "those whose time comes first are first")
    expect(names(await take(processes, only=["b"])), [], "once")
    expect(names(await take(processes, only=[])), [], "none of none")
    expect(names(await take(processes, only=["a"], limit=0)), [], "nor more than are wanted")


async def who_holds_on_is_followed_at_once_if_they_vanish(kept: Kept) -> None:
    """Whatever was said about when it is due: whoever holds an instance has not done with it."""
    processes = kept()
    await processes.begin(new_instance("a"))
    [one] = await take(processes)
    held = await processes.keep(replace(one, due=None), holds=True, now=at(1))
    expect(held.due, at(1), "it is due")
    expect(names(await take(processes, "two", now=LEASE - 1)), [], "but held")
    [followed] = await take(processes, "two", now=LEASE)
    expect((followed.id, followed.state), ("a", held.state), "until the lease is over")
    freed = await processes.keep(replace(followed, due=None), holds=False, now=at(LEASE + 1))
    expect(freed.due, None, "whoever lets go says when it is due")
    expect(await processes.next_due(at(LEASE)), None, "which may be never")


async def what_is_held_back_is_taken_by_name_alone(kept: Kept) -> None:
    """It was restored, and may have gone on since: neither messages nor events make it due, until somebody names it."""
    processes = kept()
    restored = replace(new_instance("a", due=None), held_back=True, waits=(mail_wait(),))
    await processes.begin(restored)
    await processes.begin(replace(new_instance("b", due=None), held_back=True))
    holds(await processes.post("a", trigger("t", when=1)), "what happens to it is kept")
    expect(await processes.wake([ENTRY], now=at(1)), 0, "its message wakes it not")
    expect(await processes.wake_instances(["a"], now=at(1)), 0, "nor does anybody else")
    expect(await processes.awaited(limit=10), (), "nor is the message awaited")
    expect(names(await take(processes, now=10_000)), [], "it is not due")
    expect(await processes.next_due(at(0)), None, "nor will be")
    held_back = await processes.instances(InstanceFilter(held_back=True))
    expect(names(held_back), ["b", "a"], "those that are can be listed")
    [taken] = await take(processes, only=["a"], now=5)
    expect((taken.held_back, taken.due, happened(taken)), (False, at(5), ["t"]), "its name is the word")
    expect(names(await take(processes, "two", now=5 + LEASE)), ["a"], "which holds, if who took it vanishes")
    holds(await processes.cancel("b", now=at(6)), "it can be called back")
    [gone] = await take(processes, now=6)
    expect((gone.id, gone.cancelled), ("b", True), "and ends")


async def what_has_ended_waits_for_nothing(kept: Kept) -> None:
    """Nor is it told what had happened."""
    processes = kept()
    await processes.begin(replace(new_instance("a"), waits=(mail_wait(), message_wait("paid"))))
    await processes.post("a", trigger("t"))
    [one] = await take(processes)
    ended = await processes.keep(replace(one, status=InstanceStatus.FAILED), holds=False, now=at(1))
    expect((ended.waits, ended.triggers, ended.due), ((), (), None), "it is over")
    expect(await kept().instance("a"), ended, "for everybody")
    expect(await processes.awaited(limit=10), (), "its mail is not awaited")
    expect(await processes.waiting(kind=WaitKind.MESSAGE, name="paid"), (), "nor a message")


EXERCISES: tuple[Exercise, ...] = (
    *(played_on(Instances, exercise) for exercise in holding.EXERCISES),
    an_instance_is_begun_once,
    an_instance_is_kept_as_it_was_given,
    those_that_are_named_are_taken_due_or_not,
    who_holds_on_is_followed_at_once_if_they_vanish,
    what_is_held_back_is_taken_by_name_alone,
    what_has_ended_waits_for_nothing,
)
