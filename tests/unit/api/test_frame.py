"""What holds for every operation: sizes, kinds, headers, ids, problems, compression, the log; asked of an application of three operations."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from fastapi import Request
from starlette.responses import Response, StreamingResponse
from tests.unit.api.server import Server, house

pytestmark = pytest.mark.asyncio
MEBIBYTE = 1024 * 1024


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(fresh=True) as made:

        @made.application.post("/api/v1/messages/echo")
        @made.application.post("/api/v1/small/echo")
        async def echo(request: Request) -> dict[str, int]:
            return {"octets": len(await request.body())}

        @made.application.get("/api/v1/stream")
        async def stream() -> StreamingResponse:
            async def parts() -> AsyncGenerator[bytes]:
                while True:
                    yield b"data: x\n\n"

            return StreamingResponse(parts(), media_type="text/event-stream")

        @made.application.get("/api/v1/fails")
        async def fails() -> Response:
            msg = "the password is hunter2"
            raise RuntimeError(msg)

        @made.application.get("/api/v1/own")
        async def own() -> Response:
            return Response("<p>", headers={"Content-Security-Policy": "sandbox"}, media_type="text/html")

        yield made


# -- sizes -----------------------------------------------------------------------------------------------------


async def test_where_files_are_handed_in_there_is_more_room(server: Server) -> None:
    body = b"x" * (3 * MEBIBYTE)
    large = await server.ask("POST", "/messages/echo", content=body)
    assert large.json() == {"octets": len(body)}
    small = await server.ask("POST", "/small/echo", content=body)
    assert small.status_code == 413
    assert small.headers["content-type"] == "application/problem+json"
    assert small.json()["code"] == "too_large"


async def test_nobody_makes_this_machine_hold_much_without_being_let_in(server: Server) -> None:
    body = b"x" * (3 * MEBIBYTE)
    for who in (None, "mallory"):
        said = await server.ask("POST", "/messages/echo", content=body, who=who)
        assert said.status_code == 401, said.text
        assert said.headers["connection"] == "close"


async def test_what_was_held_is_given_back(server: Server) -> None:
    """Room is counted; what was refused or answered leaves it as it was."""
    body = b"x" * (40 * MEBIBYTE)
    for _ in range(9):
        assert (await server.ask("POST", "/messages/echo", content=body)).status_code == 200


async def test_no_more_than_the_largest_request_is_read(server: Server) -> None:
    said = await server.ask("POST", "/messages/echo", content=b"x" * (71 * MEBIBYTE))
    assert said.status_code == 413


# -- kinds -----------------------------------------------------------------------------------------------------


async def test_json_that_is_not_clear_never_reaches_an_operation(server: Server) -> None:
    said = await server.ask(
        "POST", "/small/echo", content=b'{"a":1,"a":2}', headers={"Content-Type": "application/json"}
    )
    assert said.status_code == 400
    assert said.json()["code"] == "json"
    assert "stands twice" in said.json()["detail"]


async def test_nul_in_an_address_is_refused_before_anything_looks_it_up(server: Server) -> None:
    assert (await server.get("/services/a%00b")).json()["code"] == "address"
    assert (await server.get("/services?cursor=%00")).json()["code"] == "address"


async def test_an_unknown_address_and_a_method_that_means_nothing_are_problems(server: Server) -> None:
    unknown = await server.get("/nothing")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    method = await server.delete("/services")
    assert (method.status_code, method.json()["code"]) == (405, "method_not_allowed")
    assert method.headers["allow"] == "GET"


async def test_who_takes_no_json_hears_so(server: Server) -> None:
    said = await server.ask("GET", "/services", headers={"Accept": "text/csv"})
    assert (said.status_code, said.json()["code"]) == (406, "not_acceptable")
    for accepted in ("application/json", "text/csv, */*;q=0.1", "application/*"):
        assert (await server.ask("GET", "/services", headers={"Accept": accepted})).status_code == 200
    refused = await server.ask("GET", "/services", headers={"Accept": "application/json;q=0, text/csv"})
    assert refused.status_code == 406


async def test_a_stream_that_nobody_takes_ends(server: Server) -> None:
    said = await server.ask("GET", "/stream", headers={"Accept": "application/json"})
    assert said.status_code == 406


async def test_head_is_get_without_a_body(server: Server) -> None:
    got = await server.get("/services/gmail")
    said = await server.ask("HEAD", "/services/gmail")
    assert said.status_code == 200
    assert said.content == b""
    assert int(said.headers["content-length"]) == len(got.content)


# -- headers ---------------------------------------------------------------------------------------------------


async def test_every_answer_has_an_id_and_keeps_browsers_short(server: Server) -> None:
    for said in (
        await server.get("/services"),
        await server.get("/services", who=None),
        await server.get("/nothing"),
        await server.get("/services?limit=%00"),
    ):
        assert len(said.headers["x-request-id"]) == 16
        assert said.headers["cache-control"] == "no-store"
        assert said.headers["x-content-type-options"] == "nosniff"
        assert said.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    refused = await server.get("/services", who=None)
    assert refused.json()["instance"].endswith(refused.headers["x-request-id"])


async def test_an_operation_may_have_a_policy_of_its_own(server: Server) -> None:
    assert (await server.get("/own")).headers["content-security-policy"] == "sandbox"


async def test_no_other_site_is_given_anything(server: Server) -> None:
    said = await server.ask(
        "OPTIONS",
        "/services",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "DELETE"},
    )
    assert said.status_code == 405
    read = await server.ask("GET", "/services", headers={"Origin": "https://evil.example"})
    assert not [name for name in (*said.headers, *read.headers) if name.startswith("access-control")]


# -- compression -----------------------------------------------------------------------------------------------


async def test_large_answers_are_compressed_for_programs_and_never_for_cookies(server: Server) -> None:
    headers = {"Accept-Encoding": "gzip"}
    said = await server.ask("GET", "/services", headers=headers)
    assert said.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in said.headers["vary"]
    assert len(said.json()["items"]) > 20
    assert int(said.headers["content-length"]) < len(gzip.compress(said.content)) * 2
    small = await server.ask("GET", "/services/gmail", headers=headers)
    assert "content-encoding" not in small.headers
    server.client.cookies.set("eilbote_session", "viewer@acme")
    browser = await server.ask("GET", "/services", who=None, headers=headers)
    assert browser.status_code == 200
    assert "content-encoding" not in browser.headers


# -- the log ---------------------------------------------------------------------------------------------------


async def test_the_log_tells_who_asked_what_and_no_address(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "eilbote.access"):
        await server.get("/services/gmail?organization=acme", who="system_administrator@")
        await server.get("/secret-in-a-path?token=hunter2", who=None)
    first, second = (record.eilbote for record in caplog.records)  # type: ignore[attr-defined]
    assert (first["method"], first["operation"], first["status"]) == ("GET", "get_service", 200)
    assert first["who"] == "system_administrator@"
    assert second["status"] == 404
    assert "secret" not in json.dumps(second)
    assert "hunter2" not in caplog.text


async def test_what_nobody_foresaw_is_a_problem_that_tells_nothing(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    said = await server.get("/fails")
    assert (said.status_code, said.json()["code"]) == (500, "unforeseen")
    assert "hunter2" not in said.text
    assert said.headers["cache-control"] == "no-store"
    assert "a request failed" in caplog.text


async def test_whoever_types_the_address_alone_is_led_to_what_there_is_to_read(server: Server) -> None:
    led = await server.client.get("/")

    assert (led.status_code, led.headers["location"]) == (303, "./api/docs")
