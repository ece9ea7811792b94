"""Exercises about many instances: lists, limits, and what can be forgotten."""

from __future__ import annotations

from dataclasses import replace

from eilbote.author.plain.keepable import LONGEST_ID, LONGEST_NAME
from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.kept import InstanceFilter, WaitKind
from eilbote.author.process.limits import MOST_STATE_OCTETS, MOST_TEXT_OCTETS
from eilbote.errors import LeaseLostError, ProcessError
from eilbote.testing.expectation import expect, holds, refused
from eilbote.testing.process_exercises.scene import (
    Exercise,
    Kept,
    begun,
    happened,
    mail_wait,
    message_wait,
    new_instance,
    publish,
    state,
    trigger,
)
from eilbote.testing.work_exercises.scene import at, names, take


async def instances_are_listed_page_by_page(kept: Kept) -> None:
    """The latest first, without what is large."""
    processes = kept()
    for number in range(5):
        await processes.begin(replace(new_instance(f"i{number}", began=number), waits=(mail_wait(),)))
        await processes.post(f"i{number}", trigger("t"))
    first = await processes.instances(limit=2)
    expect(names(first), ["i4", "i3"], "the latest first")
    holds(
        not any(each.text or each.state or each.waits or each.triggers for each in first),
        "without what is large",
    )
    await processes.begin(new_instance("i5", began=9))
    second = await processes.instances(limit=2, after="i3")
    expect(names(second), ["i2", "i1"], "a page goes on behind the last one, whatever was begun since")
    expect(names(await processes.instances(limit=2, after="i1")), ["i0"], "to the end")
    expect(names(await processes.instances(limit=2, after="i0")), [], "and no further")
    expect(names(await processes.instances(after="unknown")), [], "behind one that is not there is nothing")


async def a_filter_narrows_the_list(kept: Kept) -> None:
    """By each of its fields, and by several."""
    processes = kept()
    await processes.begin(new_instance("a", organization="acme", correlation="4711"))
    await processes.begin(new_instance("b", process="other", correlation="4711"))
    await processes.begin(new_instance("c"))
    await processes.begin(replace(new_instance("d", due=None), held_back=True))
    [one] = await take(processes, only=["a"])
    await processes.keep(replace(one, incidents=2), holds=False, now=at(1))
    [one] = await take(processes, only=["c"])
    await processes.keep(replace(one, status=InstanceStatus.CANCELLED), holds=False, now=at(1))
    for which, wanted in (
        (InstanceFilter(), ["d", "c", "b", "a"]),
        (InstanceFilter(organization="acme"), ["a"]),
        (InstanceFilter(organization=""), ["d", "c", "b"]),
        (InstanceFilter(process="other"), ["b"]),
        (InstanceFilter(correlation="4711"), ["b", "a"]),
        (InstanceFilter(status=InstanceStatus.CANCELLED), ["c"]),
        (InstanceFilter(status=InstanceStatus.RUNNING), ["d", "b", "a"]),
        (InstanceFilter(has_incident=True), ["a"]),
        (InstanceFilter(has_incident=False), ["d", "c", "b"]),
        (InstanceFilter(held_back=True), ["d"]),
        (InstanceFilter(held_back=False, organization=""), ["c", "b"]),
        (InstanceFilter(correlation="4711", organization=""), ["b"]),
    ):
        expect(names(await processes.instances(which)), wanted, f"{which}")
    page = await processes.instances(InstanceFilter(correlation="4711"), after="b")
    expect(names(page), ["a"], "page by page as well")


async def a_list_is_searched_and_cut_to_a_time(kept: Kept) -> None:
    """By what stands in names, taken as it is written, and by when instances were begun."""
    processes = kept()
    await processes.begin(replace(new_instance("Order-1", correlation="anna_50%"), author="user:max"))
    await processes.begin(new_instance("order-2", process="Invoice", began=10))
    await processes.begin(replace(new_instance("c!", began=20), stage="Customer told"))
    for which, wanted in (
        (InstanceFilter(holding="ORDER", before=at(5)), ["Order-1"]),
        (InstanceFilter(holding="invoice"), ["order-2"]),
        (InstanceFilter(holding="a_50%"), ["Order-1"]),
        (InstanceFilter(holding="a%5"), []),
        (InstanceFilter(holding="nn_"), []),
        (InstanceFilter(holding="c!"), ["c!"]),
        (InstanceFilter(holding="customer TOLD"), ["c!"]),
        (InstanceFilter(holding="user:max"), ["Order-1"]),
        (InstanceFilter(since=at(10)), ["c!", "order-2"]),
        (InstanceFilter(before=at(10)), ["Order-1"]),
        (InstanceFilter(since=at(5), before=at(20), process="Invoice", has_incident=False), ["order-2"]),
    ):
        expect(names(await processes.instances(which)), wanted, f"{which}")


