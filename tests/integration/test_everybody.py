"""Courier, flows and notices in one process: mail goes on whatever happens to the others, and all end together."""

import asyncio

import pytest

from eilbote import Eilbote
from eilbote.app import everybody_for
from eilbote.model.moment import Moment
from eilbote.store.memory_flows import MemoryFlows
from eilbote.testing import Catcher, MemoryOutbox

FLOW = "name: f\nnodes:\n  - {id: mail, kind: send_smtp_email, to: a@example.org, subject: Hi}\n"


class BrokenOnce(MemoryFlows):
    """A store with a fault that nobody has foreseen."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 1

    async def next_due(self, now: Moment) -> Moment | None:
        if self.left:
            self.left -= 1
            raise ZeroDivisionError
        return await super().next_due(now)


@pytest.mark.asyncio
async def test_a_fault_in_the_work_on_flows_stops_no_mail(caplog: pytest.LogCaptureFixture) -> None:
    async with Catcher() as catcher:
        ways = {"default": catcher.connection(default_from="x@example.org")}
        async with (
            Eilbote(store=MemoryOutbox(), flows=BrokenOnce(), connections=ways) as eilbote,
            eilbote.courier(),
        ):
            run = await eilbote.flows.begin(FLOW)
            # Its worker rests for a while after that fault; somebody who wants the run now works it.
            ended = await eilbote.flows.resume(run.id)
    assert ended[0].status == "done"
    assert len(catcher.messages) == 1
    assert "unforeseen" in caplog.text


@pytest.mark.asyncio
async def test_everybody_ends_when_told_so() -> None:
    async with Eilbote(store=MemoryOutbox()) as eilbote:
        everybody = everybody_for(eilbote)
        working = asyncio.create_task(everybody.run())
        await asyncio.sleep(0)
        everybody.stop()
        async with asyncio.timeout(5):
            await working


@pytest.mark.asyncio
async def test_one_run_ends_when_nothing_is_due_though_a_message_cannot_go_out() -> None:
    async with Eilbote(
        store=MemoryOutbox(), connections={"default": "smtp://127.0.0.1:9?from=a@example.org"}
    ) as eilbote:
        run = await eilbote.flows.begin(FLOW)
        everybody = everybody_for(eilbote)
        async with asyncio.timeout(20):
            await everybody.run(once=True)
        assert (await eilbote.flows.get(run.id)).status == "waiting"
        assert list(everybody.unserved) == ["default"]
