"""How soon the next message may begin: a token bucket, kept as one moment (the generic cell rate algorithm).

Pure: the caller says what time it is. The bucket holds a tenth of a second's messages and at least one, so a
rate of 14 a second sends one every 71 ms, and a pause never earns a burst that a provider would punish.
"""

from __future__ import annotations

_BURST_SECONDS = 0.1
_ROUNDING_SECONDS = 1e-6


class Throttle:
    """Spaces messages so that no second sees more than the rate allows.

    Args:
        per_second: Messages a second; ``None`` lets everything pass.
    """

    __slots__ = ("_earned_at", "_interval", "_tolerance")

    def __init__(self, per_second: float | None) -> None:
        self._interval = 0.0 if per_second is None else 1.0 / per_second
        # How far the bucket may run ahead: what it holds, less the message that is being spent.
        self._tolerance = max(0.0, _BURST_SECONDS - self._interval)
        self._earned_at = float("-inf")

    @property
    def idle(self) -> bool:
        """Whether there is no limit at all."""
        return self._interval == 0.0

    def wait(self, now: float) -> float:
        """Give the seconds until a message may begin; 0 when it may begin now."""
        missing = self._earned_at - self._tolerance - now
        return missing if missing > _ROUNDING_SECONDS else 0.0

    def spend(self, now: float) -> None:
        """Note that a message begins now."""
        self._earned_at = max(self._earned_at, now) + self._interval