async def what_cannot_be_kept_is_refused(kept: Kept) -> None:
    """By an error that names it, before anything is kept."""
    processes = kept()
    long = "n" * (LONGEST_NAME + 1)
    for instance, field in (
        (new_instance("i" * (LONGEST_ID + 1)), "id"),
        (new_instance(""), "id"),
        (new_instance("a b"), "id"),
        (new_instance("a", organization=long), "organization"),
        (new_instance("a", process=long), "process"),
        (new_instance("a", correlation=long), "correlation"),
        (new_instance("a", correlation="a\0"), "correlation"),
        (replace(new_instance("a"), author="a\n"), "author"),
        (new_instance("a", text="t" * (MOST_TEXT_OCTETS + 1)), "text"),
        (new_instance("a", given={"x": "x" * MOST_STATE_OCTETS}), "data"),
        (replace(new_instance("a"), waits=(message_wait(long),)), "name"),
    ):
        fault = await refused(processes.begin(instance), ProcessError, f"{field} is refused")
        expect(fault.field, field, "and named")
    expect(await processes.instances(), (), "nothing was kept")
    await processes.begin(new_instance("i" * LONGEST_ID, correlation="ü" * LONGEST_NAME))
    [one] = await take(processes)
    grown = replace(one, state=state(one.id, {"x": "x" * MOST_STATE_OCTETS}))
    await refused(processes.keep(grown, holds=False, now=at(1)), ProcessError, "what has grown too large")
    expect(await processes.instance(one.id), one, "is not kept either")


async def what_ended_long_ago_is_forgotten(kept: Kept) -> None:
    """Some at a time; what runs is never forgotten."""
    processes = kept()
    for name in ("old", "older", "runs", "new"):
        await begun(processes, name, message_wait("paid"))
        await processes.post(name, trigger("t", when=1))
    for name, end in (("older", 10.0), ("old", 20.0), ("runs", 30.0), ("new", 90.0)):
        [one] = await take(processes, only=[name], now=5)
        status = InstanceStatus.RUNNING if name == "runs" else InstanceStatus.COMPLETED
        await processes.keep(replace(one, status=status, due=None), holds=False, now=at(end))
    expect(await processes.prune(ended_before=at(50), limit=1), 1, "some at a time")
    expect(names(await processes.instances()), ["new", "runs", "old"], "the one that ended first")
    expect(await processes.prune(ended_before=at(50), limit=10), 1, "then the next one")
    expect(await processes.prune(ended_before=at(50), limit=10), 0, "and no more")
    expect(names(await processes.instances()), ["new", "runs"], "what runs or has just ended stays")
    found = await processes.waiting(kind=WaitKind.MESSAGE, name="paid")
    expect([each.instance for each in found], ["runs"], "with what it waits for")
    expect(happened(await processes.instance("runs")), ["t"], "and what has happened to it")
    holds(not await processes.post("old", trigger("u", when=60)), "to what is forgotten nothing happens")


async def a_forgotten_id_is_free(kept: Kept) -> None:
    """And whoever still holds what is forgotten is told."""
    processes = kept()
    await begun(processes, "a", message_wait("paid"))
    await processes.post("a", trigger("t", when=1))
    [one] = await take(processes, now=1)
    over = replace(one, status=InstanceStatus.COMPLETED)
    ended = await processes.keep(over, taken_in=["t"], holds=False, now=at(1))
    await processes.prune(ended_before=at(2), limit=10)
    await refused(processes.keep(ended, holds=False, now=at(3)), LeaseLostError, "it is gone")
    begun_again = await processes.begin(new_instance("a", given={"second": 2}))
    expect(
        (begun_again.revision, begun_again.state, begun_again.waits),
        (1, state("a", {"second": 2}), ()),
        "another one may have its id",
    )
    holds(await processes.post("a", trigger("t", when=4)), "and nothing has happened to it yet")


async def instances_need_no_process(kept: Kept) -> None:
    """They go on with the text they have, whatever becomes of the process and of other instances of it."""
    processes = kept()
    version = await publish(processes, "order", text="one")
    for name in ("a", "b"):
        await processes.begin(new_instance(name, text=version.text))
    [one] = await take(processes, only=["a"])
    await processes.keep(replace(one, status=InstanceStatus.COMPLETED), holds=False, now=at(1))
    await processes.drop("", "order")
    await processes.prune(ended_before=at(1_000_000), limit=10)
    found = await kept().instance("b")
    expect(found and found.text, "one", "its text is there")


EXERCISES: tuple[Exercise, ...] = (
    instances_are_listed_page_by_page,
    a_filter_narrows_the_list,
    a_list_is_searched_and_cut_to_a_time,
    what_cannot_be_kept_is_refused,
    what_ended_long_ago_is_forgotten,
    a_forgotten_id_is_free,
    instances_need_no_process,
)
