"""How fast a connection sends: what was agreed, and what the server has shown it bears. Pure.

A server that says "not so fast" (421, 432, 4.7.x) halves both the messages on their way at once and their rate;
every quiet while adds a little back: additive increase, multiplicative decrease, as TCP does it (Chiu and Jain,
1989). Refusals of messages that had begun before the last halving are echoes of it and count once. When nothing
was refused for long enough to have come back to twice the refused rate, the limit is forgotten.

A greylist refuses with 4.7.1 as well, and means one recipient, not the speed: it changes nothing here (RFC 6647).
"""

from __future__ import annotations

import re
from math import exp2, log
from typing import TYPE_CHECKING, Final, NamedTuple

from eilbote.deliver.throttle import Throttle
from eilbote.deliver.window import Window
from eilbote.errors import DeliveryError

if TYPE_CHECKING:
    from eilbote.connections.limits import Limits
    from eilbote.model.receipt import Receipt
    from eilbote.model.status import EnhancedStatusCode

MINUTE_SECONDS: Final = 60.0
DAY_SECONDS: Final = 24 * 60 * 60.0

QUIET_SECONDS: Final = 10.0
"""So long without a refusal adds a step of rate and of room."""

_STEPS_TO_DOUBLE: Final = 16  # from half the refused rate back to it: some two and a half minutes
_FORGET_AT: Final = 4.0  # times the half
_LOWEST_PER_SECOND: Final = 0.1
_BATCH_SECONDS: Final = 0.1  # as much as a throttle lets pass in one burst
_HALF_LIFE_SECONDS: Final = 10.0
_SHORTEST_SECONDS: Final = 1.0

_GREYLIST: Final = re.compile(r"gr[ae]y[- ]?list", re.IGNORECASE)
_TOO_FAST_CODES: Final = frozenset({421, 432})
_TRANSIENT: Final = range(400, 500)


def is_push_back(code: int, enhanced: EnhancedStatusCode | None, text: str) -> bool:
    """Say whether a reply means that the server is pressed too hard."""
    if code in _TOO_FAST_CODES:
        return True
    if code not in _TRANSIENT or enhanced is None:
        return False
    # 4.7.x: policy, as rate limits are told; 4.3.2 and 4.4.5: busy, congested (RFC 3463 §3.4, §3.5).
    named = enhanced.subject == 7 or enhanced[1:] in {(3, 2), (4, 5)}  # noqa: PLR2004 - x.7.x
    return named and not _GREYLIST.search(text)


def pushes_back(receipt: Receipt) -> bool:
    """Say whether a server has let one know in a receipt that it is pressed too hard."""
    error = receipt.error
    if isinstance(error, DeliveryError) and error.reply_code in _TOO_FAST_CODES:
        return True
    return any(
        is_push_back(result.reply_code, result.enhanced_status_code, result.text)
        for result in receipt.results
        if result.reply_code in _TRANSIENT
    )


