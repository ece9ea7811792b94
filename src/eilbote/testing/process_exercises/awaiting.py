"""Exercises about what instances wait for: how they are found by it, and woken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eilbote.author.plain.keepable import LONGEST_NAME
from eilbote.author.process.kept import FoundWait, InstanceFilter, KeptWait, WaitKind
from eilbote.author.process.limits import LONGEST_KEY
from eilbote.errors import LeaseLostError, ProcessError
from eilbote.model.ids import EntryId
from eilbote.testing.expectation import expect, refused
from eilbote.testing.process_exercises.scene import (
    ENTRY,
    Exercise,
    Kept,
    begun,
    mail_wait,
    message_wait,
    new_instance,
    on_message,
    publish,
    task_wait,
)
from eilbote.testing.work_exercises.scene import LEASE, at, names, take

_SECOND, _THIRD = EntryId(ENTRY + 1), EntryId(ENTRY + 2)


def _who(found: Sequence[FoundWait]) -> list[str]:
    return [each.instance for each in found]


async def who_waits_for_a_message_is_found(kept: Kept) -> None:
    """By its name and what it is about, in one organization or in all."""
    processes = kept()
    await begun(processes, "a", message_wait("paid", "4711"))
    await begun(processes, "b", message_wait("paid", "4712"), message_wait("cancelled", "4712", key="other"))
    await begun(processes, "c", message_wait("paid", "4711"), organization="acme")
    await begun(processes, "d", task_wait("paid"))

    async def found(
        name: str | None = None, correlation: str | None = None, organization: str | None = None
    ) -> list[str]:
        return _who(
            await kept().waiting(
                kind=WaitKind.MESSAGE, name=name, correlation=correlation, organization=organization
            )
        )

    expect(await found("paid", "4711"), ["a", "c"], "by name and key")
    expect(await found("paid", "4711", ""), ["a"], "of the host")
    expect(await found("paid", "4711", "acme"), ["c"], "of one organization")
    expect(await found("paid"), ["a", "b", "c"], "by name")
    expect(await found(correlation="4712"), ["b", "b"], "by key")
    expect(await found("paid", ""), [], "an empty key is a key")
    expect(await found("unknown"), [], "nobody")
    [wait] = await processes.waiting(kind=WaitKind.MESSAGE, name="cancelled")
    wanted = FoundWait(
        organization="",
        process="order",
        instance="b",
        wait=message_wait("cancelled", "4712", key="other"),
        since=at(1),
    )
    expect(wait, wanted, "with everything about it")


async def tasks_are_found_the_oldest_first(kept: Kept) -> None:
    """Whoever has waited longest is first, however often the instance was kept since."""
    processes = kept()
    for number, name in enumerate(("a", "b", "c")):
        await processes.begin(new_instance(name, organization="acme" if name == "c" else ""))
        [one] = await take(processes, only=[name])
        waits = (task_wait(f"Look at {name}", due=50),)
        await processes.keep(replace(one, waits=waits, due=None), holds=False, now=at(10 - number))
    expect(_who(await kept().waiting(kind=WaitKind.TASK)), ["c", "b", "a"], "the oldest first")
    [one] = await take(processes, only=["b"], now=20)
    more = (*one.waits, task_wait("And then?", key="another"))
    await processes.keep(replace(one, waits=more, due=None), holds=False, now=at(20))
    found = await processes.waiting(kind=WaitKind.TASK)
    expect(
        [(each.instance, each.wait.key, each.since) for each in found],
        [("c", "task", at(8)), ("b", "task", at(9)), ("a", "task", at(10)), ("b", "another", at(20))],
        "since it was first waited for",
    )
    expect(_who(await processes.waiting(kind=WaitKind.TASK, limit=2)), ["c", "b"], "some of them")
    expect(_who(await processes.waiting(kind=WaitKind.TASK, organization="acme")), ["c"], "or of one alone")


async def tasks_are_found_page_by_page(kept: Kept) -> None:
    """A page goes on behind the last one, though its last task was done meanwhile, and some came at the same moment."""
    processes = kept()
    for name in ("a", "b", "c"):
        await begun(processes, name, task_wait(f"Look at {name}"), task_wait("Then", key="then"))
    first = await processes.waiting(kind=WaitKind.TASK, limit=3)
    expect(
        [(each.instance, each.wait.key) for each in first],
        [("a", "task"), ("a", "then"), ("b", "task")],
        "the first page",
    )
    [one] = await take(processes, only=["b"], now=5)
    left = tuple(each for each in one.waits if each.key == "then")
    await processes.keep(replace(one, waits=left, due=None), holds=False, now=at(5))
    more = await kept().waiting(kind=WaitKind.TASK, limit=2, after=first[-1].place)
    expect([(each.instance, each.wait.key) for each in more], [("b", "then"), ("c", "task")], "the next one")
    last = await processes.waiting(kind=WaitKind.TASK, organization="", limit=2, after=more[-1].place)
    expect([(each.instance, each.wait.key) for each in last], [("c", "then")], "and the last one")
    expect(await processes.waiting(kind=WaitKind.TASK, after=last[-1].place), (), "behind it is nothing")


async def what_is_kept_replaces_what_was_waited_for(kept: Kept) -> None:
    """All of it: what is gone, what is new, and what has changed."""
    processes = kept()
    one = await begun(processes, "a", message_wait("paid"), task_wait("Look", due=5), mail_wait())
    expect(len(one.waits), 3, "it waits")
    [taken] = await take(processes, only=["a"], now=2)
    waits = (task_wait("Look again", due=9), message_wait("paid", key="later"), mail_wait(_SECOND))
    changed = await processes.keep(replace(taken, waits=waits, due=None), holds=False, now=at(3))
    expect(set(changed.waits), set(waits), "what it says")
    found = await kept().instance("a")
    expect(found and found.waits, changed.waits, "is what is there")
    [task] = await processes.waiting(kind=WaitKind.TASK)
    expect((task.wait.name, task.wait.due, task.since), ("Look again", at(9), at(1)), "as it was changed")
    [message] = await processes.waiting(kind=WaitKind.MESSAGE, name="paid")
    expect((message.wait.key, message.since), ("later", at(3)), "one of another key is another one")
    expect(await processes.awaited(limit=10), (_SECOND,), "and the other mail is awaited")
    await refused(
        processes.keep(replace(taken, waits=()), holds=False, now=at(4)), LeaseLostError, "who has lost it"
    )
    expect(await processes.instance("a"), changed, "changes nothing")


async def an_instance_is_woken_by_its_mail(kept: Kept) -> None:
    """It is due at once, and goes on being awaited until it has been worked on."""
    processes = kept()
    await begun(processes, "a", mail_wait(ENTRY), mail_wait(_SECOND, key="other"))
    await begun(processes, "b", mail_wait(_SECOND), due=500)
    await begun(processes, "c", mail_wait(_THIRD))
    expect(await processes.awaited(limit=10), (ENTRY, _SECOND, _THIRD), "all that is awaited, in order")
    expect(await processes.awaited(limit=1, after=ENTRY), (_SECOND,), "page by page")
    expect(names(await take(processes, now=2)), [], "none is due")
    expect(await kept().wake([_SECOND, EntryId(7)], now=at(3)), 2, "two are woken")
    expect(await processes.wake([_SECOND, ENTRY], now=at(3)), 0, "once")
    expect(await processes.wake([], now=at(3)), 0, "nothing wakes nobody")
    taken = await take(processes, now=3)
    expect(sorted(names(taken)), ["a", "b"], "they are due")
    for each in taken:
        left = tuple(wait for wait in each.waits if wait.entry != _SECOND)
        await processes.keep(replace(each, waits=left, due=None), holds=False, now=at(4))
    expect(await processes.awaited(limit=10), (ENTRY, _THIRD), "then that one is awaited no more")


async def instances_are_woken_by_name(kept: Kept) -> None:
    """Whatever they wait for, if they run."""
    processes = kept()
    await begun(processes, "a")
    await begun(processes, "b", due=500)
    expect(await kept().wake_instances(["a", "b", "a", "unknown"], now=at(2)), 2, "both are woken")
    expect(await processes.wake_instances(["a", "b"], now=at(2)), 0, "once")
    expect(await processes.wake_instances([], now=at(2)), 0, "nobody")
    expect(sorted(names(await take(processes, now=2))), ["a", "b"], "they are due")


async def who_is_woken_while_held_is_due_again(kept: Kept) -> None:
    """What woke it may have come when whoever holds it had looked already."""
    processes = kept()
    await begun(processes, "a", mail_wait(ENTRY))
    await begun(processes, "b")

    async def wake(name: str) -> int:
        if name == "a":
            return await kept().wake([ENTRY], now=at(3))
        return await kept().wake_instances([name], now=at(3))

    for name in ("a", "b"):
        [one] = await take(processes, only=[name], now=2)
        expect(await wake(name), 1, "it is woken")
        expect(await wake(name), 0, "once")
        held = await processes.keep(replace(one, due=None), holds=True, now=at(4))
        freed = await processes.keep(replace(held, due=None), holds=False, now=at(5))
        expect(freed.due, at(5), "it is due when it is let go of")
        [again] = await take(processes, now=5)
        freed = await processes.keep(replace(again, due=None), holds=False, now=at(6))
        expect(freed.due, None, "once")
    [one] = await take(processes, "dies", only=["a"], now=10)
    expect(await processes.wake_instances(["a"], now=at(11)), 1, "woken once more")
    [one] = await take(processes, "lives", only=["a"], now=10 + LEASE)
    freed = await processes.keep(replace(one, due=None), holds=False, now=at(100))
    expect(freed.due, None, "whoever takes it after that has seen it all")


async def waits_that_cannot_be_kept_are_refused(kept: Kept) -> None:
    """What is compared must fit; what is only shown is cut, for no instance may stand still because of a title."""
    processes = kept()
    await processes.begin(new_instance("a"))
    [one] = await take(processes)
    long = "n" * (LONGEST_NAME + 1)
    cases: tuple[tuple[tuple[KeptWait, ...], str], ...] = (
        ((message_wait(long),), "name"),
        ((message_wait("paid", long),), "correlation"),
        ((message_wait("paid", "4711\n"),), "correlation"),
        ((message_wait("paid", "1"), message_wait("paid", "2")), "waits"),
    )
    for waits, field in cases:
        fault = await refused(
            processes.keep(replace(one, waits=waits), holds=False, now=at(1)), ProcessError, "it is refused"
        )
        expect(fault.field, field, "and named")
    expect(await processes.instance("a"), one, "nothing was kept")
    task = replace(task_wait(f"Look at\n{long}"), correlation=f"{long}\0")
    shown = await processes.keep(replace(one, stage=long, waits=(task,)), holds=False, now=at(1))
    expect(await kept().instance("a"), shown, "what is shown is kept as it is given back")
    [wait] = shown.waits
    for text in (wait.name, wait.correlation, shown.stage):
        expect((len(text), text.isprintable(), text[-1]), (LONGEST_NAME, True, "…"), "cut")
    expect(wait.name[:9], "Look at n", "with blanks for what cannot be shown")


async def the_longest_names_are_kept_and_found(kept: Kept) -> None:
    """In a script of four octets a letter, all of them different: an index takes only so many."""
    processes = kept()
    long, longer = (
        "".join(chr(0x20000 + 97 * number * number % 40_000) for number in range(length))
        for length in (LONGEST_NAME, LONGEST_KEY)
    )
    waits = (message_wait(long, long, key=longer), task_wait(long, key=longer), mail_wait(key=longer))
    one = await begun(processes, "a", *waits, organization=long)
    expect(set(one.waits), set(waits), "they are kept")
    found = await kept().waiting(kind=WaitKind.MESSAGE, organization=long, name=long, correlation=long)
    expect(_who(found), ["a"], "and found")
    await publish(processes, long, on_message(long, long), organization=long, text="one")
    expect(len(await kept().starts(long, long)), 1, "so is what begins one")
    await processes.begin(new_instance("b", organization=long, process=long, correlation=long))
    which = InstanceFilter(organization=long, process=long, correlation=long)
    expect(names(await processes.instances(which)), ["b"], "and an instance")


EXERCISES: tuple[Exercise, ...] = (
    who_waits_for_a_message_is_found,
    tasks_are_found_the_oldest_first,
    tasks_are_found_page_by_page,
    what_is_kept_replaces_what_was_waited_for,
    an_instance_is_woken_by_its_mail,
    instances_are_woken_by_name,
    who_is_woken_while_held_is_due_again,
    waits_that_cannot_be_kept_are_refused,
    the_longest_names_are_kept_and_found,
)
