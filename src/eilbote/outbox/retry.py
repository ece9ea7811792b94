"""When an entry is tried again, and when no more (RFC 5321 §4.5.4.1).

The waits grow by the connection's :class:`~eilbote.connections.retry_policy.RetryPolicy`. What the server said about
the time goes before a shorter wait of ours; a longer wait of ours it shortens only once, after the first attempt, so
that a server that says "try again in a minute" for four days is not asked six thousand times.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.model.moment import Moment, later

if TYPE_CHECKING:
    from eilbote.connections.retry_policy import RetryPolicy
    from eilbote.model.attempt import Outcome

Chance: TypeAlias = Callable[[], float]
"""Gives a number from 0 up to, but not including, 1."""

SHORTEST_HINT_SECONDS: Final = 10.0
LONGEST_HINT_SECONDS: Final = 60 * 60.0

GREYLIST_SECONDS: Final = 5 * 60.0
"""After a greylist's refusal without a time (RFC 6647): what most of them ask for, and no more."""

LAST_CALL_SECONDS: Final = 60.0
"""The last attempt is made so long before an entry's time is over."""

# Both are bounded, and what stands between the words holds no digit: nothing to go back and forth over.
_AGAIN_IN: Final = re.compile(
    r"\b(?:again|retry|retrying|return|come back|wait|greylisted|graylisted|delayed|deferred)\b[^\d\n]{0,30}?"
    r"(?<![\d.:])(\d{1,5})\s{0,2}(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)\b",
    re.IGNORECASE,
)
_RETRY_AFTER: Final = re.compile(r"\bretry-after\s{0,2}[:=]\s{0,2}(\d{1,5})(?!\d)", re.IGNORECASE)
_CLOCK: Final = re.compile(
    r"\b(?:again|come back|wait|greylisted|graylisted)\b[^\d\n]{0,30}?(\d{1,2}):(\d{2}):(\d{2})\b",
    re.IGNORECASE,
)
_GREYLIST: Final = re.compile(r"gr[ae]y[- ]?list", re.IGNORECASE)
_UNITS: Final = {"s": 1, "m": 60, "h": 3600}
_TRANSIENT: Final = range(400, 500)


def expiry(policy: RetryPolicy, accepted: Moment) -> Moment:
    """Tell when the time of an entry is over that does not say so itself."""
    return later(accepted, policy.lifetime_seconds)


def next_attempt(
    policy: RetryPolicy,
    *,
    attempts: int,
    now: Moment,
    expires: Moment,
    hint_seconds: float | None = None,
    random: Chance,
) -> Moment | None:
    """Tell when the next attempt is due; ``None`` when there is no time left for one.

    Where the schedule would go beyond the end, one last attempt is made a minute before it, unless the end is so
    near that this would come sooner than a first retry.

    Args:
        policy: The connection's.
        attempts: How many were made, the one that has just failed among them; at least 1.
        now: When it failed.
        expires: When the entry's time is over; nothing is ever due then or later.
        hint_seconds: What the server asked for, see :func:`hint_of`; values out of bounds are brought within.
        random: Spreads the waits.
    """
    due = later(now, wait_seconds(policy, attempts=attempts, hint_seconds=hint_seconds, random=random))
    if due < expires:
        return due
    last = later(expires, -LAST_CALL_SECONDS)
    return last if last >= later(now, policy.first_seconds) else None


def wait_seconds(
    policy: RetryPolicy, *, attempts: int, hint_seconds: float | None = None, random: Chance
) -> float:
    """Tell how long to wait after so many attempts; see :func:`next_attempt`."""
    scheduled = min(policy.cap_seconds, policy.first_seconds * _power(policy.factor, attempts - 1))
    wait = scheduled * (1.0 - policy.jitter * random())
    if hint_seconds is None:
        return wait
    asked = min(max(hint_seconds, SHORTEST_HINT_SECONDS), LONGEST_HINT_SECONDS)
    asked *= 1.0 + policy.jitter * random()  # never sooner than asked
    return asked if attempts <= 1 else max(wait, asked)


def _power(factor: float, exponent: int) -> float:
    try:
        return factor ** max(0, exponent)
    except OverflowError:
        return float("inf")


def hint_of(outcome: Outcome) -> float | None:
    """Read from a server's transient refusal after how many seconds it wants to be asked again; ``None`` if not said.

    Read conservatively: a number counts only with its unit and behind words such as "try again in". A greylist
    (RFC 6647) that gives no time is met after five minutes.
    """
    if outcome.reply_code not in _TRANSIENT:
        return None
    text = outcome.text
    if match := _AGAIN_IN.search(text):
        return float(match[1]) * _UNITS[match[2][0].lower()]
    if match := _RETRY_AFTER.search(text):
        return float(match[1])
    if match := _CLOCK.search(text):
        return int(match[1]) * 3600.0 + int(match[2]) * 60.0 + int(match[3])
    return GREYLIST_SECONDS if _GREYLIST.search(text) else None
