"""Looks what became of the messages that runs and instances wait for, a page at a time, and wakes who waits for one that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from eilbote.engine.mail_awaited import PAGE
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.outbox.entry import Entry
    from eilbote.outbox.store import OutboxStore


class Waiters(Protocol):
    """A store of those who wait for messages."""

    async def awaited(self, *, limit: int, after: EntryId | None = None) -> Sequence[EntryId]:
        """Give messages that somebody waits for, in their order."""
        ...

    async def wake(self, entries: Sequence[EntryId], *, now: Moment) -> int:
        """Make those due that wait for one of these messages; says how many."""
        ...


class MailWatch:
    """What one worker knows of the messages that are waited for.

    Args:
        store: Where those are kept who wait.
        outbox: Where messages are.
        now: Tells the time.
        is_over: Tells whether nobody need wait for a message any more.
    """

    def __init__(
        self,
        store: Waiters,
        outbox: Callable[[], OutboxStore],
        *,
        now: Callable[[], Moment],
        is_over: Callable[[Entry], bool],
    ) -> None:
        self._waiters = store
        self._outbox = outbox
        self._now = now
        self._is_over = is_over
        self._after: EntryId | None = None

    async def look(self) -> bool:
        """Look at the next page; says whether there may be more to look at right now.

        Raises:
            OutboxError: The database does not answer.
        """
        page = await self._waiters.awaited(limit=PAGE, after=self._after)
        self._after = page[-1] if len(page) == PAGE else None
        if page:
            await self.look_at(page)
        return self._after is not None

    async def look_at(self, entries: Sequence[EntryId]) -> int:
        """Look at some messages; says how many were woken, or told.

        Raises:
            OutboxError: The database does not answer.
        """
        found = await self._outbox().entries(EntryFilter(ids=tuple(entries)), limit=len(entries))
        waiting = {entry.id for entry in found if not self._is_over(entry)}
        over = [entry for entry in entries if entry not in waiting]
        return await self._tell(over) if over else 0

    async def _tell(self, over: Sequence[EntryId]) -> int:
        """Wake who waits for messages that are over; one that the outbox has forgotten is."""
        return await self._waiters.wake(over, now=self._now())
