"""What becomes of an instance when its message is refused, deferred or in doubt, and what people decide about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integration.process_house import GIVEN, SEND_ONE, SENDS, House, diagram, house, until

from eilbote import EntryFilter, EntryState, InstanceStatus
from eilbote.engine.process.process_view import ProcessInstance
from eilbote.testing import hang_up, refuse

CAUGHT = diagram(
    """<startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="ready"/>
    <sendTask id="ready" messageRef="m_order"/>
    <boundaryEvent id="failed" attachedToRef="ready"><errorEventDefinition errorRef="e_mail"/></boundaryEvent>
    <sequenceFlow id="f2" sourceRef="ready" targetRef="end"/>
    <sequenceFlow id="f3" sourceRef="failed" targetRef="sorry"/>
    <endEvent id="end"/><endEvent id="sorry"/>"""
)
MANY = diagram(
    """<startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="ready"/>
    <sendTask id="ready" messageRef="m_order">
      <multiInstanceLoopCharacteristics><loopCardinality>5</loopCardinality></multiInstanceLoopCharacteristics>
    </sendTask>
    <sequenceFlow id="f2" sourceRef="ready" targetRef="end"/><endEvent id="end"/>"""
)
MANY_CAUGHT = diagram(
    """<startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="ready"/>
    <sendTask id="ready" messageRef="m_order">
      <multiInstanceLoopCharacteristics><loopCardinality>20</loopCardinality></multiInstanceLoopCharacteristics>
    </sendTask>
    <boundaryEvent id="failed" attachedToRef="ready"><errorEventDefinition errorRef="e_mail"/></boundaryEvent>
    <sequenceFlow id="f2" sourceRef="ready" targetRef="end"/>
    <sequenceFlow id="f3" sourceRef="failed" targetRef="sorry"/>
    <endEvent id="end"/><endEvent id="sorry"/>"""
)


async def with_incident(home: House, instance_id: str) -> ProcessInstance:
    async def has_one() -> bool:
        return bool((await home.eilbote.processes.get(instance_id)).incidents)

    await until(has_one)
    return await home.eilbote.processes.get(instance_id)


async def ended(home: House, instance_id: str) -> ProcessInstance:
    async def has_ended() -> bool:
        return (await home.eilbote.processes.get(instance_id)).has_ended

    await until(has_ended)
    return await home.eilbote.processes.get(instance_id)


@pytest.mark.asyncio
async def test_a_boundary_event_catches_that_a_message_was_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.catcher.add_fault(refuse("rcpt", "550 5.1.1 No such user"))
        await home.publish(CAUGHT, ready=SENDS | {"on_failure": "error"})
        instance = await ended(home, (await home.run()).id)
        assert instance.status is InstanceStatus.COMPLETED
        assert "sorry" in {passage.element for passage in instance.passages}
        assert "end" not in {passage.element for passage in instance.passages}


@pytest.mark.asyncio
async def test_a_message_that_is_taken_lets_the_token_go_on(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.publish(CAUGHT, ready=SENDS | {"on_failure": "error"})
        instance = await ended(home, (await home.run()).id)
        assert "end" in {passage.element for passage in instance.passages}


@pytest.mark.asyncio
async def test_a_refused_message_that_is_tried_anew_is_a_second_message(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        # a refusal that says nothing about the address: one of 5.1.1 would strike it off
        home.catcher.add_fault(refuse("rcpt", "550 5.7.1 Not from you", times=1))
        await home.publish(SEND_ONE, ready=SENDS | {"on_failure": "incident"})
        instance = await with_incident(home, (await home.run()).id)
        (incident,) = instance.incidents
        assert incident.error["code"] == "eilbote.mail_failed"
        assert not incident.in_doubt
        assert await home.eilbote.processes.retry(instance.id, by="chief") == 1
        instance = await ended(home, instance.id)
        assert instance.status is InstanceStatus.COMPLETED
        entries = await home.eilbote.entries(EntryFilter())
        assert {entry.idempotency_key for entry in entries} == {
            f"process/{instance.id}/ready/0",
            f"process/{instance.id}/ready/0.1",
        }


@pytest.mark.asyncio
async def test_a_doubt_is_left_to_people_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.catcher.add_fault(hang_up("content", times=1))
        await home.publish(SEND_ONE, ready=SENDS | {"on_failure": "incident"})
        instance = await with_incident(home, (await home.run()).id)
        (incident,) = instance.incidents
        assert incident.in_doubt
        assert len(home.catcher.messages) == 1
        await home.eilbote.processes.skip(instance.id, "ready", by="chief")
        assert (await ended(home, instance.id)).status is InstanceStatus.COMPLETED
        assert len(home.catcher.messages) == 1


@pytest.mark.asyncio
async def test_a_doubtful_message_that_is_tried_anew_is_sent_again_as_it_was(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.catcher.add_fault(hang_up("content", times=1))
        await home.publish(SEND_ONE, ready=SENDS | {"on_failure": "incident"})
        instance = await with_incident(home, (await home.run()).id)
        await home.eilbote.processes.retry(instance.id, by="chief")
        await ended(home, instance.id)
        (entry,) = await home.eilbote.entries(EntryFilter())
        assert entry.idempotency_key == f"process/{instance.id}/ready/0"
        assert entry.state is EntryState.DONE
        first, second = home.catcher.messages
        assert second.octets == first.octets


@pytest.mark.asyncio
async def test_a_disabled_route_is_an_incident_until_it_is_enabled(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.publish(SEND_ONE, ready=SENDS)
        await home.eilbote.routes.switch("order-ready", is_disabled=True)
        instance = await with_incident(home, (await home.run()).id)
        assert "disabled" in str(instance.incidents[0].error["message"])
        assert not await home.eilbote.entries(EntryFilter())
        await home.eilbote.routes.switch("order-ready", is_disabled=False)
        await home.eilbote.processes.retry(instance.id, "ready")
        await ended(home, instance.id)
        assert (await home.catcher.next()).subject == "Your order, 12 EUR"


@pytest.mark.asyncio
async def test_each_turn_has_a_message_of_its_own(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.publish(MANY, ready=SENDS)
        instance = await ended(home, (await home.run(GIVEN)).id)
        keys = [entry.idempotency_key for entry in await home.eilbote.entries(EntryFilter())]
        assert len(keys) == len(set(keys)) == 5
        assert {sent.entry for sent in instance.mails} == {
            entry.id for entry in await home.eilbote.entries(EntryFilter())
        }


@pytest.mark.asyncio
async def test_several_turns_that_fail_at_once_are_caught_once(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.catcher.add_fault(refuse("rcpt", "550 5.1.1 No such user"))
        await home.publish(MANY_CAUGHT, ready=SENDS | {"on_failure": "error"})
        instance = await ended(home, (await home.run()).id)
        assert instance.status is InstanceStatus.COMPLETED
        assert [each.element for each in instance.passages].count("failed") == 2  # a token came, and left


@pytest.mark.asyncio
async def test_several_turns_that_fail_uncaught_end_the_instance_with_their_error(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.catcher.add_fault(refuse("rcpt", "550 5.1.1 No such user"))
        await home.publish(MANY, ready=SENDS | {"on_failure": "error"})
        instance = await ended(home, (await home.run()).id)
        assert instance.status is InstanceStatus.FAILED
        assert instance.error["code"] == "eilbote.mail_failed"


@pytest.mark.asyncio
async def test_an_incident_is_an_event_that_says_where_it_stands_and_what_to_do(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.publish(SEND_ONE, ready=SENDS)
        await home.eilbote.routes.switch("order-ready", is_disabled=True)
        instance = await with_incident(home, (await home.run()).id)

        async def is_raised() -> bool:
            return bool(await home.eilbote.notify.events(event="process.incident"))

        await until(is_raised)
        (raised,) = await home.eilbote.notify.events(event="process.incident")
        assert raised.event.data["instance"] == instance.id
        assert raised.event.data["element"] == "ready"
        assert "eilbote route enable" in str(raised.event.data["remedy"])
        assert raised.event.severity == "error"


@pytest.mark.asyncio
@pytest.mark.parametrize("on_failure, status", [("record", "queued"), ("incident", "accepted")])
async def test_what_became_of_a_message_is_put_into_the_process_data(
    tmp_path: Path, on_failure: str, status: str
) -> None:
    async with house(tmp_path) as home:
        await home.publish(SEND_ONE, ready=SENDS | {"on_failure": on_failure, "result": "sent"})
        instance = await ended(home, (await home.run()).id)
        sent = instance.data["sent"]
        assert isinstance(sent, dict)
        assert sent["status"] == status
        assert sent["envelope"] == {"from": "orders@example.org", "to": ["anna@example.org"]}
