"""The wall clock as a courier goes by it: a step is noticed at one moment, and believed later.

Two questions, with an answer each:

* *What is due, and when is the next attempt?* By :meth:`WallClock.now`: what the clock shows, except that a step counts from
  the moment at which it is noticed, because times that are stored are moved with it at that moment. Until then everybody goes on
  by the old time, so that nothing is written by the new one and then moved as well, and a step that is taken back before
  anybody has noticed has never been.
* *What is too old?* By :meth:`WallClock.certain_now`, see :mod:`eilbote.outbox.believed_time`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.model.moment import Moment, moment_of
from eilbote.outbox.believed_time import BelievedTime

if TYPE_CHECKING:
    from eilbote.model.clock import Clock

_NOTICED: Final = 30_000  # milliseconds


class WallClock:
    """Compares both clocks from look to look.

    Small corrections, as a time service makes them all the time, are no step; they add up over the looks until
    they are one.

    Args:
        clock: Tells the time.
    """

    __slots__ = ("_believed", "_clock", "_difference")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        now, monotonic = moment_of(clock.now()), clock.monotonic()
        self._difference = now - round(monotonic * 1000)
        self._believed = BelievedTime(now, monotonic)

    def now(self) -> Moment:
        """Give the time by which things are due."""
        shown, passed = moment_of(self._clock.now()), round(self._clock.monotonic() * 1000)
        is_noticed = abs(shown - passed - self._difference) <= _NOTICED
        return shown if is_noticed else Moment(self._difference + passed)

    def certain_now(self) -> Moment:
        """Give the time by which things are too old: what it decides cannot be taken back."""
        now = self.now()
        return Moment(now - self.ahead(now))

    def ahead(self, now: Moment) -> int:
        """Give the milliseconds by which a time that :meth:`now` has just given is ahead of what is certain."""
        return self._believed.ahead(now, self._clock.monotonic())

    def step(self) -> float:
        """Give the seconds by which the wall clock was set since the last step that was noticed; 0 when it was not."""
        step = moment_of(self._clock.now()) - round(self._clock.monotonic() * 1000) - self._difference
        return step / 1000 if abs(step) > _NOTICED else 0.0

    def notice(self, step: float) -> None:
        """Go by the new time from now on."""
        self._difference += round(step * 1000)
