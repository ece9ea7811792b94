"""Flows that fetch files and ask web servers, from the flow's text to the message that somebody gets."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.integration.lab.web_server import Request, answer, says, web_server

from eilbote import Eilbote, FlowRun
from eilbote.testing import Catcher, CaughtMessage, MemoryOutbox

pytestmark = pytest.mark.asyncio

PDF = answer(b"%PDF-1.7", kind="application/pdf")


async def run(
    tmp_path: Path, catcher: Catcher, *nodes: dict[str, object], given: dict[str, object] | None = None
) -> FlowRun:
    text = json.dumps({"name": "test", "nodes": list(nodes)}, indent=1)
    async with (
        Eilbote(data_dir=tmp_path, store=MemoryOutbox(), connections={"office": catcher.uri}) as eilbote,
        eilbote.courier(),
    ):
        return await eilbote.flows.run(text, given or {}, wait_seconds=30)


def sending(*attachments: dict[str, object], **fields: object) -> dict[str, object]:
    return {
        "id": "mail",
        "kind": "send_smtp_email",
        "connection": "office",
        "from": "reports@example.org",
        "to": "anna@example.org",
        "subject": "Report",
        "content": "<p>Here it is.</p>",
        "attachments": list(attachments),
        "store_result": "input",
        "store_as": "mail",
        **fields,
    }


def open_to_this_machine(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Do what an operator does for a file server of their own."""
    monkeypatch.setenv("EILBOTE_EGRESS__ALLOW", "127.0.0.1/32")
    monkeypatch.setenv("EILBOTE_EGRESS__PORTS", str(port))


def only(catcher: Catcher) -> CaughtMessage:
    (message,) = catcher.messages
    return message


async def test_a_file_is_fetched_once_and_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with web_server(says(PDF)) as server, Catcher() as catcher:
        open_to_this_machine(monkeypatch, server.port)
        url = server.url.replace("/token", "/{{ input.n }}/report.pdf")
        ended = await run(tmp_path, catcher, sending({"kind": "url", "url": url}), given={"n": "a/b"})

    assert ended.status == "done"
    [request] = server.requests
    assert request.line == "GET /a%2Fb/report.pdf HTTP/1.1"
    assert b"filename=report.pdf" in only(catcher).octets
    assert b"JVBERi0xLjc=" in only(catcher).octets


async def test_without_a_word_of_the_operator_nothing_inside_is_fetched(tmp_path: Path) -> None:
    async with web_server(says(PDF)) as server, Catcher() as catcher:
        for url in (server.url, "http://127.0.0.1/", "http://169.254.169.254/latest/"):
            ended = await run(tmp_path, catcher, sending({"kind": "url", "url": url}))
            mail = ended.input["mail"]
            assert isinstance(mail, dict)
            assert mail["status"] == "failed"
            error = mail["error"]
            assert isinstance(error, dict)
            assert error["code"] == "attachment"
            assert error["node"] == "mail"
            assert str(error["field"]).startswith("attachments[0]")

    assert not catcher.messages
    assert server.connections == 0


async def test_a_message_goes_without_a_file_that_may_be_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with web_server(says(answer(b"no", status="404 Not Found"))) as server, Catcher() as catcher:
        open_to_this_machine(monkeypatch, server.port)
        node = sending({"kind": "url", "url": server.url, "filename": "a.pdf", "if_unavailable": "skip"})
        ended = await run(tmp_path, catcher, node)

    assert ended.status == "done"
    content = only(catcher).octets
    assert b"could not be fetched and is missing" in content
    assert b"404" not in content


async def test_an_answer_of_one_node_is_data_for_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def orders(request: Request, writer: asyncio.StreamWriter) -> None:
        assert request.headers["authorization"] == "Bearer Zr8-secret-of-the-crm"
        writer.write(answer(b'{"customer":"Anna {{ input.n }}","total":19.90}'))

    monkeypatch.setenv("EILBOTE_FLOW_SECRET_CRM", "Zr8-secret-of-the-crm")
    async with web_server(orders) as server, Catcher() as catcher:
        open_to_this_machine(monkeypatch, server.port)
        look = {
            "id": "look",
            "kind": "http_request",
            "url": f"http://127.0.0.1:{server.port}/orders/{{{{ input.n }}}}",
            "headers": {"Authorization": {"env": "EILBOTE_FLOW_SECRET_CRM", "before": "Bearer "}},
            "store_result": "input",
            "store_as": "order",
        }
        mail = sending(subject="{{ input.order.body.customer }}: {{ input.order.body.total }}")
        ended = await run(tmp_path, catcher, look, mail, given={"n": 7})

    assert ended.status == "done"
    assert b"Subject: Anna {{ input.n }}: 19.90" in only(catcher).octets
    assert "Zr8-secret" not in repr(ended)


async def test_a_request_that_fails_ends_the_run_when_its_author_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with web_server(says(answer(b"sold out", status="409 Conflict", kind="text/plain"))) as server:
        open_to_this_machine(monkeypatch, server.port)
        node = {
            "id": "buy",
            "kind": "http_request",
            "url": server.url,
            "json": {"n": 1},
            "stop_on_error": True,
        }
        async with Catcher() as catcher:
            ended = await run(tmp_path, catcher, node)

    assert ended.status == "failed"
    assert ended.error["code"] == "http_status"
    assert ended.error["node"] == "buy"
    [request] = server.requests
    assert request.headers["idempotency-key"] == f'"{ended.id}/buy/0"'
