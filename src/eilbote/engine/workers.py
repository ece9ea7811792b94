"""The workers of this process for one kind of work, and those who stay with one piece of it until it has ended or waits."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from eilbote.engine.waiting import first_of
from eilbote.engine.work import Kept
from eilbote.engine.worker import Worker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from eilbote.model.ids import EntryId

_LOOK_SECONDS: Final = 0.25
"""How often something is looked at that another process may be working on."""

K = TypeVar("K", bound=Kept)


class Workers(Generic[K]):
    """Workers, and what they tell.

    Args:
        worker: Makes a worker, for everything when it is given ``None``; it is told what to call with each id it lets go of.
        find: Gives what is kept under an id, or raises.
        is_stayed_with: Tells whether something may happen to it within some seconds.
        monotonic: Tells seconds that never run backwards.
        sleep: Waits for seconds; tests hand in their own.
    """

    def __init__(
        self,
        worker: Callable[[Sequence[str] | None, Callable[[str], None]], Worker[K]],
        *,
        find: Callable[[str], Awaitable[K]],
        is_stayed_with: Callable[[K, float | None], bool],
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._make_worker = worker
        self._find = find
        self._is_stayed_with = is_stayed_with
        self._monotonic = monotonic
        self._sleep = sleep
        self._workers: list[Worker[K]] = []
        self._works_all = 0
        self._followed: dict[str, set[asyncio.Event]] = {}

    def nudge(self) -> None:
        """Tell the workers that there is something new."""
        for worker in self._workers:
            worker.nudge()

    def hear(self, entries: Sequence[EntryId]) -> None:
        """Tell the workers which messages were settled."""
        for worker in self._workers:
            worker.hear(entries)

    @asynccontextmanager
    async def engaged(self) -> AsyncGenerator[Worker[K]]:
        """Have a worker for everything while the block lasts; whoever engages it runs it."""
        async with self._registered(None) as worker:
            self._works_all += 1
            try:
                yield worker
            finally:
                self._works_all -= 1

    async def follow(self, name: str, wait_seconds: float | None) -> K:
        """Work one here, if nobody else does, until it has ended or waits for something that may take long.

        Args:
            name: Its id.
            wait_seconds: How long to stay with it at most, waits of its own included; without it, until it waits.
        """
        until = None if wait_seconds is None else self._monotonic() + wait_seconds
        let_go = asyncio.Event()
        self._followed.setdefault(name, set()).add(let_go)
        try:
            while True:
                kept = await self._worked_by_all(name, until, let_go)
                if kept is not None:
                    return kept
                async with self._registered((name,)) as worker:
                    working = asyncio.get_running_loop().create_task(worker.run())
                    try:
                        kept = await self._stay(name, until, let_go, working)
                    finally:
                        worker.stop()
                        await working
                if kept is not None:
                    return kept
        finally:
            self._followed[name].discard(let_go)
            if not self._followed[name]:
                del self._followed[name]

    # -- within --------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _registered(self, only: Sequence[str] | None) -> AsyncGenerator[Worker[K]]:
        worker = self._make_worker(only, self._let_go)
        self._workers.append(worker)
        try:
            yield worker
        finally:
            self._workers.remove(worker)

    async def _worked_by_all(self, name: str, until: float | None, let_go: asyncio.Event) -> K | None:
        """Stay with one that the worker of all works; ``None`` when nobody is engaged for that any more."""
        while self._works_all:
            kept = await self._look(name, until, let_go)
            if kept is not None:
                return kept
            await first_of(self._sleep(_LOOK_SECONDS), let_go.wait())
        return None

    async def _stay(
        self, name: str, until: float | None, let_go: asyncio.Event, working: asyncio.Task[object]
    ) -> K | None:
        """Stay with one that a worker of its own works; ``None`` when that has ended."""
        while not working.done():
            kept = await self._look(name, until, let_go)
            if kept is not None:
                return kept
            await first_of(self._sleep(_LOOK_SECONDS), let_go.wait(), working)
        return None

    async def _look(self, name: str, until: float | None, let_go: asyncio.Event) -> K | None:
        """Give one that is not stayed with any longer."""
        let_go.clear()
        kept = await self._find(name)
        left = None if until is None else until - self._monotonic()
        return kept if (left is not None and left <= 0) or not self._is_stayed_with(kept, left) else None

    def _let_go(self, name: str) -> None:
        for event in self._followed.get(name, ()):
            event.set()
