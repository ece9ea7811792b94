"""Couriers that die, sleep too long, or share an outbox: whose an entry is, and what becomes of it."""

from datetime import timedelta

import pytest
from tests.unit.engine.courier_scene import Scene
from tests.unit.engine.memory_transport import receipt_for

from eilbote.errors import OutboxUnavailableError
from eilbote.model.attempt import EventKind
from eilbote.model.ids import CourierId
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.entry import Lane
from eilbote.record.notice import NoticeKind

OFFICE = Lane("", "office")
DEAD = CourierId("dead")


async def held_by_the_dead(scene: Scene, *, transmitting: bool) -> None:
    """Let another courier claim two entries and never be heard of again."""
    await scene.store.open()
    await scene.submit(2)
    await scene.store.begin_courier(DEAD, host="elsewhere", process=1, now=scene.now())
    claims = await scene.store.claim(DEAD, OFFICE, limit=2, now=scene.now())
    if transmitting:
        await scene.store.transmit([(claim.id, claim.epoch) for claim in claims])


@pytest.mark.asyncio
async def test_what_a_dead_courier_had_not_begun_is_sent_by_another_after_its_lease() -> None:
    scene = Scene()
    await held_by_the_dead(scene, transmitting=False)
    async with scene.running():
        await scene.time.turn(30.0)
        assert scene.office.sent == []
        await scene.time.turn(10.0)
        assert await scene.states() == {"done": 2}
    assert {recipient.in_doubt for entry in await scene.entries() for recipient in entry.recipients} == {0}
    (notice,) = [one for one in scene.heard.notices if one.kind is NoticeKind.COURIER_RESCUED]
    assert notice.count == 2
    assert "dead" in notice.text


@pytest.mark.asyncio
async def test_what_a_dead_courier_had_begun_is_sent_again_and_recorded_as_in_doubt() -> None:
    scene = Scene()
    await held_by_the_dead(scene, transmitting=True)
    async with scene.running():
        await scene.time.turn(40.0)
        assert await scene.states() == {"done": 2}
    assert {recipient.in_doubt for entry in await scene.entries() for recipient in entry.recipients} == {1}


@pytest.mark.asyncio
async def test_a_courier_that_beats_is_left_alone() -> None:
    scene = Scene()
    await held_by_the_dead(scene, transmitting=False)
    async with scene.running():
        for _ in range(10):
            await scene.time.turn(20.0)
            await scene.store.beat(DEAD, now=scene.now())
        assert scene.office.sent == []
        assert await scene.states() == {"active": 2}


@pytest.mark.asyncio
async def test_taken_for_dead_by_others_a_courier_begins_anew_under_another_name() -> None:
    scene = Scene()
    await scene.store.open()
    async with scene.running():
        await scene.time.turn(5.0)
        ((first, _, _),) = await scene.store.couriers()
        await scene.store.end_courier(first, now=scene.now())
        await scene.time.turn(20.0)
        ((second, _, _),) = await scene.store.couriers()
        assert second != first
        await scene.submit()
        await scene.time.turn(2.0)
        assert await scene.states() == {"done": 1}
    assert scene.heard.noticed_kinds().count(NoticeKind.LEASE_LOST) == 1
    assert await scene.store.couriers() == []


@pytest.mark.asyncio
async def test_asleep_for_longer_than_its_lease_a_courier_claims_nothing_under_its_old_name() -> None:
    scene = Scene()
    await scene.store.open()
    claimed_by: list[CourierId] = []
    claim = scene.store.claim

    async def watched(courier: CourierId, *arguments: object, **named: object) -> object:
        claimed_by.append(courier)
        return await claim(courier, *arguments, **named)  # type: ignore[arg-type]

    scene.store.claim = watched  # type: ignore[method-assign,assignment]
    async with scene.running():
        await scene.time.turn(5.0)
        ((first, _, _),) = await scene.store.couriers()
        await scene.submit(3)
        scene.time.clock.advance(60.0)  # as after SIGSTOP and SIGCONT
        await scene.time.turn(5.0)
        assert await scene.states() == {"done": 3}
    assert first not in claimed_by


