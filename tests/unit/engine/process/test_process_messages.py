"""Who gets a message, how long it is kept for somebody, and that it is given once."""

from __future__ import annotations

import pytest
from tests.unit.engine.process.process_scene import WAITS, ProcessScene, text_of

from eilbote.author.process.instance import DeedDone, SendMessage, Wanted
from eilbote.author.process.written.read_definition import read_definition
from eilbote.engine.process.process_deeds import Asked, Parked
from eilbote.engine.process.process_messages import PATIENCE_SECONDS, ProcessMessages
from eilbote.engine.process.process_starts import ProcessStarts
from eilbote.model.moment import later

TEXT = text_of(WAITS, wait={"result": "payment"})


async def asked(scene: ProcessScene, deed: SendMessage, *, note: str = "", after: float = 0.0) -> Asked:
    kept = await scene.begin(TEXT)
    wanted = Wanted(key="i9/throw/0", element="throw", deed=deed, since=scene.now())
    return Asked(
        kept=kept,
        definition=read_definition(TEXT),
        wanted=wanted,
        note=note,
        again=False,
        now=later(scene.now(), after),
    )


def messages(scene: ProcessScene) -> ProcessMessages:
    return ProcessMessages(scene.store, ProcessStarts(scene.store, time=scene.time, report=scene.told))


PAYMENT = SendMessage(name="payment", begins=False, correlation="i1", data={"n": 7})


@pytest.mark.asyncio
async def test_nobody_waits_yet_and_it_is_kept_for_a_minute() -> None:
    scene = ProcessScene()
    early = await asked(scene, PAYMENT)
    found = await messages(scene).prepare(early, PAYMENT)
    assert isinstance(found, Parked)
    late = await asked(scene, PAYMENT, after=PATIENCE_SECONDS)
    found = await messages(scene).prepare(late, PAYMENT)
    assert isinstance(found, DeedDone)
    assert found.error is not None
    assert not found.catchable


@pytest.mark.asyncio
async def test_it_is_given_to_whom_it_was_decided_for_and_taken_in_once() -> None:
    scene = ProcessScene()
    await asked(scene, PAYMENT)
    await scene.work()
    sender = messages(scene)
    note = await sender.prepare(await asked(scene, PAYMENT), PAYMENT)
    assert note == "i1\ni1/wait/0"
    wanted = await asked(scene, PAYMENT, note=note)
    for _ in range(2):  # whoever takes the sender up again gives it again
        assert isinstance(await sender.perform(wanted, PAYMENT), DeedDone)
    assert len((await scene.kept()).triggers) == 1


@pytest.mark.asyncio
async def test_another_organization_is_never_reached() -> None:
    scene = ProcessScene()
    await asked(scene, PAYMENT)
    await scene.work()
    sender = messages(scene)
    assert await sender.receiver("payment", organization="acme", instance="i1") is None
    assert await sender.receiver("payment", organization="acme", correlation="i1") is None
    assert await sender.receiver("payment", organization="", instance="i1") is not None
