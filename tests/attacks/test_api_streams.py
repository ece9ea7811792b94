"""Somebody opens answers that last, and keeps them: all seats of those who listen to events, without reading, or longer than they are let in.

One key does not take the seats of its organization, one organization not those of the others; whoever does not read is cut off, for the server would
wait for it without end; and a stream ends when the key, the session or the role that began it is not good any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx2
import pytest
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from tests.attacks.api_doors import ACME, ADMINISTRATOR, GLOBEX, Doors, doors
from tests.unit.engine.accounts.account_scene import PASSWORD, ROOT

from eilbote.accounts.api_key import ApiKey
from eilbote.accounts.role import Role
from eilbote.api.server import serving
from eilbote.engine.events_feed import EventsFeed
from eilbote.net.listening import listen

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
STREAM = "/api/v1/events/stream"
SOON = 20.0


class House:
    """The server on a port, with few seats."""

    def __init__(self, server: Doors, port: int) -> None:
        self.server = server
        self.url = f"http://127.0.0.1:{port}"

    @asynccontextmanager
    async def stream(
        self, who: str = "", *, cookies: dict[str, str] | None = None
    ) -> AsyncGenerator[httpx2.Response]:
        key = {"Authorization": f"Bearer {self.server.keys[who]}"} if who else {}
        async with (
            httpx2.AsyncClient(trust_env=False, timeout=SOON, cookies=cookies) as client,
            client.stream("GET", self.url + STREAM, headers=key) as response,
        ):
            yield response


@asynccontextmanager
async def house(directory: Path) -> AsyncGenerator[House]:
    async with doors(directory) as server:
        store = server.eilbote.store
        server.eilbote.services.events_feed = EventsFeed(
            lambda: store, look_seconds=0.01, most_listeners=5, most_of_organization=4, most_of_one=2
        )
        async with serving(server.app, listen("127.0.0.1", 0)) as port:
            yield House(server, port)
            server.eilbote.events_feed.close()


async def seated(response: httpx2.Response) -> AsyncIterator[str]:
    """Read until it speaks."""
    assert response.status_code == 200
    lines = response.aiter_lines()
    async for line in lines:
        if line.startswith(":"):
            break
    return lines


# -- all the seats ----------------------------------------------------------------------------------------------


async def test_nobody_takes_the_seats_of_the_others(tmp_path: Path) -> None:
    async with house(tmp_path) as made, AsyncExitStack() as held:
        listening: list[AsyncIterator[str]] = []

        async def asked(who: str) -> int:
            response = await held.enter_async_context(made.stream(who))
            if response.status_code == 200:
                listening.append(await seated(response))
            else:
                assert response.headers["retry-after"] == "10"
                assert "Come back later" in (await response.aread()).decode()
            return response.status_code

        one, two, three = ACME, "viewer@acme", "author@acme"
        assert [await asked(one) for _ in range(3)] == [200, 200, 429], "of one key"
        assert [await asked(two) for _ in range(2)] == [200, 200]
        assert await asked(three) == 429, "of an organization"
        assert await asked(GLOBEX) == 200, "another organization"
        assert await asked(ADMINISTRATOR) == 429, "in all"
        # lists go on
        assert (await made.server.ask("GET", "/events", three)).status_code == 200


async def test_a_seat_is_free_when_its_stream_has_ended(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        feed = made.server.eilbote.events_feed
        for _ in range(5):
            async with made.stream(ACME) as first, made.stream(ACME) as second:
                listening = [await seated(first), await seated(second)]
                assert (feed.seats, len(listening)) == (2, 2)
            await _until(lambda: feed.seats == 0)
        # those who are refused, or ask for nothing that is there, keep none
        async with made.stream() as response:
            assert response.status_code == 401
        said = await made.server.ask("GET", "/events/stream", ACME, headers={"Last-Event-ID": "x"})
        assert said.status_code == 422
        assert feed.seats == 0


# -- longer than let in -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["revoked", "switched off", "expired session", "less permission"])
async def test_a_stream_does_not_outlive_what_it_was_opened_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr("eilbote.api.streaming.CHECK_SECONDS", 0.05)
    async with house(tmp_path) as made:
        accounts = made.server.eilbote.accounts
        cookies: dict[str, str] = {}
        if what == "expired session":
            await made.server.person("anna@acme.example", role=Role.VIEWER, organization="acme")
            browser = made.server.browser()
            said = await browser.post(
                "/api/v1/session", json={"address": "anna@acme.example", "password": PASSWORD}
            )
            assert said.status_code == 201, said.text
            cookies = dict(browser.cookies)
        async with made.stream("" if cookies else "viewer@acme", cookies=cookies) as response:
            lines = await seated(response)
            if what == "revoked":
                await accounts.keys.revoke(await _key(made, "viewer@acme"))
            elif what == "switched off":
                await accounts.organizations.change("acme", is_enabled=False)
            elif what == "less permission":
                key = await _key(made, "viewer@acme")
                await accounts.keys.change(key, permissions=frozenset(), by=ROOT)
            else:
                signed = await browser.get("/api/v1/session")
                csrf = {"X-CSRF-Token": signed.json()["csrf"]}
                assert (await browser.delete("/api/v1/session", headers=csrf)).status_code == 204
            async with asyncio.timeout(SOON):
                async for line in lines:
                    assert not line.startswith("data:"), line
        async with made.stream("" if cookies else "viewer@acme", cookies=cookies) as again:
            assert again.status_code in {401, 403}


# -- without reading --------------------------------------------------------------------------------------------


async def test_whoever_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eilbote.api.server.READ_SECONDS", 0.2)
    async with _flood() as (port, over):
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            async with asyncio.timeout(SOON):
                await over.wait()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def test_whoever_reads_slowly_but_reads_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eilbote.api.server.READ_SECONDS", 0.5)
    async with _flood(octets=24_000_000) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        read = 0
        async with asyncio.timeout(2 * SOON):
            while octets := await reader.read(200_000):
                read += len(octets)
                await asyncio.sleep(0.005)
        assert read >= 24_000_000
        writer.close()
        await writer.wait_closed()


# -- within -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _flood(octets: int = 2**60) -> AsyncGenerator[tuple[int, asyncio.Event]]:
    """Serve an answer of so many octets; gives the port, and what is set when it has ended."""
    over = asyncio.Event()

    async def pieces() -> AsyncGenerator[bytes]:
        sent = 0
        while sent < octets:
            await asyncio.sleep(0)  # as all do that read what they give from somewhere
            yield b"x" * 60_000
            sent += 60_000

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await StreamingResponse(pieces())(scope, receive, send)
        finally:
            over.set()

    async with serving(answer, listen("127.0.0.1", 0)) as port:
        yield port, over


async def _key(made: House, who: str) -> ApiKey:
    id_ = made.server.keys[who].removeprefix("eb_live_").partition("_")[0]
    return await made.server.eilbote.accounts.keys.get(id_)


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not is_so():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
