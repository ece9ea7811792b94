"""What people decide about instances: whose word counts, and data that are changed while an instance stands still."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from eilbote.app import Eilbote
from eilbote.author.process.bundle import Bundle
from eilbote.author.process.instance import InstanceStatus
from eilbote.config.config import Config
from eilbote.errors import InstanceNotFoundError, ProcessError
from eilbote.model.secret import Secret
from eilbote.testing import MemoryOutbox

pytestmark = pytest.mark.asyncio

DIAGRAM = """<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="https://example.org">
  <process id="vacation" isExecutable="true">
    <startEvent id="Start"/>
    <sequenceFlow id="f1" sourceRef="Start" targetRef="Approve"/>
    <userTask id="Approve" name="Approve"/>
    <sequenceFlow id="f2" sourceRef="Approve" targetRef="Look"/>
    <userTask id="Look" name="Look"/>
    <sequenceFlow id="f3" sourceRef="Look" targetRef="End"/>
    <endEvent id="End"/>
  </process>
</definitions>
"""
SETTINGS = """
process: vacation
elements:
  Approve: {title: "May {{ name }} go?", result: decision}
  Look: {title: "Look at {{ day }}"}
"""


@pytest_asyncio.fixture
async def eilbote() -> AsyncGenerator[Eilbote]:
    config = Config(data_dir=Path("/nonexistent"), database_url=Secret("sqlite:///nonexistent.db"))
    async with Eilbote(store=MemoryOutbox(), config=config) as made:
        await made.processes.save(Bundle(bpmn=DIAGRAM, settings=SETTINGS))
        await made.processes.publish("vacation")
        yield made


async def test_whoever_comes_second_hears_who_was_first(eilbote: Eilbote) -> None:
    begun = await eilbote.processes.start("vacation", {"name": "Eva"}, wait_seconds=5)
    await eilbote.processes.complete(begun.id, "Approve", by="anna@example.org")
    with pytest.raises(ProcessError, match=r"anna@example\.org has done this task already"):
        await eilbote.processes.complete(begun.id, "Approve", by="max@example.org")


async def test_and_hears_it_still_when_the_instance_has_gone_on(eilbote: Eilbote) -> None:
    begun = await eilbote.processes.start("vacation", {"name": "Eva"}, wait_seconds=5)
    key = (await eilbote.processes.get(begun.id)).tasks[0].key
    await eilbote.processes.complete(begun.id, "Approve", by="anna@example.org")
    await eilbote.processes.resume(begun.id)
    for task in ("Approve", key):
        with pytest.raises(ProcessError, match=r"anna@example\.org has done this task already"):
            await eilbote.processes.complete(begun.id, task, by="max@example.org")


async def test_data_are_merged_into_an_instance_that_waits(eilbote: Eilbote) -> None:
    given = {"name": "Eva", "order": {"number": 1, "total": 2, "lines": [1, 2]}}
    begun = await eilbote.processes.start("vacation", given, wait_seconds=5)
    changes = {"day": "Friday", "order": {"total": 2.5, "number": None}}
    await eilbote.processes.set_data(begun.id, changes, by="anna@example.org")
    await eilbote.processes.complete(begun.id, "Approve", by="anna@example.org")
    (after,) = await eilbote.processes.resume(begun.id)
    assert after.data["order"] == {"total": Decimal("2.5"), "lines": [1, 2]}
    assert [task.title for task in after.tasks] == ["Look at Friday"]


async def test_the_same_change_may_come_again_later(eilbote: Eilbote) -> None:
    begun = await eilbote.processes.start("vacation", {"name": "Eva"}, wait_seconds=5)
    for day in ("Friday", "Monday", "Friday"):
        await eilbote.processes.set_data(begun.id, {"day": day}, by="anna")
        (after,) = await eilbote.processes.resume(begun.id)
        assert after.data["day"] == day


async def test_data_of_an_instance_that_has_ended_stay_as_they_are(eilbote: Eilbote) -> None:
    begun = await eilbote.processes.start("vacation", {"name": "Eva"}, wait_seconds=5)
    await eilbote.processes.cancel(begun.id)
    with pytest.raises(ProcessError, match="called back"):
        await eilbote.processes.set_data(begun.id, {"day": "Friday"}, by="anna")
    (ended,) = await eilbote.processes.resume(begun.id)
    assert ended.status is InstanceStatus.CANCELLED
    with pytest.raises(ProcessError, match="cannot be changed"):
        await eilbote.processes.set_data(begun.id, {"day": "Friday"}, by="anna")


async def test_data_of_an_instance_that_goes_on_at_this_moment_are_not_changed(eilbote: Eilbote) -> None:
    begun = await eilbote.processes.start("vacation", {"name": "Eva"})
    with pytest.raises(ProcessError, match="cannot be changed now"):
        await eilbote.processes.set_data(begun.id, {"day": "Friday"}, by="anna")


async def test_nothing_and_what_cannot_be_kept_is_refused(eilbote: Eilbote) -> None:
    begun = await eilbote.processes.start("vacation", {"name": "Eva"}, wait_seconds=5)
    with pytest.raises(ProcessError, match="nothing would change"):
        await eilbote.processes.set_data(begun.id, {}, by="anna")
    with pytest.raises(ProcessError, match="half a character"):
        await eilbote.processes.set_data(begun.id, {"day": "\ud800"}, by="anna")
    with pytest.raises(InstanceNotFoundError):
        await eilbote.processes.set_data("nobody", {"day": "Friday"}, by="anna")
