"""What has to be looked after where processes are worked: instances whose flows have ended, and those that ended long ago."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.model.moment import later

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from eilbote.author.process.store import ProcessStore
    from eilbote.engine.process.runs_awaited import RunsAwaited
    from eilbote.engine.wall_clock import WallClock

_HOUSEKEEPING_SECONDS: Final = 3600.0
_AT_ONCE: Final = 500
_BATCHES: Final = 20


class ProcessUpkeep:
    """Looks after processes; whoever works them asks it again and again, and it knows when something is to be done.

    Args:
        store: Where instances are kept.
        runs: The runs of flows that instances wait for.
        close_orphans: Closes questions of tasks that are gone.
        time: Tells what is certain to be too old.
        monotonic: Tells seconds that never run backwards.
        retention_seconds: How long instances are kept that have ended.
    """

    def __init__(
        self,
        store: ProcessStore,
        *,
        runs: RunsAwaited,
        close_orphans: Callable[[], Awaitable[object]],
        time: WallClock,
        monotonic: Callable[[], float],
        retention_seconds: float,
    ) -> None:
        self._store = store
        self._runs = runs
        self._close_orphans = close_orphans
        self._time = time
        self._monotonic = monotonic
        self._retention_seconds = retention_seconds
        self._next = monotonic() + _HOUSEKEEPING_SECONDS / 60

    async def __call__(self) -> None:
        """Do what is due.

        Raises:
            OutboxError: The database does not answer.
        """
        self._time.certain_now()  # it is watched even while nothing is old
        if ended := self._runs.take():
            await self._store.wake_instances(ended, now=self._time.now())
        now = self._monotonic()
        if now >= self._next:
            self._next = now + _HOUSEKEEPING_SECONDS
            await self._close_orphans()
            await self.prune()

    async def prune(self) -> int:
        """Forget instances whose time is over, some thousands at most; gives how many.

        Raises:
            OutboxError: The database does not answer.
        """
        before = later(self._time.certain_now(), -self._retention_seconds)
        count = 0
        for _ in range(_BATCHES):
            pruned = await self._store.prune(ended_before=before, limit=_AT_ONCE)
            count += pruned
            if pruned < _AT_ONCE:
                break
        return count
