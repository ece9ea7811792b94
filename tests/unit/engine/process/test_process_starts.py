"""What begins instances by itself: a timer once for each turn, and missed turns once together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.engine.process.process_scene import HEAD, ProcessScene

from eilbote.author.process.bundle import Bundle, write_bundle
from eilbote.author.process.kept import InstanceFilter, StartKind, StoredProcess
from eilbote.author.process.written.read_definition import read_definition
from eilbote.engine.process.process_starts import TIMER, ProcessStarts, starts_of
from eilbote.model.moment import later
from eilbote.record.notice import NoticeKind

DAILY = write_bundle(
    Bundle(
        bpmn=f"""{HEAD}<startEvent id="start"><timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition></startEvent>
<sequenceFlow id="f1" sourceRef="start" targetRef="end"/><endEvent id="end"/></process></definitions>""",
        settings="process: order",
    )
)


async def published(scene: ProcessScene) -> ProcessStarts:
    now = scene.now()
    new = StoredProcess(organization="", name="order", draft=None, published=0, changed=now, revision=0)
    stored = await scene.store.keep_draft(new, DAILY, now=now)
    starts = starts_of(read_definition(DAILY), organization="", now=now)
    await scene.store.publish("", "order", revision=stored.revision, starts=starts, now=now)
    return ProcessStarts(scene.store, time=scene.time, report=scene.told)


async def begun(scene: ProcessScene) -> int:
    return len(await scene.store.instances(InstanceFilter(process="order"), limit=100))


@pytest.mark.asyncio
async def test_each_turn_begins_one_instance_whoever_looks() -> None:
    scene = ProcessScene()
    starts = await published(scene)
    assert await starts.begin_due() == 0
    scene.pass_time(3600)
    assert await starts.begin_due() == 1
    assert await starts.begin_due() == 0
    scene.pass_time(3600)
    (due,) = await scene.store.due_starts(now=scene.now(), limit=10)
    await starts.begin_due()
    assert await begun(scene) == 2
    assert not await scene.store.move_start(due, due=None)  # another one has noted it
    (kept, _) = await scene.store.instances(InstanceFilter(process="order"))
    assert kept.author == TIMER


@pytest.mark.asyncio
async def test_turns_that_were_missed_begin_one_instance_together() -> None:
    scene = ProcessScene()
    starts = await published(scene)
    scene.pass_time(2.5 * 3600)
    await starts.begin_due()
    assert await begun(scene) == 1
    assert await starts.begin_due() == 0


@pytest.mark.asyncio
async def test_a_crash_between_beginning_and_noting_begins_no_second_one() -> None:
    scene = ProcessScene()
    starts = await published(scene)
    scene.pass_time(3600)
    moved = scene.store.move_start

    async def forget(*_: object, **__: object) -> bool:
        return False

    scene.store.move_start = forget  # type: ignore[method-assign, assignment]
    await starts.begin_due()
    scene.store.move_start = moved  # type: ignore[method-assign]
    await starts.begin_due()
    assert await begun(scene) == 1


@pytest.mark.asyncio
async def test_a_process_that_was_dropped_and_published_anew_begins_again() -> None:
    scene = ProcessScene()
    for count in (1, 2):
        starts = await published(scene)
        scene.pass_time(3600)
        assert await starts.begin_due() == 1
        assert await begun(scene) == count
        assert await scene.store.drop("", "order")


@pytest.mark.asyncio
async def test_a_process_that_cannot_begin_is_told_and_its_timer_goes_on() -> None:
    scene = ProcessScene()
    starts = await published(scene)
    scene.pass_time(3600)
    version = await scene.store.version("", "order")
    assert version is not None
    spoilt = replace(version, text="nothing")

    async def give(*_: object) -> object:
        return spoilt

    scene.store.version = give  # type: ignore[method-assign, assignment]
    assert await starts.begin_due() == 0
    assert NoticeKind.START_FAILED in scene.told.kinds()


def test_what_begins_by_itself_is_known_when_it_is_published() -> None:
    scene = ProcessScene()
    (start,) = starts_of(read_definition(DAILY), organization="acme", now=scene.now())
    assert (start.kind, start.element, start.due) == (StartKind.TIMER, "start", later(scene.now(), 3600))
