"""Runs of flows in memory, worked step by step: what is done once, what is waited for, and how they end."""

from datetime import datetime

import pytest
from tests.unit.engine.flow_scene import FlowScene

from eilbote import ConflictError, FlowError, FlowNotFoundError, RunNotFoundError
from eilbote.author.flow.store import Awaits
from eilbote.model.moment import moment_of
from eilbote.model.status import RecipientStatus
from eilbote.outbox.store import EntryFilter, Wish
from eilbote.record.notice import NoticeKind
from eilbote.testing.manual_clock import ManualClock

MAIL = """
name: orders
nodes:
  - id: mail
    kind: send_smtp_email
    to: "{{ input.to }}"
    bcc: secret@example.org
    subject: "Order {{ input.number }}"
    content: "<p>Hello</p>"
    store_result: input
    store_as: mail
    MORE
  - {id: count, kind: set_value, values: {context.seen: "{{ input.number }}"}}
"""


def mail(more: str = "label: Tell them") -> str:
    return MAIL.replace("MORE", more)


GIVEN = {"to": "anna@example.org", "number": 7}


@pytest.mark.asyncio
async def test_a_run_waits_for_its_message_and_keeps_what_became_of_it() -> None:
    scene = await FlowScene.opened()
    begun = await scene.begin(mail(), GIVEN, session="anna", organization="")
    assert begun.status == "running"
    waiting = await scene.work(begun.id)
    assert (waiting.status, waiting.awaits, waiting.node) == ("waiting", Awaits.MAIL, "mail")
    (entry,) = await scene.entries()
    assert waiting.entry == entry
    shown = (await scene.outbox.store.history(entry)).entry
    assert shown.author == f"flow:orders#{begun.id}"
    assert shown.idempotency_key == f"flow/{begun.id}/mail/0"

    await scene.settle()
    done = await scene.work(begun.id)
    assert (done.status, done.failed_nodes) == ("done", 0)
    result = done.input["mail"]
    assert isinstance(result, dict)
    assert result["status"] == "accepted"
    assert result["accepted"] == ["anna@example.org"]
    assert result["undisclosed"] == 1
    assert result["envelope"] == {"from": "orders@example.org", "to": ["anna@example.org"]}
    assert result["messageTime"] == 250
    assert "secret@example.org" not in str(done)
    assert await scene.desk.context("anna") == {"seen": 7}
    assert [step.node for step in done.steps] == ["mail", "count"]
    assert done.mails == 1
    assert scene.told.kinds() == [NoticeKind.RUN_BEGAN, NoticeKind.RUN_ENDED]


@pytest.mark.asyncio
async def test_a_refused_message_is_an_error_that_the_flow_survives_unless_it_stops() -> None:
    scene = await FlowScene.opened()
    begun = await scene.begin(mail(), GIVEN)
    await scene.work(begun.id)
    await scene.settle(RecipientStatus.FAILED, "5.1.1 No such user")
    done = await scene.work(begun.id)
    assert (done.status, done.failed_nodes) == ("done", 1)
    result = done.input["mail"]
    assert isinstance(result, dict)
    assert result["status"] == "failed"
    assert result["rejectedErrors"][0]["response"] == "550 5.1.1 No such user"  # type: ignore[index, call-overload]
    error = result["error"]
    assert isinstance(error, dict)
    assert (error["code"], error["node"]) == ("recipients_refused", "mail")
    assert "No such user" in str(error["cause"])
    assert NoticeKind.RUN_STEP_FAILED in scene.told.kinds()

    stops = await scene.begin(mail("stop_on_error: true"), GIVEN)
    await scene.work(stops.id)
    await scene.settle(RecipientStatus.FAILED, "5.1.1 No such user")
    failed = await scene.work(stops.id)
    assert (failed.status, failed.error["code"]) == ("failed", "recipients_refused")
    assert [step.node for step in failed.steps] == ["mail"]


@pytest.mark.asyncio
async def test_a_failed_run_is_tried_again_where_it_failed_and_sends_under_another_name() -> None:
    scene = await FlowScene.opened()
    begun = await scene.begin(mail("stop_on_error: true"), GIVEN, session="anna")
    await scene.work(begun.id)
    with pytest.raises(ConflictError, match="has not failed"):
        await scene.desk.retry(begun.id)
    await scene.settle(RecipientStatus.FAILED, "4.2.2 Full")
    assert (await scene.work(begun.id)).failed_at == "mail"
    again = await scene.desk.retry(begun.id)
    assert (again.status, again.node, again.error) == ("running", "mail", {})
    with pytest.raises(ConflictError, match="has not failed"):
        await scene.desk.retry(begun.id)
    waiting = await scene.work(begun.id)
    assert (waiting.awaits, waiting.mails) == (Awaits.MAIL, 2)
    keys = {(await scene.outbox.store.history(each)).entry.idempotency_key for each in await scene.entries()}
    assert keys == {f"flow/{begun.id}/mail/0", f"flow/{begun.id}/mail/1"}
    await scene.settle()
    done = await scene.work(begun.id)
    assert (done.status, [step.node for step in done.steps]) == ("done", ["mail", "mail", "count"])
    assert await scene.desk.context("anna") == {"seen": 7}


