"""Events as they are listed: of those that nobody has acknowledged only what somebody could look after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.notification.catalogue import known_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.notification.store import NotificationStore, RaisedFilter
    from eilbote.author.notification.telling import KeptEvent


async def listed_events(
    store: NotificationStore, which: RaisedFilter, *, limit: int, after: str
) -> Sequence[KeptEvent]:
    """Give events, the latest first; what concerns one person alone, such as an invitation, waits for nobody.

    Args:
        store: Where they are kept.
        which: Which of them.
        limit: How many at most.
        after: Those behind the event of this id.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    if which.acknowledged is not False:
        return await store.events(which, limit=limit, after=after)
    found: list[KeptEvent] = []
    while True:
        page = await store.events(which, limit=limit, after=after)
        found += [kept for kept in page if not known_event(kept.event.kind).personal]
        if len(page) < limit or len(found) >= limit:
            return found[:limit]
        after = page[-1].event.id
