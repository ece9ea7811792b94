import asyncio
from dataclasses import replace

import pytest
from tests.unit.engine.courier_scene import Heard, NoBlobs, Scene

from eilbote.engine.courier_options import CourierOptions
from eilbote.engine.hand import Hand
from eilbote.engine.lease import Lease
from eilbote.engine.shift import Shift
from eilbote.engine.wall_clock import WallClock
from eilbote.errors import OutboxUnavailableError
from eilbote.model.ids import CourierId
from eilbote.outbox.entry import Lane
from eilbote.record.notice import NoticeKind

A, B = Lane("a", "office"), Lane("b", "office")


async def hand_of(scene: Scene) -> Hand:
    await scene.store.open()
    shift = Shift(
        courier=CourierId("one"),
        lease=Lease(30.0, clock=scene.time.clock),
        store=scene.store,
        blobs=NoBlobs(),
        options=CourierOptions(),
        clock=scene.time.clock,
        wall_clock=WallClock(scene.time.clock),
        random=lambda: 0.5,
        sleep=scene.time.sleep,
        report=scene.heard,
    )
    await scene.store.begin_courier(shift.courier, host="here", process=1, now=scene.now())
    return Hand(shift, asyncio.Event())


@pytest.mark.asyncio
async def test_it_holds_a_fifth_of_a_second_of_work_and_refills_when_half_is_gone() -> None:
    scene = Scene()
    hand = await hand_of(scene)
    await scene.submit(500, organization="a")
    hand.expect(least=10, per_second=200.0)
    hand.rota.offer([A])
    filling = scene.time.task(hand.fill())
    await scene.time.settle()
    assert len(hand) == 40
    hand.take(19)
    await scene.time.settle()
    assert len(hand) == 21
    hand.take(2)
    await scene.time.settle()
    assert len(hand) == 40
    hand.close()
    await filling


@pytest.mark.asyncio
async def test_of_large_messages_it_holds_fewer() -> None:
    scene = Scene()
    hand = await hand_of(scene)
    large = replace(scene.new_entry(organization="a"), frozen=b"x" * 1_000_000)
    await scene.store.accept([large] * 100)
    hand.expect(least=4, per_second=0.0)
    hand.rota.offer([A])
    filling = scene.time.task(hand.fill())
    await scene.time.settle()
    hand.expect(least=200, per_second=0.0)
    hand.take(4)
    await scene.time.settle()
    assert len(hand) == 8
    hand.close()
    await filling


@pytest.mark.asyncio
async def test_what_a_claim_under_way_brings_is_known_after_it_was_closed() -> None:
    scene = Scene()
    hand = await hand_of(scene)
    await scene.submit(3, organization="a")
    hand.expect(least=10, per_second=0.0)
    hand.rota.offer([A])
    claim, reached, go_on = scene.store.claim, asyncio.Event(), asyncio.Event()

    async def slow(*arguments: object, **named: object) -> object:
        claims = await claim(*arguments, **named)  # type: ignore[arg-type]
        reached.set()
        await go_on.wait()
        return claims

    scene.store.claim = slow  # type: ignore[method-assign]
    filling = scene.time.task(hand.fill())
    await reached.wait()
    assert hand.close() == []
    go_on.set()
    await filling
    assert len(hand.close()) == 3


@pytest.mark.asyncio
async def test_an_organization_has_a_quantum_while_others_wait() -> None:
    scene = Scene()
    hand = await hand_of(scene)
    await scene.submit(300, organization="a")
    await scene.submit(300, organization="b")
    hand.expect(least=200, per_second=0.0)
    hand.rota.offer([A, B])
    filling = scene.time.task(hand.fill())
    await scene.time.settle()
    organizations = [claim.lane.organization for claim in hand.take(200)]
    assert organizations[:64] == ["a"] * 64
    assert organizations[64:128] == ["b"] * 64
    hand.close()
    await filling


@pytest.mark.asyncio
async def test_an_outbox_out_of_reach_is_asked_again_and_told_once() -> None:
    scene = Scene()
    hand = await hand_of(scene)
    await scene.submit(3, organization="a")
    hand.expect(least=10, per_second=0.0)
    hand.rota.offer([A])
    claim, broken = scene.store.claim, True

    async def unreliable(*arguments: object, **named: object) -> object:
        if broken:
            raise OutboxUnavailableError("locked")
        return await claim(*arguments, **named)  # type: ignore[arg-type]

    scene.store.claim = unreliable  # type: ignore[method-assign]
    filling = scene.time.task(hand.fill())
    await scene.time.turn(10.0)
    broken = False
    await scene.time.turn(10.0)
    assert len(hand) == 3
    assert told(scene.heard) == [NoticeKind.OUTBOX_UNAVAILABLE, NoticeKind.OUTBOX_AVAILABLE]
    hand.close()
    await filling


def told(heard: Heard) -> list[NoticeKind]:
    return heard.noticed_kinds()
