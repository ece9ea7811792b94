"""Works the runs of flows: what :mod:`eilbote.engine.worker` has to know of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.store import Awaits, RunFilter
from eilbote.engine.flow_watch import FlowWatch
from eilbote.engine.run_flow import RunFlow
from eilbote.engine.wall_clock import WallClock
from eilbote.engine.worker import Worker
from eilbote.record.notice import NoticeKind
from eilbote.record.step import StepKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eilbote.author.flow.store import FlowStore, KeptRun
    from eilbote.engine.flow_effects import Effects
    from eilbote.engine.worker import WorkerOptions
    from eilbote.model.clock import Clock
    from eilbote.model.ids import EntryId, IdSource
    from eilbote.model.moment import Moment
    from eilbote.outbox.store import OutboxStore
    from eilbote.record.report import Report
    from eilbote.template.branding import Branding

_SWEPT_AT_ONCE: Final = 1000


class FlowWorker(Worker["KeptRun"]):
    """Works runs.

    Args:
        store: Where they are kept.
        outbox: Where their messages are.
        effects: Performs what they ask for.
        clock: Tells the time.
        ids: Makes the worker's name.
        report: Hears what happens.
        options: How it works.
        only: The runs it works; all when ``None``.
        let_go: Is told the id of each run that it has let go of.
        branding: Gives how an organization's notifications look.
        upkeep: What is to be looked after now and then; it knows itself when.
        sleep: Waits for seconds; tests hand in their own.
    """

    def __init__(
        self,
        *,
        store: FlowStore,
        outbox: Callable[[], OutboxStore],
        effects: Effects,
        clock: Clock,
        ids: IdSource,
        report: Report,
        options: WorkerOptions | None = None,
        only: Sequence[str] | None = None,
        let_go: Callable[[str], None] = lambda _: None,
        branding: Callable[[str], Awaitable[Branding]] | None = None,
        upkeep: Callable[[], Awaitable[None]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        time = WallClock(clock)
        runs = RunFlow(
            store,
            effects,
            time=time,
            report=report,
            monotonic=clock.monotonic,
            branding=branding,
            is_stopping=lambda: self.is_stopping,
        )
        super().__init__(
            _Runs(store, runs, FlowWatch(store, outbox, now=time.now)),
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


class _Runs:
    """The runs of flows, as a worker takes them."""

    name = "flows"
    lease_lost = NoticeKind.RUN_LEASE_LOST
    step = StepKind.FLOW

    def __init__(self, store: FlowStore, runs: RunFlow, watch: FlowWatch) -> None:
        self._store = store
        self._runs = runs
        self._watch = watch
        self.next_due = store.next_due
        self.prolong = store.prolong
        self.work = runs.work
        self.look = watch.look
        self.look_at = watch.look_at

    async def awaited_by(self, only: Sequence[str]) -> Sequence[EntryId]:
        """Give the messages that these runs wait for."""
        found = [await self._store.run(run_id) for run_id in only]
        return [entry for kept in found if kept is not None for entry in self.awaits(kept)]

    async def begin_due(self) -> int:
        """Begin nothing: runs are begun by somebody."""
        return 0

    async def claim(
        self, worker: str, *, limit: int, now: Moment, until: Moment, only: Sequence[str] | None
    ) -> Sequence[KeptRun]:
        """Take runs that are due."""
        return await self._store.claim(worker, limit=limit, now=now, until=until, only=only)

    async def overdue(self, _now: Moment) -> Sequence[str]:
        """Give runs that wait for nothing but their turn."""
        running = RunFilter(status=RunStatus.RUNNING, awaits=Awaits.NOTHING)
        return [run.id for run in await self._store.runs(running, limit=_SWEPT_AT_ONCE)]

    def awaits(self, kept: KeptRun) -> Sequence[EntryId]:
        """Give the message that a run waits for."""
        return (kept.entry,) if kept.awaits is Awaits.MAIL and kept.entry is not None else ()

    def tell(self, kind: NoticeKind, kept: KeptRun, text: str = "") -> None:
        """Tell those who look after a run."""
        self._runs.tell(kind, kept, text)