@pytest.mark.asyncio
async def test_a_run_that_was_called_back_is_not_tried_again() -> None:
    scene = await FlowScene.opened()
    begun = await scene.begin(mail(), GIVEN)
    await scene.work(begun.id)
    await scene.desk.cancel(begun.id)
    ended = await scene.work(begun.id)
    assert (ended.status, ended.failed_at) == ("cancelled", "mail")
    with pytest.raises(ConflictError, match="was called back"):
        await scene.desk.retry(begun.id)


@pytest.mark.asyncio
async def test_an_asynchronous_message_lets_the_run_go_on_at_once() -> None:
    scene = await FlowScene.opened()
    begun = await scene.begin(mail("asynchronous: true"), GIVEN)
    done = await scene.work(begun.id)
    assert done.status == "done"
    result = done.input["mail"]
    assert isinstance(result, dict)
    assert (result["status"], result["queued"]) == ("queued", True)
    await scene.settle()
    await scene.desk.resume()
    late = (await scene.desk.get(begun.id)).input["mail"]
    assert isinstance(late, dict)
    assert late["status"] == "accepted"
    assert "queued" not in late


@pytest.mark.asyncio
async def test_a_message_that_takes_too_long_is_deferred_and_no_error() -> None:
    scene = await FlowScene.opened()
    begun = await scene.begin(mail(), GIVEN)
    await scene.work(begun.id)
    await scene.settle(RecipientStatus.DEFERRED, "4.7.1 Greylisted")
    scene.clock.advance(59)
    assert (await scene.work(begun.id)).status == "waiting"
    scene.clock.advance(1)
    done = await scene.work(begun.id)
    assert done.status == "done"
    result = done.input["mail"]
    assert isinstance(result, dict)
    assert (result["status"], result["queued"]) == ("deferred", True)
    assert "error" not in result
    assert "Greylisted" in str(result["response"])


@pytest.mark.asyncio
async def test_a_cancelled_message_is_told_as_such() -> None:
    scene = await FlowScene.opened()
    begun = await scene.begin(mail(), GIVEN)
    await scene.work(begun.id)
    await scene.outbox.store.apply(Wish.CANCEL, await scene.entries(), now=moment_of(scene.clock.now()))
    result = (await scene.work(begun.id)).input["mail"]
    assert isinstance(result, dict)
    assert result["status"] == "cancelled"


@pytest.mark.asyncio
async def test_a_message_that_cannot_be_handed_in_is_an_outcome_with_its_field() -> None:
    scene = await FlowScene.opened()
    text = mail("connection: nowhere")
    begun = await scene.begin(text, GIVEN)
    done = await scene.work(begun.id)
    assert done.status == "done"
    result = done.input["mail"]
    assert isinstance(result, dict)
    assert result["status"] == "failed"
    error = result["error"]
    assert isinstance(error, dict)
    assert error["code"] == "connection_not_found"


# -- once ----------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_worker_that_dies_after_handing_a_message_in_leaves_one_entry() -> None:
    """It had handed the message in and died before it could keep that; the next one finds the entry by the visit's name."""
    scene = await FlowScene.opened()
    begun = await scene.begin(mail(), GIVEN)
    await _die_after_submitting(scene, begun.id)
    assert len(await scene.entries()) == 1
    scene.clock.advance(31)  # its lease ends
    waiting = await scene.work(begun.id)
    assert waiting.awaits is Awaits.MAIL
    assert len(await scene.entries()) == 1


class _Killed(BaseException):
    """A process ends here."""


