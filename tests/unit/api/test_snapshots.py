"""Snapshots over HTTP: made, looked into, brought back, and nothing of the host or of others in them."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator

import httpx2
import pytest
import pytest_asyncio
from tests.unit.api.server import HOST, Server, house

pytestmark = pytest.mark.asyncio

ADMIN, STRANGER = "organization_administrator@acme", "organization_administrator@globex"
PASSPHRASE = "five words nobody puts together"
FLOW = "name: greeting\nnodes:\n  - {id: hello, kind: send_smtp_email, connection: shared, to: a@example.org, subject: Hi}\n"


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house() as made:
        for who in (ADMIN, STRANGER):
            assert (await made.post("/flows", {"text": FLOW}, who=who)).status_code == 201
        await made.eilbote.connections.stored.add(
            "shared", {"host": "mail.example.org", "user": "host", "password": "the host's own secret"}
        )
        await made.eilbote.connections.stored.add(
            "acme/office", {"host": "mail.example.org", "user": "acme", "password": "of acme"}
        )
        made.book.written.clear()
        yield made


async def _file(server: Server, body: object = None, who: str = ADMIN) -> httpx2.Response:
    return await server.ask("POST", "/snapshots", who=who, json=body or {})


async def _sent(
    server: Server, path: str, octets: bytes, *, who: str = ADMIN, passphrase: str = ""
) -> httpx2.Response:
    headers = {"Content-Type": "application/octet-stream"}
    if passphrase:
        headers["X-Snapshot-Passphrase"] = base64.b64encode(passphrase.encode()).decode()
    return await server.ask("POST", f"/snapshots/{path}", who=who, content=octets, headers=headers)


async def test_a_snapshot_is_made_as_a_file_and_looked_into(server: Server) -> None:
    made = await _file(server)
    assert made.status_code == 201, made.text
    assert made.headers["content-type"] == "application/octet-stream"
    assert made.headers["content-disposition"].startswith('attachment; filename="eilbote-acme-')
    said = (await _sent(server, "contents", made.content)).json()
    assert [(each["kind"], each["organization"], each["name"]) for each in said["items"]] == [
        ("flow", "acme", "greeting"),
        ("connection", "acme", "office"),
    ]
    assert said["has_secrets"] is False
    assert b"of acme" not in made.content
    assert [deed.action for deed in server.deeds] == ["snapshot.create"]


async def test_with_a_passphrase_secrets_come_along_sealed(server: Server) -> None:
    made = await _file(server, {"passphrase": PASSPHRASE})
    assert (await _sent(server, "contents", made.content)).json()["has_secrets"] is True
    wrong = await _sent(server, "contents", made.content, passphrase="other words than those")
    assert wrong.status_code == 422
    assert PASSPHRASE not in made.text
    assert all(PASSPHRASE not in str(deed) for deed in server.deeds)
    reader = "snapshots:read@acme"
    assert (await _file(server, who=reader)).status_code == 201
    assert (await _file(server, {"passphrase": PASSPHRASE}, who=reader)).status_code == 403


async def test_connections_of_the_host_that_a_flow_names_stay_with_the_host(server: Server) -> None:
    """Else whoever administers an organization would carry home the passwords of the host, with a passphrase of his own."""
    body = {"flows": ["greeting"], "passphrase": PASSPHRASE}
    made = await _file(server, body)
    said = (await _sent(server, "contents", made.content, passphrase=PASSPHRASE)).json()
    assert [(each["kind"], each["organization"]) for each in said["items"]] == [("flow", "acme")]
    contents = server.eilbote.snapshots.read(made.content, passphrase=PASSPHRASE)
    assert contents.connections == ()
    hosts = await server.ask("POST", "/snapshots", json=body, params={"organization": "acme"})
    assert [each.name for each in server.eilbote.snapshots.read(hosts.content).connections] == ["shared"]


async def test_what_is_gone_is_brought_back_after_a_dry_run(server: Server) -> None:
    made = await _file(server, {"passphrase": PASSPHRASE})
    await server.delete("/flows/greeting", who=ADMIN)
    dry = await _sent(server, "restorations?dry_run=true", made.content, passphrase=PASSPHRASE)
    assert dry.status_code == 200, dry.text
    assert (dry.json()["is_dry"], [(each["kind"], each["doing"]) for each in dry.json()["items"]]) == (
        True,
        [("connection", "same"), ("flow", "add")],
    )
    assert (await server.get("/flows", who=ADMIN)).json()["items"] == []
    done = await _sent(server, "restorations", made.content, passphrase=PASSPHRASE)
    assert done.json()["is_dry"] is False
    assert [each["name"] for each in (await server.get("/flows", who=ADMIN)).json()["items"]] == ["greeting"]
    assert server.deeds[-1].after == {"changed": ["flow:acme/greeting"], "replace": False}


async def test_what_is_there_in_another_form_stays_unless_it_is_to_be_replaced(server: Server) -> None:
    made = await _file(server)
    await server.put("/flows/greeting/draft", {"text": FLOW.replace("Hi", "Hello")}, who=ADMIN)
    stays = (await _sent(server, "restorations", made.content)).json()["items"]
    assert ("flow", "skip") in [(each["kind"], each["doing"]) for each in stays]
    assert "Hello" in (await server.get("/flows/greeting/draft", who=ADMIN)).json()["text"]
    gives_way = (await _sent(server, "restorations?replace=true", made.content)).json()["items"]
    assert ("flow", "replace") in [(each["kind"], each["doing"]) for each in gives_way]
    assert "Hello" not in (await server.get("/flows/greeting/draft", who=ADMIN)).json()["text"]


async def test_nobody_brings_back_or_sees_what_belongs_to_others(server: Server) -> None:
    everything = await server.ask("POST", "/snapshots", json={}, params={"organization": "*"})
    items = (await _sent(server, "contents?organization=*", everything.content, who=HOST)).json()["items"]
    assert {each["organization"] for each in items} == {"", "acme", "globex"}
    mine = (await _sent(server, "contents", everything.content)).json()["items"]
    assert {each["organization"] for each in mine} == {"acme"}
    for who in (ADMIN, STRANGER):
        await server.delete("/flows/greeting", who=who)
    await _sent(server, "restorations", everything.content)
    assert len((await server.get("/flows", who=ADMIN)).json()["items"]) == 1
    assert (await server.get("/flows", who=STRANGER)).json()["items"] == []


async def test_what_is_no_snapshot_is_refused_with_a_reason(server: Server) -> None:
    made = (await _file(server)).content
    for octets in (b"", b"PK", made[:-1], made + b"x", b"\x00" * 1000):
        for path in ("contents", "restorations"):
            said = await _sent(server, path, octets)
            assert said.status_code == 422, said.text
    kind = await server.ask(
        "POST", "/snapshots/contents", who=ADMIN, content=made, headers={"Content-Type": "text/plain"}
    )
    assert kind.status_code == 415
    header = {"Content-Type": "application/octet-stream", "X-Snapshot-Passphrase": "not base64!"}
    said = await server.ask("POST", "/snapshots/contents", who=ADMIN, content=made, headers=header)
    assert (said.status_code, said.json()["field"]) == (422, "X-Snapshot-Passphrase")
    for body in ({"passphrase": "short"}, {"flows": ["nothing"]}, {"flows": 1}):
        assert (await _file(server, body)).status_code == 422


async def test_only_administrators_have_to_do_with_snapshots(server: Server) -> None:
    made = (await _file(server)).content
    for who in ("author@acme", "operator@acme", "viewer@acme"):
        assert (await _file(server, who=who)).status_code == 403
        assert (await _sent(server, "contents", made, who=who)).status_code == 403
        assert (await _sent(server, "restorations", made, who=who)).status_code == 403
