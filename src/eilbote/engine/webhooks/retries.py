"""When a delivery is tried again, and when a webhook is given up. Pure: the same failures, the same answer.

The pauses are those that Standard Webhooks recommends: soon at first, for a receiver that is just being started anew, and within three
days in all, for one that nobody looks after over a weekend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eilbote.model.moment import Moment

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
PAUSES: Final = (
    5.0,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
"""Seconds after each failure; after the last one and one attempt more a delivery is given up."""
JITTER: Final = 0.1
"""So much of a pause, at most, is added by chance: what failed together does not come back together."""
LONGEST_WISH: Final = 24 * _HOUR
"""A receiver that asks to be left alone for longer (``Retry-After``) is not believed."""
DISABLED_AFTER: Final = 24 * _HOUR
"""A webhook whose every attempt has failed for so long is switched off."""
GONE: Final = 410
"""The receiver wants nothing more, ever (RFC 9110 section 15.5.11)."""


def pause_after(attempts: int, *, chance: float, wish: float = 0.0) -> float | None:
    """Give the seconds until the next attempt; ``None`` when there is none.

    Args:
        attempts: How many have failed, at least one.
        chance: From 0 to 1.
        wish: For how many seconds the receiver asked to be left alone.
    """
    if attempts > len(PAUSES):
        return None
    pause = PAUSES[attempts - 1] * (1 + JITTER * chance)
    return max(pause, min(wish, LONGEST_WISH))


def is_given_up(failing_since: Moment | None, now: Moment) -> bool:
    """Tell whether a webhook has failed for so long that it is switched off."""
    return failing_since is not None and now - failing_since >= DISABLED_AFTER * 1000
