"""Whatever is asked of a store of processes in whatever order, the database answers as memory does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings
from tests.properties.store_twins import StoreWorld, answers_of_both, claim, pass_time, told

from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.kept import InstanceFilter, KeptInstance, KeptWait, ProcessStart, WaitKind
from eilbote.author.process.store import ProcessStore
from eilbote.model.data import Data
from eilbote.model.ids import EntryId
from eilbote.store.memory_processes import MemoryProcesses
from eilbote.store.open_flows import processes_in
from eilbote.testing.process_exercises.scene import (
    mail_wait,
    message_wait,
    new_instance,
    new_process,
    new_route,
    on_message,
    on_timer,
    publish,
    state,
    task_wait,
    trigger,
)
from eilbote.testing.work_exercises.scene import at

ENTRIES = [EntryId(7), EntryId(8)]
NAMES = ["a", "b", "c"]
instances = st.sampled_from(["a", "a", "a", "b", "c"])
organizations = st.sampled_from(["", "acme"])
triggers = st.sampled_from(["t1", "t2", "t3"])
processes = st.sampled_from(["order", "bill"])
_SOME: tuple[Data, ...] = (0, "ü", [{"x": None}])
values = st.sampled_from(_SOME)
_WAITS: tuple[KeptWait, ...] = (
    mail_wait(ENTRIES[0]),
    mail_wait(ENTRIES[1]),
    mail_wait(ENTRIES[1], key="other"),
    message_wait("paid", "4711"),
    message_wait("paid", "4712", key="other"),
    message_wait("gone"),
    task_wait("Look", due=9),
    task_wait("Look again"),
)
waits = st.lists(st.sampled_from(_WAITS), max_size=3, unique_by=lambda wait: (wait.kind, wait.key))
starts = st.sampled_from([[], [on_message("s", "paid")], [on_timer("s", 20), on_message("m", "paid")]])


World: TypeAlias = StoreWorld[ProcessStore, KeptInstance]
Step: TypeAlias = Callable[[World], Awaitable[object]]


def begin(
    name: str, organization: str, due: int | None, wanted: list[KeptWait], *, is_restored: bool
) -> Step:
    instance = replace(
        new_instance(name, organization=organization, due=due, correlation="4711"),
        waits=tuple(wanted),
        held_back=is_restored,
    )
    return lambda world: world.store.begin(replace(instance, began=at(world.now), changed=at(world.now)))


@st.composite
def keeping(draw: st.DrawFn) -> Step:
    name, holds, wanted = draw(instances), draw(st.booleans()), draw(waits)
    ends, is_stale = (draw(st.integers(0, 5)) == 0 for _ in range(2))
    due, incidents = draw(st.sampled_from([0, 30, None, None])), draw(st.integers(0, 2))
    taken_in = draw(st.lists(triggers, max_size=2))
    held_data: dict[str, Data] = {"n": draw(values)}

    async def step(world: World) -> object:
        if name not in world.held:
            await claim("one", 1, [name])(world)
        instance = world.held.get(name)
        if instance is None:
            return None
        changed = replace(
            instance,
            status=InstanceStatus.COMPLETED if ends else InstanceStatus.RUNNING,
            waits=tuple(wanted),
            incidents=incidents,
            due=None if due is None else at(due),
            state=state(name, held_data),
        )
        kept = await world.store.keep(changed, taken_in=taken_in, holds=holds, now=at(world.now))
        if not holds:
            del world.held[name]
        elif not is_stale:
            world.held[name] = kept
        return kept

    return step


def draft(name: str, text: str) -> Step:
    async def step(world: World) -> object:
        process = await world.store.process("", name) or new_process(name)
        return await world.store.keep_draft(process, text, now=at(world.now))

    return step


def put_on(name: str, begins: list[ProcessStart]) -> Step:
    return lambda world: publish(world.store, name, *begins, now=at(world.now))


def fire(again: int | None) -> Step:
    async def step(world: World) -> object:
        due = await world.store.due_starts(now=at(world.now), limit=2)
        later = None if again is None else at(world.now + again)
        return [await world.store.move_start(start, due=later) for start in due]

    return step


def route(name: str, text: str) -> Step:
    async def step(world: World) -> object:
        known = await world.store.route("", name) or new_route(name)
        return await world.store.keep_route(replace(known, text=text), now=at(world.now))

    return step


async def everything(world: World) -> object:
    store, now = world.store, at(world.now)
    return (
        [await store.instance(name) for name in NAMES],
        await store.instances(),
        await store.instances(InstanceFilter(status=InstanceStatus.RUNNING, correlation="4711"), limit=2),
        await store.instances(InstanceFilter(has_incident=True)),
        await store.instances(InstanceFilter(held_back=True), after="b"),
        [await store.waiting(kind=kind) for kind in WaitKind],
        await store.waiting(kind=WaitKind.MESSAGE, organization="", name="paid", correlation="4711", limit=2),
        await store.next_due(now),
        await store.awaited(limit=2),
        await store.awaited(limit=2, after=ENTRIES[0]),
        await store.processes(),
        await store.versions("", "order"),
        await store.starts("", "paid"),
        await store.due_starts(now=now, limit=9),
        await store.routes(),
    )


often: tuple[st.SearchStrategy[Step], ...] = (
    keeping(),
    keeping(),
    st.builds(begin, instances, organizations, st.sampled_from([0, 0, 40, None]), waits, is_restored=st.booleans()),
    st.builds(claim, st.sampled_from(["one", "two"]), st.integers(1, 3), st.none() | st.lists(instances, max_size=2)),
    st.builds(
        lambda name, what: lambda world: world.store.post(name, trigger(what, when=world.now)), instances, triggers
    ),
    st.builds(pass_time, st.integers(1, 30)),
    st.builds(lambda entries: lambda world: world.store.wake(entries, now=at(world.now)), st.lists(st.sampled_from(ENTRIES))),
    st.builds(lambda names: lambda world: world.store.wake_instances(names, now=at(world.now)), st.lists(instances, max_size=2)),
)  # fmt: skip
seldom: tuple[st.SearchStrategy[Step], ...] = (
    st.builds(lambda name: lambda world: world.store.cancel(name, now=at(world.now)), instances),
    st.builds(
        lambda worker, names: lambda world: world.store.prolong(worker, names, until=at(world.until())),
        st.sampled_from(["one", "two"]),
        st.lists(instances, max_size=2),
    ),
    st.builds(
        lambda ago, limit: lambda world: world.store.prune(ended_before=at(world.now - ago), limit=limit),
        st.integers(-1, 20),
        st.integers(1, 3),
    ),
    st.builds(draft, processes, st.sampled_from(["one", "two"])),
    st.builds(put_on, processes, starts),
    st.builds(lambda name: lambda world: world.store.drop("", name), processes),
    st.builds(fire, st.sampled_from([None, 0, 10])),
    st.builds(route, st.sampled_from(["ready", "late"]), st.sampled_from(["one", "two"])),
    st.builds(
        lambda name: lambda world: world.store.drop_route("", name), st.sampled_from(["ready", "late"])
    ),
)
steps = st.one_of(*often, *often, *often, *seldom)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(st.lists(steps, min_size=12, max_size=25))
def test_the_database_answers_as_memory_does(wanted: list[Step]) -> None:
    opening = [begin(name, "", 0, [], is_restored=False) for name in ("a", "b")]

    async def play(store: ProcessStore) -> list[object]:
        return await told(StoreWorld(store, {}), [*opening, *wanted], everything)

    remembered, stored = answers_of_both(lambda: play(MemoryProcesses()), play, processes_in)
    for one, other in zip(remembered, stored, strict=True):
        assert other == one
