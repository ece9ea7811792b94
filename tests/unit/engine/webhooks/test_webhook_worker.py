"""Deliveries to webhooks: each thing once, again when it was not taken, and an end to it when nobody takes anything."""

from __future__ import annotations

import pytest
from tests.unit.engine.webhooks.hook_scene import GONE, REFUSED, SILENT, TAKEN, KilledError, Scene

from eilbote.author.notification.event import new_event
from eilbote.engine.webhooks.postman import Brought
from eilbote.errors import OutboxUnavailableError, SecretKeyError
from eilbote.model.attempt import Event, EventKind
from eilbote.model.moment import Moment, later
from eilbote.record.step import StepKind
from eilbote.record.webhook import DeliveryState, HookEvent

pytestmark = pytest.mark.asyncio

URL = "https://example.org/hook"
DAY = 86_400.0


def happened(scene: Scene, number: int, kind: EventKind = EventKind.ACCEPTED, organization: str = "") -> None:
    scene.feed.all.append(Event(kind=kind, at=scene.now, sequence=number, organization=organization))


async def states(scene: Scene, webhook: str) -> list[str]:
    return [one.state.value for one in await scene.desk.deliveries(webhook)]


async def test_what_happened_is_delivered_once_however_often_the_feed_is_read() -> None:
    scene = Scene()
    hook = await scene.desk.add(URL, events=["message.*"])
    happened(scene, 1)
    happened(scene, 2, EventKind.FAILED)
    for _ in range(3):
        await scene.desk.deliver_due()  # each time a worker that knows nothing of those before

    assert sorted(scene.postman.kinds) == ["message.accepted", "message.failed"]
    assert await states(scene, hook.id) == ["delivered", "delivered"]


async def test_an_event_that_appears_behind_later_ones_is_delivered_too() -> None:
    scene = Scene()
    await scene.desk.add(URL)
    worker = scene.new_worker()
    happened(scene, 2)
    await worker.run(once=True)
    happened(scene, 1, EventKind.FAILED)  # was given its number before, and written later
    scene.clock.advance(16)
    await worker.run(once=True)

    assert sorted(scene.postman.kinds) == ["message.accepted", "message.failed"]


async def test_the_feed_is_not_read_from_the_beginning_once_it_was_read() -> None:
    scene = Scene()
    await scene.desk.add(URL)
    for number in range(1, 5):
        happened(scene, number)
    await scene.desk.deliver_due()
    scene.clock.advance(60)
    happened(scene, 5)
    await scene.desk.deliver_due()
    scene.clock.advance(60)
    happened(scene, 6)
    await scene.desk.deliver_due()

    assert await scene.store.position() == 5
    assert len(scene.postman.brought) == 6


async def test_nothing_is_read_while_nobody_listens() -> None:
    scene = Scene()
    hook = await scene.desk.add(URL, is_enabled=False)
    happened(scene, 1)
    await scene.desk.deliver_due()

    assert scene.feed.asked == 0
    assert await states(scene, hook.id) == []


async def test_what_happened_before_a_webhook_was_there_or_while_it_was_off_is_not_told() -> None:
    scene = Scene()
    happened(scene, 1)
    scene.clock.advance(1)
    hook = await scene.desk.add(URL)
    await scene.desk.deliver_due()
    await scene.desk.change(hook.id, is_enabled=False)
    scene.clock.advance(1)
    happened(scene, 2)
    scene.clock.advance(1)
    await scene.desk.change(hook.id, is_enabled=True)
    happened(scene, 3, EventKind.FAILED)
    await scene.desk.deliver_due()

    assert scene.postman.kinds == ["message.failed"]


async def test_an_organization_hears_of_itself_and_the_host_of_all_if_it_wants() -> None:
    scene = Scene()
    acme = await scene.desk.add("https://acme.example/hook", organization="acme")
    host = await scene.desk.add("https://host.example/hook")
    all_ = await scene.desk.add("https://all.example/hook", everywhere=True)
    for number, organization in enumerate(["acme", "globex", ""], start=1):
        happened(scene, number, organization=organization)
    await scene.desk.deliver_due()

    assert {
        hook.url: sorted(one.organization for one in await scene.desk.deliveries(hook.id))
        for hook in (acme, host, all_)
    } == {
        "https://acme.example/hook": ["acme"],
        "https://host.example/hook": [""],
        "https://all.example/hook": ["", "acme", "globex"],
    }


