"""Everybody who works for an outbox in one process: a courier, a worker for flows, and one who tells people."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from eilbote.engine.waiting import first_of
from eilbote.model.moment import moment_of
from eilbote.record.notice import Notice, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from eilbote.engine.courier import Courier
    from eilbote.engine.flow_desk import FlowDesk
    from eilbote.engine.flow_worker import FlowWorker
    from eilbote.engine.notify_desk import NotifyDesk
    from eilbote.model.clock import Clock
    from eilbote.record.report import Report

_PAUSE_SECONDS: Final = 5.0
"""After a fault nobody has foreseen."""


class Everybody:
    """Works until it is told to stop, or until nothing is due.

    Mail goes on whatever happens to the others; a worker that ends by a fault nobody has foreseen is replaced.

    Args:
        courier: Delivers.
        flows: Works runs of flows.
        notify: Tells people.
        report: Hears when one of them has to begin anew.
        clock: Tells the time.
        sleep: Waits for seconds.
    """

    def __init__(
        self,
        courier: Courier,
        flows: FlowDesk,
        notify: NotifyDesk,
        *,
        report: Report,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._courier = courier
        self._flows = flows
        self._notify = notify
        self._report = report
        self._clock = clock
        self._sleep = sleep
        self._worker: FlowWorker | None = None
        self._stopped = asyncio.Event()

    @property
    def unserved(self) -> Mapping[str, str]:
        """See :attr:`Courier.unserved <eilbote.engine.courier.Courier.unserved>`."""
        return self._courier.unserved

    def nudge(self) -> None:
        """Say that there is something new in the outbox."""
        self._courier.nudge()

    def stop(self) -> None:
        """Finish what is under way and end; called a second time: end now."""
        self._stopped.set()
        self._courier.stop()
        if self._worker is not None:
            self._worker.stop()

    async def run(self, *, once: bool = False) -> None:
        """Work until :meth:`stop`.

        Args:
            once: End as soon as nothing is due; a run that waits for a message which a server refuses for now is left.
        """
        await (self._until_nothing_is_due() if once else self._until_stopped())

    async def _until_nothing_is_due(self) -> None:
        has_delivered = False
        while not self._stopped.is_set():
            async with self._flows.engaged() as worker:
                self._worker = worker
                worked = await worker.run(once=True)
                self._worker = None
            told = await self._notify.tell_due()
            if has_delivered and not worked and not told:
                return
            await self._courier.run(once=True)
            has_delivered = True

    async def _until_stopped(self) -> None:
        async with self._notify.working():
            flows = asyncio.get_running_loop().create_task(self._work_flows_again_and_again())
            try:
                await self._courier.run()
            except BaseException:
                flows.cancel()
                raise
            finally:
                if not self._stopped.is_set():
                    self.stop()
                await asyncio.gather(flows, return_exceptions=True)

    async def _work_flows(self) -> None:
        async with self._flows.engaged() as worker:
            self._worker = worker
            if self._stopped.is_set():
                worker.stop()
            try:
                await worker.run()
            finally:
                self._worker = None

    async def _work_flows_again_and_again(self) -> None:
        while not self._stopped.is_set():
            try:
                await self._work_flows()
            except Exception as fault:  # noqa: BLE001 - mail goes on whatever happens to flows
                self._report.noticed(
                    Notice(
                        kind=NoticeKind.UNFORESEEN,
                        at=moment_of(self._clock.now()),
                        text=f"an unforeseen {type(fault).__name__} beside the courier: {fault}. It begins anew; please report this",
                    )
                )
                await first_of(self._sleep(_PAUSE_SECONDS), self._stopped.wait())
