"""Notices when the machine's wall clock was set, by comparing it with the monotonic one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eilbote.model.clock import Clock

_NOTICED_SECONDS: Final = 30.0


class WallClock:
    """Compares both clocks from look to look.

    Small corrections, as a time service makes them all the time, are no step; they add up over the looks until
    they are one.
    """

    __slots__ = ("_clock", "_difference")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._difference = self._measure()

    def step(self) -> float:
        """Give the seconds by which the wall clock was set since the last step; 0 when it was not."""
        difference = self._measure()
        step = difference - self._difference
        if abs(step) <= _NOTICED_SECONDS:
            return 0.0
        self._difference = difference
        return step

    def _measure(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()
