"""How long a courier may act on what it has claimed, by its own clock and no other.

A courier shows that it lives by raising its count of beats in the outbox. Whoever sees the count stand still for
a whole lease takes the courier for dead and its entries back. The courier itself has to stop before that: its
lease ends one lease after the *begin* of its last successful beat, so its end lies before anybody else's. Both
sides count their own monotonic seconds; no wall clock decides, and none needs to be right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.errors import OutboxError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from eilbote.model.clock import Clock

_BEATS_IN_A_LEASE: Final = 3
# From the last look at the clock to the first octet of a content on the wire.
_MARGIN: Final = 0.1


class Lease:
    """One courier's lease.

    Args:
        seconds: How long a beat counts.
        clock: Tells the monotonic time.
    """

    __slots__ = ("_clock", "_ends_at", "_seconds")

    def __init__(self, seconds: float, *, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._ends_at = clock.monotonic() + seconds

    def is_over(self) -> bool:
        """Whether nothing may be claimed or begun any more."""
        return self._clock.monotonic() >= self.content_until

    @property
    def content_until(self) -> float:
        """The last monotonic moment at which a content may be begun: the end, less a margin of a tenth."""
        return self._ends_at - self._seconds * _MARGIN

    def renewed(self, begun: float) -> None:
        """Note a successful beat that was begun at a monotonic moment."""
        self._ends_at = max(self._ends_at, begun + self._seconds)

    async def keep(
        self, beat: Callable[[], Awaitable[bool]], *, sleep: Callable[[float], Awaitable[None]]
    ) -> str:
        """Renew the lease until it is lost; gives the reason.

        Args:
            beat: Shows that the courier lives; ``False`` when it was taken for dead.
            sleep: Waits for seconds.
        """
        while True:
            await sleep(self._seconds / _BEATS_IN_A_LEASE)
            begun = self._clock.monotonic()
            if self.is_over():
                return f"no sign of life could be given for {self._seconds:g} seconds"
            try:
                alive = await beat()
            except OutboxError:
                continue  # the lease says how long that can go on
            if not alive:
                return "another courier took this one for dead"
            self.renewed(begun)
