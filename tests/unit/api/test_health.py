"""Health in detail: what waits, what rests, what ends; for the host's administrators alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote.config.config import Config
from eilbote.config.sections import RelaySettings
from eilbote.model.draft import Draft
from eilbote.model.moment import later, moment_of
from eilbote.model.secret import Secret
from eilbote.outbox.store import Pause

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(connections={"office": "smtp://127.0.0.1:9"}) as made:
        yield made


async def test_an_empty_machine_is_well(server: Server) -> None:
    said = (await server.get("/health")).json()
    assert (said["state"], said["queue"]["waiting"], said["messages_octets"]) == ("ok", 0, 0)
    assert said["database_octets"] == 0, "in memory, of which nothing is there but messages"


async def test_what_should_have_gone_out_is_told(server: Server) -> None:
    draft = Draft(from_="a@example.org", to="b@example.org", subject="x", text="y")
    await server.eilbote.submit(draft)
    server.clock.advance(1000)
    said = (await server.get("/health")).json()
    assert said["state"] == "failing"
    assert said["checks"][0]["name"] == "queue"
    assert (said["queue"]["waiting"], said["queue"]["oldest_due_seconds"]) == (1, 1000)


async def test_only_the_host_is_told(server: Server) -> None:
    for who in ("organization_administrator@acme", "viewer@acme", "operator@"):
        assert (await server.get("/health", who=who)).status_code == 403


async def test_a_token_that_nobody_renews_is_told_before_it_ends(server: Server) -> None:
    ends = server.clock.now() + timedelta(days=3)
    wanted = {
        "name": "m365",
        "settings": {
            "host": "smtp.example.org",
            "user": "a@example.org",
            "access_token": "secret-token",
            "expiry_date": ends.isoformat(),
        },
    }
    made = await server.post("/connections", wanted)
    assert made.status_code == 201, made.text
    said = (await server.get("/health")).json()
    assert (said["checks"][0]["name"], said["checks"][0]["state"]) == ("token:m365", "warning")
    server.clock.advance(4 * 86_400)
    assert (await server.get("/health")).json()["state"] == "failing"


async def test_a_certificate_that_cannot_be_read_is_told() -> None:
    config = Config(data_dir=Path("/nonexistent"), database_url=Secret("sqlite:///nonexistent.db"))
    wrong = replace(config, relay=RelaySettings(tls_certificate="/nonexistent/relay.pem"))
    async with house(config=wrong) as server:
        (check, *_) = (await server.get("/health")).json()["checks"]
    assert (check["name"], check["state"]) == ("certificate:relay", "failing")


async def test_each_connection_is_told_with_what_waits_and_what_its_server_allows(server: Server) -> None:
    settings = {"host": "smtp.example.org", "messages_per_minute": 30, "max_sessions": 2}
    await server.post("/connections", {"name": "limited", "settings": settings})
    await server.post("/connections", {"name": "off", "settings": settings, "enabled": False})
    for _ in range(2):
        draft = Draft(from_="a@example.org", to="b@example.org", subject="x", text="y")
        await server.eilbote.submit(draft, connections=("limited",))
        server.clock.advance(30)
    said = (await server.get("/health")).json()["connections"]
    found = {each["name"]: each for each in said}
    assert [each["name"] for each in said][:2] == ["off", "limited"]
    assert (found["off"]["state"], found["off"]["rate"]) == ("switched_off", None)
    limited = found["limited"]
    assert (limited["state"], limited["waiting"], limited["oldest_seconds"]) == ("in_use", 2, 60.0)
    assert limited["rate"] == {
        "per_second": None, "per_minute": 30, "per_day": None, "last_minute": 0, "last_day": None, "sessions": 2,
    }  # fmt: skip
    assert found["office"]["rate"]["last_minute"] is None


async def test_one_that_rests_is_told_before_those_that_work(server: Server) -> None:
    draft = Draft(from_="a@example.org", to="b@example.org", subject="x", text="y")
    now = moment_of(server.clock.now())
    await server.eilbote.submit(draft)
    pause = Pause(
        connection="office",
        since=now,
        until=later(now, 60),
        reason="Refused. See `eilbote connection test office`.",
    )
    await server.eilbote.store.pause(pause)
    said = (await server.get("/health")).json()
    first = said["connections"][0]
    assert (first["name"], first["state"], first["waiting"]) == ("office", "paused", 1)
    assert first["paused"]["reason"] == "Refused. See `POST /api/v1/connections/office/test`."
    assert "eilbote connection" not in str(said)
