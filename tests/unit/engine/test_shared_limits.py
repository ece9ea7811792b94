"""Limits that several couriers keep together: each counts what all have sent, and takes a share of what is left."""

from itertools import pairwise

import pytest
from tests.unit.engine.courier_scene import Scene
from tests.unit.engine.memory_transport import receipt_for
from tests.unit.engine.test_courier_sites import limited

from eilbote.engine.shared_limits import share
from eilbote.model.status import RecipientStatus


@pytest.mark.parametrize("room", [-3, 0, 1, 2, 7, 100])
@pytest.mark.parametrize("among", [1, 2, 3, 5])
def test_shares_are_alike_and_leave_nothing(room: int, among: int) -> None:
    shares = [share(room, among=among, rank=rank, now=7_000_000) for rank in range(among)]
    assert sum(shares) == max(0, room)
    assert max(shares) - min(shares) <= 1


def test_the_last_message_is_everybodys_in_turn_and_nobodys_in_between() -> None:
    """Whoever has it in hand would else wait for ever for the one whose it is to begin."""
    turns = [
        tuple(share(1, among=2, rank=rank, now=second * 1000) for rank in range(2)) for second in range(60)
    ]
    assert set(turns) == {(1, 0), (0, 1), (0, 0)}
    for earlier, following in pairwise(turns):
        assert {earlier, following} != {(1, 0), (0, 1)}


@pytest.mark.asyncio
async def test_two_couriers_keep_the_limit_of_a_day_together() -> None:
    """Each of them counted what was sent before it began, and then only what it sent itself."""
    scene = Scene(poll_seconds=1.0, lease_seconds=600.0)
    scene.book.kept["office"] = limited(messages_per_day=20)
    await scene.store.open()
    async with scene.running(), scene.running(scene.another_courier("second")):
        await scene.time.turn(5.0)
        await scene.submit(100)
        await scene.time.turn(600.0)
        assert len(scene.office.sent) == 20
        tried = [await scene.store.history(entry.id) for entry in await scene.entries()]
    assert {attempt.courier[:5] for history in tried for attempt in history.attempts} == {"shift", "secon"}


@pytest.mark.asyncio
async def test_two_couriers_that_meet_a_heap_keep_it_as_well() -> None:
    scene = Scene(poll_seconds=1.0, lease_seconds=600.0)
    scene.book.kept["office"] = limited(messages_per_minute=10)
    await scene.store.open()
    async with scene.running(), scene.running(scene.another_courier("second")):
        await scene.time.turn(5.0)
        await scene.submit(100)
        await scene.time.turn(50.0)
        assert len(scene.office.sent) == 10
        await scene.time.turn(240.0)
        assert 30 <= len(scene.office.sent) <= 50


@pytest.mark.asyncio
async def test_the_limit_of_a_minute_holds_over_a_restart() -> None:
    """The minute was not looked up, so every restart allowed another one's worth."""
    scene = Scene(poll_seconds=1.0, lease_seconds=600.0, grace_seconds=1.0)
    scene.book.kept["office"] = limited(messages_per_minute=10)
    await scene.store.open()
    await scene.submit(100)
    async with scene.running():
        await scene.time.turn(5.0)
    assert len(scene.office.sent) == 10
    async with scene.running(scene.another_courier("second")):
        await scene.time.turn(10.0)
        assert len(scene.office.sent) == 10


@pytest.mark.asyncio
async def test_a_failed_attempt_counts_as_well() -> None:
    scene = Scene(poll_seconds=20.0, lease_seconds=600.0)
    scene.book.kept["office"] = limited(messages_per_day=10)
    scene.office.decide = lambda envelope, message: receipt_for(envelope, message, RecipientStatus.DEFERRED)
    await scene.store.open()
    await scene.submit(30)
    async with scene.running(), scene.running(scene.another_courier("second")):
        await scene.time.turn(3600.0)
        assert len(scene.office.sent) == 10
