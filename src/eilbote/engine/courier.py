"""The second half of the sentence: outbox → deliver → record.

A courier works in shifts. A shift has a name in the outbox and a lease, kept by beats; everything that is claimed
belongs to it. It ends when the courier is told to stop, when the lease is lost, or by a fault nobody has foreseen,
and always in the same way: nothing more is claimed, what is on its way may finish within the grace time, results
are written, and what is left goes back. After a lost lease or a fault the next shift begins under another name.

What a courier promises:

* What was accepted is delivered, or fails by the word of a server or the end of its time; a crash at any moment
  costs nothing but another attempt.
* Nothing is sent twice, except what is in doubt and is to be sent again by its author's will; that is recorded.
* Several couriers on one outbox share the work, and one of them that is gone is replaced by the others.
"""

from __future__ import annotations

import asyncio
import os
import platform
import random as chance
from typing import TYPE_CHECKING, Final

from eilbote.engine.courier_options import CourierOptions
from eilbote.engine.crew import Crew
from eilbote.engine.janitor import Janitor
from eilbote.engine.lease import Lease
from eilbote.engine.mail_rules import NO_RULES
from eilbote.engine.patience import Patience
from eilbote.engine.shift import Shift
from eilbote.engine.sites import Sites
from eilbote.engine.waiting import first_of
from eilbote.engine.wall_clock import WallClock
from eilbote.errors import EilboteError, OutboxError
from eilbote.model.ids import CourierId
from eilbote.record.notice import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from eilbote.connections.repository import ConnectionBook
    from eilbote.engine.mail_rules import MailRules
    from eilbote.engine.transports import Transports
    from eilbote.model.clock import Clock
    from eilbote.model.ids import IdSource
    from eilbote.outbox.store import BlobStore, OutboxStore
    from eilbote.record.report import Report

_REVIEW_SECONDS: Final = 2.0
_ONCE_POLL_SECONDS: Final = 0.05
"""Somebody waits for the end."""
_LONGEST_WAIT: Final = 4 * 60 * 60.0
"""After a clock was wrong nobody waits longer for the next attempt, unless a connection's own schedule does."""
_LAST_WORD_SECONDS: Final = 5.0
"""How long the outbox may take to hear that a shift has ended; it finds out by itself as well."""


