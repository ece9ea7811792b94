"""Mail whose time is over while its server is down: nobody claims it, and its author still has to hear."""

import pytest
from tests.unit.engine.courier_scene import Scene

from eilbote.errors import AuthenticationError
from eilbote.model.attempt import EventKind
from eilbote.model.moment import later
from eilbote.model.status import EntryState, RecipientStatus

WRONG_PASSWORD = AuthenticationError("the server refused the password", stage="auth", reply_code=535)


@pytest.mark.asyncio
async def test_what_expires_behind_a_paused_connection_is_given_up_in_time() -> None:
    """It used to wait for the next probe after its time: with a wrong password for hours, without one for ever."""
    scene = Scene(lease_seconds=120.0)
    scene.office.down = WRONG_PASSWORD
    await scene.store.open()
    (short,) = await scene.submit(lifetime=100.0)
    (later_due,) = await scene.submit(lifetime=120.0, due=later(scene.now(), 90.0))
    (long,) = await scene.submit(lifetime=3600.0)
    async with scene.running():
        await scene.time.turn(60.0)
        assert await scene.states() == {"queued": 3}
        await scene.time.turn(120.0)
        for entry in (short, later_due):
            seen = await scene.entry(entry)
            assert seen.state is EntryState.DONE
            assert seen.recipients[0].status is RecipientStatus.FAILED
        assert (await scene.entry(long)).state is EntryState.QUEUED
        assert scene.heard.kinds() == [
            EventKind.CONNECTION_PAUSED,
            EventKind.GAVE_UP,
            EventKind.GAVE_UP,
        ]
    assert scene.office.tried == 1


@pytest.mark.asyncio
async def test_very_many_are_given_up_in_batches() -> None:
    scene = Scene(lease_seconds=120.0)
    scene.office.down = WRONG_PASSWORD
    await scene.store.open()
    await scene.submit(700, lifetime=100.0)
    async with scene.running():
        await scene.time.turn(150.0)
        assert await scene.states() == {"done": 700}
    assert scene.heard.kinds().count(EventKind.GAVE_UP) == 700
