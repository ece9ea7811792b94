"""Consents over HTTP: begun and finished in one signed-in session, and nobody slips in one of their own.

An attacker consents in his own mailbox, keeps the address his browser was to come back to, and has somebody else's browser open it: that one's
mail would leave through the attacker's account. It is refused, because the consent was begun in another session.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import cast
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
    """The way to a provider that gives a refresh token for any code.

    Attributes:
        asked: Every question, in its order.
        says: What it answers to those who ask about a code that is typed in elsewhere; a token when nothing is left.
    """

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.says: list[str] = []

    def client(self, *, field: str = "url") -> httpx2.AsyncClient:
        del field
        return httpx2.AsyncClient(transport=httpx2.MockTransport(self.answer))

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(parse_qs(request.content.decode()))
        if request.url.path.endswith("devicecode"):
            code = {
                "device_code": "dc-1",
                "user_code": "FJ4K-9QRT",
                "verification_uri": "https://login.example/device",
            }
            return httpx2.Response(200, json=code | {"expires_in": 900, "interval": 5})
        if self.says:
            return httpx2.Response(400, json={"error": self.says.pop(0)})
        token = {"access_token": "at-1", "refresh_token": "rt-1", "expires_in": 3600, "token_type": "Bearer"}
        return httpx2.Response(200, headers={"Content-Type": "application/json"}, content=json.dumps(token))


@pytest.fixture
def door() -> Door:
    return Door()


@pytest_asyncio.fixture
async def server(door: Door) -> AsyncGenerator[Server]:
    config = Config(data_dir=Path("/nonexistent"), database_url=Secret("sqlite:///nonexistent.db"))
    async with house(config=replace(config, public_url="https://eilbote.example.org/")) as made:
        made.eilbote.services.consents = ConsentDesk(
            made.eilbote.connections,
            store=made.eilbote.records.consents,
            clock=made.clock,
            egress=EgressPolicy(),
            door=lambda _: door,  # type: ignore[arg-type, return-value]
        )
        yield made


async def begun(server: Server, who: str = ADMIN, wanted: object = OFFICE) -> httpx2.Response:
    server.client.cookies.set("__Host-eilbote_session", who)
    headers = {"X-CSRF-Token": f"csrf of {who}"}
    return await server.ask("POST", PLACE, who=None, json=wanted, headers=headers)


async def back(server: Server, url: str, who: str = ADMIN, **said: str) -> httpx2.Response:
    """Come back in a session, as the provider sends a browser."""
    (state,) = parse_qs(urlsplit(url).query)["state"]
    server.client.cookies.set("__Host-eilbote_session", who)
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


async def another_process(server: Server, door: Door) -> None:
    """Let another process of the same server take over: it knows what is in the database, and nothing else."""
    server.eilbote.services.consents = ConsentDesk(
        server.eilbote.connections,
        store=server.eilbote.records.consents,
        clock=server.clock,
        egress=EgressPolicy(),
        door=lambda _: door,  # type: ignore[arg-type, return-value]
    )


async def test_whoever_comes_back_reaches_any_process(server: Server, door: Door) -> None:
    url = (await begun(server)).json()["url"]
    await another_process(server, door)
    assert (await back(server, url)).status_code == 200
    assert (await server.get("/connections/office", who=ADMIN)).json()["secrets"].keys() == {
        "access_token",
        "refresh_token",
    }


async def by_device(server: Server, who: str = ADMIN) -> dict[str, object]:
    said = await server.post(f"{PLACE}/device", OFFICE, who=who)
    assert said.status_code == 201, said.text
    return cast("dict[str, object]", said.json())


async def asked_about(server: Server, begun: dict[str, object], who: str = ADMIN) -> httpx2.Response:
    return await server.ask("POST", f"/connections/consent/device/{begun['id']}", who=who)


async def test_a_key_has_somebody_consent_on_another_machine(server: Server, door: Door) -> None:
    door.says = ["authorization_pending"]
    begun = await by_device(server)
    assert (begun["user_code"], begun["page"], begun["pause"]) == (
        "FJ4K-9QRT",
        "https://login.example/device",
        5,
    )
    assert "dc-1" not in json.dumps(begun)
    server.clock.advance(5)
    waits = (await asked_about(server, begun)).json()
    assert (waits["is_done"], waits["connection"]) == (False, "office")
    await another_process(server, door)
    server.clock.advance(5)
    done = await asked_about(server, begun)
    assert (done.status_code, done.json()["is_done"]) == (200, True), done.text
    assert (server.deeds[-1].action, server.deeds[-1].organization) == ("connection.consent", "acme")
    shown = (await server.get("/connections/office", who=ADMIN)).json()
    assert shown["secrets"].keys() == {"access_token", "refresh_token"}
    assert (await asked_about(server, begun)).status_code == 404, "it is over"


async def test_a_provider_is_asked_no_more_often_than_it_allows(server: Server, door: Door) -> None:
    door.says = ["slow_down", "authorization_pending"]
    begun = await by_device(server)
    questions = len(door.asked)
    for _ in range(3):
        assert (await asked_about(server, begun)).json()["is_done"] is False
    assert len(door.asked) == questions, "the first pause is not over"
    server.clock.advance(5)
    for _ in range(3):
        await asked_about(server, begun)
    assert len(door.asked) == questions + 1, "one question a pause"
    server.clock.advance(9.9)
    await asked_about(server, begun)
    assert len(door.asked) == questions + 1, "it has asked for longer pauses"
    server.clock.advance(0.1)
    await asked_about(server, begun)
    assert len(door.asked) == questions + 2


@pytest.mark.parametrize("who", ["organization_administrator@globex", "connections:write@acme"])
async def test_nobody_else_asks_about_a_code(server: Server, door: Door, who: str) -> None:
    begun = await by_device(server)
    server.clock.advance(5)
    questions = len(door.asked)
    assert (await asked_about(server, begun, who)).status_code == 404
    assert len(door.asked) == questions
    assert (await asked_about(server, begun)).json()["is_done"] is True


async def test_who_refuses_on_another_machine_ends_it(server: Server, door: Door) -> None:
    door.says = ["access_denied"]
    begun = await by_device(server)
    server.clock.advance(5)
    refused = await asked_about(server, begun)
    assert (refused.status_code, refused.json()["code"]) == (502, "token")
    server.clock.advance(5)
    assert (await asked_about(server, begun)).status_code == 404
    assert (await server.get("/connections/office", who=ADMIN)).status_code == 404


async def test_a_browser_does_not_come_back_with_a_code_of_another_machine(
    server: Server, door: Door
) -> None:
    begun = await by_device(server)
    server.client.cookies.set("__Host-eilbote_session", ADMIN)
    query = {"state": str(begun["id"]), "code": "c-1"}
    questions = len(door.asked)
    assert (await server.get("/connections/consent/callback", who=None, params=query)).status_code == 400
    assert len(door.asked) == questions
