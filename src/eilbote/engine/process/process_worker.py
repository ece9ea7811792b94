"""Works the instances of processes: what :mod:`eilbote.engine.worker` has to know of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.kept import InstanceFilter, WaitKind
from eilbote.engine.mail_watch import MailWatch
from eilbote.engine.process.instance_keeper import InstanceKeeper
from eilbote.engine.process.process_mail import is_decided
from eilbote.engine.process.process_starts import ProcessStarts
from eilbote.engine.process.run_process import RunProcess
from eilbote.engine.wall_clock import WallClock
from eilbote.engine.worker import Worker
from eilbote.record.notice import NoticeKind
from eilbote.record.step import StepKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eilbote.author.process.kept import KeptInstance
    from eilbote.author.process.store import ProcessStore
    from eilbote.engine.process.process_deeds import Deeds
    from eilbote.engine.process.tasks import TaskTeller
    from eilbote.engine.worker import WorkerOptions
    from eilbote.model.clock import Clock
    from eilbote.model.ids import EntryId, IdSource
    from eilbote.model.moment import Moment
    from eilbote.outbox.store import OutboxStore
    from eilbote.record.report import Report

_SWEPT_AT_ONCE: Final = 1000


class ProcessWorker(Worker["KeptInstance"]):
    """Works instances.

    Args:
        store: Where they are kept.
        outbox: Where their messages are.
        deeds: Does what they want.
        people: Tells people of their tasks.
        clock: Tells the time.
        ids: Makes the worker's name.
        report: Hears what happens.
        options: How it works.
        only: The instances it works; all when ``None``.
        let_go: Is told the id of each instance that it has let go of.
        upkeep: What is to be looked after now and then; it knows itself when.
        sleep: Waits for seconds; tests hand in their own.
    """

    def __init__(
        self,
        *,
        store: ProcessStore,
        outbox: Callable[[], OutboxStore],
        deeds: Deeds,
        people: TaskTeller,
        clock: Clock,
        ids: IdSource,
        report: Report,
        options: WorkerOptions | None = None,
        only: Sequence[str] | None = None,
        let_go: Callable[[str], None] = lambda _: None,
        upkeep: Callable[[], Awaitable[None]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        time = WallClock(clock)
        keeper = InstanceKeeper(
            store,
            deeds,
            people=people,
            time=time,
            report=report,
            monotonic=clock.monotonic,
            is_stopping=lambda: self.is_stopping,
        )
        super().__init__(
            _Instances(
                keeper,
                MailWatch(store, outbox, now=time.now, is_over=is_decided),
                ProcessStarts(store, time=time, report=report, nudge=self.nudge),
            ),
            time=time,
            clock=clock,
            name=ids.token(),
            report=report,
            options=options,
            only=only,
            let_go=let_go,
            upkeep=upkeep,
            sleep=sleep,
        )


class _Instances:
    """Instances of processes, as a worker takes them."""

    name = "processes"
    lease_lost = NoticeKind.INSTANCE_LEASE_LOST
    step = StepKind.PROCESS

    def __init__(self, keeper: InstanceKeeper, watch: MailWatch, starts: ProcessStarts) -> None:
        self._store = keeper.store
        self.tell = keeper.tell
        self.next_due = keeper.store.next_due
        self.prolong = keeper.store.prolong
        self.work = RunProcess(keeper).work
        self.look = watch.look
        self.look_at = watch.look_at
        self.begin_due = starts.begin_due

    async def awaited_by(self, only: Sequence[str]) -> Sequence[EntryId]:
        """Give the messages that these instances wait for."""
        found = [await self._store.instance(each) for each in only]
        return [entry for kept in found if kept is not None for entry in self.awaits(kept)]

    async def claim(
        self, worker: str, *, limit: int, now: Moment, until: Moment, only: Sequence[str] | None
    ) -> Sequence[KeptInstance]:
        """Take instances that are due; of those that are named only these, and those that were held back."""
        if only is None:
            return await self._store.claim(worker, limit=limit, now=now, until=until)
        due = [each for each in only if await self._is_due(each, now)]
        return await self._store.claim(worker, limit=limit, now=now, until=until, only=due) if due else ()

    async def overdue(self, now: Moment) -> Sequence[str]:
        """Give instances that were due by this time."""
        running = InstanceFilter(status=InstanceStatus.RUNNING)
        found = await self._store.instances(running, limit=_SWEPT_AT_ONCE)
        return [each.id for each in found if each.due is not None and each.due <= now]

    def awaits(self, kept: KeptInstance) -> Sequence[EntryId]:
        """Give the messages that an instance waits for."""
        return [wait.entry for wait in kept.waits if wait.kind is WaitKind.MAIL and wait.entry is not None]

    async def _is_due(self, instance_id: str, now: Moment) -> bool:
        kept = await self._store.instance(instance_id)
        return kept is not None and (kept.held_back or (kept.due is not None and kept.due <= now))
