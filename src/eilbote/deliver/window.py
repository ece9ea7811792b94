"""At most so many messages in any stretch of time of a given length. Pure; the caller tells the time."""

from __future__ import annotations

from collections import deque
from typing import Final

_BUCKETS: Final = 60


class Window:
    """Counts messages in the last seconds, as providers do that publish "30 a minute" or "10,000 a day".

    Counted in sixtieths of the window, rounded to the safe side: a message counts until its whole sixtieth has left
    the window, so no window holds more than the limit, and none is held up for longer than a sixtieth too long.

    Args:
        limit: Messages; at least 1.
        seconds: The length of the window.
    """

    __slots__ = ("_buckets", "_count", "_limit", "_seconds", "_width")

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._width = seconds / _BUCKETS
        self._buckets: deque[list[int]] = deque()  # [sixtieth, messages], the oldest first
        self._count = 0

    def room(self, now: float) -> int:
        """Tell how many messages may begin now."""
        self._forget(now)
        return max(0, self._limit - self._count)

    def wait(self, now: float) -> float:
        """Give the seconds until the next message may begin; 0 when it may begin now."""
        if self.room(now) > 0:
            return 0.0
        excess = self._count - self._limit  # more than 0 when messages of others were counted
        leaves_at = now
        for number, messages in self._buckets:
            leaves_at = self._leaves_at(number)
            excess -= messages
            if excess < 0:
                break
        return max(0.0, leaves_at - now)

    def spend(self, at: float, messages: int = 1) -> None:
        """Note messages begun at a time; times may be in the past, but must not go back."""
        if messages <= 0:
            return
        number = int(at // self._width)
        if self._buckets and self._buckets[-1][0] >= number:
            self._buckets[-1][1] += messages
        else:
            self._buckets.append([number, messages])
        self._count += messages

    def _leaves_at(self, number: int) -> float:
        return (number + 1) * self._width + self._seconds

    def _forget(self, now: float) -> None:
        while self._buckets and self._leaves_at(self._buckets[0][0]) <= now:
            self._count -= self._buckets.popleft()[1]
