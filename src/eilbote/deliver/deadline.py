"""One timer for a whole session.

A deadline moves with every reply, thousands of times a second; a timer of the loop costs more than the reply.
So the timer is left where it is and looks, when it fires, whether the deadline has moved on meanwhile.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NEVER = math.inf


class Deadline:
    """Calls back once when the time set last has passed.

    Args:
        monotonic: Tells the time, in seconds.
        expired: What to call.

    Attributes:
        at: The deadline, on the same clock; ``NEVER`` for none.
    """

    __slots__ = ("_expired", "_fires_at", "_monotonic", "_timer", "at")

    def __init__(self, monotonic: Callable[[], float], expired: Callable[[], None]) -> None:
        self._monotonic = monotonic
        self._expired = expired
        self._timer: asyncio.TimerHandle | None = None
        self._fires_at = NEVER
        self.at = NEVER

    def set(self, at: float) -> None:
        """Move the deadline; costs a timer only when it is now earlier than the timer fires."""
        self.at = at
        if at < self._fires_at:
            self._arm()

    def clear(self) -> None:
        """Wait for nothing; the timer may still fire, and does nothing then."""
        self.at = NEVER

    def cancel(self) -> None:
        """Stop for good."""
        self.at = NEVER
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._fires_at = NEVER

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._fires_at = self.at
        delay = max(0.0, self.at - self._monotonic())
        self._timer = asyncio.get_running_loop().call_later(delay, self._fire)

    def _fire(self) -> None:
        self._timer = None
        self._fires_at = NEVER
        if self.at == NEVER:
            return
        if self._monotonic() < self.at:
            self._arm()
            return
        self.at = NEVER
        self._expired()
