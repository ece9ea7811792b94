"""Everybody who works for an outbox in one process: a courier, workers for flows and processes, and one who tells people."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol

from eilbote.engine.waiting import first_of
from eilbote.model.moment import moment_of
from eilbote.record.notice import Notice, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from eilbote.engine.courier import Courier
    from eilbote.engine.notify_desk import NotifyDesk
    from eilbote.model.clock import Clock
    from eilbote.record.report import Report

_PAUSE_SECONDS: Final = 5.0
"""After a fault nobody has foreseen."""


class Hand(Protocol):
    """Somebody who works beside the courier: a :class:`~eilbote.engine.worker.Worker`."""

    async def run(self, *, once: bool = False) -> Sequence[str]:
        """Work until told to stop; gives what was taken up, if it is ``once``."""
        ...

    def stop(self) -> None:
        """Come to an end."""
        ...


class Desk(Protocol):
    """Where workers are engaged: the desk of flows, and that of processes."""

    def engaged(self) -> AbstractAsyncContextManager[Hand]:
        """Have a worker for everything while the block lasts."""
        ...


class Everybody:
    """Works until it is told to stop, or until nothing is due.

    Mail goes on whatever happens to the others; a worker that ends by a fault nobody has foreseen is replaced.

    Args:
        courier: Delivers.
        desks: Where those are engaged who work flows and processes.
        notify: Tells people.
        report: Hears when one of them has to begin anew.
        clock: Tells the time.
        sleep: Waits for seconds.
    """

    def __init__(
        self,
        courier: Courier,
        desks: Sequence[Desk],
        notify: NotifyDesk,
        *,
        report: Report,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._courier = courier
        self._desks = desks
        self._notify = notify
        self._report = report
        self._clock = clock
        self._sleep = sleep
        self._hands: list[Hand] = []
        self._stopped = asyncio.Event()
        self._ended = asyncio.Event()

    @property
    def unserved(self) -> Mapping[str, str]:
        """See :attr:`Courier.unserved <eilbote.engine.courier.Courier.unserved>`."""
        return self._courier.unserved

    def open_sessions(self) -> Mapping[str, int]:
        """Tell how many sessions with servers are open, by connection."""
        return self._courier.open_sessions()

    def nudge(self) -> None:
        """Say that there is something new in the outbox."""
        self._courier.nudge()

    def stop(self) -> None:
        """Finish what is under way and end; called a second time: end now."""
        self._stopped.set()
        self._courier.stop()
        for hand in self._hands:
            hand.stop()

    async def run(self, *, once: bool = False) -> None:
        """Work until :meth:`stop`.

        Args:
            once: End as soon as nothing is due; what waits for a message that a server refuses for now is left.
        """
        try:
            await (self._until_nothing_is_due() if once else self._until_stopped())
        finally:
            self._ended.set()

    async def ended(self) -> None:
        """Wait until nobody works any more, whether somebody wanted that or not."""
        await self._ended.wait()

    async def _until_nothing_is_due(self) -> None:
        has_delivered = False
        while not self._stopped.is_set():
            worked = [each for desk in self._desks for each in await self._work(desk, once=True)]
            told = await self._notify.tell_due()
            if has_delivered and not worked and not told:
                return
            await self._courier.run(once=True)
            has_delivered = True

    async def _until_stopped(self) -> None:
        async with self._notify.working():
            loop = asyncio.get_running_loop()
            beside = [loop.create_task(self._work_again_and_again(desk)) for desk in self._desks]
            try:
                await self._courier.run()
            except BaseException:
                for each in beside:
                    each.cancel()
                raise
            finally:
                if not self._stopped.is_set():
                    self.stop()
                await asyncio.gather(*beside, return_exceptions=True)

    async def _work(self, desk: Desk, *, once: bool = False) -> Sequence[str]:
        async with desk.engaged() as hand:
            self._hands.append(hand)
            if self._stopped.is_set():
                hand.stop()
            try:
                return await hand.run(once=once)
            finally:
                self._hands.remove(hand)

    async def _work_again_and_again(self, desk: Desk) -> None:
        while not self._stopped.is_set():
            try:
                await self._work(desk)
            except Exception as fault:  # noqa: BLE001 - mail goes on whatever happens to the others
                self._report.noticed(
                    Notice(
                        kind=NoticeKind.UNFORESEEN,
                        at=moment_of(self._clock.now()),
                        text=f"an unforeseen {type(fault).__name__} beside the courier: {fault}. It begins anew; please report this",
                    )
                )
                await first_of(self._sleep(_PAUSE_SECONDS), self._stopped.wait())
