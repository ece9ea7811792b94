"""Captured mail is looked for, labelled and checked, as a mailbox of a team that tries its mails."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote.config.config import Config
from eilbote.config.sections import CaptureSettings
from eilbote.model.secret import Secret

pytestmark = pytest.mark.asyncio
CAPTURING = Config(
    data_dir=Path("/nonexistent"),
    database_url=Secret("sqlite:///nonexistent.db"),
    capture=replace(CaptureSettings(), enabled=True),
)
MAILS: tuple[dict[str, Any], ...] = (
    {
        "from": "orders@example.org",
        "to": ["anna@example.org"],
        "subject": "Order 4711",
        "text": "It is on its way.",
    },
    {
        "from": "billing@example.org",
        "to": ["max@example.org"],
        "subject": "Invoice",
        "html": '<p>Pay <a href="/pay">here</a>.</p>',
        "attachments": [{"filename": "invoice.txt", "text": "x"}],
    },
)


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(
        connections={"office": "smtp://127.0.0.1:9?from=office@example.org"}, config=CAPTURING
    ) as made:
        for mail in MAILS:
            said = await made.post("/messages", {**mail, "connections": ["office"]})
            assert said.status_code == 202, said.text
            await made.eilbote.deliver_due()
            made.clock.advance(60)
        yield made


async def found(server: Server, **params: str) -> list[str]:
    said = await server.get("/captured", params=params)
    assert said.status_code == 200, said.text
    return [each["subject"] for each in said.json()["items"]]


@pytest.mark.parametrize(
    "search, subjects",
    [
        ("", ["Invoice", "Order 4711"]),
        ("from:orders", ["Order 4711"]),
        ("to:max", ["Invoice"]),
        ('"on its way"', ["Order 4711"]),
        ("has:attachment", ["Invoice"]),
        ("-has:attachment", ["Order 4711"]),
        ("connection:office invoice", ["Invoice"]),
        ("after:1min before:0min", ["Invoice"]),
        ("after:2h -subject:order", ["Invoice"]),
    ],
)
async def test_it_is_looked_for_as_messages_are(server: Server, search: str, subjects: list[str]) -> None:
    assert await found(server, q=search) == subjects


async def test_what_the_outbox_alone_knows_cannot_be_asked(server: Server) -> None:
    said = await server.get("/captured", params={"q": "status:failed"})
    assert (said.status_code, said.json()["field"]) == (422, "q")
    assert "has:attachment" in said.json()["remedy"]
    slip = await server.get("/captured", params={"q": "subjekt:order"})
    assert "Did you mean subject:?" in slip.json()["remedy"]


async def test_tags_are_put_on_and_asked_for(server: Server) -> None:
    said = await server.patch("/captured/1", {"tags": [" good  one ", "good one", "seen"]})
    assert (said.status_code, said.json()["tags"]) == (200, ["good one", "seen"])
    assert (server.deeds[-1].action, server.deeds[-1].after) == (
        "captured.update",
        {"tags": ["good one", "seen"], "is_read": False},
    )
    assert await found(server, tag="SEEN") == ["Order 4711"]
    assert (await server.get("/captured")).json()["tags"] == {"good one": 1, "seen": 1}
    await server.patch("/captured/1", {"tags": []})
    assert await found(server, tag="seen") == []
    assert (await server.patch("/captured/9", {"tags": []})).status_code == 404


async def test_everybody_hears_that_nothing_is_sent(server: Server) -> None:
    for who in ("messages:submit@", "messages:submit@acme"):
        assert (await server.get("/me", who=who)).json()["capture_mode"] is True
    async with house() as other:
        assert (await other.get("/me", who="messages:submit@acme")).json()["capture_mode"] is False


async def test_what_is_unread_is_counted_and_asked_for(server: Server) -> None:
    await server.get("/captured/1/content")
    before = (await server.get("/captured", params={"limit": 1})).json()
    assert (before["kept"], before["unread"], len(before["items"])) == (2, 2, 1)

    said = await server.patch("/captured/1", {"is_read": True})

    assert (said.status_code, said.json()["is_read"], said.json()["tags"]) == (200, True, [])
    assert server.deeds[-1].after == {"tags": [], "is_read": True}
    assert await found(server, unread="true") == ["Invoice"]
    assert await found(server) == ["Invoice", "Order 4711"]
    assert (await server.get("/captured")).json()["unread"] == 1
    tagged = await server.patch("/captured/1", {"tags": ["checked"]})
    assert (tagged.json()["is_read"], tagged.json()["tags"]) == (True, ["checked"])
    deeds = len(server.deeds)
    await server.patch("/captured/1", {"is_read": True})
    assert len(server.deeds) == deeds


async def test_it_is_checked(server: Server) -> None:
    sound = (await server.get("/captured/1/checks")).json()
    assert sound == {"is_sound": True, "findings": []}
    faulty = (await server.get("/captured/2/checks")).json()
    assert faulty["is_sound"] is False
    assert [(each["topic"], each["level"]) for each in faulty["findings"]] == [("links", "error")]