async def _die_after_submitting(scene: FlowScene, run_id: str) -> None:
    """Play a worker up to its message, without what it would have kept then."""
    from eilbote.engine.flow_effects import Effects
    from eilbote.engine.run_flow import RunFlow
    from eilbote.engine.wall_clock import WallClock
    from eilbote.model.moment import later

    class Dies:
        async def perform(self, asked: object, effect: object, /) -> object:
            await scene.mail.perform(asked, effect)  # type: ignore[arg-type]
            raise _Killed

    now = moment_of(scene.clock.now())
    (kept,) = await scene.store.claim("first", limit=1, now=now, until=later(now, 30), only=[run_id])
    runs = RunFlow(
        scene.store,
        Effects(mail=Dies()),  # type: ignore[arg-type]
        time=WallClock(scene.clock),
        report=scene.told,
        monotonic=scene.clock.monotonic,
    )
    with pytest.raises(_Killed):
        await runs.work(kept)


@pytest.mark.asyncio
async def test_what_a_flow_asks_for_does_not_change_when_it_is_taken_up_again() -> None:
    """The conversation was changed by another run, and the clock moved on: the message is still the one that was asked for."""
    scene = await FlowScene.opened()
    text = """
name: greeting
nodes:
  - {id: who, kind: branch, if: "context.who == 'anna'", then: anna, else: ben}
  - {id: anna, kind: send_smtp_email, to: "{{ context.who }}@example.org", subject: "{{ 'now' | date: '%H:%M:%S' }}", next: end}
  - {id: ben, kind: send_smtp_email, to: ben@example.org, subject: Hello}
"""
    change = "name: o\nnodes:\n  - {id: a, kind: set_value, values: {context.who: '{{ input.who }}'}}\n"
    anna = await scene.begin(change, {"who": "anna"}, session="s")
    await scene.work(anna.id)
    begun = await scene.begin(text, session="s")
    await _die_after_submitting(scene, begun.id)
    ben = await scene.begin(change, {"who": "ben"}, session="s")
    await scene.work(ben.id)
    assert await scene.desk.context("s") == {"who": "ben"}
    scene.clock.advance(31)
    waiting = await scene.work(begun.id)
    assert waiting.node == "anna"
    (entry,) = await scene.outbox.store.entries(EntryFilter(), limit=10)
    assert [each.address for each in entry.recipients] == ["anna@example.org"]


REQUEST = """
name: hook
nodes:
  - {id: post, kind: http_request, method: POST, url: "https://example.org/", store_result: input, store_as: answer}
"""


@pytest.mark.asyncio
async def test_a_web_request_is_kept_before_it_is_sent_and_told_to_be_in_doubt_after_a_crash() -> None:
    scene = await FlowScene.opened()
    begun = await scene.begin(REQUEST)
    scene.requests.fault = _Killed()  # type: ignore[assignment]
    with pytest.raises(_Killed):
        await _work_until_killed(scene, begun.id)
    scene.requests.fault = None
    scene.clock.advance(31)
    assert (await scene.work(begun.id)).status == "done"
    assert scene.requests.again == [False, True]
    assert set(scene.requests.keys) == {f"{begun.id}/post/0"}


async def _work_until_killed(scene: FlowScene, run_id: str) -> None:
    from eilbote.engine.flow_effects import Effects
    from eilbote.engine.run_flow import RunFlow
    from eilbote.engine.wall_clock import WallClock
    from eilbote.model.moment import later

    now = moment_of(scene.clock.now())
    (kept,) = await scene.store.claim("first", limit=1, now=now, until=later(now, 30), only=[run_id])
    effects = Effects(mail=scene.mail, web=scene.requests)
    runs = RunFlow(
        scene.store,
        effects,
        time=WallClock(scene.clock),
        report=scene.told,
        monotonic=scene.clock.monotonic,
    )
    await runs.work(kept)


@pytest.mark.asyncio
async def test_a_worker_that_stops_begins_nothing_more_and_leaves_no_doubt() -> None:
    from eilbote.engine.flow_effects import Effects
    from eilbote.engine.run_flow import RunFlow
    from eilbote.engine.wall_clock import WallClock
    from eilbote.model.moment import later

    scene = await FlowScene.opened()
    begun = await scene.begin(REQUEST)
    now = moment_of(scene.clock.now())
    (kept,) = await scene.store.claim("first", limit=1, now=now, until=later(now, 30))
    effects = Effects(mail=scene.mail, web=scene.requests)
    stopping = RunFlow(
        scene.store,
        effects,
        time=WallClock(scene.clock),
        report=scene.told,
        monotonic=scene.clock.monotonic,
        is_stopping=lambda: True,
    )
    await stopping.work(kept)
    assert scene.requests.keys == []
    assert (await scene.work(begun.id)).status == "done"
    assert scene.requests.again == [False]


