"""The clock of the machine: the one place where eilbote reads the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """A :class:`~eilbote.model.clock.Clock` that tells the real time."""

    __slots__ = ()

    def now(self) -> datetime:
        """Give the wall-clock time in the machine's time zone, aware of it."""
        return datetime.now(UTC).astimezone()

    # The C function itself, because it is asked several times for each message.
    monotonic = staticmethod(time.monotonic)
