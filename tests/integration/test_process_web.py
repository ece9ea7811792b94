"""Service tasks that ask a real web server: what is sent, what is taken in, and what may be asked at all."""

from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from tests.integration.lab.web_server import WebServer, answer, says, web_server
from tests.integration.process_house import House, diagram, house

from eilbote import InstanceStatus

ASKS = diagram(
    """<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="ask"/>
    <serviceTask id="ask"/><sequenceFlow id="f2" sourceRef="ask" targetRef="end"/><endEvent id="end"/>
    <boundaryEvent id="failed" attachedToRef="ask"><errorEventDefinition/></boundaryEvent>
    <sequenceFlow id="f3" sourceRef="failed" targetRef="other"/><endEvent id="other"/>"""
)

pytestmark = pytest.mark.asyncio


def asks(url: str, **more: object) -> dict[str, object]:
    return {
        "http": {"method": "POST", "url": url, "body": {"order": "{{ number }}"}, "result": "crm", **more}
    }


def opened(
    folder: Path, server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> AbstractAsyncContextManager[House]:
    """Open a house whose operator lets processes ask this server."""
    monkeypatch.setenv("EILBOTE_EGRESS__ALLOW", "127.0.0.1/32")
    monkeypatch.setenv("EILBOTE_EGRESS__PORTS", str(server.port))
    return house(folder)


async def test_a_service_is_asked_once_and_its_answer_taken_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        web_server(says(answer(b'{"id": 7}'))) as server,
        opened(tmp_path, server, monkeypatch) as home,
    ):
        await home.publish(ASKS, ask=asks(server.url))
        done = await home.run({"number": 4711})

    assert done.status is InstanceStatus.COMPLETED
    assert done.data["crm"]["status"] == 200  # type: ignore[index, call-overload]
    assert done.data["crm"]["body"] == {"id": 7}  # type: ignore[index, call-overload]
    (request,) = server.requests
    assert json.loads(request.body) == {"order": 4711}


async def test_what_a_service_refuses_is_an_error_that_a_border_catches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = says(answer(b"no", status="422 Unprocessable Content", kind="text/plain"))
    async with web_server(refusing) as server, opened(tmp_path, server, monkeypatch) as home:
        await home.publish(ASKS, ask=asks(server.url))
        done = await home.run({"number": 4711})

    assert done.status is InstanceStatus.COMPLETED
    assert "other" in {each.element for each in done.passages}
    assert "422" in str(done.data["error"])


async def test_an_address_of_this_machine_gets_no_packet(tmp_path: Path) -> None:
    """A diagram of an organization names a server inside the operator's network."""
    async with web_server(says(answer(b"{}"))) as server, house(tmp_path) as home:
        await home.publish(ASKS, ask=asks(server.url))
        done = await home.run({"number": 4711})

    assert server.connections == 0
    assert "other" in {each.element for each in done.passages}