@pytest.mark.asyncio
async def test_each_delivery_carries_the_end_of_the_lease() -> None:
    scene = Scene()
    await scene.store.open()
    moments: list[float | None] = []
    deliver_all = scene.office.deliver_all

    async def watched(source: object) -> object:
        async for delivery in deliver_all(source):  # type: ignore[arg-type]
            moments.append(delivery.not_after)
            yield delivery

    scene.office.deliver_all = watched  # type: ignore[method-assign,assignment]
    async with scene.running():
        await scene.time.turn(25.0)  # the last beat was at 20
        await scene.submit()
        await scene.time.turn(1.0)
    assert moments == [pytest.approx(20.0 + 27.0)]


@pytest.mark.asyncio
async def test_a_result_that_comes_too_late_is_told_with_what_the_server_had_said() -> None:
    scene = Scene()
    await scene.store.open()
    (entry,) = await scene.submit()
    settle = scene.store.settle

    async def beaten(settlements: object) -> object:
        for courier, _, _ in await scene.store.couriers():
            await scene.store.end_courier(courier, now=scene.now())
        scene.store.settle = settle  # type: ignore[method-assign]
        return await settle(settlements)  # type: ignore[arg-type]

    scene.store.settle = beaten  # type: ignore[method-assign]
    async with scene.running():
        await scene.time.turn(40.0)
    (late,) = [notice for notice in scene.heard.notices if notice.kind is NoticeKind.LATE_RESULT]
    assert late.entry == entry
    assert "accepted" in late.text
    assert (await scene.entry(entry)).recipients[0].in_doubt == 1


@pytest.mark.asyncio
async def test_two_couriers_share_an_outbox_and_send_everything_once() -> None:
    scene = Scene()
    await scene.store.open()
    await scene.submit(500)
    async with scene.running(scene.another_courier("second")), scene.running():
        await scene.time.turn(10.0)
        assert await scene.states() == {"done": 500}
    assert len(scene.office.sent) == 500


@pytest.mark.asyncio
async def test_an_outbox_away_for_longer_than_the_lease_costs_the_lease_and_no_mail() -> None:
    scene = Scene()
    await scene.store.open()
    beat = scene.store.beat

    async def away(courier: object, *, now: object) -> bool:
        raise OutboxUnavailableError("locked")

    async with scene.running():
        await scene.time.turn(5.0)
        scene.store.beat = away  # type: ignore[method-assign]
        await scene.time.turn(40.0)
        scene.store.beat = beat  # type: ignore[method-assign]
        await scene.submit(5)
        await scene.time.turn(10.0)
        assert await scene.states() == {"done": 5}
    assert NoticeKind.LEASE_LOST in scene.heard.noticed_kinds()


@pytest.mark.asyncio
async def test_after_the_wall_clock_was_set_retries_keep_their_distance() -> None:
    scene = Scene()
    await scene.store.open()
    scene.office.decide = lambda envelope, message: receipt_for(envelope, message, RecipientStatus.DEFERRED)
    async with scene.running():
        (entry,) = await scene.submit()
        await scene.time.turn(1.0)
        due = (await scene.entry(entry)).due
        scene.time.clock.set_wall_clock(scene.time.clock.now() - timedelta(hours=5))
        await scene.time.turn(10.0)
        assert (await scene.entry(entry)).due == pytest.approx(due - 5 * 3600 * 1000, abs=2)
        assert (await scene.entry(entry)).state is EntryState.DEFERRED
    assert NoticeKind.CLOCK_SET in scene.heard.noticed_kinds()


@pytest.mark.asyncio
async def test_finished_entries_are_forgotten_when_their_time_is_over() -> None:
    scene = Scene(retention_seconds=100.0, housekeeping_seconds=30.0)
    await scene.store.open()
    await scene.submit(3)
    async with scene.running():
        await scene.time.turn(90.0)
        assert await scene.states() == {"done": 3}
        await scene.time.turn(60.0)
        assert await scene.states() == {}
    assert scene.heard.kinds().count(EventKind.ACCEPTED) == 3
    (notice,) = [one for one in scene.heard.notices if one.kind is NoticeKind.ENTRIES_PRUNED]
    assert notice.count == 3
