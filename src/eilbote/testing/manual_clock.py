"""A clock that stands still until a test turns it forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class ManualClock:
    """A :class:`~eilbote.model.clock.Clock` whose hands only a test moves.

    Args:
        start: The wall-clock time it shows first, aware of its time zone.

    Raises:
        ValueError: ``start`` has no time zone.
    """

    __slots__ = ("_elapsed", "_now")

    def __init__(self, start: datetime = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)) -> None:
        if start.utcoffset() is None:
            msg = f"{start!r} has no time zone; write datetime(..., tzinfo=UTC)"
            raise ValueError(msg)
        self._now = start
        self._elapsed = 0.0

    def now(self) -> datetime:
        """Give the wall-clock time."""
        return self._now

    def monotonic(self) -> float:
        """Give the seconds this clock was turned forward in all."""
        return self._elapsed

    def advance(self, seconds: float) -> None:
        """Turn both hands forward.

        Raises:
            ValueError: ``seconds`` is negative; use :meth:`set_wall_clock` for a wall clock that is put back.
        """
        if seconds < 0:
            msg = f"monotonic time cannot run backwards by {-seconds} s"
            raise ValueError(msg)
        self._now += timedelta(seconds=seconds)
        self._elapsed += seconds

    def set_wall_clock(self, moment: datetime) -> None:
        """Put only the wall clock to another time, as an administrator or a time service does."""
        self._now = moment
