"""Exercises about many runs: lists, limits, and what can be forgotten."""

from __future__ import annotations

from dataclasses import replace

from eilbote.author.flow.limits import LONGEST_SESSION, MOST_STATE_OCTETS
from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.run_state import failed_data
from eilbote.author.flow.store import Awaits, RunFilter
from eilbote.author.plain.keepable import LONGEST_ID, LONGEST_NAME
from eilbote.errors import FlowError, LeaseLostError
from eilbote.testing.expectation import expect, holds, refused
from eilbote.testing.flows_exercises.scene import ENTRY, Exercise, Kept, late, new_flow, new_run, state
from eilbote.testing.work_exercises.scene import at, names, take


async def runs_are_listed_page_by_page(kept: Kept) -> None:
    """The latest first, without what is large."""
    flows = kept()
    for number in range(5):
        await flows.begin(new_run(f"r{number}", began=number))
    first = await flows.runs(limit=2)
    expect(names(first), ["r4", "r3"], "the latest first")
    holds(not any(run.text or run.state or run.context for run in first), "without what is large")
    await flows.begin(new_run("r5", began=9))
    second = await flows.runs(limit=2, after="r3")
    expect(names(second), ["r2", "r1"], "a page goes on behind the last one, whatever was begun since")
    expect(names(await flows.runs(limit=2, after="r1")), ["r0"], "to the end")
    expect(names(await flows.runs(limit=2, after="r0")), [], "and no further")
    expect(names(await flows.runs(after="unknown")), [], "behind a run that is not there is nothing")


async def a_filter_narrows_the_list(kept: Kept) -> None:
    """By each of its fields, and by several."""
    flows = kept()
    await flows.begin(new_run("a", organization="acme", session="talk"))
    await flows.begin(replace(new_run("b", session="talk"), flow="other"))
    await flows.begin(new_run("c"))
    [run] = await take(flows, only=["a"])
    await flows.keep(replace(run, awaits=Awaits.MAIL, entry=ENTRY), context={}, holds=False, now=at(1))
    [run] = await take(flows, only=["c"])
    await flows.keep(replace(run, status=RunStatus.FAILED), context={}, holds=False, now=at(1))
    for which, wanted in (
        (RunFilter(), ["c", "b", "a"]),
        (RunFilter(organization="acme"), ["a"]),
        (RunFilter(organization=""), ["c", "b"]),
        (RunFilter(flow="other"), ["b"]),
        (RunFilter(session="talk"), ["b", "a"]),
        (RunFilter(status=RunStatus.FAILED), ["c"]),
        (RunFilter(status=RunStatus.RUNNING), ["b", "a"]),
        (RunFilter(awaits=Awaits.MAIL), ["a"]),
        (RunFilter(awaits=Awaits.NOTHING, status=RunStatus.RUNNING), ["b"]),
        (RunFilter(session="talk", organization=""), ["b"]),
    ):
        expect(names(await flows.runs(which)), wanted, f"{which}")
    expect(names(await flows.runs(RunFilter(session="talk"), after="b")), ["a"], "page by page as well")


async def a_list_says_in_how_many_nodes_something_went_wrong(kept: Kept) -> None:
    """Also of runs that went on; and finds them, or the others."""
    flows = kept()
    for name in ("a", "b", "c"):
        await flows.begin(new_run(name, organization="" if name == "c" else "acme"))
    [run] = await take(flows, only=["b"])
    went_on = {**run.state, "failed_nodes": 2}
    written = await flows.keep(replace(run, state=went_on), context={}, holds=True, now=at(1))
    expect(written.failed_nodes, 2, "it is told at once")
    again = replace(written, status=RunStatus.DONE, state=went_on, due=None)
    await flows.keep(again, context={}, holds=False, now=at(2))
    found = {each.id: each.failed_nodes for each in await flows.runs()}
    expect(found, {"a": 0, "b": 2, "c": 0}, "of each")
    for which, wanted in (
        (RunFilter(has_failures=True), ["b"]),
        (RunFilter(has_failures=True, organization=""), []),
        (RunFilter(has_failures=False), ["c", "a"]),
        (RunFilter(has_failures=False, organization="acme"), ["a"]),
    ):
        expect(names(await flows.runs(which)), wanted, f"{which}")


async def a_list_is_searched_and_cut_to_a_time(kept: Kept) -> None:
    """By what stands in names, taken as it is written, and by when runs were begun."""
    flows = kept()
    await flows.begin(replace(new_run("Order-1", session="anna_50%"), author="user:max"))
    await flows.begin(replace(new_run("order-2", began=10, session="other"), flow="Invoice"))
    await flows.begin(new_run("c!", began=20))
    for which, wanted in (
        (RunFilter(holding="ORDER"), ["order-2", "Order-1"]),
        (RunFilter(holding="invoice"), ["order-2"]),
        (RunFilter(holding="a_50%"), ["Order-1"]),
        (RunFilter(holding="a%5"), []),
        (RunFilter(holding="nn_"), []),
        (RunFilter(holding="c!"), ["c!"]),
        (RunFilter(holding="user:max"), ["Order-1"]),
        (RunFilter(since=at(10)), ["c!", "order-2"]),
        (RunFilter(before=at(10)), ["Order-1"]),
        (RunFilter(since=at(5), before=at(20), holding="order", session="other"), ["order-2"]),
    ):
        expect(names(await flows.runs(which)), wanted, f"{which}")
    expect(names(await flows.runs(RunFilter(holding="order"), after="order-2")), ["Order-1"], "and its pages")


