"""By how much the wall clock is ahead of the time that is believed. Pure; the caller tells both clocks.

What is given up, or forgotten, is gone for good, and so it is not decided by a wall clock that has just jumped: a time
server that errs for a moment, or a machine that wakes up in another year, would fail all mail that waits. The monotonic clock
tells how much time has really passed. A wall clock that disagrees with it is believed once it has stood by its new time for ten
minutes; until then time is thought to have passed as the monotonic clock says.

A wall clock that is behind makes nothing too old, so it does no harm meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eilbote.model.moment import Moment

STEADY_SECONDS: Final = 10 * 60.0
"""How long a wall clock must stand by another time before it is believed: longer than a time service takes to mend it."""

TOLERATED_SECONDS: Final = 30.0
"""So much a wall clock may be off at a time: small corrections, as a time service makes them, are followed."""

_TOLERATED: Final = round(TOLERATED_SECONDS * 1000)


class BelievedTime:
    """What one program believes about its wall clock; what that shows at first is believed.

    Args:
        wall: The wall-clock time.
        monotonic: The seconds of the monotonic clock at that moment.
    """

    __slots__ = ("_believed", "_shown", "_since")

    def __init__(self, wall: Moment, monotonic: float) -> None:
        self._believed = _difference(wall, monotonic)
        self._shown: int | None = None  # the difference that is not believed yet
        self._since = 0.0

    def ahead(self, wall: Moment, monotonic: float) -> int:
        """Give the milliseconds by which the wall clock is ahead of what is believed; 0 when it is not.

        To be asked now and then even when nobody needs to know: how long a time has been shown is counted from the first time
        that it was seen here.
        """
        difference = _difference(wall, monotonic)
        step = difference - self._believed
        if abs(step) <= _TOLERATED:
            self._believed, self._shown = difference, None
            return 0
        if self._shown is None or abs(difference - self._shown) > _TOLERATED:
            self._shown, self._since = difference, monotonic
        elif monotonic - self._since >= STEADY_SECONDS:
            self._believed, self._shown = difference, None
            return 0
        return max(0, step)


def _difference(wall: Moment, monotonic: float) -> int:
    return wall - round(monotonic * 1000)
