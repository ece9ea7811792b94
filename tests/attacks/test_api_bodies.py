"""Somebody sends bodies that are cheap to send and dear to read, that say something else about themselves than they are, or that never end.

Ten thousand brackets, a kilobyte that unpacks to a gigabyte, a length that is a lie, a chunk every now and then: whatever comes, the answer is a plain
refusal at once or at a deadline, little is held for those who have not said who they are, nothing of a broken request is carried out, and what is left
on the wire is never taken for the next request.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from tests.attacks.api_doors import ACME, ADMINISTRATOR, Doors, doors

from eilbote.api.limits import UNCOUNTED_OCTETS, RequestLimits
from eilbote.api.server import serving
from eilbote.net.listening import listen

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
JSON = {"Content-Type": "application/json"}
SOON = 20.0
"""Much less than a slow client may take."""
UNCLEAR: Mapping[str, bytes] = {
    "deep": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "deep and cut off": b"[" * 100_000,
    "very many members": b"{" + b",".join(b'"%d":0' % each for each in range(101_000)) + b"}",
    "a huge number": b'{"limit": ' + b"9" * 60_000 + b"}",
    "a huge fraction": b'{"limit": 1e400}',
    "no number": b'{"limit": NaN}',
    "half of a character": b'{"name": "\\ud800"}',
    "half of a character as a name": b'{"\\udc00": 1}',
    "NUL": b'{"name": "a\\u0000b"}',
    "twice": b'{"name": "a", "name": "b"}',
    "octets": b'{"name": "\xff\xfe"}',
}


# -- JSON -------------------------------------------------------------------------------------------------------


async def test_no_operation_sees_json_that_is_unclear_or_too_dear(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        description = (await server.ask("GET", "~/api/openapi.json")).json()
        reading = [
            (method.upper(), path)
            for path, methods in cast("dict[str, dict[str, dict[str, object]]]", description["paths"]).items()
            for method, operation in methods.items()
            if "application/json" in json.dumps(operation.get("requestBody", ""))
        ]
        assert len(reading) > 50
        for number, (method, path) in enumerate(reading):
            where = "~" + path.replace("{", "").replace("}", "")
            # the large ones at some, the small ones everywhere
            bodies = (
                UNCLEAR if number % 20 == 0 else {"no number": UNCLEAR["no number"], "NUL": UNCLEAR["NUL"]}
            )
            for name, body in bodies.items():
                said = await server.ask(method, where, ADMINISTRATOR, content=body, headers=JSON)
                assert (said.status_code, said.json()["code"]) == (400, "json"), (
                    name,
                    method,
                    path,
                    said.text,
                )
                assert len(said.content) < 2000, name


async def test_bodies_that_are_packed_are_not_unpacked(tmp_path: Path) -> None:
    gigabyte = gzip.compress(b"\0" * 10_000_000)
    packed = {
        "gzip": gzip.compress(b'{"name": "packed"}'),
        "GZip": gigabyte,
        "deflate": zlib.compress(b" " * 10_000_000),
        "br": b"\x0b\x02\x80{}\x03",
        "identity, gzip": gigabyte,
        "something": b"{}",
    }
    async with doors(tmp_path) as server:
        for coding, body in packed.items():
            headers = JSON | {"Content-Encoding": coding}
            for who in (ADMINISTRATOR, None):
                said = await server.ask("POST", "/organizations", who, content=body, headers=headers)
                assert (said.status_code, said.json()["code"]) == (415, "media_type"), coding
                assert said.headers["accept-encoding"] == "identity"
                assert "without Content-Encoding" in said.json()["detail"]
        page = await server.ask("POST", "~/answer/x", content=gigabyte, headers={"Content-Encoding": "gzip"})
        assert page.status_code == 415
        plain = await server.ask(
            "POST", "/session", content=b"{}", headers=JSON | {"Content-Encoding": "Identity"}
        )
        assert plain.status_code == 422


# -- on the wire ------------------------------------------------------------------------------------------------


async def test_a_request_that_breaks_off_is_nobodys(tmp_path: Path) -> None:
    """The body is whole JSON when the connection ends, and still not what was announced."""
    body = b'{"name": "halfway"}'
    async with doors(tmp_path) as server:
        async with serving(
            server.app, listen("127.0.0.1", 0)
        ) as port:  # at its end all that was begun is done
            for framing in (
                b"Content-Length: 400\r\n\r\n" + body,
                b"Transfer-Encoding: chunked\r\n\r\n" + _chunk(body),
            ):
                async with _line(port) as (reader, writer):
                    writer.write(_head(server, "POST", "/organizations") + framing)
                    writer.write_eof()
                    async with asyncio.timeout(SOON):
                        await reader.read()
        found = (await server.ask("GET", "/organizations", ADMINISTRATOR)).json()["items"]
        assert {each["name"] for each in found} == {"acme", "globex"}


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 5, 50\r\n\r\nhello",
        b"Content-Length: 0x5\r\n\r\nhello",
        b"Content-Length: 99999999999999999999999\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 100 + b"\r\nhello\r\n0\r\n\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 5\r\n X: folded\r\n\r\nhello" + b"Host : x",
        b"X\0: y\r\n\r\n",
        b"X" * 1_000_000 + b": y\r\n\r\n",
    ],
)
async def test_who_is_unclear_about_the_length_hears_no_more_than_one_refusal(
    tmp_path: Path, framing: bytes
) -> None:
    inner = b"GET /livez-smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    async with doors(tmp_path) as server, serving(server.app, listen("127.0.0.1", 0)) as port:
        async with _line(port) as (reader, writer):
            writer.write(_head(server, "POST", "/session") + framing + inner)
            writer.write_eof()
            said = b""
            async with asyncio.timeout(SOON):
                with suppress(ConnectionError):  # who says too much is cut off
                    said = await reader.read()
        assert said.count(b"HTTP/1.1 ") <= 1, said
        assert b" 200 " not in said
        assert b" 500 " not in said
        assert b"Traceback" not in said
        assert (await server.ask("GET", "/me", ADMINISTRATOR)).status_code == 200


async def test_a_length_and_chunks_together_are_read_as_chunks_and_nothing_is_left_over(
    tmp_path: Path,
) -> None:
    """A proxy that went by the length would take what stands behind the last chunk for a request of its own."""
    async with doors(tmp_path) as server, serving(server.app, listen("127.0.0.1", 0)) as port:
        async with _line(port) as (reader, writer):
            hidden = _head(server, "GET", "/me") + b"\r\n"
            writer.write(
                _head(server, "POST", "/session")
                + b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (5 + len(hidden))
                + hidden
            )
            writer.write_eof()
            async with asyncio.timeout(SOON):
                said = await reader.read()
        assert said.count(b"HTTP/1.1 ") == 1, said


async def test_chunks_without_end_end_in_a_refusal(tmp_path: Path) -> None:
    async with doors(tmp_path) as server, serving(server.app, listen("127.0.0.1", 0)) as port:
        for who, status in ((ACME, b" 413 "), (None, b" 401 ")):
            async with _line(port) as (reader, writer):
                writer.write(_head(server, "POST", "/api-keys", who) + b"Transfer-Encoding: chunked\r\n\r\n")
                answer = asyncio.create_task(reader.readline())
                sent = 0
                with suppress(ConnectionError):
                    while not answer.done() and sent < 64 * 1024 * 1024:
                        writer.write(_chunk(b" " * 60_000))
                        await writer.drain()
                        sent += 60_000
                async with asyncio.timeout(SOON):
                    assert status in await answer
                assert sent < 40 * 1024 * 1024


async def test_of_those_who_do_not_say_who_they_are_little_is_held(tmp_path: Path) -> None:
    """Hundreds of strangers announce a mebibyte each, send some, and wait."""
    async with doors(tmp_path) as server, serving(server.app, listen("127.0.0.1", 0)) as port:
        for path in ("/session", "/messages", "/bounces", "/snapshots/read"):
            async with _line(port) as (reader, writer):
                writer.write(_head(server, "POST", path, None) + b"Content-Length: 1000000\r\n\r\n")
                writer.write(b" " * (UNCOUNTED_OCTETS + 1))
                async with asyncio.timeout(SOON):
                    assert b" 401 " in await reader.readline(), path
                    assert b"connection: close" in (await reader.readuntil(b"\r\n\r\n")).lower()


async def test_what_is_left_of_a_refused_body_is_no_request(tmp_path: Path) -> None:
    async with doors(tmp_path) as server, serving(server.app, listen("127.0.0.1", 0)) as port:
        async with _line(port) as (reader, writer):
            hidden = _head(server, "GET", "/me") + b"\r\n"
            writer.write(
                _head(server, "POST", "/session")
                + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(hidden)
                + hidden
            )
            async with asyncio.timeout(SOON):
                said = await reader.read()
        assert said.startswith(b"HTTP/1.1 415 ")
        assert said.count(b"HTTP/1.1 ") == 1, said


# -- slowly -----------------------------------------------------------------------------------------------------


async def test_a_body_that_comes_slowly_is_given_up_at_a_deadline() -> None:
    async with _small(seconds=0.3) as port:
        for framing in (b"Content-Length: 1000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"):
            async with _line(port) as (reader, writer):
                writer.write(b"POST / HTTP/1.1\r\nHost: x\r\n" + framing)
                dripping = asyncio.create_task(_drip(writer, b"1\r\nx\r\n"))
                async with asyncio.timeout(SOON):
                    said = await reader.readuntil(b"\r\n\r\n")
                    with suppress(ConnectionError):  # a drop that fell behind the end is answered by a reset
                        await reader.read()
                dripping.cancel()
                assert said.startswith(b"HTTP/1.1 408 ")
                assert b"connection: close" in said.lower()


async def test_a_head_that_comes_slowly_is_given_up_at_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eilbote.api.server.HEAD_SECONDS", 0.3)
    async with _small() as port, _line(port) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n")
        dripping = asyncio.create_task(_drip(writer, b"A: b\r\n"))
        async with asyncio.timeout(SOON):
            with suppress(ConnectionError):
                await reader.read()
        dripping.cancel()


async def test_large_bodies_at_a_time_have_an_end_and_make_room_when_they_end() -> None:
    octets = 4 * UNCOUNTED_OCTETS
    async with _small(most_octets=octets) as port, AsyncExitStack() as held:
        for _ in range(4):
            _, writer = await held.enter_async_context(_line(port))
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % octets)
            writer.write(b"x" * (octets - 1))
            await writer.drain()
        async with asyncio.timeout(SOON):
            said = await _posted(port, octets)
            while said.startswith(b"HTTP/1.1 200 "):  # what was sent before has not all been read yet
                said = await _posted(port, octets)
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 5" in said.lower()
        assert (await _posted(port, 100)).startswith(b"HTTP/1.1 200 "), "small ones have room"
        await held.aclose()
        async with asyncio.timeout(SOON):
            while b" 200 " not in said:
                said = await _posted(port, octets)


async def test_one_organization_does_not_take_the_room_of_the_others() -> None:
    octets = 4 * UNCOUNTED_OCTETS

    async def whose(request: Request) -> str:
        return request.headers["x-whose"]

    async with _small(most_octets=octets, whose=whose) as port, AsyncExitStack() as held:
        said = b""
        for _ in range(2):  # half of the room
            _, writer = await held.enter_async_context(_line(port))
            writer.write(_large("acme", octets) + b"x" * (octets - 1))
            await writer.drain()
        async with asyncio.timeout(SOON):
            while not said.startswith(b"HTTP/1.1 503 "):
                said = await _posted(port, octets, "acme")
        assert (await _posted(port, octets, "globex")).startswith(b"HTTP/1.1 200 ")


# -- within -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _small(
    *,
    seconds: float = 20.0,
    most_octets: int = 1_000_000,
    whose: Callable[[Request], Awaitable[str]] | None = None,
) -> AsyncGenerator[int]:
    """Serve something small behind the limits; gives the port."""

    async def thank(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await PlainTextResponse("thank you")(scope, receive, send)

    app = RequestLimits(thank, most_octets=most_octets, seconds=seconds, check_door=whose)
    async with serving(app, listen("127.0.0.1", 0)) as port:
        yield port


@asynccontextmanager
async def _line(port: int) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _posted(port: int, octets: int, whose: str = "") -> bytes:
    async with _line(port) as (reader, writer):
        writer.write(_large(whose, octets) + b"x" * octets)
        with suppress(ConnectionError):
            return await reader.read()
    return b""


def _large(whose: str, octets: int) -> bytes:
    head = f"POST /api/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Whose: {whose}\r\n"
    return f"{head}Content-Length: {octets}\r\n\r\n".encode()


def _head(server: Doors, method: str, path: str, who: str | None = ADMINISTRATOR) -> bytes:
    key = "" if who is None else f"Authorization: Bearer {server.keys[who]}\r\n"
    kind = "" if method == "GET" else "Content-Type: application/json\r\n"
    return f"{method} /api/v1{path} HTTP/1.1\r\nHost: x\r\n{kind}{key}".encode()


def _chunk(octets: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(octets), octets)


async def _drip(writer: asyncio.StreamWriter, octets: bytes) -> None:
    with suppress(ConnectionError):
        while True:
            for octet in octets:
                writer.write(bytes((octet,)))
                await asyncio.sleep(0.02)
