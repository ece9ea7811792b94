"""Consents over HTTP: begun and finished in one signed-in session, and nobody slips in one of their own.

An attacker consents in his own mailbox, keeps the address his browser was to come back to, and has somebody else's browser open it: that one's
mail would leave through the attacker's account. It is refused, because the consent was begun in another session.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote.config.config import Config
from eilbote.engine.consent_desk import ConsentDesk
from eilbote.model.secret import Secret
from eilbote.net.egress import EgressPolicy

pytestmark = pytest.mark.asyncio
ADMIN = "organization_administrator@acme"
PLACE = "/connections/office/consent"
OFFICE = {"settings": {"service": "Outlook365", "user": "orders@acme.example", "client_id": "app-1"}}


class Door:
    """The way to a provider that gives a refresh token for any code."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []

    def client(self, *, field: str = "url") -> httpx2.AsyncClient:
        del field
        return httpx2.AsyncClient(transport=httpx2.MockTransport(self.answer))

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(parse_qs(request.content.decode()))
        token = {"access_token": "at-1", "refresh_token": "rt-1", "expires_in": 3600, "token_type": "Bearer"}
        return httpx2.Response(200, headers={"Content-Type": "application/json"}, content=json.dumps(token))


@pytest.fixture
def door() -> Door:
    return Door()


@pytest_asyncio.fixture
async def server(door: Door) -> AsyncGenerator[Server]:
    config = Config(data_dir=Path("/nonexistent"), database_url=Secret("sqlite:///nonexistent.db"))
    async with house(config=replace(config, public_url="https://eilbote.example.org/")) as made:
        made.application.state.consents = ConsentDesk(
            made.eilbote.connections,
            clock=made.clock,
            egress=EgressPolicy(),
            door=lambda _: door,  # type: ignore[arg-type, return-value]
        )
        yield made


async def begun(server: Server, who: str = ADMIN, wanted: object = OFFICE) -> httpx2.Response:
    server.client.cookies.set("eilbote_session", who)
    headers = {"X-CSRF-Token": f"csrf of {who}"}
    return await server.ask("POST", PLACE, who=None, json=wanted, headers=headers)


async def back(server: Server, url: str, who: str = ADMIN, **said: str) -> httpx2.Response:
    """Come back in a session, as the provider sends a browser."""
    (state,) = parse_qs(urlsplit(url).query)["state"]
    server.client.cookies.set("eilbote_session", who)
    query = {"state": state, "code": "c-1"} | said
    return await server.get("/connections/consent/callback", who=None, params=query)


async def test_a_person_consents_and_the_connection_is_kept(server: Server, door: Door) -> None:
    said = await begun(server)
    assert said.status_code == 201, said.text
    asked = parse_qs(urlsplit(said.json()["url"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["https://eilbote.example.org/api/v1/connections/consent/callback"]
    done = await back(server, said.json()["url"])
    assert done.status_code == 200, done.text
    assert done.headers["content-type"].startswith("text/html")
    assert door.asked[0]["code"] == ["c-1"]
    assert door.asked[0]["code_verifier"]
    shown = (await server.get("/connections/office", who=ADMIN)).json()
    assert shown["secrets"].keys() == {"access_token", "refresh_token"}
    assert (shown["settings"]["user"], shown["organization"]) == ("orders@acme.example", "acme")
    assert (server.deeds[-1].action, server.deeds[-1].organization) == ("connection.consent", "acme")
    assert "rt-1" not in done.text + json.dumps(shown) + str(server.deeds)


async def test_who_comes_back_in_another_session_brings_nothing(server: Server, door: Door) -> None:
    said = await begun(server, "organization_administrator@globex")
    refused = await back(server, said.json()["url"], ADMIN)
    assert refused.status_code == 400
    assert door.asked == []
    assert (await server.get("/connections/office", who=ADMIN)).status_code == 404
    assert (await back(server, said.json()["url"], "organization_administrator@globex")).status_code == 200


async def test_a_consent_comes_back_once_and_in_time(server: Server, door: Door) -> None:
    url = (await begun(server)).json()["url"]
    server.clock.advance(601)
    assert (await back(server, url)).status_code == 400
    url = (await begun(server)).json()["url"]
    assert (await back(server, url)).status_code == 200
    assert (await back(server, url)).status_code == 400
    assert len(door.asked) == 1


async def test_who_refuses_or_is_refused_keeps_nothing(server: Server, door: Door) -> None:
    url = (await begun(server)).json()["url"]
    said = await back(server, url, error="access_denied", error_description="<b>no</b>", code="")
    assert said.status_code == 400
    assert "<b>" not in said.text
    assert door.asked == []
    assert (await server.get("/connections/office", who=ADMIN)).status_code == 404


async def test_what_was_changed_meanwhile_is_not_joined_with_the_tokens(server: Server) -> None:
    url = (await begun(server)).json()["url"]
    wanted = {"name": "office", "settings": {"host": "smtp.example.org"}}
    assert (await server.post("/connections", wanted, who=ADMIN)).status_code == 201
    assert (await back(server, url)).status_code == 400
    assert (await server.get("/connections/office", who=ADMIN)).json()["secrets"] == {}


async def test_a_key_has_no_browser(server: Server) -> None:
    assert (await server.post(PLACE, OFFICE, who=ADMIN)).status_code == 403
    assert (await server.get("/connections/consent/callback?state=x", who=ADMIN)).status_code == 400


async def test_what_is_missing_is_named(server: Server) -> None:
    said = await begun(server, wanted={"settings": {"service": "Outlook365", "user": "a@example.org"}})
    assert (said.status_code, said.json()["field"]) == (422, "client_id")