MANY_REQUESTS = """
name: hooks
nodes:
  - {id: each, kind: for_each, items: "{{ input.all }}", as: one, do: post, next: end}
  - {id: post, kind: http_request, method: POST, url: "https://example.org/", next: end}
"""
CIRCLE = "name: circle\nnodes:\n  - {id: a, kind: set_value, values: {context.n: 1}, next: a}\n"


@pytest.mark.asyncio
@pytest.mark.parametrize("text", [MANY_REQUESTS, CIRCLE], ids=["requests", "circle"])
async def test_a_run_that_goes_on_for_long_makes_room_for_those_of_others(text: str) -> None:
    """Sixty-four runs of one organization, each with thousands of slow requests, kept everybody else waiting for days."""
    from eilbote.engine.flow_effects import Effects
    from eilbote.engine.run_flow import RunFlow
    from eilbote.engine.wall_clock import WallClock
    from eilbote.model.moment import later

    scene = await FlowScene.opened()
    begun = await scene.begin(text, {"all": list(range(100))})
    now = moment_of(scene.clock.now())
    (kept,) = await scene.store.claim("first", limit=1, now=now, until=later(now, 30))
    seconds = iter(range(1000))
    runs = RunFlow(
        scene.store,
        Effects(mail=scene.mail, web=scene.requests),
        time=WallClock(scene.clock),
        report=scene.told,
        monotonic=lambda: float(next(seconds)),
    )
    let_go = await runs.work(kept)
    assert let_go.status == "running"
    assert next(seconds) < 20
    assert await scene.desk.cancel(begun.id)  # which is heard as soon as it is taken up again
    (again,) = await scene.store.claim("other", limit=1, now=now, until=later(now, 30))
    assert again.id == begun.id
    ended = await runs.work(again)
    assert ended.status == "failed"
    assert len(scene.requests.keys) == len(set(scene.requests.keys)) < 20


# -- how runs end --------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_run_that_was_called_back_ends_before_its_next_step() -> None:
    scene = await FlowScene.opened()
    begun = await scene.begin(mail(), GIVEN)
    await scene.work(begun.id)
    assert await scene.desk.cancel(begun.id)
    ended = await scene.work(begun.id)
    assert (ended.status, ended.error["code"]) == ("cancelled", "cancelled")
    assert not await scene.desk.cancel(begun.id)
    assert len(await scene.entries()) == 1


@pytest.mark.asyncio
async def test_a_clock_that_goes_on_while_it_is_read_is_not_taken_for_one_that_was_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = await FlowScene.opened()
    shown = ManualClock.now

    def now(clock: ManualClock) -> datetime:
        clock.advance(0.001)
        return shown(clock)

    monkeypatch.setattr(ManualClock, "now", now)
    begun = await scene.begin("name: w\nnodes:\n  - {id: pause, kind: wait, for: 2d}\n")
    waiting = await scene.work(begun.id)
    assert waiting.due is not None
    assert round((waiting.due - waiting.began) / 86_400_000) == 2


@pytest.mark.asyncio
async def test_a_wait_of_days_costs_nothing_and_is_over_when_it_is_over() -> None:
    scene = await FlowScene.opened()
    begun = await scene.begin("name: w\nnodes:\n  - {id: pause, kind: wait, for: 2d}\n")
    waiting = await scene.work(begun.id)
    assert (waiting.status, waiting.awaits) == ("waiting", Awaits.TIME)
    assert waiting.due == moment_of(scene.clock.now()) + 2 * 86_400_000
    scene.clock.advance(2 * 86_400 - 1)
    assert (await scene.work(begun.id)).status == "waiting"
    scene.clock.advance(1)
    assert (await scene.work(begun.id)).status == "done"


@pytest.mark.asyncio
async def test_a_fault_nobody_has_foreseen_ends_its_run_and_no_other() -> None:
    scene = await FlowScene.opened()
    broken, good = await scene.begin(REQUEST), await scene.begin(mail(), GIVEN)
    scene.requests.fault = ZeroDivisionError("by hand")
    await scene.desk.resume()
    failed = await scene.desk.get(broken.id)
    assert (failed.status, failed.error["code"], failed.error["node"]) == ("failed", "unforeseen", "post")
    assert (await scene.desk.get(good.id)).awaits is Awaits.MAIL
    assert NoticeKind.UNFORESEEN in scene.told.kinds()


