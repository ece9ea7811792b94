"""What a worker promises of one instance: kept before and after, done once, left to people, never lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.engine.process.process_scene import ONE_MAIL, SEND, TASK, WAITS, ProcessScene, parked, text_of

from eilbote.author.process.instance import (
    DeedDone,
    IncidentDecided,
    InstanceStatus,
    MessageArrived,
    TaskCompleted,
)
from eilbote.author.process.kept import WaitKind
from eilbote.engine.process.process_deeds import Asked
from eilbote.engine.process.process_view import in_full
from eilbote.errors import LeaseLostError, OutboxUnavailableError
from eilbote.model.ids import EntryId
from eilbote.model.moment import later
from eilbote.record.notice import NoticeKind

MAIL = text_of(ONE_MAIL, ready=SEND)
DEFINITION = "<messageEventDefinition/>"


@pytest.mark.asyncio
async def test_what_is_wanted_is_on_the_disk_before_it_is_done() -> None:
    scene = ProcessScene()
    await scene.begin(MAIL)
    kept_then: list[object] = []

    def look(asked: Asked) -> DeedDone:
        record = scene.store._instances["i1"]  # noqa: SLF001 - what a crash at this moment would leave
        kept_then.append(record.state)
        return DeedDone()

    scene.played.says = look
    kept = await scene.work()
    assert kept.status is InstanceStatus.COMPLETED
    assert kept.stage == "Ready"
    assert '"i1/ready/0"' in str(kept_then[0])


@pytest.mark.asyncio
async def test_whoever_takes_it_up_again_does_the_same_deed_and_knows_that_it_may_be_done() -> None:
    scene = ProcessScene()
    await scene.begin(MAIL)

    def vanish(_: Asked) -> DeedDone:
        raise OutboxUnavailableError("gone")

    scene.played.says = vanish
    with pytest.raises(OutboxUnavailableError):
        await scene.work()
    scene.played.says = lambda _: DeedDone()
    kept = await scene.work()
    first, second = scene.played.asked
    assert (first.name, second.name) == ("i1/ready/0", "i1/ready/0")
    assert first.wanted == second.wanted
    assert (first.again, second.again) == (False, True)
    assert kept.status is InstanceStatus.COMPLETED


@pytest.mark.asyncio
async def test_a_worker_that_is_to_stop_begins_nothing_and_leaves_no_doubt() -> None:
    scene = ProcessScene()
    await scene.begin(MAIL)
    scene.is_stopping = True
    kept = await scene.work()
    assert scene.played.asked == []
    assert kept.due == scene.now()
    scene.is_stopping = False
    await scene.work()
    assert [asked.again for asked in scene.played.asked] == [False]


@pytest.mark.asyncio
async def test_it_waits_for_its_message_in_a_row_and_is_not_sent_again() -> None:
    scene = ProcessScene()
    await scene.begin(text_of(ONE_MAIL, ready=SEND | {"on_failure": "error"}))
    entry = EntryId(42)
    scene.played.says = lambda _: parked(entry=entry)
    kept = await scene.work()
    assert [(wait.kind, wait.entry) for wait in kept.waits] == [(WaitKind.MAIL, entry)]
    assert kept.due is None
    scene.played.says = lambda _: DeedDone()
    await scene.work()
    assert [asked.entry for asked in scene.played.asked] == [None, entry]
    assert (await scene.kept()).waits == ()


@pytest.mark.asyncio
async def test_what_fails_is_an_incident_and_a_try_anew_has_a_name_of_its_own() -> None:
    scene = ProcessScene()
    await scene.begin(MAIL)
    scene.played.says = lambda _: DeedDone(error={"code": "route", "message": "disabled"})
    kept = await scene.work()
    assert (kept.status, kept.incidents) == (InstanceStatus.RUNNING, 1)
    assert scene.told.kinds()[-1] is NoticeKind.INSTANCE_INCIDENT
    (incident,) = in_full(await scene.kept()).incidents
    scene.played.says = lambda _: DeedDone()
    assert await scene.post(IncidentDecided(key=incident.key, retries=True, by="anna"))
    kept = await scene.work()
    assert kept.status is InstanceStatus.COMPLETED
    second = scene.played.asked[-1]
    assert (second.name, second.former) == ("i1/ready/0.1", ("i1/ready/0",))
    assert not second.again


@pytest.mark.asyncio
async def test_a_message_is_taken_in_once_and_what_nobody_waits_for_is_told() -> None:
    scene = ProcessScene()
    await scene.begin(text_of(WAITS, wait={"result": "payment"}))
    await scene.work()
    assert await scene.post(MessageArrived(name="payment", correlation="i1", data={"n": 1}), "m1")
    assert not await scene.post(MessageArrived(name="payment", correlation="i1", data={"n": 1}), "m1")
    assert await scene.post(MessageArrived(name="refund", correlation="i1"), "m2")
    kept = await scene.work()
    assert in_full(kept).data["payment"] == {"n": 1}
    assert NoticeKind.TRIGGER_DROPPED in scene.told.kinds()
    assert (await scene.kept()).triggers == ()


@pytest.mark.asyncio
async def test_people_are_told_once_the_task_is_on_the_disk_and_it_is_closed_when_done() -> None:
    scene = ProcessScene()
    await scene.begin(text_of(TASK, check={"title": "Check"}))
    scene.people.again = later(scene.now(), 86_400)
    kept = await scene.work()
    (wait,) = kept.waits
    assert scene.people.told == [wait.key]
    assert kept.due == scene.people.again
    await scene.post(TaskCompleted(key=wait.key, by="anna"))
    assert (await scene.work()).status is InstanceStatus.COMPLETED
    assert scene.people.gone == [wait.key]


@pytest.mark.asyncio
async def test_one_that_was_called_back_does_nothing_more() -> None:
    scene = ProcessScene()
    await scene.begin(MAIL)
    assert await scene.store.cancel("i1", now=scene.now())
    assert (await scene.work()).status is InstanceStatus.CANCELLED
    assert scene.played.asked == []


@pytest.mark.asyncio
async def test_who_has_lost_the_lease_keeps_nothing() -> None:
    scene = ProcessScene()
    await scene.begin(MAIL)
    slow = await scene.claim()
    await scene.work()
    with pytest.raises(LeaseLostError):
        await scene.runs.work(slow)
    assert len(scene.played.asked) == 1


@pytest.mark.asyncio
async def test_an_instance_that_cannot_be_read_is_left_to_people_and_goes_on_when_it_can() -> None:
    scene = ProcessScene()
    await scene.begin(MAIL)
    kept = await scene.claim()
    sound = kept.state
    broken = await scene.runs.work(replace(kept, state={"form": 99}))
    assert (broken.status, broken.incidents) == (InstanceStatus.RUNNING, 1)
    assert in_full(await scene.kept()).error
    kept = await scene.claim()
    assert (await scene.runs.work(replace(kept, state=sound))).status is InstanceStatus.COMPLETED
    assert not in_full(await scene.kept()).error


@pytest.mark.asyncio
async def test_an_answer_that_is_too_large_to_be_kept_is_left_to_people_at_once() -> None:
    scene = ProcessScene()
    asks = {"http": {"method": "POST", "url": "https://example.org/", "result": "answer"}}
    await scene.begin(
        text_of(ONE_MAIL.replace("intermediateThrowEvent", "serviceTask").replace(DEFINITION, ""), ready=asks)
    )
    scene.played.says = lambda _: DeedDone(result={"body": "x" * 9_000_000})
    kept = await scene.work()
    assert (kept.status, kept.incidents) == (InstanceStatus.RUNNING, 1)
    assert "octets" in str(in_full(kept).error["message"])
    await scene.work()
    assert [asked.again for asked in scene.played.asked] == [False, True]


@pytest.mark.asyncio
async def test_one_that_cannot_be_worked_is_not_woken_by_its_message_and_finds_it_again() -> None:
    scene = ProcessScene()
    await scene.begin(text_of(ONE_MAIL, ready=SEND | {"on_failure": "error", "result": "sent"}))
    entry = EntryId(42)
    scene.played.says = lambda _: parked(entry=entry)
    await scene.work()
    scene.played.says = lambda _: DeedDone(result={"body": "x" * 9_000_000})
    assert (await scene.work()).incidents == 1
    assert await scene.store.awaited(limit=10) == ()
    scene.played.says = lambda _: DeedDone()
    assert (await scene.work()).status is InstanceStatus.COMPLETED
    assert [(asked.entry, asked.again) for asked in scene.played.asked] == [
        (None, False),
        (entry, True),
        (None, True),
    ]


@pytest.mark.asyncio
async def test_who_gets_a_message_is_decided_before_it_is_given_and_stands_after_a_crash() -> None:
    scene = ProcessScene()
    sends = {
        "system_name": "throws",
        "state": "Thrown",
        "destination": "intermediate",
        "message": "payment",
        "correlation": "{{ n }}",
    }
    await scene.begin(text_of(ONE_MAIL, ready=sends), {"n": 1})
    scene.played.before = lambda _: "i7\nwaits"

    def vanish(_: Asked) -> DeedDone:
        raise OutboxUnavailableError("gone")

    scene.played.says = vanish
    with pytest.raises(OutboxUnavailableError):
        await scene.work()
    scene.played.before = lambda _: "i8\nsomebody else"
    scene.played.says = lambda _: DeedDone()
    await scene.work()
    assert [asked.note for asked in scene.played.asked] == ["i7\nwaits", "i7\nwaits"]
