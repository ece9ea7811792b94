"""Looks what became of the messages that instances wait for, and wakes the instances whose messages are settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.engine.mail_awaited import PAGE
from eilbote.engine.process.process_mail import is_decided
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.author.process.store import ProcessStore
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.outbox.store import OutboxStore


class ProcessWatch:
    """What one worker knows of the messages that instances wait for.

    Args:
        store: Where instances are kept.
        outbox: Where messages are.
        now: Tells the time.
    """

    def __init__(
        self, store: ProcessStore, outbox: Callable[[], OutboxStore], *, now: Callable[[], Moment]
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._now = now
        self._after: EntryId | None = None

    async def look(self) -> bool:
        """Look at the next page; says whether there may be more to look at right now.

        Raises:
            OutboxError: The database does not answer.
        """
        page = await self._store.awaited(limit=PAGE, after=self._after)
        self._after = page[-1] if len(page) == PAGE else None
        if page:
            await self.look_at(page)
        return self._after is not None

    async def look_at(self, entries: Sequence[EntryId]) -> int:
        """Look at some messages; says how many instances were woken.

        Raises:
            OutboxError: The database does not answer.
        """
        found = await self._outbox().entries(EntryFilter(ids=tuple(entries)), limit=len(entries))
        waiting = {entry.id for entry in found if not is_decided(entry)}
        over = [entry for entry in entries if entry not in waiting]
        return await self._store.wake(over, now=self._now()) if over else 0
