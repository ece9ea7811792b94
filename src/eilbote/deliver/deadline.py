"""One timer for a whole session.

A deadline moves with every reply, thousands of times a second; a timer of the loop costs more than the reply. So
nothing is set when it moves: the timer fires at least as often as the shortest wait, asks when the time will be
up, and goes back to sleep.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NEVER = math.inf


class Deadline:
    """Calls back once when the time is up.

    Args:
        monotonic: Tells the time, in seconds.
        due: Tells when the time will be up, as things stand; ``NEVER`` when nothing is awaited.
        expired: What to call when it is.
        shortest: The shortest time from anything happening to the deadline that follows from it.

    Attributes:
        is_running: Whether the timer will look again; if not, :meth:`start` is due when something is awaited.
    """

    __slots__ = ("_due", "_expired", "_monotonic", "_shortest", "_timer", "is_running")

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        due: Callable[[], float],
        expired: Callable[[], None],
        shortest: float,
    ) -> None:
        self._monotonic = monotonic
        self._due = due
        self._expired = expired
        self._shortest = shortest
        self._timer: asyncio.TimerHandle | None = None
        self.is_running = False

    def start(self) -> None:
        """Look after the deadline from now on."""
        if not self.is_running:
            self._sleep(self._due() - self._monotonic())

    def cancel(self) -> None:
        """Stop for good."""
        self.is_running = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _sleep(self, seconds: float) -> None:
        self.is_running = True
        delay = max(0.0, min(seconds, self._shortest))
        self._timer = asyncio.get_running_loop().call_later(delay, self._look)

    def _look(self) -> None:
        self._timer = None
        self.is_running = False
        due = self._due()
        if due == NEVER:
            return
        left = due - self._monotonic()
        if left <= 0.0:
            self._expired()
        else:
            self._sleep(left)
