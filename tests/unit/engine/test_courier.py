"""From a claim to a settled entry, and everything that can stand in between; time is turned by hand."""

import pytest
from tests.unit.engine.courier_scene import Scene, connection
from tests.unit.engine.memory_transport import receipt_for

from eilbote.errors import OutboxUnavailableError
from eilbote.model.attempt import EventKind
from eilbote.model.moment import later
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.record.notice import NoticeKind

ACCEPTED, DEFERRED = RecipientStatus.ACCEPTED, RecipientStatus.DEFERRED


@pytest.mark.asyncio
async def test_what_waits_is_delivered_and_everything_about_it_is_recorded() -> None:
    scene = Scene()
    async with scene.running():
        (entry,) = await scene.submit(recipients=2)
        await scene.time.turn(1.0)
    history = await scene.store.history(entry)
    assert history.entry.state is EntryState.DONE
    assert [recipient.status for recipient in history.entry.recipients] == [ACCEPTED, ACCEPTED]
    (attempt,) = history.attempts
    assert attempt.courier.startswith("shift")
    assert attempt.connection == "office"
    (event,) = scene.heard.events
    assert (event.kind, event.entry, event.recipients) == (EventKind.ACCEPTED, entry, (0, 1))
    ((envelope, message),) = scene.office.sent
    assert envelope.forward_paths == ("r0@example.org", "r1@example.org")
    assert message.octets().endswith(b"Hello\r\n")


@pytest.mark.asyncio
async def test_nudged_it_does_not_wait_for_the_next_look() -> None:
    scene = Scene(poll_seconds=60.0)
    async with scene.running():
        await scene.time.turn(1.0)
        await scene.submit()
        await scene.time.turn(1.0)
        assert scene.office.sent == []
        scene.courier.nudge()
        await scene.time.turn(0.0)
        assert len(scene.office.sent) == 1


@pytest.mark.asyncio
async def test_once_ends_when_nothing_is_due() -> None:
    scene = Scene()
    await scene.store.open()
    await scene.submit(300)
    await scene.submit(due=later(scene.now(), 3600.0))
    running = scene.time.task(scene.courier.run(once=True))
    await scene.time.turn(5.0)
    assert running.done()
    assert await scene.states() == {"done": 300, "queued": 1}
    assert await scene.store.couriers() == []


@pytest.mark.asyncio
async def test_only_those_still_open_are_tried_again_when_they_are_due() -> None:
    scene = Scene()
    answers = [ACCEPTED, DEFERRED]

    def decide(envelope: object, message: object) -> object:
        receipt = receipt_for(envelope, message)  # type: ignore[arg-type]
        results = [
            type(result)(result.address, status, 250 if status is ACCEPTED else 451, None, "so", result.kind)
            for result, status in zip(receipt.results, answers, strict=False)
        ]
        return type(receipt)(message_id="", envelope=receipt.envelope, results=tuple(results))

    scene.office.decide = decide  # type: ignore[assignment]
    async with scene.running():
        (entry,) = await scene.submit(recipients=2)
        await scene.time.turn(10.0)
        assert (await scene.entry(entry)).state is EntryState.DEFERRED
        answers.pop()
        await scene.time.turn(60.0)
    paths = [envelope.forward_paths for envelope, _ in scene.office.sent]
    assert paths == [("r0@example.org", "r1@example.org"), ("r1@example.org",)]
    assert (await scene.entry(entry)).state is EntryState.DONE


@pytest.mark.asyncio
async def test_what_has_expired_is_given_up_and_not_sent() -> None:
    scene = Scene()
    (entry,) = [*await _submitted(scene, lifetime=10.0)]
    scene.time.clock.advance(10.0)
    async with scene.running():
        await scene.time.turn(1.0)
    assert scene.office.sent == []
    assert (await scene.entry(entry)).state is EntryState.DONE
    assert scene.heard.kinds() == [EventKind.GAVE_UP]


@pytest.mark.asyncio
async def test_what_cannot_be_read_is_set_apart_with_its_reason_and_the_rest_flows() -> None:
    scene = Scene()
    (bad,) = await _submitted(scene, frozen=b"EB1\nrubbish")
    (newer,) = await _submitted(scene, frozen=b"EB9\n....")
    good = await _submitted(scene, 5)
    async with scene.running():
        await scene.time.turn(1.0)
    assert len(scene.office.sent) == 5
    for entry in (bad, newer):
        seen = await scene.entry(entry)
        assert seen.state is EntryState.HELD
        assert "read" in seen.reason or "form" in seen.reason
    assert {(await scene.entry(entry)).state for entry in good} == {EntryState.DONE}
    assert scene.heard.kinds().count(EventKind.POISONED) == 2


