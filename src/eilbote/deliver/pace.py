"""How fast a connection sends: what was agreed, and what the server has shown it bears. Pure.

A server that says "not so fast" (421, 432, 4.7.x) halves both the messages on their way at once and their rate;
every quiet while adds a little back: additive increase, multiplicative decrease, as TCP does it (Chiu and Jain,
1989). Refusals of messages that had begun before the last halving are echoes of it and count once. When nothing
was refused for long enough to have come back to twice the rate of the first refusal, the server is taken at its
word and the limit is forgotten.

A greylist refuses with 4.7.1 as well, and means one recipient, not the speed: it changes nothing here (RFC 6647).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

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

_STEPS_TO_DOUBLE: Final = 16  # quiet whiles from half the refused rate back to it: some 2.5 minutes
_FORGET_AT: Final = 2.0
_LOWEST_PER_SECOND: Final = 0.1
_MEASURED_SECONDS: Final = 10.0

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

    __slots__ = (
        "_begun",
        "_day",
        "_halved_at",
        "_minute",
        "_rate",
        "_refused_rate",
        "_refused_room",
        "_room",
        "_stepped_at",
        "_throttle",
    )

    def __init__(self, limits: Limits) -> None:
        minute, day = limits.messages_per_minute, limits.messages_per_day
        self._minute = None if minute is None else Window(minute, MINUTE_SECONDS)
        self._day = None if day is None else Window(day, DAY_SECONDS)
        self._begun = _Meter()
        self._throttle = Throttle(None)
        self._rate: float | None = None
        self._room: int | None = None
        self._refused_rate = 0.0
        self._refused_room = 0
        self._halved_at = float("-inf")
        self._stepped_at = 0.0

    # -- what it says --------------------------------------------------------------------------------------

    def room(self, now: float) -> int | None:
        """Tell how many messages may be on their way at once; ``None`` without a limit."""
        self._step(now)
        return self._room

    def rate(self, now: float) -> float | None:
        """Tell how many messages a second may begin; ``None`` while the server has shown no limit."""
        self._step(now)
        return self._rate

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
        if self._rate is not None:
            return min(most, 1)
        for window in (self._minute, self._day):
            if window is not None:
                most = min(most, window.room(now))
        return most

    # -- what it is told -----------------------------------------------------------------------------------

    def spend(self, now: float) -> None:
        """Note that a message begins."""
        self._begun.note(now)
        self._throttle.spend(now)
        for window in (self._minute, self._day):
            if window is not None:
                window.spend(now)

    def recall(self, messages: int, *, begun_at: float) -> None:
        """Count messages that were begun before this courier was, for the limit of a day; the oldest first."""
        if self._day is not None:
            self._day.spend(begun_at, messages)

    def pushed_back(self, now: float, *, begun_at: float, on_their_way: int) -> bool:
        """Note that the server found it too fast; says whether the pace was halved for it.

        Args:
            now: When it said so.
            begun_at: When the message was begun that it refused.
            on_their_way: How many messages were, that one among them.
        """
        self._step(now)
        if begun_at <= self._halved_at:
            self._stepped_at = now  # an echo: no halving, and no quiet either
            return False
        measured = self._begun.per_second(now)
        self._refused_rate = measured if self._rate is None else min(measured, self._rate)
        self._refused_room = on_their_way if self._room is None else min(on_their_way, self._room)
        self._set(
            rate=max(_LOWEST_PER_SECOND, self._refused_rate / 2),
            room=max(1, self._refused_room // 2),
            now=now,
        )
        self._halved_at = self._stepped_at = now
        return True

    def _step(self, now: float) -> None:
        """Add back what the quiet whiles since the last look have earned."""
        if self._rate is None or self._room is None:
            return
        steps = int((now - self._stepped_at) / QUIET_SECONDS)
        if steps <= 0:
            return
        self._stepped_at += steps * QUIET_SECONDS
        step = max(self._refused_rate, _LOWEST_PER_SECOND) / 2 / _STEPS_TO_DOUBLE
        rate = self._rate + steps * step
        if rate >= _FORGET_AT * max(self._refused_rate, _LOWEST_PER_SECOND):
            self._rate = self._room = None
            self._throttle = Throttle(None)
            return
        share = rate / (max(self._refused_rate, _LOWEST_PER_SECOND) / 2)
        self._set(rate=rate, room=max(1, int(share * max(1, self._refused_room // 2))), now=now)

    def _set(self, *, rate: float, room: int, now: float) -> None:
        self._rate, self._room = rate, room
        self._throttle = Throttle(rate)
        self._throttle.spend(now)


class _Meter:
    """Measures how many messages a second were begun lately."""

    __slots__ = ("_count", "_since")

    def __init__(self) -> None:
        self._count = 0.0
        self._since: float | None = None

    def note(self, now: float) -> None:
        self._fade(now)
        self._count += 1.0

    def per_second(self, now: float) -> float:
        self._fade(now)
        return self._count / _MEASURED_SECONDS

    def _fade(self, now: float) -> None:
        """Let what is longer ago count less: by half in each measuring time."""
        if self._since is not None:
            self._count *= 0.5 ** ((now - self._since) / _MEASURED_SECONDS)
        self._since = now
