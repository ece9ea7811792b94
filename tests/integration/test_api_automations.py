"""A flow that sends and a process that waits for a message, over real HTTP, real SMTP and a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

import httpx2
import pytest
import pytest_asyncio
from tests.unit.api.processes_at_hand import DIAGRAM, ROUTE, SETTINGS

from eilbote.cli.demo_server import DemoServer, demo_server

pytestmark = pytest.mark.asyncio

FLOW: Final = """name: greeting
nodes:
  - {id: hello, kind: send_smtp_email, to: "{{ input.email }}", subject: Hello, content: Hi, store_result: context, store_as: mail}
"""
DATA: Final = {"number": "4711", "email": "anna@example.org"}
_PATIENCE: Final = 30.0


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[DemoServer]:
    async with demo_server() as made:
        yield made


@pytest_asyncio.fixture
async def client(server: DemoServer) -> AsyncGenerator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        base_url=f"{server.address}/api/v1",
        headers={"Authorization": f"Bearer {server.key}"},
        trust_env=False,
        timeout=60,
    ) as made:
        yield made


async def _when(client: httpx2.AsyncClient, path: str, **wanted: object) -> dict[str, object]:
    """Ask until it is as it should be."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            said: dict[str, object] = (await client.get(path)).json()
            if all(said[name] == value for name, value in wanted.items()):
                return said
            await asyncio.to_thread(lambda: None)


async def test_a_flow_is_published_and_run_and_its_message_arrives(
    server: DemoServer, client: httpx2.AsyncClient
) -> None:
    kept = await client.put(
        "/flows/greeting/draft", content=FLOW.encode(), headers={"Content-Type": "application/yaml"}
    )
    assert kept.status_code == 200, kept.text
    assert (await client.post("/flows/greeting/versions")).status_code == 201
    body = {"flow": "greeting", "run_id": "r-1", "input": {"email": "anna@example.org"}, "wait": 30}
    for _ in range(2):  # as a program does that has not heard the first answer
        said = await client.post("/runs", json=body)
        assert said.status_code == 202, said.text
    run = await _when(client, said.headers["location"].removeprefix("/api/v1"), status="done")
    assert isinstance(run["context"], dict)
    assert run["context"]["mail"]["status"] == "accepted"  # type: ignore[index,call-overload]
    (message,) = server.catcher.messages
    assert (message.subject, message.forward_paths) == ("Hello", ("anna@example.org",))
    listed = (await client.get("/runs", params={"flow": "greeting"})).json()
    assert [each["status"] for each in listed["items"]] == ["done"]


async def test_a_process_sends_waits_for_a_message_and_ends_with_a_task(
    server: DemoServer, client: httpx2.AsyncClient
) -> None:
    route = await client.put("/routes/order-ready", json={"text": ROUTE.replace("connection: office\n", "")})
    assert route.status_code == 201, route.text
    form = {"bpmn": ("order.bpmn", DIAGRAM, "text/xml"), "settings": ("order.yaml", SETTINGS, "text/yaml")}
    kept = await client.put("/processes/order/draft", files=form)
    assert (kept.status_code, kept.json()["is_sound"]) == (200, True)
    assert (await client.post("/processes/order/versions")).status_code == 201
    begun = await client.post(
        "/instances", json={"process": "order", "instance_id": "order-4711", "data": DATA}
    )
    assert begun.status_code == 202, begun.text
    await _when(client, "/instances/order-4711", tokens=["Paid"])
    message = {"name": "payment", "correlation": "4711", "data": {"amount": 70}}
    assert (await client.post("/instances/messages", json=message)).status_code == 202
    await _when(client, "/instances/order-4711", tokens=["Check"])
    done = await client.post("/instances/order-4711/complete", json={"text": "fine"})
    assert done.status_code == 200, done.text
    ended = await _when(client, "/instances/order-4711", status="completed")
    assert isinstance(ended["data"], dict)
    assert ended["data"]["payment"] == {"amount": 70}
    async with asyncio.timeout(_PATIENCE):
        while not server.catcher.messages:
            await asyncio.to_thread(lambda: None)
    assert [each.subject for each in server.catcher.messages] == ["Order 4711 is ready"]
    picture = await client.get("/instances/order-4711/picture")
    assert (picture.headers["content-type"], "order-4711" in picture.text) == ("image/svg+xml", True)
    audit = (await client.get("/audit")).json()
    assert "instance.complete" in {each["action"] for each in audit["items"]}


async def test_a_snapshot_is_downloaded_and_sent_back(client: httpx2.AsyncClient) -> None:
    await client.post("/flows", json={"text": FLOW})
    made = await client.post("/snapshots", json={"passphrase": "five words nobody puts together"})
    assert made.status_code == 201, made.text
    await client.delete("/flows/greeting")
    back = await client.post(
        "/snapshots/restorations", content=made.content, headers={"Content-Type": "application/octet-stream"}
    )
    assert [(each["kind"], each["doing"]) for each in back.json()["items"]] == [("flow", "add")]
    assert (await client.get("/flows/greeting")).status_code == 200
