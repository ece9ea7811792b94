"""Limits a minute and a day where several couriers of one outbox send through one connection.

A provider counts what comes from an account, not from a process. What was sent is in the outbox, whoever sent it: at each look
a courier counts it there, adds what is on its way at this moment, and takes its share of what is left, as many shares as there
are couriers. Until the next look it begins no more than that. What cannot be divided is everybody's in turn, for whoever has the
last message in hand must have his turn one day.

Exact for one courier, over restarts as well. For several it is as exact as their looks are simultaneous: one that uses its
share late, when another one has looked again meanwhile, can go beyond the limit, by no more than its share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.deliver.pace import DAY_SECONDS, MINUTE_SECONDS
from eilbote.model.moment import later
from eilbote.model.status import EntryState
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.connections.limits import Limits
    from eilbote.engine.shift import Shift
    from eilbote.model.ids import CourierId

LOOK_SECONDS: Final = 2.0
_VALID: Final = round(2 * LOOK_SECONDS * 1000)
"""For so many milliseconds what was found at a look is used, if the next one is late."""
_TURN: Final = 5 * _VALID
_MOST_ON_THEIR_WAY: Final = 1000


def share(room: int, *, among: int, rank: int, now: int) -> int:
    """Divide what is left among couriers, to the last message.

    Args:
        room: How many messages may still begin.
        among: How many couriers there are.
        rank: Which of them this is, from 0.
        now: The wall-clock time in milliseconds, which says whose turn it is. So near to the end of a turn that what is given
            could be used in the next one, nobody has it.
    """
    each, rest = divmod(max(0, room), among)
    turn, passed = divmod(now, _TURN)
    is_mine = (rank + turn) % among < rest and passed < _TURN - _VALID
    return each + is_mine


class SharedLimits:
    """What one courier may begin through one connection.

    Args:
        connection: Its name.
        limits: What was agreed.
    """

    __slots__ = ("_connection", "_left", "_looked_at", "_windows")

    def __init__(self, connection: str, limits: Limits) -> None:
        self._connection = connection
        windows = ((limits.messages_per_minute, MINUTE_SECONDS), (limits.messages_per_day, DAY_SECONDS))
        self._windows = [(most, seconds) for most, seconds in windows if most is not None]
        self._left = 0
        self._looked_at = 0.0

    def room(self, now: float, most: int) -> int:
        """Tell how many messages may begin now, at most ``most``."""
        if not self._windows:
            return most
        return min(most, self._left) if (now - self._looked_at) * 1000 < _VALID else 0

    def wait(self, now: float) -> float:
        """Give the seconds until it is worth asking again; 0 when a message may begin now."""
        return 0.0 if self.room(now, 1) else LOOK_SECONDS

    def spend(self, messages: int) -> None:
        """Note that messages begin."""
        self._left = max(0, self._left - messages)

    async def look(self, shift: Shift, couriers: Sequence[CourierId], *, on_their_way: int) -> None:
        """Count anew.

        Args:
            shift: Who looks.
            couriers: Everybody who works on the outbox.
            on_their_way: How many messages this courier has begun that are not settled.

        Raises:
            OutboxError: The outbox cannot be asked; what was found before holds until it can.
        """
        if not self._windows:
            return
        looked_at = shift.clock.monotonic()
        begun = on_their_way + await self._on_the_way_by_others(shift, couriers)
        now = shift.now()
        counts = [
            (most, await shift.store.attempts_since(self._connection, later(now, -seconds)))
            for most, seconds in self._windows
        ]
        left = min(most - sent - begun for most, sent in counts)
        ranks = sorted({*couriers, shift.courier})
        self._left = share(left, among=len(ranks), rank=ranks.index(shift.courier), now=now)
        self._looked_at = looked_at

    async def _on_the_way_by_others(self, shift: Shift, couriers: Sequence[CourierId]) -> int:
        if all(courier == shift.courier for courier in couriers):
            return 0
        active = EntryFilter(states=(EntryState.ACTIVE,), connection=self._connection)
        entries = await shift.store.entries(active, limit=_MOST_ON_THEIR_WAY)
        return sum(entry.transmitting and entry.courier != shift.courier for entry in entries)