# -- the desk ------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_flow_published_anew_changes_nothing_for_runs_that_have_begun() -> None:
    scene = await FlowScene.opened()
    first = "name: f\nnodes:\n  - {id: pause, kind: wait, for: 1h}\n  - {id: a, kind: set_value, values: {input.x: old}}\n"
    await scene.desk.save(first)
    with pytest.raises(FlowNotFoundError, match="not published"):
        await scene.desk.begin("f")
    assert (await scene.desk.publish("f")).version == 1
    begun = await scene.desk.begin("f")
    await scene.work(begun.id)
    await scene.desk.save(first.replace("old", "new").replace("pause", "rest"))
    assert (await scene.desk.publish("f")).version == 2
    scene.clock.advance(3600)
    assert (await scene.work(begun.id)).input == {"x": "old"}
    assert (begun.version, (await scene.desk.begin("f")).version) == (1, 2)
    assert (await scene.desk.begin("f", version=1)).version == 1
    with pytest.raises(FlowNotFoundError, match="no version 9"):
        await scene.desk.begin("f", version=9)


@pytest.mark.asyncio
async def test_under_one_id_a_run_begins_once() -> None:
    scene = await FlowScene.opened()
    one = await scene.begin(REQUEST, run_id="r1")
    same = await scene.begin(REQUEST, run_id="r1")
    assert (one.id, one.began) == (same.id, same.began)
    with pytest.raises(FlowError, match="used before") as refused:
        await scene.begin(mail(), GIVEN, run_id="r1")
    assert refused.value.field == "run_id"
    with pytest.raises(FlowError, match="cannot be the id"):
        await scene.begin(REQUEST, run_id="a b")


@pytest.mark.asyncio
async def test_a_run_begun_again_is_begun_with_the_same() -> None:
    """An order's number that was given twice: the second order would have got no message, and nobody would have heard of it."""
    scene = await FlowScene.opened()
    change = "name: o\nnodes:\n  - {id: a, kind: set_value, values: {input.a.x: 3}}\n"
    begun = await scene.begin(
        change, {"a": {"x": 1, "y": 2}, "b": 1}, run_id="r1", session="s", organization="acme"
    )
    assert (await scene.work("r1")).input["a"] == {"x": 3, "y": 2}
    for again in ({}, {"b": 1, "a": {"y": 2, "x": 1}}):
        assert (await scene.begin(change, again, run_id="r1", organization="acme")).began == begun.began
    for given, options, why in (
        ({"a": {"x": 3, "y": 2}, "b": 1}, {"organization": "acme"}, "another input"),
        ({}, {"organization": "acme", "session": "t"}, "another session"),
        ({}, {"organization": "beta"}, "another organization"),
    ):
        with pytest.raises(FlowError, match=why) as refused:
            await scene.begin(change, given, run_id="r1", **options)
        assert refused.value.field == "run_id"
    with pytest.raises(FlowError) as refused:
        await scene.begin(REQUEST, run_id="r1")
    assert "for a run of another organization" in str(refused.value)


@pytest.mark.asyncio
async def test_what_is_not_there_is_named() -> None:
    scene = await FlowScene.opened()
    await scene.desk.save(REQUEST)
    with pytest.raises(FlowNotFoundError) as missing:
        await scene.desk.begin("hoook")
    assert missing.value.remedy == "Did you mean 'hook'?"
    with pytest.raises(RunNotFoundError):
        await scene.desk.get("nobody")
    with pytest.raises(RunNotFoundError):
        await scene.desk.resume("nobody")
    with pytest.raises(RunNotFoundError):
        await scene.desk.cancel("nobody")


# -- the clock -----------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_wall_clock_that_is_set_forward_for_a_moment_ends_no_wait() -> None:
    from datetime import timedelta

    scene = await FlowScene.opened()
    begun = await scene.begin("name: w\nnodes:\n  - {id: pause, kind: wait, for: 2d}\n")
    right = scene.clock.now()
    async with scene.desk.engaged() as worker:  # one worker sees the clock jump
        await worker.run(once=True)
        scene.clock.set_wall_clock(right + timedelta(days=3))
        await worker.run(once=True)
        assert (await scene.desk.get(begun.id)).status == "waiting"
        scene.clock.set_wall_clock(right)
        await worker.run(once=True)
        assert (await scene.desk.get(begun.id)).status == "waiting"


@pytest.mark.asyncio
async def test_runs_that_were_due_before_the_wall_clock_was_set_back_are_worked_at_once() -> None:
    from datetime import timedelta

    scene = await FlowScene.opened()
    async with scene.desk.engaged() as worker:  # one worker sees the clock jump
        await worker.run(once=True)
        begun = await scene.begin(REQUEST)
        scene.clock.set_wall_clock(scene.clock.now() - timedelta(hours=1))
        await worker.run(once=True)
        assert (await scene.desk.get(begun.id)).status == "done"
