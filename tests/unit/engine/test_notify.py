"""Events become messages: once for each person, through crashes and outages, and never about themselves."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.unit.engine.notify_scene import KilledError, Scene

from eilbote.author.flow.effect import RaiseNotification
from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.run_state import failed_data
from eilbote.author.flow.store import KeptRun
from eilbote.connections.stored import StoredConnection
from eilbote.engine.event_ids import event_id
from eilbote.errors import (
    ConnectionNotFoundError,
    DraftError,
    OutboxUnavailableError,
    SettingsError,
)
from eilbote.model.attempt import Event, EventKind
from eilbote.model.moment import later
from eilbote.model.secret import Secret
from eilbote.model.severity import Severity
from eilbote.outbox.store import Pause
from eilbote.record.notice import Notice, NoticeKind

DAY = 86_400.0


@pytest.mark.asyncio
async def test_everybody_who_wants_it_is_told_once() -> None:
    scene = Scene()
    await scene.desk.subscribe(to="anna@example.org, max@example.org", event="invoice.*")
    await scene.desk.subscribe(to="max@example.org", language="de")

    raised = await scene.desk.raise_event("invoice.overdue", summary="Invoice 4711", severity="error")

    assert raised.told == 2
    assert scene.outbox.recipients == ["anna@example.org", "max@example.org"]
    assert {options.connections for options in scene.outbox.options.values()} == {("system",)}
    assert set(scene.outbox.authors) == {"notification:invoice.overdue"}
    told = await scene.desk.told(raised.event)
    assert all(one.done == scene.now and one.entry is not None for one in told)


@pytest.mark.asyncio
@pytest.mark.parametrize("after", [0, 1, 2])
async def test_who_is_killed_in_between_tells_nobody_twice_and_forgets_nobody(after: int) -> None:
    """What was handed in and not noted is handed in again under the same name."""
    scene = Scene()
    people = ["anna@example.org", "eva@example.org", "max@example.org"]
    await scene.desk.subscribe(to=people)
    scene.outbox.dies_after = after
    with pytest.raises(KilledError):
        await scene.desk.raise_event("invoice.overdue")
    scene.outbox.dies_after = None

    assert await scene.new_desk().tell_due() == 3 - after
    assert scene.outbox.recipients == people
    assert await scene.store.next_due() is None


@pytest.mark.asyncio
async def test_a_digest_keeps_what_it_told_before_the_program_was_killed() -> None:
    """What comes between the two attempts is in the next message, and nothing is in both."""
    scene = Scene()
    await scene.desk.subscribe(to="anna@example.org", cadence="hourly")
    await scene.desk.raise_event("a.b", summary="one")
    await scene.desk.raise_event("a.b", summary="two")
    scene.clock.advance(3600)
    scene.outbox.dies_after = 0
    with pytest.raises(KilledError):
        await scene.desk.tell_due()
    scene.outbox.dies_after = None
    await scene.desk.raise_event("a.b", summary="three")
    scene.clock.advance(3600)

    await scene.new_desk().tell_due()

    texts = [draft.text or "" for draft in scene.outbox.taken.values()]
    assert len(texts) == 2
    for word in ("one", "two", "three"):
        assert sum(f"* {word}" in text or text.startswith(word) for text in texts) == 1


@pytest.mark.asyncio
async def test_words_that_have_changed_since_make_no_second_message() -> None:
    """A digest counts repeats; after a crash they may be more, and the message was handed in all the same."""
    scene = Scene()
    await scene.desk.subscribe(to="anna@example.org", cadence="hourly")
    await scene.desk.raise_event("a.b", summary="one", key="k")
    await scene.desk.raise_event("a.b", summary="two")
    scene.clock.advance(1800)
    scene.outbox.dies_after = 0
    with pytest.raises(KilledError):
        await scene.desk.tell_due()
    scene.outbox.dies_after = None
    await scene.desk.raise_event("a.b", summary="again", key="k")

    await scene.new_desk().tell_due()

    assert len(scene.outbox.taken) == 1
    assert await scene.store.next_due() is None


@pytest.mark.asyncio
async def test_two_who_tell_at_once_tell_once() -> None:
    scene = Scene()
    await scene.desk.subscribe(to="anna@example.org, max@example.org", cadence="hourly")
    for number in range(5):
        await scene.desk.raise_event("a.b", summary=f"event {number}")
    scene.clock.advance(3600)

    await asyncio.gather(scene.desk.tell_due(), scene.new_desk().tell_due())

    assert scene.outbox.recipients == ["anna@example.org", "max@example.org"]


# -- what cannot be handed in ----------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_without_a_server_it_is_tried_again_for_three_days_and_then_given_up() -> None:
    scene = Scene()
    await scene.desk.subscribe(to="anna@example.org")
    scene.outbox.fault = ConnectionNotFoundError("the endpoint 'system' is not configured yet")
    raised = await scene.desk.raise_event("invoice.overdue")
    waits: list[float] = []
    while (due := await scene.store.next_due()) is not None:
        waits.append((due - scene.now) / 1000)
        scene.clock.advance(waits[-1])
        await scene.desk.tell_due()

    assert waits[:4] == [60.0, 120.0, 240.0, 480.0]
    assert max(waits) == 3600.0
    assert 3 * DAY <= sum(waits) <= 3 * DAY + 3600
    (told,) = await scene.desk.told(raised.event)
    assert (told.done, told.entry) == (scene.now, None)
    assert "not configured" in told.reason
    assert await scene.kinds() == ["invoice.overdue"]
    assert set(scene.heard.kinds()) == {NoticeKind.NOTIFICATION_WAITS, NoticeKind.NOTIFICATION_LOST}


@pytest.mark.asyncio
async def test_a_server_that_is_configured_later_gets_it() -> None:
    scene = Scene()
    await scene.desk.subscribe(to="anna@example.org")
    scene.outbox.fault = ConnectionNotFoundError("the endpoint 'system' is not configured yet")
    await scene.desk.raise_event("invoice.overdue")
    scene.outbox.fault = None
    scene.clock.advance(60)

    assert await scene.desk.tell_due() == 1
    assert scene.outbox.recipients == ["anna@example.org"]


@pytest.mark.asyncio
async def test_a_message_that_cannot_be_written_is_given_up_at_once_and_the_others_are_told() -> None:
    scene = Scene()
    await scene.desk.subscribe(to="anna@example.org")
    scene.outbox.fault = DraftError("it is too large")
    first = await scene.desk.raise_event("a.b")
    scene.outbox.fault = None
    await scene.desk.raise_event("a.c")

    (told,) = await scene.desk.told(first.event)
    assert (told.entry, told.reason) == (None, "it is too large")
    assert len(scene.outbox.taken) == 1


@pytest.mark.asyncio
async def test_an_outbox_that_is_away_changes_nothing() -> None:
    scene = Scene()
    await scene.desk.subscribe(to="anna@example.org")
    scene.outbox.fault = OutboxUnavailableError("no space")
    with pytest.raises(OutboxUnavailableError):
        await scene.desk.raise_event("a.b")
    scene.outbox.fault = None

    assert await scene.desk.tell_due() == 1


# -- loops -----------------------------------------------------------------------------------------------------


def pause(name: str, scene: Scene, *, minutes: float, age: float = 0.0) -> Pause:
    return Pause(
        connection=name,
        since=later(scene.now, -age),
        until=later(scene.now, 60 * minutes),
        reason="535 5.7.8 wrong password",
    )


@pytest.mark.asyncio
async def test_that_the_way_of_notifications_rests_is_kept_and_told_to_nobody() -> None:
    """A message about it would wait behind the very connection that rests."""
    scene = Scene()
    await scene.desk.subscribe(to="anna@example.org")
    scene.pauses = [pause("system", scene, minutes=15)]

    assert await scene.desk.tell_due() == 0
    assert await scene.kinds() == ["connection.paused"]
    assert scene.outbox.calls == 0


@pytest.mark.asyncio
async def test_a_connection_that_rests_is_told_once_however_often_anybody_looks() -> None:
    scene = Scene()
    await scene.desk.subscribe(to="anna@example.org")
    scene.pauses = [pause("acme/office", scene, minutes=15)]
    for _ in range(5):
        scene.clock.advance(61)
        await scene.new_desk().tell_due()

    (kept,) = await scene.desk.events()
    assert (kept.event.kind, kept.count, kept.event.organization) == ("connection.paused", 1, "acme")
    assert kept.event.severity is Severity.ERROR
    assert "wrong password" in kept.event.detail
    assert scene.outbox.taken == {}, "the organization's own subscribers are meant, and there are none"


@pytest.mark.asyncio
async def test_an_outage_is_told_when_it_lasts() -> None:
    scene = Scene()
    scene.pauses = [pause("office", scene, minutes=1)]
    await scene.desk.tell_due()
    assert await scene.kinds() == []

    scene.pauses = [replace(scene.pauses[0], until=later(scene.now, 660))]
    scene.clock.advance(601)
    await scene.desk.tell_due()
    assert await scene.kinds() == ["connection.unreachable"]


@pytest.mark.asyncio
async def test_a_courier_that_says_that_a_connection_rests_is_believed_at_once() -> None:
    scene = Scene()
    async with scene.desk.working():
        for _ in range(3):
            await asyncio.sleep(0)
        scene.pauses = [pause("office", scene, minutes=15)]
        scene.desk.happened([Event(kind=EventKind.CONNECTION_PAUSED, at=scene.now, connection="office")])
        before = scene.clock.monotonic()
        for _ in range(20):
            await asyncio.sleep(0)
            if await scene.kinds():
                break
        assert scene.clock.monotonic() - before < 60

    assert await scene.kinds() == ["connection.paused"]


def failed_run(scene: Scene, id_: str, *, flow: str = "orders", age: float = 0.0) -> KeptRun:
    error = {"node": "mail", "message": "nobody was accepted", "remedy": "Check the address"}
    return KeptRun(
        id=id_,
        organization="",
        flow=flow,
        version=1,
        text="name: orders",
        session=id_,
        author="test",
        status=RunStatus.FAILED,
        state=failed_data(id_, error),
        context={},
        due=None,
        began=later(scene.now, -age),
        changed=later(scene.now, -age),
    )


@pytest.mark.asyncio
async def test_a_flow_that_fails_is_told_once_for_an_hour() -> None:
    scene = Scene()
    await scene.desk.subscribe(to="anna@example.org", event="flow.*")
    await scene.flows.begin(failed_run(scene, "r1"))
    await scene.flows.begin(failed_run(scene, "r2"))
    await scene.flows.begin(failed_run(scene, "r3", flow="invoices"))

    for _ in range(3):
        await scene.new_desk().tell_due()

    found = {kept.event.data["flow"]: kept for kept in await scene.desk.events()}
    assert {flow: kept.told for flow, kept in found.items()} == {"orders": 1, "invoices": 1}
    assert {flow: kept.count for flow, kept in found.items()} == {"orders": 2, "invoices": 1}, (
        "each run counts once"
    )
    assert len(scene.outbox.taken) == 2
    (text,) = [draft.text for draft in scene.outbox.taken.values() if "orders" in draft.subject]
    assert text is not None
    assert "nobody was accepted" in text
    assert "Check the address" in text


@pytest.mark.asyncio
async def test_a_run_that_failed_long_ago_is_news_to_nobody() -> None:
    scene = Scene()
    await scene.flows.begin(failed_run(scene, "r1", age=7200))
    await scene.desk.tell_due()

    assert await scene.kinds() == []


@pytest.mark.asyncio
async def test_a_notice_of_a_failed_run_is_enough() -> None:
    scene = Scene()
    await scene.flows.begin(failed_run(scene, "r1", age=7200))
    async with scene.desk.working():
        await asyncio.sleep(0)
        scene.desk.noticed(Notice(kind=NoticeKind.RUN_FAILED, at=scene.now, run="r1"))
        for _ in range(20):
            await asyncio.sleep(0)

    assert await scene.kinds() == ["flow.failed"]


@pytest.mark.asyncio
async def test_a_token_that_ends_soon_is_told_three_days_before() -> None:
    scene = Scene()
    await scene.desk.subscribe(to="anna@example.org")
    for name, days in (("soon", 2), ("later", 9)):
        await scene.records.connections.keep(
            StoredConnection(
                name=name,
                plain={
                    "host": "mail.example.org",
                    "user": "orders@example.org",
                    "expiry_date": later(scene.now, days * DAY),
                },
                secrets={"access_token": Secret("a-token")},
            ),
            now=scene.now,
        )
    await scene.desk.tell_due()

    (kept,) = await scene.desk.events()
    assert (kept.event.kind, kept.event.data["connection"]) == ("token.expiring", "soon")
    assert scene.outbox.recipients == ["anna@example.org"]


# -- the desk --------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_what_is_known_is_as_bad_as_it_is_known_to_be() -> None:
    scene = Scene()
    await scene.desk.raise_event("outbox.stalled", data={"waiting": 7})
    await scene.desk.raise_event("acme.custom")

    assert [kept.event.severity for kept in await scene.desk.events()][::-1] == [
        Severity.FATAL,
        Severity.INFORMATION,
    ]


@pytest.mark.asyncio
async def test_what_concerns_a_person_names_them_and_shows_nobody_else_its_data() -> None:
    scene = Scene()
    with pytest.raises(DraftError) as refused:
        await scene.desk.raise_event("account.password_recovery")
    assert refused.value.field == "to"

    raised = await scene.desk.raise_event(
        "account.password_recovery", to="anna@example.org", data={"link": "https://example.org/secret"}
    )

    (draft,) = scene.outbox.taken.values()
    assert "https://example.org/secret" in (draft.text or "")
    assert [kept.event.data for kept in await scene.desk.events()] == [{}]
    shown = await scene.desk.event(raised.event)
    assert shown is not None
    assert shown.event.data == {}


@pytest.mark.asyncio
async def test_a_subscription_is_changed_and_forgotten() -> None:
    scene = Scene()
    kept = await scene.desk.subscribe(to="anna@example.org")
    changed = await scene.desk.change(kept.id, language="de", muted_until=later(scene.now, DAY))

    assert list(await scene.desk.subscriptions()) == [changed]
    assert (await scene.desk.raise_event("a.b")).told == 0
    assert await scene.desk.unsubscribe(kept.id)
    assert not await scene.desk.unsubscribe(kept.id)
    with pytest.raises(SettingsError) as refused:
        await scene.desk.change(kept.id, language="de")
    assert refused.value.field == "id"


@pytest.mark.asyncio
async def test_old_events_are_forgotten() -> None:
    scene = Scene()
    for _ in range(1_200):  # more than are forgotten in one go
        await scene.desk.raise_event("a.b")
    await scene.desk.tell_due()
    scene.clock.advance(DAY + 3601)
    await scene.desk.tell_due()

    assert await scene.kinds() == []


def test_the_event_of_a_visit_has_one_name() -> None:
    assert event_id("flow", "r1/tell/0") == event_id("flow", "r1/tell/0")
    assert (
        len({event_id("flow", "r1/tell/0"), event_id("flow", "r1/tell/1"), event_id("flo", "wr1/tell/0")})
        == 3
    )
    assert RaiseNotification(event="a.b").severity is Severity.INFORMATION
