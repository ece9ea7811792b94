"""Connect to the first of several addresses that answers (RFC 8305 §5).

A second attempt starts when the first has failed, or has said nothing for a quarter of a second, so a dead
IPv6 route costs 250 ms and not a minute. The winner is kept, all others are closed.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.net.resolve import Endpoint

ATTEMPT_DELAY_SECONDS = 0.25
"""RFC 8305 §5 recommends this value."""


async def connect_first(
    endpoints: Sequence[Endpoint],
    *,
    local_address: str | None = None,
    delay: float = ATTEMPT_DELAY_SECONDS,
) -> socket.socket:
    """Give a connected, non-blocking socket.

    Raises:
        OSError: Every attempt failed; the first failure, which concerns the preferred address.
    """
    if not endpoints:
        raise socket.gaierror(socket.EAI_NONAME, "the name has no address")
    if len(endpoints) == 1:
        return await _connect(endpoints[0], local_address)
    running: dict[asyncio.Task[socket.socket], int] = {}
    failures: dict[int, OSError] = {}
    waiting = list(enumerate(endpoints))
    try:
        while running or waiting:
            if waiting:
                place, endpoint = waiting.pop(0)
                running[asyncio.create_task(_connect(endpoint, local_address))] = place
            done, _pending = await asyncio.wait(
                running, timeout=delay if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                if task.exception() is None:
                    del running[task]
                    return task.result()
                failures[running.pop(task)] = _os_error(task)
        raise failures[min(failures)]
    finally:
        await _discard(running)


def _os_error(task: asyncio.Task[socket.socket]) -> OSError:
    error = task.exception()
    if isinstance(error, OSError):
        return error
    raise error or AssertionError("a failed attempt has an exception")


async def _discard(running: dict[asyncio.Task[socket.socket], int]) -> None:
    """Cancel the losers; one that has connected in the meantime is closed, not leaked."""
    for task in running:
        task.cancel()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(outcome, socket.socket):
            outcome.close()


async def _connect(endpoint: Endpoint, local_address: str | None) -> socket.socket:
    attempt = socket.socket(endpoint.family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        attempt.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        if local_address is not None:
            attempt.bind((local_address, 0))
        await asyncio.get_running_loop().sock_connect(attempt, endpoint.sockaddr)
    except BaseException:
        attempt.close()
        raise
    return attempt
