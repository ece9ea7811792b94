"""The clock of the machine: the one place where eilbote reads the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

BOOT_CLOCK: Final[int | None] = getattr(time, "CLOCK_BOOTTIME", None)
"""What also counts while the machine is suspended; Linux has it, and there ``time.monotonic`` stands still meanwhile."""


_FRESH_SECONDS: Final = 0.0005


def seconds_counter(clock: int | None) -> Callable[[], float]:
    """Give what tells the seconds of a clock of the system, or of ``time.monotonic`` where there is none."""
    # A C function and nothing around it, because it is asked several times for each message.
    return time.monotonic if clock is None else partial(time.clock_gettime, clock)


class SystemClock:
    """A :class:`~eilbote.model.clock.Clock` that tells the real time.

    A machine that wakes up has been away for as long as the others have seen: a courier finds its lease passed, and a
    session that was idle too old, instead of both going on where they stopped.
    """

    __slots__ = ("_read",)

    def __init__(self) -> None:
        self._read: tuple[float, datetime] | None = None

    def now(self) -> datetime:
        """Give the wall-clock time in the machine's time zone, aware of it; as it was up to half a millisecond ago.

        Looking up the zone takes as long as writing the head of a message, and moments are stored in whole milliseconds.
        """
        monotonic, read = self.monotonic(), self._read
        if read is not None and 0.0 <= monotonic - read[0] < _FRESH_SECONDS:
            return read[1]
        now = datetime.now(UTC).astimezone()
        self._read = monotonic, now  # at once, for threads share a clock
        return now

    monotonic = staticmethod(seconds_counter(BOOT_CLOCK))
