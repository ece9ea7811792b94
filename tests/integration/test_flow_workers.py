"""Two who work flows on one PostgreSQL database, with a real mail catcher: everything happens, and nothing happens twice."""

import asyncio
from collections import Counter

import pytest

from eilbote import Eilbote, EntryFilter, RunFilter, RunStatus
from eilbote.testing import Catcher

FLOW = """
name: shared
nodes:
  - id: first
    kind: send_smtp_email
    to: "a{{ input.number }}@example.org"
    subject: "first {{ input.number }}"
    content: "<p>Hello</p>"
    store_result: input
    store_as: first
  - {id: pause, kind: wait, for: 1s}
  - {id: note, kind: set_value, values: {context.seen: "{{ input.first.status }}"}}
  - id: second
    kind: send_smtp_email
    to: "b{{ input.number }}@example.org"
    subject: "second {{ input.number }}"
    asynchronous: true
    store_result: input
    store_as: second
"""
RUNS = 40


async def _ended(eilbote: Eilbote) -> None:
    store = eilbote.flows.store
    async with asyncio.timeout(40):
        while await store.runs(RunFilter(status=RunStatus.RUNNING), limit=1) or await store.awaited(limit=1):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.asyncio
async def test_two_workers_on_one_database_share_the_runs_and_double_nothing(postgres_database: str) -> None:
    async with Catcher() as catcher:
        ways = {"default": catcher.connection(default_from="x@example.org")}
        async with (
            Eilbote(database_url=postgres_database, connections=ways) as one,
            Eilbote(database_url=postgres_database, connections=ways) as other,
            one.courier(),
            other.courier(),
        ):
            for number in range(RUNS):
                desk = one.flows if number % 2 else other.flows
                await desk.begin(FLOW, {"number": number}, run_id=f"run-{number}", session=f"s{number % 3}")
            await _ended(one)
            subjects = Counter(entry.subject for entry in await one.entries(EntryFilter(), limit=1000))
            runs = [await other.flows.get(f"run-{number}") for number in range(RUNS)]
    assert subjects == Counter(f"{name} {number}" for name in ("first", "second") for number in range(RUNS))
    assert Counter(message.subject for message in catcher.messages) == subjects
    assert {run.status for run in runs} == {"done"}
    assert {str(dict(run.context)) for run in runs} == {"{'seen': 'accepted'}"}
    assert all(run.input["second"]["status"] == "accepted" for run in runs)  # type: ignore[index, call-overload]


@pytest.mark.asyncio
async def test_a_run_of_a_worker_that_is_gone_goes_on_at_another_one(postgres_database: str) -> None:
    """It had claimed the run and nobody hears of it any more; the lease ends, and the run goes on elsewhere."""
    from eilbote.model.moment import later, moment_of

    text = "name: f\nnodes:\n  - {id: a, kind: set_value, values: {input.x: 'done'}}\n"
    async with Eilbote(database_url=postgres_database) as eilbote:
        run = await eilbote.flows.begin(text)
        now = moment_of(eilbote.clock.now())
        claimed = await eilbote.flows.store.claim("gone", limit=1, now=now, until=later(now, 0.5))
        assert [kept.id for kept in claimed] == [run.id]
        assert await eilbote.flows.resume() == ()
        (ended,) = await eilbote.flows.resume(run.id)  # stays with it until the lease is over
        assert (ended.status, ended.input) == ("done", {"x": "done"})
