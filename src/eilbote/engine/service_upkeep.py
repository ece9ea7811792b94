"""Forgets what has expired beside the outbox: sessions, links that let somebody in, suppressed addresses, consents.

What is forgotten is gone, so a wall clock that has just jumped forward does not decide about it. Nothing here is urgent: whoever
looks at a session sees for himself that it has expired. When the database does not answer, the next round tries again.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from eilbote.engine.waiting import first_of
from eilbote.engine.wall_clock import WallClock
from eilbote.errors import OutboxError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from eilbote.model.clock import Clock
    from eilbote.model.moment import Moment

_FIRST_SECONDS: Final = 60.0
"""After everything has begun: who begins has more urgent things to do."""
_BETWEEN_SECONDS: Final = 3600.0


class ServiceUpkeep:
    """Where the one is engaged who forgets what has expired.

    Args:
        prunes: What forgets of each kind what has expired by a moment.
        clock: Tells the time.
        sleep: Waits for seconds.
    """

    def __init__(
        self,
        prunes: Sequence[Callable[[Moment], Awaitable[object]]],
        *,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._prunes = prunes
        self._clock = clock
        self._sleep = sleep

    @asynccontextmanager
    async def engaged(self) -> AsyncGenerator[Rounds, None]:
        """Have somebody for it while the block lasts."""
        yield Rounds(self._prune, WallClock(self._clock), self._sleep)

    async def _prune(self, time: WallClock) -> None:
        time.notice(time.step())  # nothing here waits for a time that would have to be moved with the clock
        now = time.certain_now()
        for prune in self._prunes:
            await prune(now)


class Rounds:
    """Goes its rounds until it is told to stop.

    Args:
        prune: Forgets what has expired.
        time: Tells what is certain to be too old.
        sleep: Waits for seconds.
    """

    def __init__(
        self,
        prune: Callable[[WallClock], Awaitable[None]],
        time: WallClock,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._prune = prune
        self._time = time
        self._sleep = sleep
        self._stopped = asyncio.Event()

    async def run(self, *, once: bool = False) -> Sequence[str]:
        """Go on until :meth:`stop`; if it is ``once``, leave it to somebody who stays. Gives nothing that was taken up."""
        pause = _FIRST_SECONDS
        while not once:
            await first_of(self._sleep(pause), self._stopped.wait())
            if self._stopped.is_set():
                break
            with suppress(OutboxError):  # whoever sends has told that the outbox is out of reach
                await self._prune(self._time)
            pause = _BETWEEN_SECONDS
        return ()

    def stop(self) -> None:
        """Come to an end."""
        self._stopped.set()
