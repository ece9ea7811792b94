"""A wall clock that jumps: what cannot be taken back is not decided by it before it can be believed."""

from datetime import timedelta

import pytest
from tests.unit.engine.courier_scene import Scene
from tests.unit.engine.memory_transport import receipt_for

from eilbote.errors import AuthenticationError
from eilbote.model.attempt import EventKind
from eilbote.model.envelope import Envelope
from eilbote.model.message import Message
from eilbote.model.receipt import Receipt
from eilbote.model.status import EntryState, RecipientStatus

DAYS = timedelta(days=5)
WRONG_PASSWORD = AuthenticationError("the server refused the password", stage="auth", reply_code=535)


def jump(scene: Scene, by: timedelta) -> None:
    scene.time.clock.set_wall_clock(scene.time.clock.now() + by)


async def submitted(scene: Scene, count: int = 1, **changes: object) -> None:
    await scene.store.open()
    await scene.submit(count, **changes)


@pytest.mark.asyncio
async def test_what_waits_behind_a_paused_connection_outlives_a_clock_that_is_ahead_for_a_moment() -> None:
    """Four days were over in the clock's eyes, and the next look for expired entries failed all that waited."""
    scene = Scene(lease_seconds=120.0)
    scene.office.down = WRONG_PASSWORD
    await submitted(scene, 3)
    async with scene.running():
        await scene.time.turn(60.0)
        jump(scene, DAYS)
        await scene.time.turn(300.0)
        assert await scene.states() == {"queued": 3}
        jump(scene, -DAYS)
        await scene.time.turn(3600.0)
        assert EventKind.GAVE_UP not in scene.heard.kinds()
        scene.office.down = None
        await scene.store.resume("office", now=scene.now())
        await scene.time.turn(60.0)
        assert await scene.states() == {"done": 3}
        assert len(scene.office.sent) == 3


@pytest.mark.asyncio
async def test_a_clock_that_stays_ahead_is_believed_after_ten_minutes() -> None:
    scene = Scene(lease_seconds=120.0)
    scene.office.down = WRONG_PASSWORD
    await submitted(scene, 3)
    async with scene.running():
        await scene.time.turn(60.0)
        jump(scene, DAYS)
        await scene.time.turn(9 * 60.0)
        assert await scene.states() == {"queued": 3}
        await scene.time.turn(4 * 60.0)
        assert await scene.states() == {"done": 3}
        assert scene.heard.kinds().count(EventKind.GAVE_UP) == 3


@pytest.mark.asyncio
async def test_what_is_claimed_meanwhile_is_neither_sent_nor_failed() -> None:
    """By the one clock it is too late for it, by the other one it is not: it waits until that is known."""
    scene = Scene()
    await scene.store.open()
    async with scene.running():
        old = scene.new_entry(lifetime=3600.0)
        jump(scene, DAYS)
        await scene.time.turn(30.0)
        [entry] = [acceptance.id for acceptance in await scene.store.accept([old])]
        await scene.time.turn(30.0)
        seen = await scene.entry(entry)
        assert (seen.state, seen.attempts) == (EntryState.DEFERRED, 0)
        assert "clock" in seen.reason
        assert scene.office.sent == []
        jump(scene, -DAYS)
        await scene.time.turn(90.0)
        assert (await scene.entry(entry)).state is EntryState.DONE
        assert len(scene.office.sent) == 1
    assert scene.heard.kinds() == [EventKind.ACCEPTED]


@pytest.mark.asyncio
async def test_a_refusal_that_comes_meanwhile_is_tried_again() -> None:
    scene = Scene()
    hops = [DAYS]

    def decide(envelope: Envelope, message: Message) -> Receipt:
        for by in hops:
            jump(scene, by)
        hops.clear()
        return receipt_for(envelope, message, RecipientStatus.DEFERRED)

    scene.office.decide = decide
    await submitted(scene)
    async with scene.running():
        await scene.time.turn(10.0)
        assert await scene.states() == {"deferred": 1}
        jump(scene, -DAYS)
        scene.office.decide = receipt_for
        await scene.time.turn(600.0)
        assert await scene.states() == {"done": 1}
    assert EventKind.GAVE_UP not in scene.heard.kinds()


@pytest.mark.asyncio
async def test_a_clock_that_was_ahead_for_less_than_a_look_puts_nothing_off_for_days() -> None:
    scene = Scene(lease_seconds=600.0)  # a look takes place every hundred seconds

    def decide(envelope: Envelope, message: Message) -> Receipt:
        jump(scene, DAYS)
        return receipt_for(envelope, message, RecipientStatus.DEFERRED)

    scene.office.decide = decide
    await submitted(scene)
    async with scene.running():
        await scene.time.turn(1.0)
        assert len(scene.office.sent) == 1
        jump(scene, -DAYS)
        scene.office.decide = receipt_for
        await scene.time.turn(4 * 3600.0 + 200.0)
        assert await scene.states() == {"done": 1}


@pytest.mark.asyncio
async def test_finished_entries_and_their_keys_are_not_forgotten_by_a_clock_that_is_ahead() -> None:
    """A message that is submitted again under its key would be sent again."""
    scene = Scene(housekeeping_seconds=60.0)
    await submitted(scene, 3)
    async with scene.running():
        await scene.time.turn(30.0)
        assert await scene.states() == {"done": 3}
        jump(scene, timedelta(days=400))
        await scene.time.turn(300.0)
        assert await scene.states() == {"done": 3}
        await scene.time.turn(600.0)
        assert await scene.states() == {}
