"""The shorter way of everyday requests: taken when nothing is unusual, and answering as the framework does."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.responses import PlainTextResponse
from tests.unit.api.server import HOST, PREFIX, Server, house

from eilbote.api.json_body import StrictJson
from eilbote.api.session_cookie import COOKIE
from eilbote.api.short_way import ShortRoute, short_way

pytestmark = pytest.mark.asyncio
MESSAGE = {
    "from": "orders@example.org",
    "to": "anna@example.org",
    "subject": "Order 4711",
    "text": "On its way.",
}
SUBMITTER = "messages:submit@"
WHOLE = "?organization="
"""For the host it says nothing; but there is a query, and so the framework answers."""


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(connections={"default": "smtp://127.0.0.1:9"}) as made:
        yield made


def _application() -> FastAPI:
    router = APIRouter(prefix="/api", route_class=ShortRoute)

    @router.post("/things")
    async def take(request: Request) -> str:
        return f"whole way, {len(await request.body())} octets"

    @short_way(take)
    async def take_soon(request: Request, said: dict[str, object]) -> Response | None:  # pyright: ignore[reportUnusedFunction]
        return None if "unusual" in said else PlainTextResponse("short way")

    app = FastAPI()
    app.add_middleware(StrictJson)
    app.include_router(router)
    return app


@pytest.mark.parametrize(
    "query, kind, body, way",
    [
        ("", "application/json", b'{"a": 1}', "short way"),
        ("", "application/json; charset=utf-8", b"{}", "short way"),
        ("?a=1", "application/json", b'{"a": 1}', '"whole way, 8 octets"'),
        ("", "text/plain", b'{"a": 1}', '"whole way, 8 octets"'),
        ("", "application/json", b'{"unusual": 1}', '"whole way, 14 octets"'),
        ("", "application/json", b'["a"]', '"whole way, 5 octets"'),
        ("", "application/json", b'{"a": "%s"}' % (65_527 * b"b"), "short way"),
        ("", "application/json", b'{"a": "%s"}' % (65_528 * b"b"), '"whole way, 65537 octets"'),
        ("", "application/json", b"", '"whole way, 0 octets"'),
    ],
)
async def test_the_shorter_way_is_for_small_objects_and_no_query(
    query: str, kind: str, body: bytes, way: str
) -> None:
    transport = httpx2.ASGITransport(_application())
    async with httpx2.AsyncClient(transport=transport, base_url="http://eilbote.test") as client:
        said = await client.post(f"/api/things{query}", content=body, headers={"Content-Type": kind})

    assert said.text == way


async def answers(server: Server, *asked: dict[str, Any]) -> list[tuple[int, dict[str, Any], dict[str, Any]]]:
    """Ask by both ways; gives what was answered but for what no two answers share."""
    found: list[tuple[int, dict[str, Any], dict[str, Any]]] = []
    for query, each in zip(("", WHOLE), asked, strict=True):
        said = await server.client.post(f"{PREFIX}/messages{query}", **each)
        headers: dict[str, Any] = {
            name: value for name, value in said.headers.items() if name != "x-request-id"
        }
        headers["location"] = "location" in headers
        body = {
            name: value for name, value in said.json().items() if name not in {"id", "message_id", "instance"}
        }
        headers["content-length"] = int(headers["content-length"]) == len(said.content)
        found.append((said.status_code, headers, body))
    return found


def by(who: str | None, **headers: str) -> dict[str, str]:
    """Give the headers of somebody's request."""
    return headers if who is None else {"Authorization": f"Bearer {who}", **headers}


@pytest.mark.parametrize(
    "headers, body, status",
    [
        (by(SUBMITTER), MESSAGE, 202),
        (by(SUBMITTER, **{"Idempotency-Key": 255 * "k"}), MESSAGE, 202),
        (by(SUBMITTER, **{"Idempotency-Key": 256 * "k"}), MESSAGE, 422),
        (by(SUBMITTER), {**MESSAGE, "nobody_knows": 1}, 422),
        (by(SUBMITTER), {**MESSAGE, "to": 7, "cc": [None]}, 422),
        (by(SUBMITTER), {**MESSAGE, "to": "anna@"}, 422),
        (by(SUBMITTER), {**MESSAGE, "connections": ["smtp://127.0.0.1:9"]}, 403),
        (by(SUBMITTER), {}, 422),
        (by("messages:read@"), MESSAGE, 403),
        (by("messages:read@"), {**MESSAGE, "nobody_knows": 1}, 403),
        (by("nobody"), MESSAGE, 401),
        (by(None), {**MESSAGE, "nobody_knows": 1}, 401),
        (by(None, Cookie=f"{COOKIE}={HOST}"), MESSAGE, 403),
        (by(None, **{"Cookie": f"{COOKIE}={HOST}", "X-CSRF-Token": f"csrf of {HOST}"}), MESSAGE, 202),
    ],
)
async def test_both_ways_answer_alike(
    server: Server, headers: dict[str, str], body: dict[str, object], status: int
) -> None:
    # A key names one message; the framework's gets one of the same length.
    other = {**headers, **{name: value.replace("k", "l") for name, value in headers.items() if "Key" in name}}
    short, whole = await answers(server, {"json": body, "headers": headers}, {"json": body, "headers": other})
    if "Idempotency-Key" in headers and status == 202:
        assert short[2].pop("idempotency_key") == whole[2].pop("idempotency_key").replace("l", "k")

    assert short == whole
    assert short[0] == status


@pytest.mark.parametrize("keys", [[""], ["k-1", "k-2"], ["", "k-2"]])
async def test_both_ways_read_the_same_name_of_a_message(server: Server, keys: list[str]) -> None:
    headers = [("Authorization", f"Bearer {SUBMITTER}"), *(("Idempotency-Key", key) for key in keys)]
    asked = {"json": MESSAGE, "headers": headers}
    first, second = await answers(server, asked, asked)

    assert first[2].get("idempotency_key") == second[2].get("idempotency_key") == (keys[0] or None)


async def test_both_ways_know_what_the_other_has_taken(server: Server) -> None:
    headers = by(SUBMITTER, **{"Idempotency-Key": "k-1"})
    first = await server.client.post(f"{PREFIX}/messages", json=MESSAGE, headers=headers)
    short, whole = await answers(server, *(2 * [{"json": MESSAGE, "headers": headers}]))

    assert first.status_code == 202
    assert short == whole
    assert short[0] == 200
    assert short[1]["idempotent-replay"] == "true"
