"""Whatever is asked of a store of flows in whatever order, the database answers as memory does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings
from tests.properties.store_twins import StoreWorld, answers_of_both, claim, pass_time, told

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.shelf import Shelf, Target
from eilbote.author.flow.store import Awaits, FlowStore, KeptRun, LateResult, RunFilter
from eilbote.model.data import Data
from eilbote.model.ids import EntryId
from eilbote.store.memory_flows import MemoryFlows
from eilbote.store.open_flows import flows_in
from eilbote.testing.flows_exercises.scene import new_flow, new_run, state
from eilbote.testing.work_exercises.scene import at

ENTRIES = [EntryId(7), EntryId(8)]
runs = st.sampled_from(["a", "a", "a", "b", "c"])
organizations = st.sampled_from(["", "acme"])
sessions = st.sampled_from(["talk", "chat"])
_SOME: tuple[Data, ...] = (0, 1, 2, [{"x": None}])
values = st.sampled_from(_SOME)
contexts: st.SearchStrategy[dict[str, Data]] = st.dictionaries(st.sampled_from("xyz"), values, max_size=2)
targets = st.builds(
    Target, shelf=st.sampled_from(Shelf), key=st.sampled_from(["x", "x.deep", "mail", "mail.first"])
)


World: TypeAlias = StoreWorld[FlowStore, KeptRun]
Step: TypeAlias = Callable[[World], Awaitable[object]]


def begin(name: str, organization: str, session: str, due: int | None) -> Step:
    run = new_run(name, organization=organization, session=session, due=due, given={"n": 1})
    return lambda world: world.store.begin(replace(run, began=at(world.now), changed=at(world.now)))


@st.composite
def keeping(draw: st.DrawFn) -> Step:
    name, context, holds = draw(runs), draw(contexts), draw(st.booleans())
    ends, is_stale = (draw(st.integers(0, 5)) == 0 for _ in range(2))
    awaits = draw(st.sampled_from([Awaits.NOTHING, Awaits.NOTHING, *Awaits]))
    entry = draw(st.sampled_from(ENTRIES)) if awaits is Awaits.MAIL else None
    due = draw(st.sampled_from([0, 0, 0, 30, None]))
    late = [
        LateResult(entry=each, run=name, node="n", target=draw(targets))
        for each in draw(st.sampled_from([[], ENTRIES[:1], ENTRIES]))
    ]
    given_: dict[str, Data] = {"n": draw(values)}

    async def step(world: World) -> object:
        if name not in world.held:
            await claim("one", 1, [name])(world)
        run = world.held.get(name)
        if run is None:
            return None
        wanted = replace(
            run,
            status=RunStatus.DONE if ends else RunStatus.RUNNING,
            awaits=Awaits.NOTHING if ends else awaits,
            entry=None if ends else entry,
            due=None if due is None else at(due),
            state=state(name, given_),
        )
        kept = await world.store.keep(wanted, context=context, late=late, holds=holds, now=at(world.now))
        if not holds:
            del world.held[name]
        elif not is_stale:
            world.held[name] = kept
        return kept

    return step


def arrive(entry: EntryId, result: dict[str, Data]) -> Step:
    async def step(world: World) -> object:
        for late in await world.store.late_results([entry]):
            await world.store.keep_late(late, result, now=at(world.now))
        return await world.store.late_results(ENTRIES)

    return step


def draft(name: str, text: str) -> Step:
    async def step(world: World) -> object:
        flow = await world.store.flow("", name) or new_flow(name)
        return await world.store.keep_draft(flow, text, now=at(world.now))

    return step


async def everything(world: World) -> object:
    flows, now = world.store, at(world.now)
    return (
        [await flows.run(name) for name in ("a", "b", "c")],
        await flows.runs(),
        await flows.runs(RunFilter(session="talk", status=RunStatus.RUNNING), limit=2),
        [await flows.context(whose, talk) for whose in ("", "acme") for talk in ("talk", "chat")],
        await flows.next_due(now),
        await flows.awaited(limit=2),
        await flows.awaited(limit=2, after=ENTRIES[0]),
        await flows.flows(),
        await flows.versions("", "greet"),
    )


flow_names = st.sampled_from(["greet", "bye"])
results = st.fixed_dictionaries({"status": st.sampled_from(["accepted", "failed"])})
often: tuple[st.SearchStrategy[Step], ...] = (
    keeping(),
    keeping(),
    st.builds(begin, runs, organizations, sessions, st.sampled_from([0, 0, 0, 40, None])),
    st.builds(claim, st.sampled_from(["one", "two"]), st.integers(1, 3), st.none() | st.lists(runs, max_size=2)),
    st.builds(arrive, st.sampled_from(ENTRIES), results),
    st.builds(pass_time, st.integers(1, 30)),
)  # fmt: skip
seldom: tuple[st.SearchStrategy[Step], ...] = (
    st.builds(
        lambda entries: lambda world: world.store.wake(entries, now=at(world.now)),
        st.lists(st.sampled_from(ENTRIES)),
    ),
    st.builds(
        lambda names: lambda world: world.store.wake_runs(names, now=at(world.now)),
        st.lists(runs, max_size=2),
    ),
    st.builds(lambda name: lambda world: world.store.cancel(name, now=at(world.now)), runs),
    st.builds(
        lambda worker, names: lambda world: world.store.prolong(worker, names, until=at(world.until())),
        st.sampled_from(["one", "two"]),
        st.lists(runs, max_size=2),
    ),
    st.builds(
        lambda ago, limit: lambda world: world.store.prune(ended_before=at(world.now - ago), limit=limit),
        st.integers(-1, 20),
        st.integers(1, 3),
    ),
    st.builds(
        lambda whose, talk: lambda world: world.store.forget_context(whose, talk), organizations, sessions
    ),
    st.builds(draft, flow_names, st.sampled_from(["one", "two"])),
    st.builds(lambda name: lambda world: world.store.publish("", name, now=at(world.now)), flow_names),
    st.builds(lambda name: lambda world: world.store.drop("", name), flow_names),
)
steps = st.one_of(*often, *often, *often, *seldom)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(st.lists(steps, min_size=12, max_size=25))
def test_the_database_answers_as_memory_does(wanted: list[Step]) -> None:
    opening = [begin(name, "", "talk", 0) for name in ("a", "b")]

    async def play(flows: FlowStore) -> list[object]:
        return await told(StoreWorld(flows, {}), [*opening, *wanted], everything)

    remembered, stored = answers_of_both(lambda: play(MemoryFlows()), play, flows_in)
    for one, other in zip(remembered, stored, strict=True):
        assert other == one
