"""Lists of connections say what a portal shows beside each: how it signs in, what waits, when it was used last, and who names it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.unit.api.processes_at_hand import ROUTE
from tests.unit.api.server import Server, house

from eilbote.config.config import Config
from eilbote.config.sections import CaptureSettings
from eilbote.model.secret import Secret

pytestmark = pytest.mark.asyncio
ACME, GLOBEX = "organization_administrator@acme", "organization_administrator@globex"
MESSAGE = {"from": "a@example.org", "to": ["b@example.org"], "subject": "x", "text": "x"}
CAPTURING = Config(
    data_dir=Path("/nonexistent"),
    database_url=Secret("sqlite:///nonexistent.db"),
    capture=replace(CaptureSettings(), enabled=True),
)


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(
        connections={"relay": "smtp://127.0.0.1:9?from=office@example.org"}, config=CAPTURING
    ) as made:
        yield made


async def keep(server: Server, name: str, who: str = ACME, **settings: object) -> None:
    settings = {"host": "smtp.example.org", "port": 465, "security": "tls", **settings}
    made = await server.post("/connections", {"name": name, "settings": settings}, who=who)
    assert made.status_code == 201, made.text


async def listed(server: Server, who: str = ACME, query: str = "") -> dict[str, Any]:
    said = await server.get(f"/connections{query}", who=who)
    assert said.status_code == 200, said.text
    return {each["name"]: each for each in said.json()["items"]}


async def test_each_tells_how_it_signs_in_and_until_when(server: Server) -> None:
    ends = server.clock.now() + timedelta(days=3)
    await keep(server, "plain")
    await keep(server, "office", user="orders@example.org", password="hunter2")
    await keep(server, "token", user="a@example.org", access_token="s3cret", expiry_date=ends.isoformat())
    await keep(
        server,
        "renewed",
        user="a@gmail.com",
        host="smtp.gmail.com",
        client_id="id",
        client_secret="s3cret",
        refresh_token="s3cret",
    )
    found = await listed(server)
    assert {name: each["login"]["kind"] for name, each in found.items() if each["login"]} == {
        "plain": "anonymous",
        "office": "password",
        "token": "access_token",
        "renewed": "oauth2",
    }
    assert found["token"]["login"]["token_valid_until"].startswith(ends.strftime("%Y-%m-%dT%H:%M"))
    assert (found["token"]["login"]["renews_itself"], found["renewed"]["login"]["renews_itself"]) == (
        False,
        True,
    )
    assert "s3cret" not in str(found)


async def test_the_latest_attempt_is_told_with_how_it_ended(server: Server) -> None:
    await keep(server, "office")
    assert (await listed(server))["office"]["last_use"] is None
    await server.post("/messages", {**MESSAGE, "connections": ["office"]}, who=ACME)
    waiting = (await listed(server))["office"]
    assert (waiting["waiting"], waiting["oldest_waiting"] is not None) == (1, True)
    await server.eilbote.deliver_due()
    office = (await listed(server))["office"]
    assert (office["waiting"], office["oldest_waiting"]) == (0, None)
    assert office["last_use"]["outcome"] == "accepted"
    assert "captured" in office["last_use"]["reply"]
    shown = (await server.get("/connections/office", who=ACME)).json()
    assert shown["last_use"] == office["last_use"]


async def test_of_the_hosts_connection_an_organization_hears_of_its_own_mail_alone(server: Server) -> None:
    for who in (ACME, GLOBEX, GLOBEX):
        said = await server.post("/messages", {**MESSAGE, "connections": ["relay"]}, who=who)
        assert said.status_code == 202, said.text
    relay = (await listed(server))["relay"]
    assert (relay["inherited"], relay["waiting"], relay["login"]) == (True, 1, None)
    await server.eilbote.deliver_due()
    assert (await listed(server))["relay"]["last_use"] is None
    own = (await listed(server, who="system_administrator@"))["relay"]
    assert own["last_use"]["outcome"] == "accepted"


async def test_who_names_it_is_told_when_somebody_asks(server: Server) -> None:
    await keep(server, "office")
    await keep(server, "office", who=GLOBEX)
    assert (await server.put("/routes/order-ready", {"text": ROUTE}, who=ACME)).status_code == 201
    assert (await listed(server))["office"]["users"] is None
    assert (await listed(server, query="?users=true"))["office"]["users"] == {
        "flows": [],
        "routes": ["acme/order-ready"],
    }
    assert (await listed(server, who=GLOBEX, query="?users=true"))["office"]["users"]["routes"] == []
    assert (await server.get("/connections/office", who=ACME)).json()["routes"] == ["acme/order-ready"]


async def test_one_that_a_route_names_is_not_removed_in_passing(server: Server) -> None:
    await keep(server, "office")
    await server.put("/routes/order-ready", {"text": ROUTE}, who=ACME)
    said = await server.delete("/connections/office", who=ACME)
    assert (said.status_code, said.json()["cause"]) == (409, "It stands in route acme/order-ready")
    assert (await server.delete("/connections/office?force=true", who=ACME)).status_code == 204
