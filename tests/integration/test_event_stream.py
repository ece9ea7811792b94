"""The stream of events on a real connection: it speaks at once, tells what happens, and ends when the server is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from tests.unit.api.server import house

from eilbote.api.readiness import Readiness
from eilbote.api.server import serving
from eilbote.net.listening import listen

pytestmark = pytest.mark.asyncio
MESSAGE = {"to": "a@example.org", "subject": "x", "text": "x"}
SOON = 5.0
"""Much less than the server waits for answers that go on."""
WHO = {"Authorization": "Bearer system_administrator@"}


async def said(lines: AsyncIterator[str], *, until: str) -> list[str]:
    found: list[str] = []
    async for line in lines:
        found.append(line)
        if line.startswith(until):
            break
    return found


async def test_a_stream_tells_what_happens_and_ends_with_the_server() -> None:
    async with house(connections={"default": "smtp://127.0.0.1:9?from=orders@example.org"}) as made:
        readiness = Readiness(made.eilbote.store.pauses, clock=made.clock)
        made.application.state.readiness = readiness
        async with (
            serving(made.application, listen("127.0.0.1", 0)) as port,
            httpx2.AsyncClient(timeout=20) as client,
            client.stream("GET", f"http://127.0.0.1:{port}/api/v1/events/stream", headers=WHO) as response,
        ):
            lines = response.aiter_lines()
            assert ": here" in await said(lines, until=":")
            await made.post("/messages", MESSAGE)
            assert "event: submitted" in await said(lines, until="id:")
            before = asyncio.get_running_loop().time()
            readiness.stopping.set()
            async for _ in lines:
                pass
            assert asyncio.get_running_loop().time() - before < SOON
