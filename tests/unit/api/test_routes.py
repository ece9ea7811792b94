"""Communication routes over HTTP: written, checked, switched, tried, and kept where they are used."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.unit.api.processes_at_hand import DIAGRAM, ROUTE, SETTINGS
from tests.unit.api.server import Server, house

pytestmark = pytest.mark.asyncio

AUTHOR, VIEWER, STRANGER = "author@acme", "viewer@acme", "author@globex"


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(connections={"office": "smtp://127.0.0.1:9?from=office@example.org"}) as made:
        yield made


async def _used(server: Server) -> None:
    await server.put("/routes/order-ready", {"text": ROUTE}, who=AUTHOR)
    await server.post("/processes", {"bpmn": DIAGRAM, "settings": SETTINGS}, who=AUTHOR)
    assert (await server.post("/processes/order/versions", who=AUTHOR)).status_code == 201


async def test_a_route_is_written_listed_and_shown(server: Server) -> None:
    made = await server.put("/routes/order-ready", {"text": ROUTE}, who=AUTHOR)
    assert (made.status_code, made.headers["location"]) == (201, "/api/v1/routes/order-ready")
    again = await server.put("/routes/order-ready", {"text": ROUTE, "revision": 1}, who=AUTHOR)
    assert (again.status_code, again.json()["revision"]) == (200, 2)
    (listed,) = (await server.get("/routes", who=VIEWER)).json()["items"]
    assert (listed["message_name"], listed["connection"], listed["attributes"], listed["is_disabled"]) == (
        "order-ready",
        "office",
        2,
        False,
    )
    shown = (await server.get("/routes/order-ready", who=VIEWER)).json()
    assert (shown["text"], shown["definition"]["properties"]["to"]) == (ROUTE, "{Customer}")
    assert [each["type"] for each in shown["attributes_listed"]] == ["account", "text"]
    yaml = await server.ask("GET", "/routes/order-ready", who=VIEWER, headers={"Accept": "application/yaml"})
    assert yaml.text == ROUTE
    late = await server.put("/routes/order-ready", {"text": ROUTE, "revision": 1}, who=AUTHOR)
    assert late.status_code == 409


async def test_every_fault_is_told_and_nothing_is_kept(server: Server) -> None:
    broken = ROUTE.replace('to: "{Customer}"', 'to: "{Custmer}"').replace("type: text", "type: test")
    checked = (await server.post("/routes/check", {"text": broken}, who=AUTHOR)).json()
    assert checked["is_sound"] is False
    assert len([each for each in checked["findings"] if each["severity"] == "error"]) >= 1
    said = await server.put("/routes/order-ready", {"text": broken}, who=AUTHOR)
    assert (said.status_code, bool(said.json()["errors"])) == (422, True)
    other = await server.put("/routes/other", {"text": ROUTE}, who=AUTHOR)
    assert (other.status_code, other.json()["field"]) == (422, "message_name")
    for body in ({"text": ""}, {"text": "["}, {"text": "a: 1"}, {"definition": {}}, {}):
        assert (await server.put("/routes/order-ready", body, who=AUTHOR)).status_code == 422
    assert (await server.get("/routes", who=AUTHOR)).json()["items"] == []
    good = (await server.post("/routes/check", {"text": ROUTE}, who=AUTHOR)).json()
    assert (good["is_sound"], good["message_name"]) == (True, "order-ready")


async def test_a_route_that_is_used_is_neither_broken_nor_deleted_unless_forced(server: Server) -> None:
    await _used(server)
    shown = (await server.get("/routes/order-ready", who=VIEWER)).json()
    assert shown["uses"] == [{"process": "order", "version": 1, "element": "Tell"}]
    without = ROUTE.replace("  - {system_name: Number, type: text, required: true}\n", "").replace(
        "{Number} ", ""
    )
    assert (await server.put("/routes/order-ready", {"text": without}, who=AUTHOR)).status_code == 422
    assert (await server.delete("/routes/order-ready", who=AUTHOR)).status_code == 422
    forced = await server.ask(
        "PUT", "/routes/order-ready", who=AUTHOR, json={"text": without}, params={"force": "true"}
    )
    assert forced.status_code == 200
    gone = await server.ask("DELETE", "/routes/order-ready", who=AUTHOR, params={"force": "true"})
    assert gone.status_code == 204
    assert (await server.get("/routes/order-ready", who=VIEWER)).status_code == 404


async def test_a_route_is_disabled_and_enabled(server: Server) -> None:
    await server.put("/routes/order-ready", {"text": ROUTE}, who=AUTHOR)
    off = await server.patch("/routes/order-ready", {"is_disabled": True}, who=AUTHOR)
    assert (off.status_code, off.json()["is_disabled"]) == (200, True)
    assert off.json()["text"].startswith("# with a comment")
    on = await server.patch("/routes/order-ready", {"is_disabled": False}, who=AUTHOR)
    assert on.json()["is_disabled"] is False
    assert server.deeds[-1].before == {"is_disabled": True}


async def test_a_route_is_tried_with_a_real_message(server: Server) -> None:
    await server.put("/routes/order-ready", {"text": ROUTE}, who=AUTHOR)
    body = {"recipients": ["max@example.org"], "values": {"Number": "17"}}
    said = await server.post("/routes/order-ready/trials", body, who=AUTHOR)
    assert said.status_code == 202, said.text
    (entry,) = await server.eilbote.entries()
    assert (entry.organization, entry.subject) == ("acme", "Order 17 is ready")
    assert said.headers["location"] == f"/api/v1/messages/{said.json()['entry']}"
    wrong = await server.post("/routes/order-ready/trials", {"values": {"Numbr": 1}}, who=AUTHOR)
    assert (wrong.status_code, wrong.json()["field"]) == (422, "values")
    assert (await server.post("/routes/order-ready/trials", body, who=VIEWER)).status_code == 403


async def test_a_program_sends_by_the_name_of_a_route(server: Server) -> None:
    await server.put("/routes/order-ready", {"text": ROUTE}, who=AUTHOR)
    path = "/routes/order-ready/messages"
    body = {"values": {"Customer": "Anna <anna@example.org>", "Number": "17"}, "priority": "high"}
    headers = {"Idempotency-Key": "order-17"}
    said = await server.ask("POST", path, who=AUTHOR, json=body, headers=headers)
    assert said.status_code == 202, said.text
    assert said.headers["location"] == f"/api/v1/messages/{said.json()['id']}"
    again = await server.ask("POST", path, who=AUTHOR, json=body, headers=headers)
    assert (again.status_code, again.headers["idempotent-replay"]) == (200, "true")
    assert again.json()["id"] == said.json()["id"]
    (entry,) = await server.eilbote.entries()
    assert (entry.organization, entry.subject, entry.connection) == ("acme", "Order 17 is ready", "office")
    assert [each.address for each in entry.recipients] == ["anna@example.org"]
    other = {"values": {**body["values"], "Number": "18"}}  # type: ignore[dict-item]
    taken = await server.ask("POST", path, who=AUTHOR, json=other, headers=headers)
    assert taken.status_code == 409
    assert (await server.post(path, body, who=VIEWER)).status_code == 403
    assert (await server.post(path, body, who=STRANGER)).status_code == 404


async def test_a_message_over_a_route_is_refused_for_its_values_and_while_it_is_disabled(
    server: Server,
) -> None:
    await server.put("/routes/order-ready", {"text": ROUTE}, who=AUTHOR)
    path = "/routes/order-ready/messages"
    wrong = await server.post(path, {"values": {"Customer": "anna@example.org", "Numbr": "1"}}, who=AUTHOR)
    assert (wrong.status_code, wrong.json()["field"], "Number" in wrong.text) == (422, "values", True)
    missing = await server.post(path, {"values": {"Customer": "anna@example.org"}}, who=AUTHOR)
    assert missing.status_code == 422
    await server.patch("/routes/order-ready", {"is_disabled": True}, who=AUTHOR)
    body = {"values": {"Customer": "anna@example.org", "Number": "1"}}
    assert (await server.post(path, body, who=AUTHOR)).status_code == 422
    assert not await server.eilbote.entries()


async def test_another_organization_s_route_is_spoken_of_like_one_that_is_not_there(server: Server) -> None:
    await server.put("/routes/order-ready", {"text": ROUTE}, who=AUTHOR)
    asked: list[tuple[str, str, object]] = [
        ("GET", "", None),
        ("DELETE", "", None),
        ("PATCH", "", {"is_disabled": True}),
        ("POST", "/trials", {}),
    ]
    for method, tail, body in asked:
        theirs = await server.ask(method, f"/routes/order-ready{tail}", who=STRANGER, json=body)
        nobodys = await server.ask(method, f"/routes/nothing{tail}", who=STRANGER, json=body)
        assert theirs.status_code == nobodys.status_code == 404, (method, theirs.text)
        assert theirs.json()["detail"].replace("order-ready", "nothing") == nobodys.json()["detail"]
        if method != "GET":
            assert (
                await server.ask(method, f"/routes/order-ready{tail}", who=VIEWER, json=body)
            ).status_code == 403
    assert (await server.get("/routes", who=STRANGER)).json()["items"] == []
