"""When a connection tries again what was not taken (RFC 5321 §4.5.4.1)."""

from __future__ import annotations

from dataclasses import dataclass

from eilbote.errors import SettingsError
from eilbote.model.kinds import shown

_DAY = 24 * 60 * 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How long to wait between attempts, and when to give up; only transient failures are tried again.

    The wait after the first attempt is ``first_seconds``; each further one is longer by ``factor``, up to
    ``cap_seconds``. With the values below the first hour sees six attempts, and four days thirty-two.
    RFC 5321 §4.5.4.1 asks a relay for half an hour between attempts and four to five days in all; a notification
    is wanted sooner, so the first waits are shorter, and the longest are longer.

    Attributes:
        first_seconds: From the first attempt to the second.
        factor: By how much each wait is longer than the one before it.
        cap_seconds: No wait is longer.
        lifetime_seconds: What is not accepted after so long has failed, unless the message says another time.
        jitter: The part of each wait that is left to chance, at most half of it, so that what failed together does not come back
            together: 0.2 makes a wait of 60 seconds one of 48 to 60.

    Raises:
        SettingsError: A value would stop all retries, or never let them rest.
    """

    first_seconds: float = 60.0
    factor: float = 2.0
    cap_seconds: float = 4 * 60 * 60.0
    lifetime_seconds: float = 4 * _DAY
    jitter: float = 0.2

    def __post_init__(self) -> None:
        """Refuse what is no schedule."""
        _within("first_seconds", self.first_seconds, 1.0, _DAY)
        _within("factor", self.factor, 1.0, 10.0)
        _within("cap_seconds", self.cap_seconds, 1.0, 7 * _DAY)
        _within("lifetime_seconds", self.lifetime_seconds, 1.0, 365 * _DAY)
        _within("jitter", self.jitter, 0.0, 0.5)
        if self.cap_seconds < self.first_seconds:
            raise SettingsError(
                f"the longest wait of {self.cap_seconds:g} seconds is shorter than the first one",
                field="retry.cap_seconds",
                remedy=f"Give at least {self.first_seconds:g}, or a smaller first_seconds",
            )


def _within(name: str, value: object, lowest: float, highest: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not lowest <= value <= highest:
        raise SettingsError(
            f"{shown(value)} is not possible here",
            field=f"retry.{name}",
            remedy=f"Give a number from {lowest:g} to {highest:g}",
        )
