"""Servers that are down, refuse the password, or come back: who waits, who is told, and how often it is tried."""

import pytest
from tests.unit.engine.courier_scene import Scene, connection
from tests.unit.engine.memory_transport import receipt_for

from eilbote.connections.connection import Connection
from eilbote.connections.limits import Limits
from eilbote.errors import AuthenticationError, ConnectError, InDoubtError, TLSError
from eilbote.model.attempt import EventKind
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.store import Pause
from eilbote.record.notice import NoticeKind

DOWN = ConnectError("connection refused", stage="connect", server="office.example.org:465")
WRONG_PASSWORD = AuthenticationError("the server refused the password", stage="auth", reply_code=535)


async def submitted(scene: Scene, count: int = 1, **changes: object) -> None:
    await scene.store.open()
    await scene.submit(count, **changes)


@pytest.mark.asyncio
async def test_a_server_that_is_down_is_tried_seldom_and_costs_no_message_an_attempt() -> None:
    scene = Scene(lease_seconds=120.0)
    scene.office.down = DOWN
    await submitted(scene, 300)
    async with scene.running():
        await scene.time.turn(600.0)
        assert 10 <= scene.office.tried <= 60
        assert scene.office.sent == []
        assert await scene.states() == {"queued": 300}
        (pause,) = await scene.store.pauses()
        assert "connection refused" in pause.reason
        scene.office.down = None
        await scene.time.turn(70.0)
        assert await scene.states() == {"done": 300}
        assert await scene.store.pauses() == []
    assert {entry.attempts for entry in await scene.entries()} == {1}
    kinds = [kind for kind in scene.heard.kinds() if kind is not EventKind.ACCEPTED]
    assert kinds == [EventKind.CONNECTION_PAUSED, EventKind.CONNECTION_RESUMED]


@pytest.mark.asyncio
async def test_a_wrong_password_is_tried_once_in_twelve_minutes_and_keeps_all_mail() -> None:
    scene = Scene(poll_seconds=5.0, lease_seconds=120.0)
    scene.office.down = WRONG_PASSWORD
    await submitted(scene, 10)
    async with scene.running():
        await scene.time.turn(11 * 60.0)
        assert scene.office.tried == 1
        assert await scene.states() == {"queued": 10}
        assert scene.heard.kinds() == [EventKind.CONNECTION_PAUSED]
        await scene.time.turn(5 * 60.0)
        assert scene.office.tried == 2
        (pause,) = await scene.store.pauses()
        assert pause.failures == 2
        assert scene.heard.kinds() == [EventKind.CONNECTION_PAUSED]


@pytest.mark.asyncio
async def test_another_password_is_tried_at_once() -> None:
    scene = Scene()
    scene.office.down = WRONG_PASSWORD
    await submitted(scene, 10)
    async with scene.running():
        await scene.time.turn(60.0)
        scene.office.down = None
        scene.book.kept["office"] = connection("office", "two")
        await scene.time.turn(5.0)
        assert await scene.states() == {"done": 10}
        assert await scene.store.pauses() == []


@pytest.mark.asyncio
async def test_somebody_who_ends_the_pause_gets_one_probe_at_once() -> None:
    scene = Scene()
    scene.office.down = WRONG_PASSWORD
    await submitted(scene, 10)
    async with scene.running():
        await scene.time.turn(60.0)
        await scene.store.resume("office", now=scene.now())
        await scene.time.turn(5.0)
        assert scene.office.tried == 2
        assert len(await scene.store.pauses()) == 1
        scene.office.down = None
        await scene.store.resume("office", now=scene.now())
        await scene.time.turn(5.0)
        assert await scene.states() == {"done": 10}


@pytest.mark.asyncio
async def test_a_pause_outlives_the_courier_that_noted_it() -> None:
    scene = Scene()
    await submitted(scene)
    wall = scene.now()
    until = wall + 600_000
    await scene.store.pause(Pause(connection="office", since=wall, until=until, reason="535", failures=1))  # type: ignore[arg-type]
    async with scene.running():
        await scene.time.turn(590.0)
        assert scene.office.tried == 0
        await scene.time.turn(20.0)
        assert scene.office.tried == 1
        assert await scene.states() == {"done": 1}


@pytest.mark.asyncio
async def test_a_pause_noted_by_another_courier_is_kept_to() -> None:
    scene = Scene()
    await scene.store.open()
    async with scene.running():
        await scene.time.turn(5.0)
        wall = scene.now()
        until = wall + 600_000
        await scene.store.pause(Pause(connection="office", since=wall, until=until, reason="535", failures=1))  # type: ignore[arg-type]
        await scene.time.turn(5.0)
        await scene.submit(3)
        await scene.time.turn(60.0)
        assert scene.office.tried == 0
        await scene.time.turn(540.0)
        assert await scene.states() == {"done": 3}