async def test_what_is_not_taken_comes_again_after_growing_pauses_under_the_same_id() -> None:
    scene = Scene()
    hook = await scene.desk.add(URL)
    happened(scene, 1)
    scene.postman.answers[URL] = REFUSED
    pauses: list[float] = []
    await scene.desk.deliver_due()
    while (await states(scene, hook.id)) == ["waiting"]:
        due = await scene.store.next_due()
        assert due is not None
        pauses.append((due - scene.now) / 1000)
        scene.postman.answers[URL] = TAKEN if len(pauses) == 3 else REFUSED
        scene.clock.advance(pauses[-1])
        await scene.desk.deliver_due()

    assert pauses == [5.0, 300.0, 1800.0]
    assert len({one.id for one in scene.postman.brought}) == 1
    (last,) = await scene.desk.deliveries(hook.id)
    assert (last.state, last.attempts, last.status) == (DeliveryState.DELIVERED, 4, 204)
    assert (await scene.desk.show(hook.id)).failures == 0


async def test_a_receiver_says_itself_how_long_to_stay_away() -> None:
    scene = Scene()
    await scene.desk.add(URL)
    happened(scene, 1)
    scene.postman.answers[URL] = Brought(status=503, answer="", seconds=0.1, wish=90.0)
    await scene.desk.deliver_due()

    assert await scene.store.next_due() == later(scene.now, 90.0)


async def test_who_is_gone_is_switched_off_at_once_and_administrators_are_told() -> None:
    scene = Scene()
    hook = await scene.desk.add(URL)
    happened(scene, 1)
    happened(scene, 2)
    scene.postman.answers[URL] = GONE
    await scene.desk.deliver_due()

    assert (await scene.desk.show(hook.id)).is_enabled is False
    assert await states(scene, hook.id) == ["failed", "failed"]
    assert [(kept.event.kind, kept.event.data["webhook"]) for kept in await raised(scene)] == [
        ("webhook.disabled", hook.id)
    ]


async def raised(scene: Scene) -> list[object]:
    from eilbote.author.notification.store import RaisedFilter

    return list(await scene.notifications.events(RaisedFilter()))


async def test_who_has_failed_for_a_day_is_switched_off_and_what_comes_after_is_not_kept_for_it() -> None:
    scene = Scene()
    hook = await scene.desk.add(URL)
    scene.postman.answers[URL] = REFUSED
    happened(scene, 1)
    hours = 0
    while (await scene.desk.show(hook.id)).is_enabled:
        await scene.desk.deliver_due()
        scene.clock.advance(3600)
        hours += 1
        assert hours < 60

    assert 24 <= hours <= 36  # at the first failure after a day of them
    assert len(await raised(scene)) == 1


async def test_one_success_in_between_begins_the_day_anew() -> None:
    scene = Scene()
    hook = await scene.desk.add(URL)
    worker = scene.new_worker()
    for number in range(1, 60):
        scene.postman.answers[URL] = TAKEN if number % 20 == 0 else REFUSED
        happened(scene, number)
        await worker.run(once=True)
        scene.clock.advance(3600)

    assert (await scene.desk.show(hook.id)).is_enabled


async def test_one_that_does_not_answer_is_left_alone_for_a_while_and_costs_no_attempts() -> None:
    scene = Scene()
    hook = await scene.desk.add(URL)
    other = await scene.desk.add("https://other.example/hook")
    scene.postman.answers[URL] = SILENT
    for number in range(1, 40):
        happened(scene, number)
    await scene.desk.deliver_due()

    tried = [one for one in scene.postman.brought if one.webhook == hook.id]
    assert len(tried) <= 4  # as many as are on their way at the same time
    assert await states(scene, other.id) == ["delivered"] * 39
    assert sum(one.attempts for one in await scene.desk.deliveries(hook.id)) == len(tried)


async def test_what_a_dead_worker_held_is_taken_over_when_its_lease_ends() -> None:
    scene = Scene()
    hook = await scene.desk.add(URL)
    happened(scene, 1)

    def die() -> None:
        raise KilledError

    scene.postman.before = die
    with pytest.raises(KilledError):
        await scene.desk.deliver_due()
    scene.postman.before = None
    await scene.desk.deliver_due()
    assert scene.postman.brought == []  # somebody may still be at it

    scene.clock.advance(61)
    await scene.desk.deliver_due()
    assert await states(scene, hook.id) == ["delivered"]


