"""Steps are taken when they are due, once, across crashes and restarts, and end with an acknowledgement."""

from __future__ import annotations

import pytest
from tests.unit.engine.notify_scene import KilledError, Scene

from eilbote.errors import NotFoundError, OutboxUnavailableError, SettingsError
from eilbote.model.moment import later
from eilbote.model.severity import Severity

pytestmark = pytest.mark.asyncio

STEPS = ["15m boss@example.org", "30m owner@example.org,boss@example.org fatal"]


async def raised(scene: Scene) -> str:
    await scene.desk.subscribe(to="anna@example.org", event="backup.*", escalation=STEPS)
    return (
        await scene.desk.raise_event("backup.failed", severity="error", summary="Backup", key="db1")
    ).event


async def at_minute(scene: Scene, minutes: float) -> list[str]:
    """Let time pass, work, and give who was written to by now."""
    scene.clock.advance(60 * minutes)
    await scene.desk.tell_due()
    return scene.outbox.recipients


async def test_who_is_next_is_told_step_by_step_until_there_is_nobody_left() -> None:
    scene = Scene()
    event = await raised(scene)

    assert await at_minute(scene, 14) == ["anna@example.org"]
    assert await at_minute(scene, 1) == ["anna@example.org", "boss@example.org"]
    assert await at_minute(scene, 29) == ["anna@example.org", "boss@example.org"]
    everybody = ["anna@example.org", "boss@example.org", "boss@example.org", "owner@example.org"]
    assert await at_minute(scene, 1) == everybody
    assert await at_minute(scene, 600) == everybody
    assert await scene.kinds() == ["backup.failed", "event.escalated", "event.escalated"]
    last = (await scene.desk.events())[0].event
    assert (last.severity, last.data["step"]) == (Severity.FATAL, 2)
    steps = await scene.desk.escalations(event)
    assert [(one.escalation.step, bool(one.raised), one.reason) for one in steps] == [
        (0, True, ""),
        (1, True, ""),
    ]


@pytest.mark.parametrize("minutes", [0, 20])
async def test_an_acknowledgement_ends_the_steps(minutes: int) -> None:
    scene = Scene()
    event = await raised(scene)
    before = await at_minute(scene, minutes)

    said = await scene.desk.acknowledge(event, by="anna", note="on it")
    again = await scene.desk.acknowledge(event, by="max")

    assert said == again
    assert (said.by, said.note) == ("anna", "on it")
    assert await at_minute(scene, 600) == before
    assert await scene.desk.events(acknowledged=False) == []


async def test_to_acknowledge_what_nobody_has_acknowledged_acknowledges_what_has_happened() -> None:
    scene = Scene()
    event = await raised(scene)
    await at_minute(scene, 15)
    louder = (await scene.desk.events(event="event.escalated"))[0].event.id

    assert (await scene.desk.acknowledge(louder, by="boss")).event == event

    assert len(await at_minute(scene, 600)) == 2
    assert set(await scene.desk.acknowledgements([event, louder])) == {event, louder}


@pytest.mark.parametrize("dies_after", [0, 1, 2])
async def test_whoever_is_killed_in_between_tells_the_next_ones_once(dies_after: int) -> None:
    scene = Scene()
    await raised(scene)
    scene.clock.advance(60 * 15)
    keep = scene.store.escalated
    scene.outbox.dies_after = dies_after

    async def killed(*_given: object, **_named: object) -> None:
        raise KilledError

    scene.store.escalated = killed  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        await scene.new_desk().tell_due()
    scene.store.escalated = keep  # type: ignore[method-assign]
    scene.outbox.dies_after = None
    for _ in range(3):
        scene.clock.advance(7)
        await scene.new_desk().tell_due()

    assert scene.outbox.recipients == ["anna@example.org", "boss@example.org"]
    assert await scene.kinds() == ["backup.failed", "event.escalated"]


async def test_many_workers_take_a_step_once() -> None:
    scene = Scene()
    await raised(scene)
    scene.clock.advance(60 * 15)
    for desk in [scene.new_desk() for _ in range(4)]:
        await desk.tell_due()

    assert scene.outbox.recipients == ["anna@example.org", "boss@example.org"]


async def test_a_subscription_that_is_silenced_or_ends_escalates_no_further() -> None:
    for end in ("muted", "never", "no steps", "gone"):
        scene = Scene()
        event = await raised(scene)
        ((id_),) = [one.id for one in await scene.desk.subscriptions()]
        if end == "muted":
            await scene.desk.change(id_, muted_until=later(scene.now, 86_400))
        elif end == "never":
            await scene.desk.change(id_, cadence="never")
        elif end == "no steps":
            await scene.desk.change(id_, escalation=[])
        else:
            await scene.desk.unsubscribe(id_)

        assert await at_minute(scene, 600) == ["anna@example.org"], end
        assert all(one.reason for one in await scene.desk.escalations(event)), end


async def test_the_worker_wakes_for_a_step() -> None:
    scene = Scene()
    await raised(scene)
    await scene.desk.tell_due()

    assert await scene.store.next_due() == later(scene.now, 15 * 60)


async def test_nobody_acknowledges_what_is_not_there() -> None:
    scene = Scene()
    for id_ in ("nobody", "not an id", ""):
        with pytest.raises(NotFoundError):
            await scene.desk.acknowledge(id_, by="eva")


async def test_a_step_waits_for_a_database_that_does_not_answer() -> None:
    scene = Scene()
    await raised(scene)
    scene.clock.advance(60 * 15)
    ask = scene.store.escalations_due

    async def unavailable(*_given: object, **_named: object) -> list[object]:
        raise OutboxUnavailableError("the database does not answer")

    scene.store.escalations_due = unavailable  # type: ignore[assignment,method-assign]
    await scene.desk.tell_due()
    assert scene.outbox.recipients == ["anna@example.org"]
    scene.store.escalations_due = ask  # type: ignore[method-assign]
    await scene.desk.tell_due()

    assert scene.outbox.recipients == ["anna@example.org", "boss@example.org"]


async def test_a_step_that_cannot_be_taken_keeps_nobody_waiting() -> None:
    scene = Scene()
    event = await raised(scene)
    scene.clock.advance(60 * 15)
    raise_event = scene.store.raise_event

    async def spoiled(*_given: object, **_named: object) -> object:
        raise SettingsError("this step cannot be read")

    scene.store.raise_event = spoiled  # type: ignore[assignment,method-assign]
    await scene.desk.tell_due()
    scene.store.raise_event = raise_event  # type: ignore[method-assign]

    assert scene.outbox.recipients == ["anna@example.org"]
    assert ["cannot be read" in one.reason for one in await scene.desk.escalations(event)] == [True]
