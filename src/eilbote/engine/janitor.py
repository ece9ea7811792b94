"""Keeps the outbox in order beside the sending: rescues, follows the wall clock, gives up and forgets what is old.

What is given up or forgotten is gone, so a wall clock that has just jumped forward does not decide about it.

Nothing here is urgent to a single message, and nothing may stop the courier: when the outbox cannot be asked, the
next round tries again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.engine.watch import Watch
from eilbote.errors import OutboxError
from eilbote.model.moment import later, moment_of
from eilbote.record.notice import NoticeKind

if TYPE_CHECKING:
    from eilbote.engine.shift import Shift

_LOOKS_IN_A_LEASE: Final = 6
_LONGEST_PAUSE_SECONDS: Final = 5.0
"""Between two looks at the wall clock: what is submitted after it was set is due by the new time only."""
_PRUNED_AT_ONCE: Final = 500
_EXPIRY_SECONDS: Final = 30.0
_GIVEN_UP_AT_ONCE: Final = 200
_BATCHES_IN_A_ROUND: Final = 20
# A blob is put before the entry that refers to it is accepted; it must not be swept in between.
_BLOB_GRACE_SECONDS: Final = 3600.0


class Janitor:
    """One courier's housekeeping.

    Args:
        shift: The courier.
        longest_wait: The longest pause between two attempts that any connection makes; no entry waits longer
            because a clock was wrong.
    """

    def __init__(self, shift: Shift, *, longest_wait: float) -> None:
        self._shift = shift
        self._longest_wait = longest_wait
        self._watch = Watch(shift)
        self._next_expiry = shift.clock.monotonic()
        self._next_prune = shift.clock.monotonic() + shift.options.housekeeping_seconds

    async def begin(self) -> None:
        """Take back what couriers hold that are certainly gone, and bring back what waits too long.

        Raises:
            OutboxError: The outbox cannot be asked.
        """
        await self._watch.look()
        await self._shift_waiting(0.0)

    async def run(self) -> None:
        """Do rounds until cancelled."""
        shift = self._shift
        while True:
            await shift.sleep(min(_LONGEST_PAUSE_SECONDS, shift.options.lease_seconds / _LOOKS_IN_A_LEASE))
            try:
                await self._round()
            except OutboxError:
                continue  # whoever sends has told that the outbox is out of reach

    async def _round(self) -> None:
        await self._watch.look()
        await self._follow_the_clock()
        now = self._shift.clock.monotonic()
        if now >= self._next_expiry:
            await self.give_up_expired()
            # Where very much waits, a look takes a while: it shall never take more than a twentieth of the time.
            took = self._shift.clock.monotonic() - now
            self._next_expiry = now + max(_EXPIRY_SECONDS, 20 * took)
        if now >= self._next_prune:
            self._next_prune = now + self._shift.options.housekeeping_seconds
            await self.prune()

    async def _follow_the_clock(self) -> None:
        """Move what waits with a wall clock that was set.

        Whoever writes a time between the two halves of this has it moved twice or not at all. In the order chosen here that
        means at worst that something is tried sooner.
        """
        clock = self._shift.wall_clock
        clock.certain_now()  # it is watched even while nobody sends
        step = clock.step()
        if not step:
            return
        if step < 0:
            clock.notice(step)
        try:
            count = await self._shift_waiting(step)
        except OutboxError:
            if step < 0:
                clock.notice(-step)  # to be noticed again in the next round
            raise
        if step > 0:
            clock.notice(step)
        self._shift.notice(NoticeKind.CLOCK_SET, f"the wall clock was set by {step:+.0f} s", count=count)

    async def _shift_waiting(self, step: float) -> int:
        now = moment_of(self._shift.clock.now())
        return await self._shift.store.shift_waiting(step, now=now, at_most=later(now, self._longest_wait))

    async def give_up_expired(self) -> int:
        """Fail what waits beyond its time, some thousands at most: nobody claims it while its connection is paused.

        Raises:
            OutboxError: The outbox cannot be asked.
        """
        shift = self._shift
        count = 0
        for _ in range(_BATCHES_IN_A_ROUND):
            events = await shift.store.give_up_expired(
                limit=_GIVEN_UP_AT_ONCE, now=shift.wall_clock.certain_now()
            )
            shift.report.happened(events)
            count += len(events)
            if len(events) < _GIVEN_UP_AT_ONCE:
                break
        return count

    async def prune(self) -> int:
        """Forget finished entries whose time is over, some thousands at most, and the blobs nobody refers to.

        Raises:
            OutboxError: The outbox cannot be asked.
        """
        shift = self._shift
        before = later(shift.wall_clock.certain_now(), -shift.options.retention_seconds)
        count = 0
        for _ in range(_BATCHES_IN_A_ROUND):
            pruned = await shift.store.prune(finished_before=before, limit=_PRUNED_AT_ONCE)
            count += pruned
            if pruned < _PRUNED_AT_ONCE:
                break
        if count:
            shift.notice(NoticeKind.ENTRIES_PRUNED, count=count)
        older_than = later(shift.wall_clock.certain_now(), -_BLOB_GRACE_SECONDS)
        await shift.blobs.sweep(await shift.store.blobs_in_use(), older_than=older_than)
        return count
