"""Many that wait, few that go: what is asked for at the same time is done together.

A call that finds nobody on the way goes at once. What comes while others are on the way gathers and goes with the next;
so a lonely submitter waits for nobody, and hundreds share one transaction.

A payload that cannot be done does not fail its neighbours: when they fail together for what is in one of them, each is
done by itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

from eilbote.errors import OutboxUnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

P = TypeVar("P")
R = TypeVar("R")


class Gathering(Generic[P, R]):
    """Does for many at once what each of them asked for.

    Args:
        work: Gives one result for each payload; all or nothing.
        groups: How many groups may be on the way at once.
        size: How many items a group has at most, if it has more than one payload.
        weigh: Tells how many items a payload has.
    """

    def __init__(
        self,
        work: Callable[[list[P]], Awaitable[Sequence[R]]],
        *,
        groups: int,
        size: int,
        weigh: Callable[[P], int],
    ) -> None:
        self._work = work
        self._free = groups
        self._size = size
        self._weigh = weigh
        self._waiting: deque[tuple[P, asyncio.Future[R]]] = deque()
        self._on_the_way: set[asyncio.Task[None]] = set()

    async def do(self, payload: P) -> R:
        """Have something done.

        A caller that is cancelled meanwhile does not learn whether it was done.
        """
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((payload, future))
        if self._free:
            self._free -= 1
            task = asyncio.create_task(self._go())
            self._on_the_way.add(task)
            task.add_done_callback(self._on_the_way.discard)
        return await future

    async def finish(self) -> None:
        """Wait until everything that was asked for has its answer."""
        while self._on_the_way:
            ending = tuple(self._on_the_way)
            await asyncio.gather(*ending)
            # Not left to their callbacks: since Python 3.12, waiting for tasks that have ended gives no callback a turn.
            self._on_the_way.difference_update(ending)

    async def _go(self) -> None:
        group: list[tuple[P, asyncio.Future[R]]] = []
        try:
            while group := self._next_group():
                await self._do(group)
        except BaseException as error:
            _answer_all(group, error)
            raise
        finally:
            self._free += 1  # at once: whoever comes after the last look for work must find nobody on the way

    def _next_group(self) -> list[tuple[P, asyncio.Future[R]]]:
        group: list[tuple[P, asyncio.Future[R]]] = []
        room = self._size
        while self._waiting:
            payload, future = self._waiting[0]
            room -= self._weigh(payload)
            if group and room < 0:
                break
            self._waiting.popleft()
            if not future.cancelled():
                group.append((payload, future))
        return group

    async def _do(self, group: list[tuple[P, asyncio.Future[R]]]) -> None:
        try:
            results = await self._work([payload for payload, _ in group])
        except OutboxUnavailableError as error:
            _answer_all(group, error)  # alone they would fare no better
        except Exception as error:  # noqa: BLE001 - whatever it was, those who wait must hear of it
            if len(group) == 1:
                _answer_all(group, error)
                return
            for one in group:
                await self._do([one])
        else:
            for (_, future), result in zip(group, results, strict=True):
                if not future.done():
                    future.set_result(result)


def _answer_all(group: Sequence[tuple[P, asyncio.Future[R]]], error: BaseException) -> None:
    for _, future in group:
        if future.done():
            continue
        if isinstance(error, asyncio.CancelledError):
            future.cancel()
        else:
            future.set_exception(error)