class Pace:
    """How fast one connection may send.

    Args:
        limits: What was agreed: messages a minute and a day. Those of a second, and the sessions, are the pool's.
    """

    __slots__ = ("_day", "_halved_at", "_meter", "_minute", "_quiet_since", "_shown", "_steps", "_throttle")

    def __init__(self, limits: Limits) -> None:
        minute, day = limits.messages_per_minute, limits.messages_per_day
        self._minute = None if minute is None else Window(minute, MINUTE_SECONDS)
        self._day = None if day is None else Window(day, DAY_SECONDS)
        self._meter = _Meter()
        self._throttle = Throttle(None)
        self._shown: _Halved | None = None
        self._steps = 0
        self._halved_at = float("-inf")
        self._quiet_since = 0.0

    # -- what it says --------------------------------------------------------------------------------------

    def room(self, now: float) -> int | None:
        """Tell how many messages may be on their way at once; ``None`` while the server has shown no limit."""
        self._step(now)
        return None if self._shown is None else int(self._shown.room * self._share)

    def rate(self, now: float) -> float | None:
        """Tell how many messages may begin in a second; ``None`` while the server has shown no limit."""
        self._step(now)
        return None if self._shown is None else self._shown.rate * self._share

    def wait(self, now: float) -> float:
        """Give the seconds until the next message may begin; 0 when it may begin now."""
        self._step(now)
        return max(
            self._throttle.wait(now),
            0.0 if self._minute is None else self._minute.wait(now),
            0.0 if self._day is None else self._day.wait(now),
        )

    def batch(self, now: float, most: int) -> int:
        """Tell how many messages may begin now one behind the other, at most ``most``."""
        if self.wait(now) > 0.0:
            return 0
        rate = self.rate(now)
        if rate is not None:
            most = min(most, max(1, int(rate * _BATCH_SECONDS)))
        for window in (self._minute, self._day):
            if window is not None:
                most = min(most, window.room(now))
        return most

    # -- what it is told -----------------------------------------------------------------------------------

    def spend(self, now: float) -> None:
        """Note that a message begins."""
        self._meter.note(now)
        self._throttle.spend(now)
        for window in (self._minute, self._day):
            if window is not None:
                window.spend(now)

    def recall(self, messages: int, *, begun_at: float) -> None:
        """Count messages begun before this courier was, for the limit of a day; to be told the oldest first."""
        if self._day is not None:
            self._day.spend(begun_at, messages)

    def pushed_back(self, now: float, *, begun_at: float, on_their_way: int) -> bool:
        """Note that the server found it too fast; says whether the pace was halved for it.

        Args:
            now: When it said so.
            begun_at: When the message was begun that it refused.
            on_their_way: How many messages were, that one among them.
        """
        room, rate = self.room(now), self.rate(now)
        self._quiet_since = now
        if begun_at <= self._halved_at:
            return False
        measured = self._meter.per_second(now)
        self._shown = _Halved(
            max(_LOWEST_PER_SECOND, min(measured, measured if rate is None else rate) / 2),
            max(1, min(on_their_way, on_their_way if room is None else room) // 2),
        )
        self._steps = 0
        self._halved_at = now
        self._limit(now)
        return True

    @property
    def _share(self) -> float:
        return 1.0 + self._steps / _STEPS_TO_DOUBLE

    def _step(self, now: float) -> None:
        """Add back what the quiet whiles since the last look have earned."""
        if self._shown is None:
            return
        steps = int((now - self._quiet_since) / QUIET_SECONDS)
        if steps <= 0:
            return
        self._quiet_since += steps * QUIET_SECONDS
        self._steps += steps
        if self._share >= _FORGET_AT:
            self._shown = None
        self._limit(now)

    def _limit(self, now: float) -> None:
        self._throttle = Throttle(None if self._shown is None else self._shown.rate * self._share)
        self._throttle.spend(now)


class _Halved(NamedTuple):
    """Half of what the server refused: where adding back begins."""

    rate: float
    room: int


class _Meter:
    """Measures how many messages a second were begun lately; what is ten seconds ago counts half."""

    __slots__ = ("_count", "_faded_at", "_since")

    def __init__(self) -> None:
        self._count = 0.0
        self._since: float | None = None
        self._faded_at = 0.0

    def note(self, now: float) -> None:
        if self._since is None:
            self._since = now
        self._fade(now)
        self._count += 1.0

    def per_second(self, now: float) -> float:
        if self._since is None:
            return 0.0
        self._fade(now)
        # A steady rate would have counted so many seconds by now, had it begun with the first message.
        age = max(now - self._since, _SHORTEST_SECONDS)
        counted = (1.0 - exp2(-age / _HALF_LIFE_SECONDS)) * _HALF_LIFE_SECONDS / log(2)
        return self._count / counted

    def _fade(self, now: float) -> None:
        self._count *= exp2(-max(0.0, now - self._faded_at) / _HALF_LIFE_SECONDS)
        self._faded_at = now
