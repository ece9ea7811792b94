"""What a courier has claimed for one connection and not begun yet: taken ahead, so that no session waits for a claim.

Not more than about a fifth of a second's work is held: what is claimed cannot be overtaken by what is more urgent,
and has to be taken back when the courier dies. Nor more than some megabytes, for a claim holds what is to be sent.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from eilbote.engine.left_out import without_suppressed
from eilbote.engine.patience import Patience
from eilbote.engine.rota import Rota
from eilbote.errors import OutboxError
from eilbote.record.notice import NoticeKind

if TYPE_CHECKING:
    from eilbote.engine.shift import Shift
    from eilbote.outbox.entry import Claim

_AHEAD_SECONDS: Final = 0.2
_MOST_OCTETS: Final = 8 * 1024 * 1024
_QUANTUM: Final = 64
"""How many entries one organization may have at a turn while others wait."""


class Hand:
    """Claims of one connection, in the order they were made.

    Args:
        shift: Who claims.
        changed: Set whenever there is something new for those who wait.

    Attributes:
        rota: The lanes with something due.
    """

    def __init__(self, shift: Shift, changed: asyncio.Event) -> None:
        self.rota = Rota()
        self._shift = shift
        self._changed = changed
        self._claims: deque[Claim] = deque()
        self._wanted = 1
        self._octets_each = 0.0  # of the claims of late
        self._is_closed = False
        self._patience = Patience()

    def __len__(self) -> int:
        """Give the number of claims that wait here."""
        return len(self._claims)

    def take(self, most: int) -> list[Claim]:
        """Take the oldest claims."""
        claims = self._claims
        taken = [claims.popleft() for _ in range(min(most, len(claims)))]
        if taken:
            self._changed.set()
        return taken

    def expect(self, *, least: int, per_second: float) -> None:
        """Say how fast claims are used up, at least so many at once."""
        most = self._shift.options.most_in_hand
        self._wanted = min(most, max(least, int(per_second * _AHEAD_SECONDS)))

    async def fill(self) -> None:
        """Claim what is wanted, until :meth:`close`.

        A claim under way is never cancelled: it may have been made, and then somebody must know it.
        """
        while not self._is_closed:
            wanted = self._wanted_now()
            missing = wanted - len(self._claims)
            lane = self.rota.next() if missing > wanted // 2 else None
            if lane is None or self._shift.lease.is_over():
                self._changed.clear()
                await self._changed.wait()
                continue
            limit = min(missing, _QUANTUM) if len(self.rota) > 1 else missing
            try:
                claims = await self._shift.store.claim(
                    self._shift.courier, lane, limit=limit, now=self._shift.now()
                )
            except OutboxError as error:
                await self._out_of_reach(error)
                continue
            self._reached()
            if len(claims) < limit:
                self.rota.drained(lane)
            if claims:
                claims = await without_suppressed(claims, self._shift)
            if claims:
                self._claims.extend(claims)
                each = sum(len(claim.frozen) for claim in claims) / len(claims)
                self._octets_each = max(each, (each + self._octets_each) / 2)  # larger ones count at once
                self._changed.set()

    def _wanted_now(self) -> int:
        if self._octets_each * self._wanted <= _MOST_OCTETS:
            return self._wanted
        return max(1, int(_MOST_OCTETS / self._octets_each))

    def close(self) -> list[Claim]:
        """Claim nothing more; gives what is left. What a claim under way brings is given by a later call."""
        self._is_closed = True
        self._changed.set()
        left = list(self._claims)
        self._claims.clear()
        return left

    def reopen(self) -> None:
        """Allow :meth:`fill` to be called again."""
        self._is_closed = False

    async def _out_of_reach(self, error: OutboxError) -> None:
        if not self._patience.is_tried:
            self._shift.notice(NoticeKind.OUTBOX_UNAVAILABLE, str(error))
        await self._shift.sleep(self._patience.pause())

    def _reached(self) -> None:
        if self._patience.is_tried:
            self._shift.notice(NoticeKind.OUTBOX_AVAILABLE)
            self._patience.restore()
