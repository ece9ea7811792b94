"""The loop that works runs of flows: claims those that are due, some at a time, and holds them while it works.

Several workers on one database share the work. Each holds its runs by a lease that it prolongs again and again; one that is gone is
replaced when its leases end. Whoever comes back too late finds that what it wants to keep is refused.

What is due is decided by the clock on the wall, because authors said so. When that is set forward, waits are over only once it
has stood by its new time for ten minutes (:mod:`eilbote.outbox.believed_time`); when it is set back, runs that wait for nothing but
their turn are taken at once, though they seem to lie in the future.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.store import Awaits, RunFilter
from eilbote.engine.flow_watch import Awaiting, FlowWatch
from eilbote.engine.patience import Patience
from eilbote.engine.run_flow import RunFlow
from eilbote.engine.waiting import first_of
from eilbote.engine.wall_clock import WallClock
from eilbote.errors import LeaseLostError, OutboxError
from eilbote.model.moment import later
from eilbote.record.notice import Notice, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eilbote.author.flow.store import FlowStore, KeptRun
    from eilbote.engine.flow_effects import Effects
    from eilbote.model.clock import Clock
    from eilbote.model.ids import EntryId, IdSource
    from eilbote.model.moment import Moment
    from eilbote.outbox.store import OutboxStore
    from eilbote.record.report import Report
    from eilbote.template.branding import Branding

_BEATS_IN_A_LEASE: Final = 3
_MARGIN: Final = 0.1
_SWEPT_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """How a worker works.

    Attributes:
        lease_seconds: How long others leave its runs alone without a sign that it lives; it gives one three times as often.
        grace_seconds: How long what it is doing may take when it is told to stop.
        poll_seconds: How often it looks for runs that other processes have begun, and for messages that they have settled.
        most_runs: Runs that are worked at the same time; all others lie in the database.
    """

    lease_seconds: float = 30.0
    grace_seconds: float = 30.0
    poll_seconds: float = 0.25
    most_runs: int = 64


class FlowWorker:
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
        self._store = store
        self._clock = clock
        self._report = report
        self._options = options or WorkerOptions()
        self._only = only
        self._let_go = let_go
        self._upkeep = upkeep if only is None else None
        self._sleep = sleep
        self._name = ids.token()
        self._time = WallClock(clock)
        self._runs = RunFlow(
            store,
            effects,
            time=self._time,
            report=report,
            monotonic=clock.monotonic,
            branding=branding,
            is_stopping=lambda: bool(self._stops),
        )
        self._watch = FlowWatch(store, outbox, now=self._time.now)
        self._awaiting = Awaiting()
        self._held: dict[str, asyncio.Task[None]] = {}
        self._held_until = 0.0
        self._worked: dict[str, None] = {}
        self._is_once = False
        self._stops = 0
        self._nudged = asyncio.Event()
        self._told = asyncio.Event()

    # -- what others tell ----------------------------------------------------------------------------------------

    def nudge(self) -> None:
        """Say that a run was begun, or woken."""
        self._nudged.set()

    def hear(self, entries: Sequence[EntryId]) -> None:
        """Hear which messages were settled."""
        if self._awaiting.settled(entries):
            self._nudged.set()

    def stop(self) -> None:
        """Let go of every run at the next good place and end; called a second time: end now."""
        self._stops += 1
        self._told.set()
        self._nudged.set()

    # -- working -------------------------------------------------------------------------------------------------

    async def run(self, *, once: bool = False) -> Sequence[str]:
        """Work until :meth:`stop`; gives the runs that were taken up, if it is ``once``.

        Args:
            once: End as soon as nothing is due.
        """
        self._worked = {}
        self._is_once = once
        keeping = asyncio.get_running_loop().create_task(self._keep_leases())
        is_cancelled = True
        try:
            await self._dispatch(once=once)
            is_cancelled = False
        finally:
            await self._wind_down(at_once=is_cancelled)
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        return tuple(self._worked)

    async def _dispatch(self, *, once: bool) -> None:
        patience, quiet = Patience(), 0
        while not self._stops:
            self._nudged.clear()
            try:
                pause = await self._look(once=once)
            except OutboxError as fault:
                if not patience.is_tried:
                    self._notice(NoticeKind.OUTBOX_UNAVAILABLE, str(fault))
                await first_of(self._sleep(patience.pause()), self._told.wait())
                continue
            if patience.is_tried:
                patience.restore()
                self._notice(NoticeKind.OUTBOX_AVAILABLE)
            quiet = 0 if self._held or not pause else quiet + 1
            if once and quiet > 1:
                return
            if pause and not (once and quiet):
                await first_of(self._sleep(pause), self._nudged.wait())

    async def _look(self, *, once: bool) -> float:
        """Take what is due, and wake what was settled; gives the seconds after which it is worth looking again."""
        await self._follow_the_clock()
        if self._upkeep is not None:
            await self._upkeep()
        heard = self._awaiting.take()
        if heard:
            await self._watch.look_at(heard)
        elif self._only is None:
            while await self._watch.look() and once:
                pass
        else:
            await self._look_at_only()
        taken = await self._claim()
        return 0.0 if taken or heard else self._options.poll_seconds

    async def _look_at_only(self) -> None:
        for run_id in self._only or ():
            kept = await self._store.run(run_id)
            if kept is not None and kept.entry is not None and kept.awaits is Awaits.MAIL:
                await self._watch.look_at((kept.entry,))

    async def _claim(self) -> int:
        room = self._options.most_runs - len(self._held)
        if self._held and room < max(1, self._options.most_runs // 4):
            return 0  # many are claimed in one go
        now = self._time.now()
        if self._only is None:
            due = await self._store.next_due(now)
            if due is None or due > now:
                return 0
        return await self._take(now, room, self._only)

    async def _take(self, now: Moment, room: int, only: Sequence[str] | None) -> int:
        begun = self._clock.monotonic()
        until = later(self._time.now(), self._options.lease_seconds)
        claimed = await self._store.claim(self._name, limit=room, now=now, until=until, only=only)
        if claimed and not self._held:
            self._held_until = begun + self._options.lease_seconds
        loop = asyncio.get_running_loop()
        for kept in claimed:
            self._held[kept.id] = loop.create_task(self._work(kept))
        if self._is_once:
            self._worked.update(dict.fromkeys(kept.id for kept in claimed))
        return len(claimed)

    async def _work(self, kept: KeptRun) -> None:
        try:
            kept = await self._runs.work(kept)
        except LeaseLostError as fault:
            self._runs.tell(NoticeKind.RUN_LEASE_LOST, kept, str(fault))
        except OutboxError as fault:  # it goes on where it was kept last, when the lease is over
            self._runs.tell(NoticeKind.OUTBOX_UNAVAILABLE, kept, str(fault))
        except Exception as fault:  # noqa: BLE001 - one run must not end the work on all others
            self._runs.tell(NoticeKind.UNFORESEEN, kept, f"an unforeseen {type(fault).__name__}: {fault}")
        else:
            if kept.awaits is Awaits.MAIL and kept.entry is not None:
                self._awaiting.parked(kept.entry)
        finally:
            del self._held[kept.id]
            self._nudged.set()
            self._let_go(kept.id)

    # -- leases --------------------------------------------------------------------------------------------------

    async def _keep_leases(self) -> None:
        seconds = self._options.lease_seconds
        while True:
            await self._sleep(seconds / _BEATS_IN_A_LEASE)
            held = list(self._held)
            if not held:
                continue
            begun = self._clock.monotonic()
            try:
                still = set(
                    await self._store.prolong(self._name, held, until=later(self._time.now(), seconds))
                )
            except OutboxError:
                if begun >= self._held_until - seconds * _MARGIN:
                    self._drop(held)
                continue
            self._held_until = begun + seconds
            self._drop([run_id for run_id in held if run_id not in still])

    def _drop(self, lost: Sequence[str]) -> None:
        for run_id in lost:
            task = self._held.get(run_id)
            if task is not None:
                task.cancel()

    # -- the clock -----------------------------------------------------------------------------------------------

    async def _follow_the_clock(self) -> None:
        """Go by a wall clock that was set; runs that were due before it was set back are due now.

        Raises:
            OutboxError: The database does not answer; the step is noticed again.
        """
        self._time.certain_now()  # it is watched even while nothing is due
        step = self._time.step()
        if not step:
            return
        before = self._time.now()
        if step < 0:
            running = RunFilter(status=RunStatus.RUNNING, awaits=Awaits.NOTHING)
            late = [run.id for run in await self._store.runs(running, limit=_SWEPT_AT_ONCE)]
            mine = late if self._only is None else [run_id for run_id in late if run_id in self._only]
            if mine:
                await self._take(before, self._options.most_runs, mine)
        self._time.notice(step)
        self._notice(NoticeKind.CLOCK_SET, f"the wall clock was set by {step:+.0f} s; flows go by it")

    # -- the end -------------------------------------------------------------------------------------------------

    async def _wind_down(self, *, at_once: bool) -> None:
        working = list(self._held.values())
        if not working:
            return
        self._stops = max(1, self._stops)
        finishing = asyncio.get_running_loop().create_task(_all_of(working))
        try:
            if not at_once:
                await first_of(finishing, self._sleep(self._options.grace_seconds), self._told_twice())
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(finishing, *working, return_exceptions=True)

    async def _told_twice(self) -> None:
        while self._stops < 2:  # noqa: PLR2004 - the second call means: now
            self._told.clear()
            await self._told.wait()

    def _notice(self, kind: NoticeKind, text: str = "") -> None:
        self._report.noticed(Notice(kind=kind, at=self._time.now(), text=text, courier=self._name))


async def _all_of(tasks: Sequence[asyncio.Task[None]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
