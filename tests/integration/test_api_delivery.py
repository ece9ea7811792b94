"""What is handed in over the API arrives at a real SMTP server, and in capture mode nowhere at all."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest
from tests.unit.api.server import FakeDoorkeeper

from eilbote.api.acting import House
from eilbote.api.application import application
from eilbote.app import Eilbote
from eilbote.config.config import Config
from eilbote.config.sections import CaptureSettings
from eilbote.model.secret import Secret
from eilbote.testing import Catcher

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio
MESSAGE = {
    "from": "orders@example.org",
    "to": "anna@example.org",
    "subject": "Order 4711",
    "text": "On its way.",
}


@asynccontextmanager
async def served(
    path: Path, catcher: Catcher | None, *, capture: CaptureSettings | None = None
) -> AsyncGenerator[tuple[Eilbote, httpx2.AsyncClient]]:
    """Open a server on SQLite that delivers to a catcher, or knows no server at all."""
    config = Config(
        data_dir=path,
        database_url=Secret(f"sqlite:///{path / 'eilbote.db'}"),
        capture=capture or CaptureSettings(),
    )
    connections = {} if catcher is None else {"default": catcher.uri}
    async with Eilbote(config=config, connections=connections) as eilbote:
        house = House(eilbote=eilbote, doorkeeper=FakeDoorkeeper(), book=eilbote.audit)
        app = application(answers=eilbote.answers, house=house)
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app),
            base_url="http://eilbote.test/api/v1",
            headers={"Authorization": "Bearer system_administrator@"},
        )
        async with client:
            yield eilbote, client


async def test_a_message_arrives_and_its_timeline_tells_so(tmp_path: Path) -> None:
    async with Catcher() as catcher, served(tmp_path, catcher) as (eilbote, client):
        sent = await client.post("/messages", json=MESSAGE)
        batch = await client.post(
            "/messages/batch", json={"messages": [{**MESSAGE, "subject": str(n)} for n in range(20)]}
        )
        await eilbote.deliver_due()
        shown = (await client.get(f"/messages/{sent.json()['id']}")).json()
        again = await client.post(
            f"/messages/{sent.json()['id']}/send-again", json={"to": ["max@example.org"]}
        )
        await eilbote.deliver_due()
        statistics = (await client.get("/statistics")).json()

    assert batch.json()["accepted"] == 20
    assert (shown["state"], shown["outcome"]) == ("done", "accepted")
    assert [each["kind"] for each in shown["timeline"]] == ["submitted", "accepted"]
    (attempt,) = shown["deliveries"]
    assert attempt["server"] == f"127.0.0.1:{catcher.port}"
    assert attempt["outcomes"][0]["reply_code"] == 250
    assert len(catcher.messages) == 22
    last = catcher.messages[-1]
    assert (last.forward_paths, last.subject, last.text.strip()) == (
        ("max@example.org",),
        "Order 4711",
        "On its way.",
    )
    assert last.header("Message-ID") == again.json()["message_id"] != shown["message_id"]
    assert statistics["messages"]["done"] == 22
    assert statistics["recipients"]["accepted"] == 22
    assert statistics["p95_seconds"] >= statistics["median_seconds"] >= 0


async def test_a_password_in_a_dialogue_that_failed_is_struck_out(tmp_path: Path) -> None:
    async with Catcher(users={"shop": "right"}) as catcher, served(tmp_path, catcher) as (eilbote, client):
        uri = catcher.uri.replace("://", "://shop:wr0ng-Passw0rd@")
        sent = await client.post("/messages", json={**MESSAGE, "connections": [uri]})
        await eilbote.deliver_due()
        shown = await client.get(f"/messages/{sent.json()['id']}")
        events = await client.get("/events")

    assert sent.status_code == 202, sent.text
    for said in (shown, events):
        assert "wr0ng" not in said.text
        assert "d3IwbmctUGFzc3cwcmQ" not in said.text


async def test_in_capture_mode_nothing_is_sent_but_what_is_released(tmp_path: Path) -> None:
    capture = CaptureSettings(enabled=True, release="@example.net")
    async with Catcher() as catcher, served(tmp_path, catcher, capture=capture) as (eilbote, client):
        sent = await client.post("/messages", json={**MESSAGE, "html": "<p>On its way.</p>"})
        await eilbote.deliver_due()
        listed = (await client.get("/captured")).json()
        number = listed["items"][0]["number"]
        preview = await client.get(f"/captured/{number}/content/preview")
        raw = await client.get(f"/captured/{number}/content/raw")
        refused = await client.post(f"/captured/{number}/release", json={"to": ["boss@example.com"]})
        released = await client.post(f"/captured/{number}/release", json={"to": ["dev@example.net"]})
        await eilbote.deliver_due()
        shown = (await client.get(f"/messages/{sent.json()['id']}")).json()
        forgotten = await client.delete(f"/captured/{number}")
        gone = await client.get(f"/captured/{number}")

    assert listed["is_on"] is True
    assert (listed["items"][0]["subject"], listed["items"][0]["forward_paths"]) == (
        "Order 4711",
        ["anna@example.org"],
    )
    assert "sandbox" in preview.headers["Content-Security-Policy"]
    assert b"On its way." in raw.content
    assert "captured, and not sent" in shown["deliveries"][0]["reply"]
    assert (refused.status_code, released.status_code) == (403, 202)
    assert [message.forward_paths for message in catcher.messages] == [("dev@example.net",)]
    assert (forgotten.status_code, gone.status_code) == (204, 404)


async def test_capture_mode_needs_no_server_to_be_named(tmp_path: Path) -> None:
    """Whoever tries it out has none yet, and nothing would go there."""
    async with served(tmp_path, None, capture=CaptureSettings(enabled=True)) as (eilbote, client):
        sent = await client.post("/messages", json=MESSAGE)
        await eilbote.deliver_due()
        listed = (await client.get("/captured")).json()
    async with served(tmp_path, None) as (_, client):
        refused = await client.post("/messages", json=MESSAGE)

    assert sent.status_code == 202
    assert [each["subject"] for each in listed["items"]] == ["Order 4711"]
    assert (refused.status_code, refused.json()["code"]) == (422, "connection_not_found")


async def test_without_capture_mode_there_is_nothing_captured(tmp_path: Path) -> None:
    async with Catcher() as catcher, served(tmp_path, catcher) as (_, client):
        listed = (await client.get("/captured")).json()
        one = await client.get("/captured/1/content")
        hidden = await client.get(
            "/captured", headers={"Authorization": "Bearer organization_administrator@acme"}
        )

    assert (listed["items"], listed["kept"], listed["is_on"]) == ([], 0, False)
    assert one.status_code == 404
    assert hidden.status_code == 403