async def a_list_says_why_runs_failed(kept: Kept) -> None:
    """Of those that failed, and nothing else of what they hold."""
    flows = kept()
    for name in ("a", "b"):
        await flows.begin(new_run(name, given={"secret": 1}))
    [run] = await take(flows, only=["a"])
    state = failed_data("a", {"code": "flow", "node": "notify"}, former=run.state)
    await flows.keep(
        replace(run, status=RunStatus.FAILED, state=state, due=None), context={}, holds=False, now=at(1)
    )
    found = {each.id: each.state for each in await flows.runs()}
    expect(found["a"], {"error": {"code": "flow", "node": "notify"}}, "its error alone")
    expect(len(found["b"]), 0, "how much of what runs well")


async def what_cannot_be_kept_is_refused(kept: Kept) -> None:
    """By an error that names it, before anything is kept."""
    flows = kept()
    for run, field in (
        (new_run("i" * (LONGEST_ID + 1)), "id"),
        (new_run(""), "id"),
        (new_run("a b"), "id"),
        (new_run("a", session="s" * (LONGEST_SESSION + 1)), "session"),
        (new_run("a", session=""), "session"),
        (new_run("a", session="line\nbreak"), "session"),
        (new_run("a", organization="o" * (LONGEST_NAME + 1)), "organization"),
        (replace(new_run("a"), flow="f" * (LONGEST_NAME + 1)), "flow"),
        (replace(new_run("a"), author="a\0"), "author"),
        (new_run("a", given={"x": "x" * MOST_STATE_OCTETS}), "input"),
        (new_run("a", text="t\0"), "text"),
    ):
        fault = await refused(flows.begin(run), FlowError, f"{field} is refused")
        expect(fault.field, field, "and named")
    expect(await flows.runs(), (), "nothing was kept")
    await flows.begin(new_run("i" * LONGEST_ID, session="ü" * LONGEST_SESSION))
    [run] = await take(flows)
    grown = replace(run, state=state(run.id, {"x": "x" * MOST_STATE_OCTETS}))
    await refused(
        flows.keep(grown, context={"x": 1}, holds=False, now=at(1)),
        FlowError,
        "a run that has grown too large",
    )
    expect(await flows.run(run.id), run, "is not kept either")


async def what_ended_long_ago_is_forgotten(kept: Kept) -> None:
    """Some at a time; what runs is never forgotten, nor a context that somebody uses."""
    flows = kept()
    for name, session in (("old", "talk"), ("older", "alone"), ("runs", "talk"), ("new", "new")):
        await flows.begin(new_run(name, session=session))
    ends = {"older": 10.0, "old": 20.0, "new": 90.0}
    for name in ("older", "old", "runs", "new"):
        [run] = await take(flows, only=[name])
        status = RunStatus.DONE if name in ends else RunStatus.RUNNING
        await flows.keep(
            replace(run, status=status, due=at(500)),
            context={name: 1},
            late=[late(name)] if name == "older" else (),
            holds=False,
            now=at(ends.get(name, 30)),
        )
    expect(await flows.prune(ended_before=at(50), limit=1), 1, "some at a time")
    expect(names(await flows.runs()), ["new", "runs", "old"], "the one that ended first")
    expect(await flows.prune(ended_before=at(50), limit=10), 1, "then the next one")
    expect(await flows.prune(ended_before=at(50), limit=10), 0, "and no more")
    expect(names(await flows.runs()), ["new", "runs"], "what runs or has just ended stays")
    expect(await flows.context("", "alone"), {}, "a conversation without runs is forgotten")
    expect(await flows.context("", "talk"), {"old": 1, "runs": 1}, "one that goes on is not")
    expect(await flows.awaited(limit=10), (), "nor is anything awaited for who is gone")
    await flows.keep_late(late("older"), {"status": "accepted"}, now=at(60))
    expect(await flows.run("older"), None, "a late result brings nobody back")


async def a_forgotten_id_is_free(kept: Kept) -> None:
    """And whoever still holds what is forgotten is told."""
    flows = kept()
    await flows.begin(new_run("a", given={"first": 1}))
    [run] = await take(flows)
    ended = await flows.keep(replace(run, status=RunStatus.DONE), context={}, holds=False, now=at(1))
    await flows.prune(ended_before=at(2), limit=10)
    await refused(flows.keep(ended, context={"x": 1}, holds=False, now=at(3)), LeaseLostError, "it is gone")
    begun = await flows.begin(new_run("a", given={"second": 2}))
    expect((begun.revision, begun.state), (1, state("a", {"second": 2})), "another one may have its id")
    expect(begun.context, {}, "and has nothing of the first")


async def runs_need_no_flow(kept: Kept) -> None:
    """They go on with the text they have, whatever becomes of the flow and of other runs of it."""
    flows = kept()
    await flows.keep_draft(new_flow("greet"), "one", now=at(0))
    version = await flows.publish("", "greet", now=at(0))
    for name in ("a", "b"):
        await flows.begin(new_run(name, text=version.text))
    [run] = await take(flows, only=["a"])
    await flows.keep(replace(run, status=RunStatus.DONE), context={}, holds=False, now=at(1))
    await flows.drop("", "greet")
    await flows.prune(ended_before=at(1_000_000), limit=10)
    found = await kept().run("b")
    expect(found and found.text, "one", "its text is there")


EXERCISES: tuple[Exercise, ...] = (
    runs_are_listed_page_by_page,
    a_filter_narrows_the_list,
    a_list_says_in_how_many_nodes_something_went_wrong,
    a_list_is_searched_and_cut_to_a_time,
    a_list_says_why_runs_failed,
    what_cannot_be_kept_is_refused,
    what_ended_long_ago_is_forgotten,
    a_forgotten_id_is_free,
    runs_need_no_flow,
)
