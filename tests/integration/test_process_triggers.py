"""What wakes instances and begins them: messages, timers, people, flows, and other processes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integration.process_house import SENDS, House, diagram, house, in_sqlite, until

from eilbote import InstanceNotFoundError, InstanceStatus, ProcessError
from eilbote.author.process.kept import InstanceFilter
from eilbote.engine.process.process_deeds import digest_of
from eilbote.engine.process.process_view import ProcessInstance
from eilbote.engine.process.publish import PublicationError
from eilbote.errors import ProcessNotFoundError

PAID = diagram(
    """<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="wait"/>
    <receiveTask id="wait" messageRef="m_payment"/>
    <sequenceFlow id="f2" sourceRef="wait" targetRef="end"/><endEvent id="end"/>"""
)
ORDERED = diagram(
    """<startEvent id="start"><messageEventDefinition messageRef="m_order"/></startEvent>
    <sequenceFlow id="f1" sourceRef="start" targetRef="end"/><endEvent id="end"/>"""
)
THROWS = diagram(
    """<startEvent id="begin"/><sequenceFlow id="g1" sourceRef="begin" targetRef="throw"/>
    <intermediateThrowEvent id="throw"><messageEventDefinition/></intermediateThrowEvent>
    <sequenceFlow id="g2" sourceRef="throw" targetRef="over"/><endEvent id="over"/>""",
    process="thrower",
)
TASK = diagram(
    """<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="check"/>
    <userTask id="check" name="Check it"/>
    <sequenceFlow id="f2" sourceRef="check" targetRef="end"/><endEvent id="end"/>"""
)
LATE = diagram(
    """<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="pause"/>
    <intermediateCatchEvent id="pause"><timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition></intermediateCatchEvent>
    <sequenceFlow id="f2" sourceRef="pause" targetRef="end"/><endEvent id="end"/>"""
)
DAILY = diagram(
    """<startEvent id="start"><timerEventDefinition><timeCycle>R2/PT1S</timeCycle></timerEventDefinition></startEvent>
    <sequenceFlow id="f1" sourceRef="start" targetRef="end"/><endEvent id="end"/>"""
)
SERVICE = diagram(
    """<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="serve"/>
    <serviceTask id="serve"/><sequenceFlow id="f2" sourceRef="serve" targetRef="end"/><endEvent id="end"/>"""
)


async def ended(home: House, instance_id: str) -> ProcessInstance:
    async def has_ended() -> bool:
        try:
            return (await home.eilbote.processes.get(instance_id)).has_ended
        except InstanceNotFoundError:
            return False

    await until(has_ended)
    return await home.eilbote.processes.get(instance_id)


@pytest.mark.asyncio
async def test_a_message_finds_the_instance_with_its_key(tmp_path: Path) -> None:
    async with house(tmp_path, in_sqlite) as home:
        await home.publish(PAID, wait={"result": "payment"})
        desk = home.eilbote.processes
        one = await desk.start("order", {}, correlation="4711", wait_seconds=5)
        other = await desk.start("order", {}, correlation="4712", wait_seconds=5)
        given = await desk.message("payment", {"amount": 12}, correlation="4712", id="bank-1")
        assert given.instance == other.id
        assert not given.begun
        assert (await ended(home, other.id)).data["payment"] == {"amount": 12}
        assert not (await desk.get(one.id)).has_ended
        with pytest.raises(ProcessError, match="nobody waits for the message"):
            await desk.message("payment", {}, correlation="4713")


@pytest.mark.asyncio
async def test_a_message_begins_one_instance_however_often_it_is_given(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.publish(ORDERED)
        desk = home.eilbote.processes
        first = await desk.message("order", {"number": 1}, id="web-1")
        again = await desk.message("order", {"number": 1}, id="web-1")
        assert first.begun
        assert first.is_new
        assert not again.is_new
        assert again.instance == first.instance
        assert (await ended(home, first.instance)).data["number"] == 1


@pytest.mark.asyncio
async def test_an_id_that_another_organization_has_taken_swallows_no_message(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        desk = home.eilbote.processes
        for owner in ("acme", "other"):
            await desk.save(ORDERED, organization=owner)
            await desk.publish("order", organization=owner)
        name = digest_of("message", "acme", "order", "o-1")
        await desk.save(PAID.replace('id="order"', 'id="plain"'), organization="other")
        await desk.publish("plain", organization="other")
        await desk.start("plain", {}, organization="other", instance_id=name)
        with pytest.raises(ProcessError, match="was used before"):
            await desk.message("order", {"n": 1}, organization="acme", id="o-1")
        assert (await desk.message("order", {"n": 1}, organization="acme", id="o-2")).is_new


@pytest.mark.asyncio
@pytest.mark.parametrize("destination", ["start", "intermediate"])
async def test_an_event_sends_to_another_process(tmp_path: Path, destination: str) -> None:
    async with house(tmp_path) as home:
        sends: dict[str, object] = {"system_name": "throws", "state": "Thrown", "destination": destination}
        desk = home.eilbote.processes
        if destination == "start":
            await home.publish(ORDERED)
            sends |= {"message": "order", "mapping": {"number": "{{ n }}"}}
        else:
            await home.publish(PAID, wait={"result": "payment"})
            waiting = await desk.start("order", {}, correlation="7", wait_seconds=5)
            sends |= {"message": "payment", "correlation": "{{ n }}", "mapping": {"number": "{{ n }}"}}
        await home.publish(THROWS, process="thrower", throw=sends)
        thrown = await home.run({"n": 7}, process="thrower")
        assert thrown.status is InstanceStatus.COMPLETED, thrown.incidents
        if destination == "start":
            (begun,) = await desk.instances(InstanceFilter(process="order"))
            assert (await ended(home, begun.id)).data["number"] == 7
        else:
            assert (await ended(home, waiting.id)).data["payment"] == {"number": 7}


@pytest.mark.asyncio
async def test_a_common_notification_is_an_event_for_those_who_have_subscribed(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.publish(
            THROWS,
            process="thrower",
            throw={
                "system_name": "Order_Late",
                "state": "Late",
                "destination": "notification",
                "title": "Order {{ n }} is late",
                "importance": "high",
                "duration": "P3D",
            },
        )
        await home.run({"n": 7}, process="thrower")
        (event,) = await home.eilbote.notify.events(event="process.*")
        assert event.event.kind == "process.order_late"
        assert event.event.summary == "Order 7 is late"
        assert event.event.severity == "warning"


@pytest.mark.asyncio
async def test_a_task_is_done_once_at_the_desk(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.publish(TASK, check={"title": "Check {{ n }}", "result": "checked"})
        desk = home.eilbote.processes
        instance = await desk.start("order", {"n": 7}, wait_seconds=5)
        (waiting,) = await desk.tasks()
        assert waiting.wait.name == "Check 7"
        await desk.complete(instance.id, "check", by="anna", data={"fine": True})
        with pytest.raises(ProcessError, match=r"already|no open task"):
            await desk.complete(instance.id, "check", by="bert")
        data = (await ended(home, instance.id)).data["checked"]
        assert isinstance(data, dict)
        assert (data["by"], data["fine"]) == ("anna", True)
        assert await desk.tasks() == ()


@pytest.mark.asyncio
async def test_timers_let_go_and_begin(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.publish(LATE)
        instance = await home.run({})
        assert instance.status is InstanceStatus.COMPLETED
        await home.publish(DAILY)
        desk = home.eilbote.processes

        async def have_begun() -> bool:
            return len(await desk.instances(InstanceFilter(process="order"))) == 3

        await until(have_begun)


@pytest.mark.asyncio
async def test_a_flow_is_run_and_its_context_taken_in(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.eilbote.flows.save(
            "name: crm\nnodes:\n  - {id: note, kind: set_value, values: {context.seen: '{{ input.n }}'}}\n"
        )
        await home.eilbote.flows.publish("crm")
        await home.publish(
            SERVICE, serve={"flow": {"name": "crm", "input": {"n": "{{ n }}"}, "result": "crm"}}
        )
        instance = await ended(home, (await home.run({"n": 7})).id)
        assert instance.status is InstanceStatus.COMPLETED, instance.incidents
        assert instance.data["crm"] == {"seen": 7}


@pytest.mark.asyncio
@pytest.mark.parametrize("version", [-1, 2, 10**30])
async def test_a_version_that_there_is_not_is_told(tmp_path: Path, version: int) -> None:
    async with house(tmp_path, in_sqlite) as home:
        await home.publish(PAID)
        with pytest.raises(ProcessNotFoundError, match="has no version"):
            await home.eilbote.processes.start("order", {}, version=version)


@pytest.mark.asyncio
async def test_a_cancelled_instance_ends_and_its_task_is_gone(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        await home.publish(TASK, check={"title": "Check"})
        desk = home.eilbote.processes
        instance = await desk.start("order", {}, wait_seconds=5)
        assert await desk.cancel(instance.id)
        assert (await ended(home, instance.id)).status is InstanceStatus.CANCELLED
        assert await desk.tasks() == ()


@pytest.mark.asyncio
async def test_a_publication_tells_every_fault_at_once(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        faulty = SENDS | {"route": "order-raedy"}
        with pytest.raises(PublicationError) as told:
            await home.publish(THROWS, process="thrower", throw=faulty | {"state": ""})
        assert len(told.value.findings) >= 2
        assert (await home.eilbote.processes.stored("thrower")).published == 0


@pytest.mark.asyncio
async def test_values_of_another_kind_are_refused_in_words(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        desk = home.eilbote.processes
        for asked in (
            desk.start("thrower", author=5),  # type: ignore[arg-type]
            desk.start("thrower", instance_id=5),  # type: ignore[arg-type]
            desk.message("payment", {}, id=5),  # type: ignore[arg-type]
            desk.get(None),  # type: ignore[arg-type]
            desk.cancel(5),  # type: ignore[arg-type]
        ):
            with pytest.raises(ProcessError, match="cannot stand here"):
                await asked