@pytest.mark.asyncio
async def test_organizations_take_turns() -> None:
    scene = Scene()
    scene.book.kept["office"] = connection("office")
    await _submitted(scene, 400, organization="large")
    (single,) = await _submitted(scene, organization="small")
    async with scene.running():
        await scene.time.turn(3.0)
    order = ["small" if event.entry == single else "large" for event in scene.heard.events]
    assert len(order) == 401
    assert order.index("small") < 100


@pytest.mark.asyncio
async def test_told_to_stop_it_gives_back_what_it_has_claimed_to_its_place() -> None:
    scene = Scene()
    entries = await _submitted(scene, 200)
    sent = 0

    def decide(envelope: object, message: object) -> object:
        nonlocal sent
        sent += 1
        if sent == 3:
            scene.courier.stop()
        return receipt_for(envelope, message)  # type: ignore[arg-type]

    scene.office.decide = decide  # type: ignore[assignment]
    async with scene.running():
        await scene.time.turn(1.0)
    states = await scene.states()
    assert states["done"] == sent
    assert states["queued"] == 200 - sent
    assert sent < 30
    assert {entry.in_doubt for one in await scene.entries() for entry in one.recipients} == {0}
    assert {(await scene.entry(entry)).attempts for entry in entries} == {0, 1}
    assert await scene.store.couriers() == []


@pytest.mark.asyncio
async def test_an_outbox_out_of_reach_is_told_once_and_work_goes_on_when_it_is_back() -> None:
    scene = Scene()
    await _submitted(scene, 3)
    ready_lanes, is_broken = scene.store.ready_lanes, True

    async def unreliable(now: object) -> object:
        if is_broken:
            raise OutboxUnavailableError("the disk is full")
        return await ready_lanes(now)  # type: ignore[arg-type]

    scene.store.ready_lanes = unreliable  # type: ignore[method-assign]
    async with scene.running():
        await scene.time.turn(20.0)
        assert scene.heard.noticed_kinds().count(NoticeKind.OUTBOX_UNAVAILABLE) == 1
        is_broken = False
        await scene.time.turn(6.0)
        assert scene.heard.noticed_kinds().count(NoticeKind.OUTBOX_AVAILABLE) == 1
    assert len(scene.office.sent) == 3


@pytest.mark.asyncio
async def test_a_result_is_written_until_the_outbox_takes_it_and_never_sent_again() -> None:
    scene = Scene()
    (entry,) = await _submitted(scene)
    settle, broken_calls = scene.store.settle, 5

    async def unreliable(settlements: object) -> object:
        nonlocal broken_calls
        broken_calls -= 1
        if broken_calls >= 0:
            raise OutboxUnavailableError("the disk is full")
        return await settle(settlements)  # type: ignore[arg-type]

    scene.store.settle = unreliable  # type: ignore[method-assign]
    async with scene.running():
        await scene.time.turn(20.0)
    assert (await scene.entry(entry)).state is EntryState.DONE
    assert len(scene.office.sent) == 1


@pytest.mark.asyncio
async def test_an_unforeseen_fault_is_reported_and_a_new_shift_goes_on() -> None:
    scene = Scene()
    entries = await _submitted(scene, 3)
    claim, faults = scene.store.claim, 1

    async def faulty(*arguments: object, **named: object) -> object:
        nonlocal faults
        if faults:
            faults -= 1
            raise RuntimeError("nobody has foreseen this")
        return await claim(*arguments, **named)  # type: ignore[arg-type]

    scene.store.claim = faulty  # type: ignore[method-assign]
    async with scene.running():
        await scene.time.turn(10.0)
    assert "nobody has foreseen this" in " ".join(notice.text for notice in scene.heard.notices)
    assert scene.heard.noticed_kinds().count(NoticeKind.COURIER_STARTED) == 2
    assert {(await scene.entry(entry)).state for entry in entries} == {EntryState.DONE}
    assert await scene.store.couriers() == []


async def _submitted(scene: Scene, count: int = 1, **changes: object) -> list[object]:
    await scene.store.open()
    return await scene.submit(count, **changes)  # type: ignore[return-value]


@pytest.mark.asyncio
async def test_an_outbox_out_of_reach_at_the_beginning_is_no_fault_of_the_program() -> None:
    """Locked by a backup while a courier began its shift, it was told as unforeseen, to be reported to the makers."""
    scene = Scene()
    await _submitted(scene, 3)
    couriers, broken_calls = scene.store.couriers, 2

    async def unreliable() -> object:
        nonlocal broken_calls
        broken_calls -= 1
        if broken_calls >= 0:
            raise OutboxUnavailableError("the outbox is locked")
        return await couriers()

    scene.store.couriers = unreliable  # type: ignore[method-assign, assignment]
    async with scene.running():
        await scene.time.turn(30.0)
    assert await scene.states() == {"done": 3}
    assert NoticeKind.UNFORESEEN not in scene.heard.noticed_kinds()
    assert NoticeKind.OUTBOX_UNAVAILABLE in scene.heard.noticed_kinds()
