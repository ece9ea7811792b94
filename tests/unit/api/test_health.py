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
from eilbote.model.secret import Secret

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(connections={"office": "smtp://127.0.0.1:9"}) as made:
        yield made


async def test_an_empty_machine_is_well(server: Server) -> None:
    said = (await server.get("/health")).json()
    assert (said["state"], said["queue"]["waiting"], said["database_octets"]) == ("ok", 0, 0)


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