class Courier:
    """Delivers what is in an outbox.

    Args:
        store: Where the entries are; open.
        blobs: Where their large parts are.
        transports: The ways out.
        connections: Where connections are kept by name.
        clock: Tells the time.
        ids: Makes the names of shifts.
        report: Hears what happened.
        options: What the operator chose.
        rules: What it keeps to beside what entries and connections say.
        random: Gives numbers from 0 up to 1, to scatter retries.
        sleep: Waits for seconds; tests hand in their own.
    """

    def __init__(
        self,
        *,
        store: OutboxStore,
        blobs: BlobStore,
        transports: Transports,
        connections: ConnectionBook,
        clock: Clock,
        ids: IdSource,
        report: Report,
        options: CourierOptions | None = None,
        rules: MailRules = NO_RULES,
        random: Callable[[], float] = chance.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._transports = transports
        self._book = connections
        self._clock = clock
        self._ids = ids
        self._report = report
        self._options = options or CourierOptions()
        self._rules = rules
        self._random = random
        self._sleep = sleep
        self._sites = Sites(connections, random=random)
        self._unserved: Mapping[str, str] = {}
        self._wall_clock = WallClock(clock)
        self._stops = 0
        self._nudged = asyncio.Event()
        self._told = asyncio.Event()  # to stop, or to stop faster

    # -- what others tell ---------------------------------------------------------------------------------

    def nudge(self) -> None:
        """Say that there is something new in the outbox, so that nobody has to wait for the next look."""
        self._nudged.set()

    def stop(self) -> None:
        """Finish what is on its way and end; called a second time: end now."""
        self._stops += 1
        self._told.set()
        self._nudged.set()

    def open_sessions(self) -> Mapping[str, int]:
        """Tell how many sessions with servers are open, by connection."""
        return self._transports.open_sessions()

    # -- shifts -------------------------------------------------------------------------------------------

    @property
    def unserved(self) -> Mapping[str, str]:
        """The connections for which due mail was left when ``run(once=True)`` ended, each with the reason."""
        return self._unserved

    async def run(self, *, once: bool = False) -> None:
        """Deliver until :meth:`stop`.

        Args:
            once: End as soon as nothing is due. What waits for a paused connection is left, and so is what waits for a server
                that cannot be reached: it is not tried again and again, whoever has asked for one run asks again.
        """
        self._sites = Sites(self._book, random=self._random, is_hurried=once)
        self._unserved = {}
        patience = Patience()
        while not self._stops:
            try:
                is_done = await self._work(patience, once=once)
            except OutboxError as error:
                if not patience.is_tried:
                    self._shift(CourierId("")).notice(NoticeKind.OUTBOX_UNAVAILABLE, str(error))
                is_done = False
            if is_done:
                return
            await first_of(self._sleep(patience.pause()), self._told.wait())

    def _shift(self, courier: CourierId) -> Shift:
        return Shift(
            courier=courier,
            lease=Lease(self._options.lease_seconds, clock=self._clock),
            store=self._store,
            blobs=self._blobs,
            options=self._options,
            clock=self._clock,
            wall_clock=self._wall_clock,
            random=self._random,
            sleep=self._sleep,
            report=self._report,
            rules=self._rules,
        )

    async def _work(self, patience: Patience, *, once: bool) -> bool:
        """Work one shift; says whether the courier is done.

        Raises:
            OutboxError: It could not begin.
        """
        shift = self._shift(CourierId(self._ids.token()))
        await self._store.begin_courier(
            shift.courier, host=platform.node(), process=os.getpid(), now=shift.now()
        )
        patience.restore()
        shift.notice(NoticeKind.COURIER_STARTED)
        janitor = Janitor(shift, longest_wait=await self._longest_wait())
        crew = Crew(shift, sites=self._sites, book=self._book, transports=self._transports)
        loop = asyncio.get_running_loop()
        keeping = loop.create_task(self._keep_lease(shift))
        working = loop.create_task(self._dispatch(shift, crew, once=once))
        housekeeping = loop.create_task(self._keep_house(shift, janitor, crew))
        is_cancelled = True
        try:
            is_done = await self._until_over(shift, keeping, working, housekeeping)
            is_cancelled = False
        finally:
            working.cancel()
            housekeeping.cancel()
            await asyncio.gather(working, housekeeping, return_exceptions=True)
            await self._wind_down(shift, crew, at_once=is_cancelled)
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        return is_done

    async def _until_over(
        self,
        shift: Shift,
        keeping: asyncio.Task[str],
        working: asyncio.Task[None],
        housekeeping: asyncio.Task[None],
    ) -> bool:
        """Wait for the end of a shift; says whether it is the courier's end as well."""
        try:
            await first_of(keeping, working, housekeeping)
        except OutboxError as error:
            shift.notice(NoticeKind.OUTBOX_UNAVAILABLE, str(error))
            return False
        except Exception as error:  # noqa: BLE001 - one place where every fault of a worker comes together
            shift.notice(
                NoticeKind.UNFORESEEN,
                f"an unforeseen {type(error).__name__}: {error}. The courier begins anew; please report this",
            )
            return False
        if keeping.done():
            shift.notice(NoticeKind.LEASE_LOST, keeping.result())
            return False
        return True

    async def _longest_wait(self) -> float:
        longest = _LONGEST_WAIT
        for name in await self._book.names():
            try:
                longest = max(longest, (await self._book.get(name)).retry.cap_seconds)
            except EilboteError:
                continue  # told when there is mail for it
        return longest

    async def _keep_lease(self, shift: Shift) -> str:
        return await shift.lease.keep(
            lambda: self._store.beat(shift.courier, now=shift.now()), sleep=self._sleep
        )

    async def _keep_house(self, shift: Shift, janitor: Janitor, crew: Crew) -> None:
        await janitor.begin()
        self._nudged.set()
        await asyncio.gather(janitor.run(), self._review(shift, crew))

    async def _review(self, shift: Shift, crew: Crew) -> None:
        while True:
            await self._sleep(_REVIEW_SECONDS)
            try:
                await self._sites.review(shift)
            except OutboxError:
                continue  # told by those who need it for their work
            await crew.review()

    async def _dispatch(self, shift: Shift, crew: Crew, *, once: bool) -> None:
        """Tell everybody again and again what is due, until told to stop."""
        patience = Patience()
        quiet = 0
        await self._sites.begin(shift)
        while not self._stops:
            self._nudged.clear()
            try:
                ready = await self._store.ready_lanes(shift.now())
            except OutboxError as error:
                if not patience.is_tried:
                    shift.notice(NoticeKind.OUTBOX_UNAVAILABLE, str(error))
                await first_of(self._sleep(patience.pause()), self._told.wait())
                continue
            if patience.is_tried:
                patience.restore()
                shift.notice(NoticeKind.OUTBOX_AVAILABLE)
            crew.offer(ready)
            crew.look()
            # Twice, because what was just settled may be due again.
            quiet = quiet + 1 if crew.has_nothing_to_do() else 0
            if once and quiet > 1 and not await self._sites.review(shift):
                self._unserved = self._sites.reasons(one.lane.connection for one in ready)
                return
            pause = _ONCE_POLL_SECONDS if once else self._options.poll_seconds
            await first_of(self._sleep(pause), self._nudged.wait())

    async def _wind_down(self, shift: Shift, crew: Crew, *, at_once: bool) -> None:
        """End a shift: finish or abort, then give back what is left."""
        shift.notice(NoticeKind.COURIER_STOPPING)
        finishing = asyncio.get_running_loop().create_task(crew.finish())
        try:
            if not at_once:
                await first_of(finishing, self._sleep(self._options.grace_seconds), self._told_twice())
        finally:
            finishing.cancel()
            await asyncio.gather(finishing, return_exceptions=True)
            await crew.abort()
            try:
                await first_of(self._sleep(_LAST_WORD_SECONDS), self._end(shift))
            except OutboxError as error:
                shift.notice(NoticeKind.OUTBOX_UNAVAILABLE, str(error))

    async def _end(self, shift: Shift) -> None:
        left = await self._store.end_courier(shift.courier, now=shift.now())
        shift.notice(NoticeKind.COURIER_STOPPED, count=left)

    async def _told_twice(self) -> None:
        while self._stops < 2:  # noqa: PLR2004 - the second call means: now
            self._told.clear()
            await self._told.wait()
