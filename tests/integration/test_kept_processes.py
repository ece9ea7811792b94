"""Process instances that were copied or damaged: looked over, restored, and told each for itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.integration.kept_place import Place, change, opened

from eilbote.author.process.instance import Instance, InstanceStatus
from eilbote.author.process.interpret.instance_state import instance_data
from eilbote.author.process.kept import UNREADABLE, KeptInstance
from eilbote.store.database_processes import DatabaseProcesses
from eilbote.store.open_flows import processes_in
from eilbote.testing.process_exercises.scene import (
    ENTRY,
    TEXT,
    happened,
    mail_wait,
    message_wait,
    new_instance,
    new_route,
    on_message,
    on_timer,
    publish,
    task_wait,
    trigger,
)
from eilbote.testing.work_exercises.scene import NOW, at, names, take

pytestmark = pytest.mark.asyncio


def written(name: str) -> KeptInstance:
    """Give an instance whose state can be read."""
    state = instance_data(Instance(id=name, correlation=name, data={"name": "Ännchen"}))
    return replace(new_instance(name), state=state)


async def fill(processes: DatabaseProcesses) -> None:
    """Leave a route, a process with starts, and instances that wait, are held, are free, and have ended."""
    await processes.keep_route(new_route("ready", text="title: Grüß Gott"), now=NOW)
    timer, later = on_timer("timer", 0.5), on_timer("later", 500)
    await publish(processes, "order", on_message("start", "ordered"), timer, later, text=TEXT)
    process = await processes.process("", "order")
    assert process is not None
    await processes.keep_draft(process, "draft", now=NOW)
    for name in ("waits", "held", "free", "ended"):
        await processes.begin(written(name))
    taken = {each.id: each for each in await take(processes)}
    waits = (mail_wait(), message_wait("paid", "4711"), task_wait("Look", due=9))
    await processes.keep(replace(taken["waits"], waits=waits, due=at(60)), holds=False, now=NOW)
    await processes.keep(taken["free"], holds=False, now=NOW)
    over = replace(taken["ended"], status=InstanceStatus.COMPLETED)
    await processes.keep(over, holds=False, now=NOW)
    await processes.post("waits", trigger("t", when=40))
    await processes.post("held", trigger("t", when=40))


# -- copies ----------------------------------------------------------------------------------------------------


async def test_restored_instances_are_all_there_and_none_goes_on_by_itself(place: Place) -> None:
    """What they sent since the copy was made, the copy knows nothing of; so nobody may send it again unasked."""
    async with opened(place.url, processes_in) as (processes, _):
        await fill(processes)
        before = {each.id: await processes.instance(each.id) for each in await processes.instances()}
        known = await processes.processes(), await processes.versions("", "order"), await processes.routes()

    restored = await place.copy_and_restore()

    assert restored.held_instances == 3
    async with opened(place.other, processes_in) as (processes, _):
        assert known == (
            await processes.processes(),
            await processes.versions("", "order"),
            await processes.routes(),
        )
        for name, instance in before.items():
            assert instance is not None
            found = await processes.instance(name)
            if instance.status is InstanceStatus.RUNNING:
                revision = instance.revision + 1
                assert found == replace(instance, held_back=True, due=None, revision=revision), name
            else:
                assert found == instance
        assert await take(processes, now=1_000_000) == []
        assert await processes.awaited(limit=10) == ()
        [released] = await take(processes, only=["waits"], now=2)
        assert (released.held_back, happened(released)) == (False, ["t"])
        assert await processes.awaited(limit=10) == (ENTRY,)


async def test_a_timer_that_has_most_likely_fired_begins_nothing_when_it_is_restored(place: Place) -> None:
    async with opened(place.url, processes_in) as (processes, _):
        await fill(processes)

    await place.copy_and_restore()

    async with opened(place.other, processes_in) as (processes, _):
        assert [start.element for start in await processes.starts("", "ordered")] == ["start"]
        past, later = await processes.due_starts(now=at(1000), limit=10)
        assert (past.element, past.held_back, later.held_back) == ("timer", True, False)
        assert await processes.move_start(past, due=at(600))
        _, moved = await processes.due_starts(now=at(1000), limit=10)
        assert (moved.element, moved.held_back) == ("timer", False)


async def test_a_restored_database_counts_on(place: Place) -> None:
    async with opened(place.url, processes_in) as (processes, _):
        await fill(processes)
    await place.copy_and_restore()
    async with opened(place.other, processes_in) as (processes, _):
        await processes.begin(new_instance("new"))
        assert names(await processes.instances(limit=2)) == ["new", "ended"]
        assert await processes.post("held", trigger("u", when=50))
        [held] = await take(processes, only=["held"], now=60)
        assert happened(held) == ["t", "u"]


# -- looked over -----------------------------------------------------------------------------------------------


async def test_what_is_whole_has_no_faults(place: Place) -> None:
    async with opened(place.url, processes_in) as (processes, _):
        await fill(processes)
    assert await place.faults() == ()


@pytest.mark.parametrize(
    "statement, fault",
    [
        ("DELETE FROM process_state", "process instance without its state: ended, free, held, waits"),
        ("DELETE FROM process_text", "process instance without the text of its process: ended, free"),
        ("DELETE FROM process_text", "version of a process without its text: order"),
        ("DELETE FROM process", "version without its process: order"),
        ("DELETE FROM process", "start event without its process: later, start, timer"),
        (
            "DELETE FROM process_instance WHERE id = 'free'",
            "state of a process instance that is not there: ",
        ),
        ("DELETE FROM process_instance WHERE id = 'waits'", "wait of a process instance that is not there: "),
        (
            "DELETE FROM process_instance WHERE id = 'held'",
            "trigger of a process instance that is not there: ",
        ),
        (
            "UPDATE process_instance SET status = 'lost' WHERE id = 'free'",
            "process instance in a state nobody knows: free",
        ),
        (
            "UPDATE process_instance SET due = NULL WHERE id = 'free'",
            "process instance that is never taken up: free",
        ),
        (
            "UPDATE process_instance SET due = NULL WHERE id = 'waits'",
            "process instance that is never taken up: waits",
        ),
        ("UPDATE process_wait SET kind = 'rain' WHERE kind = 'task'", "wait of a kind nobody knows: task"),
        ("UPDATE process_wait SET entry = NULL", "wait for a message of the outbox that is not named: send"),
        (
            "UPDATE process_start SET kind = 'rain' WHERE kind = 'message'",
            "start event of a kind nobody knows: start",
        ),
        (
            "UPDATE process_state SET state = '{\"form\":1}'",
            "state of a process instance that cannot be read: waits (its part 'id' is missing)",
        ),
        ("UPDATE process_state SET state = '{'", "that cannot be read: waits (it is no JSON)"),
        ("UPDATE process_state SET state = '[]'", "that cannot be read: waits (it is no table)"),
        ("UPDATE process_state SET state = '{\"form\":9}'", "it is of form 9"),
        ("UPDATE process_trigger SET data = '{'", "trigger that cannot be read: t of waits, t of held"),
        ("UPDATE process_text SET text = 'other'", "text of a process that has changed since it was kept: "),
    ],
)
async def test_what_is_wrong_is_found(place: Place, statement: str, fault: str) -> None:
    async with opened(place.url, processes_in) as (processes, database):
        await fill(processes)
        await change(database, statement)

    assert [one for one in await place.faults() if fault in one], await place.faults()


# -- damaged ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement, why",
    [
        ("UPDATE process_state SET state = '{' WHERE instance = 1", "its state cannot be read"),
        ("UPDATE process_state SET state = '[]' WHERE instance = 1", "its state cannot be read"),
        ("DELETE FROM process_state WHERE instance = 1", "its state is missing"),
        (
            "UPDATE process_instance SET digest = 'none' WHERE number = 1",
            "the text of its process is missing",
        ),
        ("UPDATE process_wait SET kind = 'rain'", "its kind of wait cannot be read"),
        ("UPDATE process_trigger SET data = '[]'", "what has happened to it as 't' cannot be read"),
    ],
)
async def test_a_damaged_instance_fails_alone_and_says_why(place: Place, statement: str, why: str) -> None:
    """Whoever takes it together with others gets them all, finds out when it is taken up again, and can end it."""
    async with opened(place.url, processes_in) as (processes, database):
        for name in ("damaged", "whole"):
            await processes.begin(replace(written(name), waits=(mail_wait(),) if name == "damaged" else ()))
        await processes.post("damaged", trigger("t"))
        await change(database, statement)

        damaged, whole = sorted(await take(processes), key=lambda each: each.id)

        assert whole.state == written("whole").state
        assert damaged.state == {UNREADABLE: why}
        failed = replace(damaged, status=InstanceStatus.FAILED, state={"error": why}, waits=(), due=None)
        await processes.keep(failed, holds=False, now=at(1))
        assert names(await take(processes, now=1000)) == ["whole"]
        statuses = [each.status for each in await processes.instances()]
        assert statuses == [InstanceStatus.RUNNING, InstanceStatus.FAILED]


# -- texts -----------------------------------------------------------------------------------------------------


async def test_a_text_is_kept_once_and_as_long_as_it_is_needed(place: Place) -> None:
    async with opened(place.url, processes_in) as (processes, database):

        async def texts() -> object:
            return await database.read(lambda db: db.fetchval("SELECT count(*) FROM process_text"))

        for number in range(3):
            await processes.begin(new_instance(f"i{number}"))
        await processes.begin(new_instance("other", text="other"))
        assert await texts() == 2
        [one] = await take(processes, only=["other"])
        await processes.keep(replace(one, status=InstanceStatus.COMPLETED), holds=False, now=at(1))
        await processes.prune(ended_before=at(3600), limit=10)
        assert await processes.instance("other") is None
        assert await texts() == 2, "somebody may be about to begin one with it"
        await processes.prune(ended_before=at(3 * 3600), limit=10)
        assert await texts() == 1
        found = await processes.instance("i0")
        assert found is not None
        assert found.text == TEXT
