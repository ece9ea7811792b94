"""Sleep that ends when a test turns the clock, for code that takes its way of sleeping from outside."""

import asyncio
import heapq
from collections.abc import Coroutine
from itertools import count

from eilbote.testing import ManualClock

_STEPS = 40


class HandTurned:
    """A clock with its sleepers."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been turned that far."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.clock.monotonic() + seconds, next(self._order), waiter))
        await waiter

    def task(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Begin something that goes on while the clock is turned."""
        return asyncio.get_running_loop().create_task(work)

    async def turn(self, seconds: float) -> None:
        """Turn the clock, waking whoever sleeps on the way at his own time."""
        await self.settle()
        end = self.clock.monotonic() + seconds
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, waiter = heapq.heappop(self._sleepers)
            self.clock.advance(max(0.0, at - self.clock.monotonic()))
            if not waiter.done():
                waiter.set_result(None)
            await self.settle()
        self.clock.advance(max(0.0, end - self.clock.monotonic()))
        await self.settle()

    async def settle(self) -> None:
        """Let everything that can run without more time do so."""
        ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # noqa: SLF001 - who else could tell?
        for _ in range(_STEPS):
            await asyncio.sleep(0)
            if not ready:  # nobody but this task had anything to do
                return
