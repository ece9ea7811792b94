"""Runs that were copied, damaged or left half: looked over, restored, and failed each for itself."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.integration.kept_place import Place, change, opened

from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.run_state import UNREADABLE, failed_data, read_run
from eilbote.author.flow.shelf import Shelf
from eilbote.author.flow.store import Awaits
from eilbote.errors import FlowError
from eilbote.store.database_flows import DatabaseFlows
from eilbote.store.open_flows import flows_in
from eilbote.testing.flows_exercises.scene import ENTRY, TEXT, late, new_flow, new_run, state
from eilbote.testing.work_exercises.scene import NOW, at, names, take

pytestmark = pytest.mark.asyncio


async def fill(flows: DatabaseFlows) -> None:
    """Leave a flow with a version and a draft, and runs that wait, are held, are free, and have ended."""
    await flows.keep_draft(new_flow("greet"), TEXT, now=NOW)
    version = await flows.publish("", "greet", now=NOW)
    flow = await flows.flow("", "greet")
    assert flow is not None
    await flows.keep_draft(flow, "draft", now=NOW)
    for name in ("waits", "held", "free", "ended"):
        await flows.begin(new_run(name, text=version.text, given={"name": "Ännchen"}))
    runs = {run.id: run for run in await take(flows)}
    await flows.keep(
        replace(runs["waits"], awaits=Awaits.MAIL, entry=ENTRY, due=at(60)),
        context={"greeting": "Grüß Gott"},
        late=[late("waits", shelf=Shelf.CONTEXT)],
        holds=False,
        now=NOW,
    )
    await flows.keep(runs["free"], context={}, holds=False, now=NOW)
    await flows.keep(replace(runs["ended"], status=RunStatus.DONE), context={}, holds=False, now=NOW)


# -- copies ----------------------------------------------------------------------------------------------------


async def test_restored_runs_are_all_there_and_none_goes_on_by_itself(place: Place) -> None:
    """What they asked for since the copy was made, the copy knows nothing of; so nobody may ask for it again unasked."""
    async with opened(place.url, flows_in) as (flows, _):
        await fill(flows)
        before = {run.id: await flows.run(run.id) for run in await flows.runs()}
        versions = await flows.versions("", "greet")
        drafted = await flows.flow("", "greet")

    restored = await place.copy_and_restore()

    assert restored.held_runs == 3
    async with opened(place.other, flows_in) as (flows, _):
        assert await flows.flow("", "greet") == drafted
        assert await flows.versions("", "greet") == versions
        assert await flows.context("", "waits") == {"greeting": "Grüß Gott"}
        assert len(await flows.late_results([ENTRY])) == 1
        for name, run in before.items():
            assert run is not None
            found = await flows.run(name)
            assert found is not None
            if run.status is RunStatus.RUNNING:
                assert (found.awaits, found.due, found.entry) == (Awaits.RELEASE, None, run.entry), name
                assert found.state == run.state
            else:
                assert found == run
        assert await take(flows, now=1_000_000) == []
        assert await flows.next_due(NOW) is None
        assert await flows.wake([ENTRY], now=NOW) == 0
        assert names(await take(flows, only=["held"])) == ["held"], "the lease of who held it was not copied"


async def test_a_restored_database_counts_on(place: Place) -> None:
    async with opened(place.url, flows_in) as (flows, _):
        await fill(flows)
    await place.copy_and_restore()

    async with opened(place.other, flows_in) as (flows, _):
        await flows.begin(new_run("new"))
        assert names(await flows.runs(limit=2)) == ["new", "ended"]


# -- looked over -----------------------------------------------------------------------------------------------


async def test_what_is_whole_has_no_faults(place: Place) -> None:
    async with opened(place.url, flows_in) as (flows, _):
        await fill(flows)
    assert await place.faults() == ()


@pytest.mark.parametrize(
    "statement, fault",
    [
        ("DELETE FROM flow_state", "run without its state: ended, free, held, waits"),
        ("DELETE FROM flow_text", "run without the text of its flow: ended, free, held, waits"),
        ("DELETE FROM flow_text", "version of a flow without its text: greet"),
        ("DELETE FROM flow", "version without its flow: greet"),
        ("DELETE FROM flow_run WHERE id = 'free'", "state without its run: "),
        ("DELETE FROM flow_run WHERE id = 'waits'", "late result without its run: "),
        (
            "INSERT INTO answer_link (digest, question, recipient) VALUES ('d', 'gone/a/0', 'a@example.org')",
            "link without its question: gone/a/0",
        ),
        ("UPDATE flow_run SET status = 'lost' WHERE id = 'free'", "run in a state nobody knows: free"),
        ("UPDATE flow_run SET awaits = 'rain' WHERE id = 'free'", "run in a state nobody knows: free"),
        ("UPDATE flow_run SET due = NULL WHERE id = 'free'", "run that is never taken up: free"),
        (
            "UPDATE flow_run SET due = NULL, entry = NULL WHERE id = 'waits'",
            "run that is never taken up: waits",
        ),
        (
            "UPDATE flow_state SET state = '{\"form\":1}'",
            "state of a run that cannot be read: waits (its field 'at' is missing)",
        ),
        ("UPDATE flow_state SET state = '{'", "state of a run that cannot be read: waits (it is no JSON)"),
        ("UPDATE flow_state SET state = '{\"form\":2}'", "it is of form 2"),
        ("UPDATE flow_text SET text = 'other'", "text of a flow that has changed since it was kept: "),
        (
            "UPDATE flow_context SET value = '{'",
            "value of a conversation that cannot be read: greeting of waits",
        ),
    ],
)
async def test_what_is_wrong_is_found(place: Place, statement: str, fault: str) -> None:
    async with opened(place.url, flows_in) as (flows, database):
        await fill(flows)
        await change(database, statement)

    assert [one for one in await place.faults() if fault in one], await place.faults()


# -- damaged ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement, why",
    [
        ("UPDATE flow_state SET state = '{' WHERE run = 1", "its state cannot be read"),
        ("UPDATE flow_state SET state = '[]' WHERE run = 1", "its state cannot be read"),
        ("UPDATE flow_state SET state = '{\"form\":9}' WHERE run = 1", "of form 9"),
        ("DELETE FROM flow_state WHERE run = 1", "its state is missing"),
        ("UPDATE flow_run SET digest = 'none' WHERE number = 1", "the text of its flow is missing"),
        ("UPDATE flow_run SET awaits = 'rain' WHERE number = 1", "its awaits cannot be read"),
        ("UPDATE flow_context SET value = '{'", "the value 'x' of its conversation cannot be read"),
    ],
)
async def test_a_damaged_run_fails_alone_and_says_why(place: Place, statement: str, why: str) -> None:
    """Whoever takes it together with others gets them all, finds out when it is taken up again, and can end it."""
    async with opened(place.url, flows_in) as (flows, database):
        for name in ("damaged", "whole"):
            await flows.begin(new_run(name))
        [run] = await take(flows, only=["damaged"])
        await flows.keep(run, context={"x": 1}, holds=False, now=at(0))
        await change(database, statement)

        damaged, whole = sorted(await take(flows), key=lambda run: run.id)

        assert read_run(read_flow(whole.text), whole.state, context=whole.context).id == "whole"
        with pytest.raises(FlowError) as caught:
            read_run(read_flow(TEXT), damaged.state, context=damaged.context)
        assert why in (caught.value.cause or "")
        failed = replace(
            damaged,
            status=RunStatus.FAILED,
            state=failed_data("damaged", {"message": caught.value.what}),
            due=None,
            awaits=Awaits.NOTHING,
        )
        await flows.keep(failed, context={}, holds=False, now=at(1))
        assert names(await take(flows, now=1000)) == ["whole"]
        listed = await flows.runs()
        assert [run.status for run in listed] == [RunStatus.RUNNING, RunStatus.FAILED]


async def test_a_damaged_context_is_told_to_who_asks_for_it(place: Place) -> None:
    async with opened(place.url, flows_in) as (flows, database):
        await fill(flows)
        await change(database, "UPDATE flow_context SET value = '{'")
        with pytest.raises(FlowError, match="greeting"):
            await flows.context("", "waits")
        assert await flows.forget_context("", "waits")
        assert await flows.context("", "waits") == {}


async def test_a_result_that_comes_to_a_damaged_run_changes_nothing(place: Place) -> None:
    async with opened(place.url, flows_in) as (flows, database):
        await flows.begin(new_run("a"))
        [run] = await take(flows)
        await flows.keep(run, context={}, late=[late("a")], holds=False, now=at(0))
        await change(database, "UPDATE flow_state SET state = '{'")
        await flows.keep_late(late("a"), {"status": "accepted"}, now=at(1))
        found = await flows.run("a")
        assert found is not None
        assert UNREADABLE in found.state


# -- texts -----------------------------------------------------------------------------------------------------


async def test_a_text_is_kept_once_and_as_long_as_it_is_needed(place: Place) -> None:
    async with opened(place.url, flows_in) as (flows, database):

        async def texts() -> object:
            return await database.read(lambda db: db.fetchval("SELECT count(*) FROM flow_text"))

        for number in range(3):
            await flows.begin(new_run(f"r{number}"))
        await flows.begin(new_run("other", text="other"))
        assert await texts() == 2
        [run] = await take(flows, only=["other"])
        await flows.keep(replace(run, status=RunStatus.DONE), context={}, holds=False, now=at(1))
        await flows.prune(ended_before=at(3600), limit=10)
        assert await flows.run("other") is None
        assert await texts() == 2, "somebody may be about to begin a run with it"
        await flows.prune(ended_before=at(3 * 3600), limit=10)
        assert await texts() == 1
        found = await flows.run("r0")
        assert found is not None
        assert found.text == TEXT


async def test_states_are_written_so_that_people_can_read_them(place: Place) -> None:
    async with opened(place.url, flows_in) as (flows, database):
        await flows.begin(new_run("a", given={"name": "ü", "n": 1}))
        written = await database.read(lambda db: db.fetchval("SELECT state FROM flow_state"))
        assert json.loads(str(written)) == state("a", {"name": "ü", "n": 1})
