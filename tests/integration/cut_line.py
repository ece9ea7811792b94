"""A line to a server without TLS that is cut after a number of octets, as lines are at the worst moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.integration.lab.endpoint import Endpoint
from tests.integration.lab.tap import Speaker

_READ = 1 << 16


@asynccontextmanager
async def cut_line(server: Endpoint, speaker: Speaker, octets: int) -> AsyncIterator[Endpoint]:
    """Listen in front of a server; the first connection is cut after so many octets of one side, the others are not.

    Octets up to there arrive. What the other side said by then arrives or not, as on a real line.
    """
    left: dict[Speaker, float] = {Speaker.CLIENT: float("inf"), Speaker.SERVER: float("inf"), speaker: octets}
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        remaining = dict(left)
        left.update(dict.fromkeys(left, float("inf")))  # the next connection holds
        far_reader, far_writer = await asyncio.open_connection(server.host, server.port)
        ways = [
            asyncio.create_task(_pass_on(reader, far_writer, remaining[Speaker.CLIENT])),
            asyncio.create_task(_pass_on(far_reader, writer, remaining[Speaker.SERVER])),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in (writer, far_writer):
            with suppress(OSError):
                await end.drain()
            end.close()
            with suppress(OSError):
                await end.wait_closed()

    listener = await asyncio.start_server(serve, server.host, 0)
    try:
        yield Endpoint(port=listener.sockets[0].getsockname()[1])
    finally:
        listener.close()
        await asyncio.gather(*tasks, return_exceptions=True)
        await listener.wait_closed()


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, left: float) -> None:
    with suppress(OSError):
        while left > 0 and (octets := await source.read(_READ)):
            target.write(octets[: int(left)] if left < len(octets) else octets)
            left -= len(octets)
            await target.drain()
