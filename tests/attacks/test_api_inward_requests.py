"""An organization's administrator has the server knock at doors inside its own network, and tell what it hears there (server-side request forgery).

Everything that makes the server connect somewhere is tried with everything that leads to this machine: the host of a connection, tested, kept and sent
through; the addresses that tokens and device codes are fetched from; files and requests of flows, tried and run; webhooks. Behind the door stands
somebody who counts.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from tests.attacks.api_doors import ACME, Doors, doors
from tests.attacks.fetching import PUBLIC, network

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
SECRET = "220-inside-greeting-nobody-may-hear"
HOSTS = (
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "localhost",
    "LOCALHOST.",
    "0.0.0.0",  # noqa: S104 - nothing is bound here
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
)
MESSAGE = {"from": "a@acme.example", "to": "anna@example.org", "subject": "x", "text": "x"}


@dataclass
class Trap:
    """Somebody inside, at every door of this machine."""

    port: int
    visitors: int = 0

    async def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visitors += 1
        writer.write(f"{SECRET}\r\n".encode())
        writer.close()


@asynccontextmanager
async def trap() -> AsyncGenerator[Trap]:
    made = Trap(0)
    server = await asyncio.start_server(made.welcome, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


def in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def harmless(said: httpx2.Response) -> httpx2.Response:
    assert said.status_code < 500 or said.status_code in {502, 503}, (said.request.url, said.text)
    assert SECRET not in said.text
    return said


# -- connections ------------------------------------------------------------------------------------------------


async def test_a_connection_leads_inside_neither_tested_nor_kept_nor_sent_through(tmp_path: Path) -> None:
    async with trap() as inside, doors(tmp_path) as server:
        for number, host in enumerate(HOSTS):
            settings = {"host": host, "port": inside.port, "security": "none"}
            tested = harmless(await server.ask("POST", "/connections/test", ACME, {"settings": settings}))
            assert tested.status_code != 200 or tested.json()["ok"] is False, tested.text
            kept = harmless(
                await server.ask("POST", "/connections", ACME, {"name": f"c{number}", "settings": settings})
            )
            if kept.status_code != 201:
                continue
            assert harmless(await server.ask("POST", f"/connections/c{number}/test", ACME)).status_code < 500
            sent = await server.ask("POST", "/messages", ACME, {**MESSAGE, "connections": [f"c{number}"]})
            assert sent.status_code == 202, sent.text
        await server.eilbote.deliver_due()
        shown = harmless(await server.ask("GET", "/messages", ACME)).json()["items"]
        assert len(shown) > 3, "some of them are kept, and sent through"
        for each in shown:
            assert "accepted" not in str(each["outcome"])
            harmless(await server.ask("GET", f"/messages/{each['id']}", ACME))
        assert inside.visitors == 0


async def test_a_change_of_a_connection_leads_inside_neither(tmp_path: Path) -> None:
    async with trap() as inside, doors(tmp_path) as server:
        first = {"host": "mail.example.org", "port": 25, "security": "none"}
        kept = await server.ask("POST", "/connections", ACME, {"name": "mine", "settings": first})
        assert kept.status_code == 201, kept.text
        inward = {"host": "127.0.0.1", "port": inside.port, "security": "none"}
        harmless(await server.ask("POST", "/connections/mine/test", ACME, {"settings": inward}))
        harmless(await server.ask("PATCH", "/connections/mine", ACME, {"settings": inward}))
        harmless(await server.ask("POST", "/connections/mine/test", ACME))
        harmless(await server.ask("PATCH", "/settings", ACME, {"connection": {"host": "127.0.0.1"}}))
        assert inside.visitors == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_tokens_are_not_fetched_inside(tmp_path: Path, scheme: str) -> None:
    async with trap() as inside, doors(tmp_path) as server:
        for host in HOSTS:
            url = f"{scheme}://{in_url(host)}:{inside.port}/token"
            settings = {
                "host": "mail.example.org",
                "port": 587,
                "auth_type": "oauth2",
                "user": "a@acme.example",
                "client_id": "x",
                "client_secret": "y",
                "refresh_token": "z",
                "access_url": url,
            }
            harmless(await server.ask("POST", "/connections/test", ACME, {"settings": settings}))
            kept = await server.ask("POST", "/connections", ACME, {"name": "tokens", "settings": settings})
            if harmless(kept).status_code == 201:
                harmless(await server.ask("POST", "/connections/tokens/test", ACME))
                sent = await server.ask("POST", "/messages", ACME, {**MESSAGE, "connections": ["tokens"]})
                assert sent.status_code == 202, sent.text
                await server.eilbote.deliver_due()
                deleted = await server.ask("DELETE", "/connections/tokens", ACME, params={"force": "true"})
                harmless(deleted)
            wanted = {"settings": settings, "device_url": url}
            harmless(await server.ask("POST", "/connections/device/consent/device", ACME, wanted))
        assert inside.visitors == 0


async def test_no_file_of_this_machine_is_read_for_a_connection(tmp_path: Path) -> None:
    """A file that is named is one that is there, or not: that too is nothing an organization is told."""
    (tmp_path / "secret.pem").write_text(SECRET)
    async with doors(tmp_path) as server:
        answers: set[str] = set()
        for path in (str(tmp_path / "secret.pem"), str(tmp_path / "nothing.pem"), "../../etc/shadow"):
            for field in ("ca_file", "client_certificate", "client_key", "service_account"):
                settings = {"host": "mail.example.org", "security": "tls", field: path}
                for ask in ("/connections/test", "/connections"):
                    body: dict[str, object] = {"settings": settings}
                    if ask == "/connections":
                        body["name"] = "files"
                    said = harmless(await server.ask("POST", ask, ACME, body))
                    assert said.status_code in {403, 422}, (field, path, said.status_code, said.text)
                    answers.add(re.sub(re.escape(path), "PATH", f"{field} {ask} {said.json()['detail']}"))
        assert len(answers) == 8, sorted(answers)


# -- flows ------------------------------------------------------------------------------------------------------


async def test_flows_ask_and_fetch_nothing_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with doors(tmp_path) as server, server.eilbote.courier():
        with network(monkeypatch) as net:
            net.names = {"localhost": [["127.0.0.1"]], "inside.example": [[PUBLIC, "127.0.0.1"]]}
            for number, host in enumerate((*HOSTS, "inside.example")):
                url = f"http://{in_url(host)}/latest/meta-data"
                name = f"inward-{number}"
                mail = {"from": "a@acme.example", "to": "anna@example.org", "subject": "x", "content": "x"}
                flow = {
                    "name": name,
                    "nodes": [
                        {"id": "ask", "kind": "http_request", "url": url},
                        {
                            "id": "mail",
                            "kind": "send_smtp_email",
                            **mail,
                            "attachments": [{"kind": "url", "url": url}],
                        },
                    ],
                }
                asking = json.dumps({"name": name, "nodes": flow["nodes"][:1]}, indent=1)
                tried = harmless(await server.ask("POST", "/flows/trials", ACME, {"text": asking}))
                assert tried.status_code in {200, 422}, tried.text
                made = await server.ask("POST", "/flows", ACME, {"text": json.dumps(flow, indent=1)})
                assert harmless(made).status_code in {201, 422}
                if made.status_code == 201:
                    assert (await server.ask("POST", f"/flows/{name}/versions", ACME, {})).status_code == 201
                    begun = await server.ask("POST", "/runs", ACME, {"flow": name})
                    assert begun.status_code == 202, begun.text
                    await _ended(server, begun.json()["id"])
            assert net.connected == []
        found = (await server.ask("GET", "/runs", ACME)).json()["items"]
        assert len(found) > 3, "some of them are run"


async def _ended(server: Doors, run: str) -> None:
    status = "running"
    async with asyncio.timeout(20):
        while status in {"running", "waiting", "pending", "queued"}:
            await asyncio.sleep(0.02)
            status = harmless(await server.ask("GET", f"/runs/{run}", ACME)).json()["status"]


# -- names that change their mind -------------------------------------------------------------------------------


async def test_a_name_that_leads_outside_once_and_inside_then_opens_no_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with doors(tmp_path) as server:
        with network(monkeypatch) as net:
            net.names = {
                "inside.example": [["127.0.0.1"]],
                "both.example": [[PUBLIC, "10.0.0.1"]],
                "changing.example": [[PUBLIC], ["169.254.169.254"]],
            }
            for number, name in enumerate(net.names):
                settings = {"host": name, "port": 25, "security": "none"}
                harmless(await server.ask("POST", "/connections/test", ACME, {"settings": settings}))
                kept = await server.ask(
                    "POST", "/connections", ACME, {"name": f"n{number}", "settings": settings}
                )
                assert harmless(kept).status_code == 201
                sent = await server.ask("POST", "/messages", ACME, {**MESSAGE, "connections": [f"n{number}"]})
                assert sent.status_code == 202
                hook = await server.ask("POST", "/webhooks", ACME, {"url": f"https://{name}/"})
                if hook.status_code == 201:
                    harmless(await server.ask("POST", f"/webhooks/{hook.json()['id']}/test", ACME))
            await server.eilbote.deliver_due()
            assert {address for address, _ in net.connected} <= {PUBLIC}, net.connected
            assert "inside.example" in net.asked
