"""What a courier knows of one connection's server: whether it may be asked, how hard, and what people are told.

The decisions are made by :mod:`eilbote.deliver.breaker` and :mod:`eilbote.deliver.pace`; this is where their
results come in, and where a pause becomes something that others see: it is written to the outbox, so that people
find it there, other couriers keep to it, and a restart does not begin with a wrong password once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.deliver.breaker import Breaker, is_answer, trouble_of
from eilbote.deliver.pace import Pace, pushes_back
from eilbote.engine.shared_limits import SharedLimits
from eilbote.model.attempt import Event, EventKind
from eilbote.model.moment import later
from eilbote.outbox.store import Pause

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.connections.connection import Connection
    from eilbote.connections.limits import Limits
    from eilbote.engine.shift import Shift
    from eilbote.errors import EilboteError
    from eilbote.model.ids import CourierId
    from eilbote.model.moment import Moment
    from eilbote.model.receipt import Receipt

_NO_LIMIT: Final = 1 << 30
_FIRST_REST_SECONDS: Final = 0.5
_LONGEST_REST_SECONDS: Final = 5.0
_HOURS_OF_A_DAY: Final = 24
_HOUR_SECONDS: Final = 3600.0


class Site:
    """One connection's server, as one courier sees it.

    Args:
        name: The connection's.
        random: Gives numbers from 0 up to 1.
        is_hurried: The courier ends as soon as nothing is due: a server that cannot be reached is not waited for.

    Attributes:
        fingerprint: Of the settings that were used last; ``None`` before the first time, empty when there were none.
        mark: Grows with everything that is written about the site to the outbox, so that whoever reads the outbox
            can tell whether what was read is older.
    """

    def __init__(self, name: str, *, random: Callable[[], float], is_hurried: bool = False) -> None:
        self.name = name
        self.fingerprint: str | None = None
        self.mark = 0
        self._breaker = Breaker(random=random)
        self._limits: Limits | None = None
        self._pace: Pace | None = None
        self._shared: SharedLimits | None = None
        self._on_their_way = 0
        self._failures = 0  # since the last answer
        self._rest_until = float("-inf")
        self._is_hurried = is_hurried
        self._is_out_of_reach = False
        self._reason = ""
        self._written: Pause | None = None
        self._is_to_write = False

    # -- whether and how hard -------------------------------------------------------------------------------

    @property
    def takes_mail(self) -> bool:
        """Whether mail may wait for it; ``False`` while it is paused, or out of reach of somebody in a hurry."""
        return not (self._breaker.is_open or (self._is_hurried and self._is_out_of_reach))

    @property
    def reason(self) -> str:
        """Why it takes no mail, as it was told last."""
        return self._reason

    def may_begin(self, now: float) -> bool:
        """Whether a visit may begin, if only to send a probe."""
        return now >= self._rest_until and self._breaker.room(now) != 0

    def room(self, now: float, under_way: int) -> int:
        """Give how many more messages may begin now, with so many under way."""
        room = self._breaker.room(now)
        most = _NO_LIMIT if room is None else room - under_way
        pace = self._pace
        if self._shared is not None:
            most = self._shared.room(now, most)
        if pace is None or most <= 0:
            return most
        shown = pace.room(now)
        if shown is not None:
            most = min(most, shown - under_way)
        return pace.batch(now, most) if most > 0 else most

    def wait(self, now: float) -> float:
        """Give the seconds until the next message may begin; 0 when only results can make room."""
        if self._pace is None or self._shared is None:
            return 0.0
        return max(self._pace.wait(now), self._shared.wait(now))

    # -- what is heard --------------------------------------------------------------------------------------

    async def met(self, connection: Connection, shift: Shift) -> None:
        """Learn with which settings the server is going to be asked.

        Raises:
            OutboxError: What was sent before cannot be counted.
        """
        self.fingerprint = connection.fingerprint()
        self._on_their_way = 0
        limits = connection.limits
        if limits == self._limits:
            return
        pace = Pace(limits)
        if limits.messages_per_day is not None:
            await self._recall(pace, shift)
        shared = SharedLimits(self.name, limits)
        await shared.look(shift, [one for one, _, _ in await shift.store.couriers()], on_their_way=0)
        self._pace, self._shared, self._limits = pace, shared, limits

    async def count(self, shift: Shift, couriers: Sequence[CourierId]) -> None:
        """Count what everybody has sent, and take a share of what is left.

        Raises:
            OutboxError: The outbox cannot be asked.
        """
        if self._shared is not None:
            await self._shared.look(shift, couriers, on_their_way=self._on_their_way)

    async def _recall(self, pace: Pace, shift: Shift) -> None:
        """Count what was sent within the last day, hour by hour, before this courier was."""
        now, wall = shift.clock.monotonic(), shift.now()
        counts = [
            await shift.store.attempts_since(self.name, later(wall, -hours * _HOUR_SECONDS))
            for hours in range(_HOURS_OF_A_DAY, -1, -1)
        ]
        for index, hours in enumerate(range(_HOURS_OF_A_DAY, 0, -1)):
            sent = counts[index] - counts[index + 1]
            if sent:
                pace.recall(sent, begun_at=now - hours * _HOUR_SECONDS)

    def begun(self, messages: int, now: float) -> None:
        """Note that messages begin: there is a session for them."""
        self._is_out_of_reach = False
        self._on_their_way += messages
        if self._shared is not None:
            self._shared.spend(messages)
        if self._pace is not None:
            for _ in range(messages):
                self._pace.spend(now)

    def heard(self, receipt: Receipt, now: float, *, begun_at: float, on_their_way: int) -> bool:
        """Hear a result; says whether a pause begins now.

        Args:
            receipt: The result.
            now: The monotonic time.
            begun_at: When its message was begun.
            on_their_way: How many messages were, this one among them.
        """
        self._on_their_way -= 1
        if self._pace is not None and pushes_back(receipt):
            self._pace.pushed_back(now, begun_at=begun_at, on_their_way=on_their_way)
        if is_answer(receipt):
            self._failures = 0
            if self._breaker.succeeded():
                self._is_to_write = True
            return False
        if receipt.error is None or trouble_of(receipt.error) is None:
            return False  # its moment had passed, or its content could not be read: nothing is learned of the server
        return self._noted(receipt.error, now)

    def failed(self, error: EilboteError, now: float) -> None:
        """Hear why a visit could not even begin."""
        if trouble_of(error) is not None:
            self._is_out_of_reach = True
            self._reason = str(error)
        self._noted(error, now)

    def _noted(self, error: EilboteError, now: float) -> bool:
        """Note what ended a delivery or a visit; says whether a pause begins now."""
        rest = min(_LONGEST_REST_SECONDS, _FIRST_REST_SECONDS * 2.0**self._failures)
        self._failures = min(self._failures + 1, _NO_LIMIT.bit_length())
        self._rest_until = now + rest
        if not self._breaker.failed(error, now):
            return False
        self._reason = str(error)
        self._is_to_write = True
        return True

    # -- what others see ------------------------------------------------------------------------------------

    async def write(self, shift: Shift) -> None:
        """Write to the outbox what has changed: that a pause has begun, goes on longer, or is over.

        Raises:
            OutboxError: It cannot be written; to be called again.
        """
        if not self._is_to_write:
            return
        self._is_to_write = False
        self.mark += 1
        try:
            if self._breaker.is_open:
                await self._write_pause(shift)
            elif self._written is not None:
                await self._write_end(shift)
        except BaseException:
            self._is_to_write = True
            raise
        self.mark += 1

    async def _write_pause(self, shift: Shift) -> None:
        wall, now = shift.now(), shift.clock.monotonic()
        left = max(0.0, (self._breaker.until or now) - now)
        earlier = self._written
        pause = Pause(
            connection=self.name,
            since=wall if earlier is None else earlier.since,
            until=later(wall, left),
            reason=self._reason,
            failures=self._breaker.failures,
        )
        await shift.store.pause(pause)
        self._written = pause
        if earlier is None:
            shift.report.happened([self._event(EventKind.CONNECTION_PAUSED, wall, self._reason)])

    async def _write_end(self, shift: Shift) -> None:
        wall = shift.now()
        is_news = await shift.store.resume(self.name, now=wall)
        self._written = None
        if is_news:
            shift.report.happened([self._event(EventKind.CONNECTION_RESUMED, wall)])

    def _event(self, kind: EventKind, at: Moment, text: str = "") -> Event:
        return Event(kind=kind, at=at, connection=self.name, text=text)

    def read(self, pause: Pause | None, shift: Shift) -> None:
        """Take over what the outbox says: a pause that another courier has noted, or that somebody has ended."""
        now = shift.clock.monotonic()
        if pause is None:
            if self._written is not None:
                self._written = None
                self.resume(now)
            return
        if self._written is not None and pause.until <= self._written.until:
            return
        self._written = pause
        self._reason = pause.reason
        left = (pause.until - shift.now()) / 1000
        self._breaker.restore(seconds_left=left, failures=pause.failures, now=now)

    def resume(self, now: float) -> None:
        """Allow a probe at once: somebody has changed something."""
        self._breaker.resume(now)
        self._failures = 0
        self._rest_until = now