@pytest.mark.asyncio
async def test_one_connection_that_is_down_delays_no_other() -> None:
    scene = Scene("office", "shop")
    scene.office.down = DOWN
    await submitted(scene, 100)
    await submitted(scene, 100, connections=("shop",))
    async with scene.running():
        await scene.time.turn(2.0)
        assert len(scene.servers["shop"].sent) == 100
        assert scene.office.sent == []


@pytest.mark.asyncio
async def test_mail_that_may_goes_through_its_next_connection() -> None:
    scene = Scene("office", "backup")
    scene.office.down = DOWN
    await submitted(scene, 50)
    await submitted(scene, 50, connections=("office", "backup"))
    async with scene.running():
        await scene.time.turn(60.0)
        assert await scene.states() == {"done": 50, "queued": 50}
    assert len(scene.servers["backup"].sent) == 50
    assert NoticeKind.ENTRIES_DIVERTED in scene.heard.noticed_kinds()


@pytest.mark.asyncio
async def test_refused_behind_an_open_session_mail_is_kept_and_the_connection_pauses() -> None:
    """Many servers put off "authentication required" from AUTH to MAIL (RFC 4954 section 6)."""
    scene = Scene()
    refused = AuthenticationError("authentication required", stage="mail", reply_code=530)
    scene.office.decide = lambda envelope, message: receipt_for(
        envelope, message, RecipientStatus.DEFERRED, refused
    )
    await submitted(scene, 100)
    async with scene.running():
        await scene.time.turn(300.0)
        assert await scene.states() == {"queued": 100}
        (pause,) = await scene.store.pauses()
        assert "authentication required" in pause.reason
    assert len(scene.office.sent) < 20
    assert {entry.attempts for entry in await scene.entries()} == {0}


@pytest.mark.asyncio
async def test_an_unknown_connection_pauses_until_it_is_known() -> None:
    scene = Scene()
    del scene.book.kept["office"]
    await submitted(scene, 5)
    async with scene.running():
        await scene.time.turn(30.0)
        (pause,) = await scene.store.pauses()
        assert "no connection is called office" in pause.reason
        scene.book.kept["office"] = connection("office")
        await scene.time.turn(5.0)
        assert await scene.states() == {"done": 5}


@pytest.mark.asyncio
async def test_settings_changed_in_mid_work_are_used_from_then_on() -> None:
    scene = Scene()
    await scene.store.open()
    async with scene.running():
        await scene.submit()
        await scene.time.turn(1.0)
        scene.book.kept["office"] = connection("office", "two")
        await scene.time.turn(5.0)
        assert scene.office.ending == "closed"
        await scene.submit()
        await scene.time.turn(1.0)
        assert await scene.states() == {"done": 2}
        assert scene.office.tried == 2


@pytest.mark.asyncio
async def test_an_idle_connection_is_closed() -> None:
    scene = Scene()
    await submitted(scene)
    async with scene.running():
        await scene.time.turn(25.0)
        assert scene.office.ending == ""
        await scene.time.turn(10.0)
        assert scene.office.ending == "closed"


@pytest.mark.asyncio
async def test_a_limit_of_messages_a_minute_is_kept() -> None:
    scene = Scene()
    scene.book.kept["office"] = limited(messages_per_minute=6)
    await submitted(scene, 30)
    async with scene.running():
        await scene.time.turn(55.0)
        assert len(scene.office.sent) <= 6
        await scene.time.turn(240.0)
        assert 24 <= len(scene.office.sent) <= 30


@pytest.mark.asyncio
async def test_a_limit_of_messages_a_day_holds_over_a_restart() -> None:
    scene = Scene(poll_seconds=20.0, lease_seconds=120.0)
    scene.book.kept["office"] = limited(messages_per_day=10)
    await submitted(scene, 15)
    async with scene.running():
        await scene.time.turn(60.0)
    assert len(scene.office.sent) == 10
    async with scene.running(scene.another_courier("second")):
        await scene.time.turn(600.0)
        assert len(scene.office.sent) == 10


@pytest.mark.asyncio
async def test_a_server_that_vanishes_behind_each_content_is_not_given_all_mail() -> None:
    scene = Scene()
    scene.office.decide = lambda envelope, message: receipt_for(
        envelope, message, RecipientStatus.IN_DOUBT, InDoubtError(f"lost {id(object())}")
    )
    await submitted(scene, 200)
    async with scene.running():
        await scene.time.turn(30.0)
    states = await scene.states()
    assert states["queued"] > 150
    assert all(entry.state is not EntryState.DONE for entry in await scene.entries())


@pytest.mark.asyncio
async def test_a_fault_of_certificates_keeps_the_mail_as_well() -> None:
    scene = Scene()
    scene.office.down = TLSError("the certificate has expired")
    await submitted(scene, 5)
    async with scene.running():
        await scene.time.turn(120.0)
        assert await scene.states() == {"queued": 5}
        (pause,) = await scene.store.pauses()
        assert "certificate" in pause.reason


def limited(**limits: int) -> Connection:
    return Connection(host="office.example.org", name="office", limits=Limits(**limits))  # type: ignore[arg-type]