async def test_system_events_are_told_once_with_what_is_confidential_left_out() -> None:
    scene = Scene()
    await scene.desk.add(URL, events=["notification.*"])
    worker = scene.new_worker()
    for id_, kind in (("1", "invoice.overdue"), ("2", "account.password_recovery")):
        await scene.notifier.raise_event(
            new_event(kind, id=id_, at=scene.now, data={"link": "https://secret"}, summary="Something")
        )
    await worker.run(once=True)
    await scene.notifier.raise_event(  # seen late: it says when it happened, not when it was seen
        new_event("connection.paused", id="3", at=scene.now, data={"connection": "office"})
    )
    scene.clock.advance(3600)
    await worker.run(once=True)
    await scene.desk.deliver_due()

    assert sorted(scene.postman.kinds) == [
        "notification.account.password_recovery",
        "notification.connection.paused",
        "notification.invoice.overdue",
    ]
    said = {one.event: one.body for one in scene.postman.brought}
    assert "secret" not in said["notification.account.password_recovery"]
    assert "secret" in said["notification.invoice.overdue"]


async def test_a_webhook_is_not_told_that_it_was_switched_off_and_others_are() -> None:
    scene = Scene()
    gone = await scene.desk.add(URL)
    other = await scene.desk.add("https://other.example/hook")
    scene.postman.answers[URL] = GONE
    happened(scene, 1)
    await scene.desk.deliver_due()
    await scene.desk.deliver_due()

    told = [one for one in scene.postman.brought if one.event == "notification.webhook.disabled"]
    assert [one.webhook for one in told] == [other.id]
    scene.postman.answers.clear()
    await scene.desk.change(gone.id, is_enabled=True)
    await scene.desk.deliver_due()
    assert gone.id not in {one.webhook for one in scene.postman.brought if "webhook." in one.event}


async def test_what_stands_in_no_feed_is_told_once_under_its_id() -> None:
    scene = Scene()
    await scene.desk.add(URL, events=["suppression.added"], organization="acme")
    event = HookEvent(
        id="s/1", kind="suppression.added", organization="acme", at=scene.now, data={"address": "a@b.example"}
    )

    assert [await scene.desk.tell(event), await scene.desk.tell(event)] == [1, 0]
    await scene.desk.deliver_due()
    assert len(scene.postman.brought) == 1


async def test_a_trial_stands_in_the_log_and_does_not_wait() -> None:
    scene = Scene()
    hook = await scene.desk.add(URL, is_enabled=False)
    scene.postman.answers[URL] = REFUSED
    tried = await scene.desk.test(hook.id)

    assert (tried.event, tried.state, tried.status, tried.answer) == (
        "webhook.test",
        "failed",
        500,
        "out of order",
    )
    assert await scene.desk.deliver_due() == 0
    assert await scene.desk.delivery(hook.id, tried.id) == tried


async def test_what_has_failed_can_be_delivered_again_under_its_id() -> None:
    scene = Scene()
    hook = await scene.desk.add(URL)
    happened(scene, 1)
    await scene.desk.deliver_due()
    (first,) = await scene.desk.deliveries(hook.id)
    again = await scene.desk.redeliver(hook.id, first.id)
    await scene.desk.deliver_due()

    assert again.state is DeliveryState.WAITING
    assert [one.id for one in scene.postman.brought] == [first.id, first.id]


async def test_the_log_is_forgotten_when_its_time_is_over() -> None:
    scene = Scene()
    hook = await scene.desk.add(URL)
    happened(scene, 1)
    await scene.desk.deliver_due()
    scene.clock.advance(31 * DAY)
    await scene.desk.deliver_due()

    assert await states(scene, hook.id) == []


async def test_a_database_that_does_not_answer_is_asked_again() -> None:
    scene = Scene()
    await scene.desk.add(URL)
    happened(scene, 1)
    worker = scene.new_worker()
    real, faults = scene.store.claim, [OutboxUnavailableError("gone"), SecretKeyError("lost")]

    async def claim(name: str, *, limit: int, now: Moment, until: Moment) -> object:
        if faults:
            raise faults.pop(0)
        found = await real(name, limit=limit, now=now, until=until)
        worker.stop()
        return found

    scene.store.claim = claim  # type: ignore[method-assign, assignment]
    await worker.run()

    assert len(scene.postman.brought) == 1
    assert [notice.kind.value for notice in scene.heard.notices] == ["outbox_unavailable", "unforeseen"]


async def test_each_attempt_is_told_to_those_who_count_and_trace() -> None:
    scene = Scene()
    hook = await scene.desk.add(URL, organization="acme")
    scene.postman.answers[URL] = REFUSED
    happened(scene, 1, organization="acme")
    await scene.desk.deliver_due()

    (step,) = scene.heard.steps
    assert (step.kind, step.about, step.organization, step.is_well) == (
        StepKind.WEBHOOK,
        hook.id,
        "acme",
        False,
    )
    assert step.facts["http.response.status_code"] == 500
