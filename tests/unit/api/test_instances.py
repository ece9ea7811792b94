"""Process instances over HTTP: begun once, given messages and data, decided, drawn, called back."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio
from tests.unit.api.processes_at_hand import DIAGRAM, ROUTE, SETTINGS
from tests.unit.api.server import Server, house

pytestmark = pytest.mark.asyncio

AUTHOR, OPERATOR, VIEWER, STRANGER = "author@acme", "operator@acme", "viewer@acme", "operator@globex"
DATA = {"number": "4711", "email": "anna@example.org"}
BEGUN = DIAGRAM.replace(
    '<startEvent id="Start"/>',
    '<startEvent id="Start"><messageEventDefinition messageRef="m2"/></startEvent>',
).replace('<process id="order"', '<message id="m2" name="ordered"/>\n  <process id="ordered"')


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(connections={"office": "smtp://127.0.0.1:9?from=office@example.org"}) as made:
        await made.put("/routes/order-ready", {"text": ROUTE}, who=AUTHOR)
        kept = await made.put("/processes/order/draft", {"bpmn": DIAGRAM, "settings": SETTINGS}, who=AUTHOR)
        assert kept.json()["is_sound"], kept.text
        assert (await made.post("/processes/order/versions", who=AUTHOR)).status_code == 201
        made.book.written.clear()
        yield made


async def _begun(server: Server, name: str = "order-4711", data: object = None) -> dict[str, Any]:
    body = {"process": "order", "instance_id": name, "data": data or DATA, "wait": 1}
    said = await server.post("/instances", body, who=OPERATOR)
    assert said.status_code == 202, said.text
    assert said.headers["location"] == f"/api/v1/instances/{name}"
    return dict(said.json())


async def test_an_instance_is_begun_once_and_shown(server: Server) -> None:
    begun = await _begun(server)
    assert (begun["status"], begun["correlation"], begun["author"]) == (
        "running",
        "4711",
        "user:operator@acme",
    )
    assert begun["tokens"] == ["Paid"]
    (mail,) = begun["mails"]
    assert (mail["element"], mail["subject"], mail["recipients"]) == (
        "Tell",
        "Order 4711 is ready",
        ["anna@example.org"],
    )
    again = await _begun(server)
    assert len(again["mails"]) == 1
    assert [deed.action for deed in server.deeds] == ["instance.begin", "instance.begin"]
    other = {"process": "order", "instance_id": "order-4711", "data": DATA}
    theirs = await server.post("/instances", other, who=STRANGER)
    assert theirs.status_code == 422


async def test_a_message_and_a_task_take_it_to_its_end(server: Server) -> None:
    await _begun(server)
    waiting = (await server.get("/instances/order-4711", who=VIEWER)).json()
    assert [(each["name"], each["correlation"]) for each in waiting["messages"]] == [("payment", "4711")]
    message = {"name": "payment", "correlation": "4711", "data": {"amount": 70}, "id": "payment-1"}
    said = await server.post("/instances/messages", message, who=OPERATOR)
    assert (said.status_code, said.json()) == (
        202,
        {"instance": "order-4711", "begun": False, "is_new": True},
    )
    await server.eilbote.processes.resume("order-4711", wait_seconds=1)
    (task,) = (await server.get("/tasks", who=VIEWER)).json()["items"]
    assert (task["instance"], task["title"], task["process"]) == ("order-4711", "Check 4711", "order")
    assert (await server.get("/tasks", who=STRANGER)).json()["items"] == []
    done = await server.post(
        "/instances/order-4711/complete", {"task": "Check", "text": "fine"}, who=OPERATOR
    )
    assert done.status_code == 200, done.text
    late = await server.post("/instances/order-4711/complete", {"task": "Check"}, who=AUTHOR)
    assert (late.status_code, "operator@acme has done this task already" in late.text) == (422, True)
    await server.eilbote.processes.resume("order-4711", wait_seconds=1)
    ended = (await server.get("/instances/order-4711", who=VIEWER)).json()
    assert (ended["status"], ended["data"]["payment"], ended["data"]["check"]["by"]) == (
        "completed",
        {"amount": 70},
        "operator@acme",
    )
    assert [deed.action for deed in server.deeds] == [
        "instance.begin",
        "instance.message",
        "instance.complete",
    ]


async def test_tasks_come_page_by_page_though_some_are_done_meanwhile(server: Server) -> None:
    for name in ("order-1", "order-2", "order-3"):
        await _begun(server, name, {**DATA, "number": name})
        message = {"name": "payment", "correlation": name}
        assert (await server.post("/instances/messages", message, who=OPERATOR)).status_code == 202
        await server.eilbote.processes.resume(name, wait_seconds=1)
        server.clock.advance(1)
    first = (await server.get("/tasks", who=VIEWER, params={"limit": 2})).json()
    assert [each["instance"] for each in first["items"]] == ["order-1", "order-2"]
    done = await server.post("/instances/order-2/complete", {"task": "Check"}, who=OPERATOR)
    assert done.status_code == 200
    await server.eilbote.processes.resume("order-2", wait_seconds=1)
    rest = (await server.get("/tasks", who=VIEWER, params={"cursor": first["next_cursor"]})).json()
    assert ([each["instance"] for each in rest["items"]], rest["next_cursor"]) == (["order-3"], None)
    assert (await server.get("/tasks", who=VIEWER, params={"cursor": "asleep"})).status_code == 422


async def test_instances_are_searched_and_cut_to_a_time(server: Server) -> None:
    begun = (await _begun(server, "first"))["began"]
    server.clock.advance(60)
    later = (await _begun(server, "second", {**DATA, "number": "4712"}))["began"]

    async def ids(**which: str) -> list[str]:
        found = await server.get("/instances", who=VIEWER, params=which)
        assert found.status_code == 200, found.text
        return [each["id"] for each in found.json()["items"]]

    assert await ids(since=begun) == ["second", "first"]
    assert await ids(since=begun, before=later) == ["first"]
    assert await ids(q="4712") == ["second"]
    assert await ids(q="ORDER", process="order") == ["second", "first"]
    assert await ids(q="nothing like it") == []


async def test_data_are_mended_and_what_failed_is_tried_again(server: Server) -> None:
    begun = await _begun(server, data={"number": "4711", "email": "nobody at all"})
    (incident,) = begun["incidents"]
    assert incident["element"] == "Tell"
    mended = await server.patch(
        "/instances/order-4711/data", {"data": {"email": "anna@example.org"}}, who=OPERATOR
    )
    assert mended.status_code == 200, mended.text
    assert (
        await server.post("/instances/order-4711/retry", {"element": "Tell"}, who=OPERATOR)
    ).status_code == 200
    await server.eilbote.processes.resume("order-4711", wait_seconds=1)
    after = (await server.get("/instances/order-4711", who=VIEWER)).json()
    assert (after["open_incidents"], [mail["recipients"] for mail in after["mails"]]) == (
        0,
        [["anna@example.org"]],
    )
    assert server.deeds[-2].after == {"changed": ["email"]}


async def test_a_message_begins_an_instance_where_a_process_begins_with_it(server: Server) -> None:
    settings = SETTINGS.replace("process: order", "process: ordered")
    await server.put("/processes/ordered/draft", {"bpmn": BEGUN, "settings": settings}, who=AUTHOR)
    published = await server.post("/processes/ordered/versions", who=AUTHOR)
    assert published.status_code == 201, published.text
    shown = (await server.get("/processes/ordered", who=VIEWER)).json()
    assert shown["starts"] == [{"element": "Start", "begins": "message", "message": "ordered"}]
    message = {"name": "ordered", "data": DATA, "id": "web-1"}
    first = (await server.post("/instances/messages", message, who=OPERATOR)).json()
    again = (await server.post("/instances/messages", message, who=OPERATOR)).json()
    assert (first["begun"], again["is_new"], first["instance"] == again["instance"]) == (True, False, True)
    nobody = await server.post("/instances/messages", {"name": "other"}, who=OPERATOR)
    assert (nobody.status_code, nobody.json()["field"]) == (422, "name")
    theirs = await server.post("/instances/messages", message, who=STRANGER)
    assert theirs.status_code == 422


async def test_instances_are_listed_page_by_page_and_by_what_they_are(server: Server) -> None:
    for number in range(3):
        await _begun(server, f"order-{number}", {**DATA, "number": str(number)})
        server.clock.advance(1)
    await _begun(server, "order-bad", {"number": "9", "email": "nobody at all"})
    page = (await server.get("/instances", who=VIEWER, params={"limit": 3})).json()
    rest = (await server.get("/instances", who=VIEWER, params={"cursor": page["next_cursor"]})).json()
    assert [each["id"] for each in page["items"]] == ["order-bad", "order-2", "order-1"]
    assert [each["id"] for each in rest["items"]] == ["order-0"]

    async def ids(**which: str) -> list[str]:
        found = await server.get("/instances", who=VIEWER, params=which)
        return [each["id"] for each in found.json()["items"]]

    assert await ids(has_incident="true") == ["order-bad"]
    assert await ids(correlation="1") == ["order-1"]
    assert await ids(process="other") == []
    assert await ids(status="completed") == []
    assert (await server.get("/instances", who=STRANGER)).json()["items"] == []
    process = (await server.get("/processes/order", who=VIEWER)).json()
    assert (process["running"], process["with_incidents"]) == (4, 1)


async def test_an_instance_is_drawn_as_it_stands(server: Server) -> None:
    await _begun(server)
    said = await server.get("/instances/order-4711/picture", who=VIEWER)
    assert (said.status_code, said.headers["content-type"]) == (200, "image/svg+xml")
    assert "order-4711" in said.text


async def test_an_instance_is_called_back(server: Server) -> None:
    await _begun(server)
    assert (await server.post("/instances/order-4711/cancel", who=OPERATOR)).json()["is_cancelled"]
    await server.eilbote.processes.resume("order-4711", wait_seconds=1)
    assert (await server.get("/instances/order-4711", who=VIEWER)).json()["status"] == "cancelled"
    assert (await server.post("/instances/order-4711/release", who=OPERATOR)).status_code == 409


async def test_another_organization_s_instance_is_spoken_of_like_one_that_is_not_there(
    server: Server,
) -> None:
    await _begun(server, "mine")
    asked: list[tuple[str, str, object]] = [
        ("GET", "", None),
        ("GET", "/picture", None),
        ("POST", "/cancel", None),
        ("POST", "/retry", None),
        ("POST", "/skip", None),
        ("POST", "/release", None),
        ("POST", "/complete", {}),
        ("PATCH", "/data", {"data": {"a": 1}}),
    ]
    for method, tail, body in asked:
        theirs = await server.ask(method, f"/instances/mine{tail}", who=STRANGER, json=body)
        nobodys = await server.ask(method, f"/instances/none{tail}", who=STRANGER, json=body)
        assert theirs.status_code == nobodys.status_code == 404, (method, tail, theirs.text)
        assert theirs.json()["detail"].replace("mine", "none") == nobodys.json()["detail"]
        if method != "GET":
            assert (
                await server.ask(method, f"/instances/mine{tail}", who=VIEWER, json=body)
            ).status_code == 403
    to_it = {"name": "payment", "instance": "mine"}
    assert (await server.post("/instances/messages", to_it, who=STRANGER)).status_code == 422
    assert (await server.get("/instances/mine", who=VIEWER)).json()["status"] == "running"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"process": "other"},
        {"process": "order", "data": [1]},
        {"process": "order", "version": 0},
        {"process": "order", "version": 7},
        {"process": "order", "instance_id": "two words"},
        {"process": "order", "correlation": "\x00"},
        {"process": "order", "wait": -1},
    ],
)
async def test_what_cannot_be_begun_is_refused_with_a_reason(server: Server, body: object) -> None:
    said = await server.post("/instances", body, who=OPERATOR)
    assert said.status_code in {400, 422}, said.text
    assert (await server.get("/instances", who=VIEWER)).json()["items"] == []
