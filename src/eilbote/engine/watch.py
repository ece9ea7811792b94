"""Watches the other couriers of the same outbox, and takes back what one of them holds that is gone.

A courier whose process has certainly ended is gone at once. Otherwise one is gone when its count of beats has
stood still for longer than a lease, seen by this courier's own monotonic clock; that is later than the moment at
which the other one stops by itself, see :mod:`eilbote.engine.lease`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.record.notice import NoticeKind

if TYPE_CHECKING:
    from eilbote.engine.shift import Shift
    from eilbote.model.ids import CourierId


class Watch:
    """What one courier knows about the others.

    Args:
        shift: The courier that watches.
    """

    def __init__(self, shift: Shift) -> None:
        self._shift = shift
        self._seen: dict[CourierId, tuple[int, float]] = {}

    async def look(self) -> int:
        """Look once; gives the number of entries taken back.

        Raises:
            OutboxError: The outbox cannot be asked.
        """
        shift = self._shift
        rescued = 0
        seen: dict[CourierId, tuple[int, float]] = {}
        for courier, beats, is_gone in await shift.store.couriers():
            if courier == shift.courier:
                continue
            now = shift.clock.monotonic()
            known = self._seen.get(courier)
            if known is None or known[0] != beats:
                known = (beats, now)
            if is_gone or now - known[1] > shift.options.lease_seconds:
                rescued += await self._rescue(courier, is_gone=is_gone)
            else:
                seen[courier] = known
        self._seen = seen
        return rescued

    async def _rescue(self, courier: CourierId, *, is_gone: bool) -> int:
        shift = self._shift
        count = await shift.store.end_courier(courier, now=shift.now())
        why = "its process has ended" if is_gone else "it gave no sign of life for a whole lease"
        shift.notice(NoticeKind.COURIER_RESCUED, f"courier {courier} is gone: {why}", count=count)
        return count
