"""Tests of connections over HTTP: at once or step by step, and on behalf of organizations to public addresses only."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.mail_catcher import MailCatcher
from tests.unit.api.server import Server, house

pytestmark = pytest.mark.asyncio
ACME = "organization_administrator@acme"


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house() as made:
        yield made


def settings(catcher: MailCatcher) -> dict[str, object]:
    return {"host": "127.0.0.1", "port": catcher.port, "security": "none"}


async def test_each_step_is_told_in_the_end(server: Server, mail_catcher: MailCatcher) -> None:
    await server.post("/connections", {"name": "office", "settings": settings(mail_catcher)})
    said = await server.post("/connections/office/test", {"mail_from": "orders@example.org"})
    assert said.status_code == 200, said.text
    found = said.json()
    assert found["ok"] is True
    assert [step["name"] for step in found["steps"]] == ["dns", "connect", "greeting", "ehlo", "mail"]
    assert found["transcript"]


async def test_a_test_without_a_body_is_one(server: Server, mail_catcher: MailCatcher) -> None:
    await server.post("/connections", {"name": "office", "settings": settings(mail_catcher)})
    assert (await server.post("/connections/office/test")).json()["ok"] is True


async def test_steps_come_as_lines_of_json(server: Server, mail_catcher: MailCatcher) -> None:
    said = await server.post(
        "/connections/test",
        {"settings": settings(mail_catcher)},
        headers={"Accept": "application/x-ndjson"},
    )
    assert said.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in said.text.splitlines()]
    assert [line["kind"] for line in lines] == [*(["step"] * 4), "result"]
    assert lines[-1]["steps"] == lines[:-1]


async def test_steps_come_as_events(server: Server, mail_catcher: MailCatcher) -> None:
    said = await server.post(
        "/connections/test", {"settings": settings(mail_catcher)}, headers={"Accept": "text/event-stream"}
    )
    assert said.headers["content-type"].startswith("text/event-stream")
    names = [line.removeprefix("event: ") for line in said.text.splitlines() if line.startswith("event: ")]
    assert names == [*(["step"] * 4), "result"]


async def test_what_fails_says_where_and_why(server: Server) -> None:
    said = await server.post(
        "/connections/test", {"settings": {"host": "127.0.0.1", "port": 1, "security": "none"}}
    )
    found = said.json()
    assert (said.status_code, found["ok"]) == (200, False)
    assert found["steps"][-1]["error"]["code"] == "connect"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "[::1]", "no-such-host.invalid"]
)
async def test_an_organization_learns_nothing_of_the_network_within(server: Server, host: str) -> None:
    """Inside, elsewhere and nowhere are told in the same words: else names and addresses could be tried until one answers."""
    said = await server.post("/connections/test", {"settings": {"host": host, "port": 25}}, who=ACME)
    assert said.status_code == 200, said.text
    (step,) = said.json()["steps"]
    assert step["error"] == {
        "code": "connect",
        "what": "the host leads to no public address",
        "field": "host",
        "cause": "Its name is not known, or leads to an address that may not be used from here",
        "remedy": "Check the spelling, and use a server on the public Internet",
        "reply": "",
    }
    assert step["seen"] == ""
    assert said.json()["transcript"] == []


async def test_the_host_that_acts_for_an_organization_is_bound_as_well(
    server: Server, mail_catcher: MailCatcher
) -> None:
    said = await server.post(
        "/connections/test?organization=acme", {"settings": settings(mail_catcher), "suggest": True}
    )
    assert said.json()["ok"] is False
    assert said.json()["reachable"] == []


async def test_a_stored_secret_is_tried_nowhere_else(server: Server, mail_catcher: MailCatcher) -> None:
    """Whoever may test could otherwise have the password sent to a server of their own."""
    kept = {"host": "smtp.example.org", "user": "orders", "password": "hunter2"}
    await server.post("/connections", {"name": "office", "settings": kept})
    said = await server.post(
        "/connections/office/test", {"settings": {"host": "127.0.0.1", "port": mail_catcher.port}}
    )
    assert (said.status_code, said.json()["field"]) == (422, "password")
    shown = await server.get("/connections/office")
    assert shown.json()["settings"]["host"] == "smtp.example.org"


async def test_who_may_only_test_tries_no_other_fields(server: Server, mail_catcher: MailCatcher) -> None:
    await server.post("/connections", {"name": "office", "settings": settings(mail_catcher)})
    tester = "connections:test@"
    assert (await server.post("/connections/office/test", {}, who=tester)).status_code == 200
    said = await server.post("/connections/office/test", {"settings": {"timeout": 3}}, who=tester)
    assert said.status_code == 403
    assert (
        await server.post("/connections/test", {"settings": {"host": "x"}}, who=tester)
    ).status_code == 403


async def test_another_organization_has_nothing_to_be_tested(server: Server) -> None:
    await server.post("/connections", {"name": "office", "settings": {"host": "smtp.example.org"}})
    for who in (ACME, "organization_administrator@globex"):
        assert (await server.post("/connections/office/test", {}, who=who)).status_code == 404


@pytest.mark.parametrize(
    "wish", [{"mail_from": "anna"}, {"verify": ["x y@z"]}, {"verify": ["a@example.org"] * 11}, {"what": 1}]
)
async def test_what_cannot_be_asked_is_a_fault_of_the_request(
    server: Server, wish: dict[str, object]
) -> None:
    said = await server.post("/connections/test", {"settings": {"host": "127.0.0.1", "port": 1}, **wish})
    assert said.status_code == 422, said.text
