"""The loop that works what is kept: claims what is due, some at a time, and holds it while it is worked.

Several workers on one database share the work. Each holds what it works by a lease that it prolongs again and again; one that is gone
is replaced when its leases end. Whoever comes back too late finds that what it wants to keep is refused.

What is due is decided by the clock on the wall, because authors said so. When that is set forward, waits are over only once it
has stood by its new time for ten minutes (:mod:`eilbote.outbox.believed_time`); when it is set back, what waits for nothing but
its turn is taken at once, though it seems to lie in the future.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic

from eilbote.engine.mail_awaited import Awaiting
from eilbote.engine.patience import Patience
from eilbote.engine.waiting import first_of
from eilbote.engine.work import K
from eilbote.errors import LeaseLostError, OutboxError
from eilbote.model.moment import later
from eilbote.record.notice import Notice, NoticeKind
from eilbote.record.step import Step, StepReport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eilbote.engine.wall_clock import WallClock
    from eilbote.engine.work import Work
    from eilbote.model.clock import Clock
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.record.report import Report

_BEATS_IN_A_LEASE: Final = 3
_MARGIN: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """How a worker works.

    Attributes:
        lease_seconds: How long others leave its work alone without a sign that it lives; it gives one three times as often.
        grace_seconds: How long what it is doing may take when it is told to stop.
        poll_seconds: How often it looks for what other processes have begun, and for messages that they have settled.
        most_runs: What is worked at the same time; all else lies in the database.
    """

    lease_seconds: float = 30.0
    grace_seconds: float = 30.0
    poll_seconds: float = 0.25
    most_runs: int = 64


class Worker(Generic[K]):
    """Works what is due.

    Args:
        work: What it works.
        time: Tells what is due.
        clock: Tells seconds that never run backwards.
        name: Its own, unique among all workers.
        report: Hears what happens.
        options: How it works.
        only: What it works, by ids; everything when ``None``.
        let_go: Is told the id of each that it has let go of.
        upkeep: What is to be looked after now and then; it knows itself when.
        sleep: Waits for seconds; tests hand in their own.
    """

    def __init__(
        self,
        work: Work[K],
        *,
        time: WallClock,
        clock: Clock,
        name: str,
        report: Report,
        options: WorkerOptions | None = None,
        only: Sequence[str] | None = None,
        let_go: Callable[[str], None] = lambda _: None,
        upkeep: Callable[[], Awaitable[None]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._work = work
        self._clock = clock
        self._report = report
        self._options = options or WorkerOptions()
        self._only = only
        self._let_go = let_go
        self._upkeep = upkeep if only is None else None
        self._sleep = sleep
        self._name = name
        self._time = time
        self._awaiting = Awaiting()
        self._held: dict[str, asyncio.Task[None]] = {}
        self._held_until = 0.0
        self._next_look = clock.monotonic()
        self._worked: dict[str, None] = {}
        self._is_once = False
        self._stops = 0
        self._nudged = asyncio.Event()
        self._told = asyncio.Event()

    # -- what others tell ----------------------------------------------------------------------------------------

    def nudge(self) -> None:
        """Say that something was begun, or woken."""
        self._nudged.set()

    def hear(self, entries: Sequence[EntryId]) -> None:
        """Hear which messages were settled."""
        if self._awaiting.settled(entries):
            self._nudged.set()

    def stop(self) -> None:
        """Let go of everything at the next good place and end; called a second time: end now."""
        self._stops += 1
        self._told.set()
        self._nudged.set()

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop."""
        return bool(self._stops)

    # -- working -------------------------------------------------------------------------------------------------

    async def run(self, *, once: bool = False) -> Sequence[str]:
        """Work until :meth:`stop`; gives the ids of what was taken up, if it is ``once``.

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
            await self._work.look_at(heard)
        elif self._only is None:
            # Whoever is nudged all the time does not look all the time for what others have settled.
            if once or self._clock.monotonic() >= self._next_look:
                self._next_look = self._clock.monotonic() + self._options.poll_seconds
                while await self._work.look() and once:
                    pass
        elif entries := await self._work.awaited_by(self._only):
            await self._work.look_at(entries)
        room = self._options.most_runs - len(self._held)
        taken = await self._claim()
        return 0.0 if heard or (taken and (once or taken >= room)) else self._options.poll_seconds

    async def _claim(self) -> int:
        room = self._options.most_runs - len(self._held)
        if self._held and room < max(1, self._options.most_runs // 4):
            return 0  # many are claimed in one go
        now = self._time.now()
        if self._only is None:
            due = await self._work.next_due(now)
            if due is None or due > now:
                return 0
            await self._work.begin_due()
        return await self._take(now, room, self._only)

    async def _take(self, now: Moment, room: int, only: Sequence[str] | None) -> int:
        begun = self._clock.monotonic()
        until = later(self._time.now(), self._options.lease_seconds)
        claimed = await self._work.claim(self._name, limit=room, now=now, until=until, only=only)
        if claimed and not self._held:
            self._held_until = begun + self._options.lease_seconds
        loop = asyncio.get_running_loop()
        for kept in claimed:
            # Its lease may have ended here before anybody has noticed: who worked it can keep nothing any more.
            self._drop((kept.id,))
            self._held[kept.id] = loop.create_task(self._work_one(kept))
        if self._is_once:
            self._worked.update(dict.fromkeys(kept.id for kept in claimed))
        return len(claimed)

    async def _work_one(self, kept: K) -> None:
        work, name = self._work, kept.id
        began, since, is_well = self._time.now(), self._clock.monotonic(), False
        try:
            kept = await work.work(kept)
            is_well = True
        except LeaseLostError as fault:
            work.tell(work.lease_lost, kept, str(fault))
        except OutboxError as fault:  # it goes on where it was kept last, when the lease is over
            work.tell(NoticeKind.OUTBOX_UNAVAILABLE, kept, str(fault))
        except Exception as fault:  # noqa: BLE001 - one of them must not end the work on all others
            work.tell(NoticeKind.UNFORESEEN, kept, f"an unforeseen {type(fault).__name__}: {fault}")
        else:
            for entry in work.awaits(kept):
                self._awaiting.parked(entry)
        finally:
            if isinstance(self._report, StepReport):
                seconds = self._clock.monotonic() - since
                self._report.stepped(
                    Step(
                        kind=work.step,
                        about=name,
                        organization=kept.organization,
                        began=began,
                        seconds=seconds,
                        is_well=is_well,
                    )
                )
            if self._held.get(name) is asyncio.current_task():
                del self._held[name]
            self._nudged.set()
            self._let_go(name)

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
                    await self._work.prolong(self._name, held, until=later(self._time.now(), seconds))
                )
            except OutboxError:
                if begun >= self._held_until - seconds * _MARGIN:
                    self._drop(held)
                continue
            self._held_until = begun + seconds
            self._drop([each for each in held if each not in still])

    def _drop(self, lost: Sequence[str]) -> None:
        for each in lost:
            task = self._held.get(each)
            if task is not None:
                task.cancel()

    # -- the clock -----------------------------------------------------------------------------------------------

    async def _follow_the_clock(self) -> None:
        """Go by a wall clock that was set; what was due before it was set back is due now.

        Raises:
            OutboxError: The database does not answer; the step is noticed again.
        """
        self._time.certain_now()  # it is watched even while nothing is due
        step = self._time.step()
        if not step:
            return
        before = self._time.now()
        if step < 0:
            late = await self._work.overdue(before)
            mine = late if self._only is None else [each for each in late if each in self._only]
            if mine:
                await self._take(before, self._options.most_runs, mine)
        self._time.notice(step)
        self._notice(
            NoticeKind.CLOCK_SET, f"the wall clock was set by {step:+.0f} s; {self._work.name} go by it"
        )

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
