"""Reads what has happened, and writes down what is to be delivered: the outbox's events, and system events.

How far each feed was read is kept with the deliveries in one transaction, so that a crash in between loses nothing; what is read twice makes
the same deliveries, which are kept once.

Events of the outbox are numbered when they are written, and may appear a little later than others with higher numbers. So what is noted as
read lags behind by some seconds, and what lies between is looked at again now and then. System events are found by the time of what happened,
which may be some while before somebody saw it; they are looked at again for two hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.notification.store import RaisedFilter
from eilbote.engine.webhooks.hook_events import (
    NOTIFICATION,
    deliveries_of,
    kind_of,
    of_notification,
    of_outbox,
)
from eilbote.model.moment import Moment, later
from eilbote.outbox.store import EntryFilter
from eilbote.record.webhook import wants
from eilbote.record.webhook_store import Feed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.notification.store import NotificationStore
    from eilbote.author.notification.telling import KeptEvent
    from eilbote.model.attempt import Event
    from eilbote.model.clock import Clock
    from eilbote.model.ids import EntryId
    from eilbote.outbox.entry import Entry
    from eilbote.outbox.store import OutboxStore
    from eilbote.record.webhook import HookDelivery, Webhook
    from eilbote.record.webhook_store import WebhookStore

_PAGE: Final = 500
_PAGES: Final = 20
"""In one turn; whoever has more waiting comes again at once."""
_LATE_SECONDS: Final = 30.0
"""Within this an event has appeared in the feed after it was given its number."""
_OVERLAP_SECONDS: Final = 7200.0
_QUIET: Final = "notification:webhook."
"""How those begin who have submitted messages that tell of webhooks: what becomes of them is told to no webhook."""


class Feeds:
    """Turns what has happened into deliveries.

    Args:
        store: Where webhooks and deliveries are.
        outbox: The outbox, open.
        notifications: Where system events are.
        clock: Tells the time.
    """

    def __init__(
        self, store: WebhookStore, outbox: OutboxStore, notifications: NotificationStore, *, clock: Clock
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._notifications = notifications
        self._clock = clock
        self._seen: dict[int, Moment] = {}
        self._raised: dict[str, Moment] = {}
        self._again_at = 0.0

    async def read(self, webhooks: Sequence[Webhook], *, now: Moment) -> tuple[int, bool]:
        """Read on; says how many deliveries are new, and whether there may be more to read at once.

        Args:
            webhooks: All of them. Where nobody listens nothing is read.
            now: The time.

        Raises:
            OutboxError: The database does not answer.
        """
        listening = [each for each in webhooks if each.is_enabled]
        if not listening:
            return 0, False
        is_again = self._clock.monotonic() >= self._again_at
        if is_again:
            self._again_at = self._clock.monotonic() + _LATE_SECONDS / 2
        made, has_more = await self._read_outbox(listening, now, is_again=is_again)
        made += await self._read_notifications(listening, now, is_again=is_again)
        return made, has_more

    # -- the outbox ----------------------------------------------------------------------------------------------

    async def _read_outbox(
        self, webhooks: Sequence[Webhook], now: Moment, *, is_again: bool
    ) -> tuple[int, bool]:
        noted = await self._store.position(Feed.OUTBOX)
        self._seen = {number: at for number, at in self._seen.items() if number > noted}
        at = noted if is_again else max(self._seen, default=noted)
        made = 0
        for _ in range(_PAGES):
            events = await self._outbox.events(after=at, limit=_PAGE)
            new = [event for event in events if event.sequence not in self._seen]
            if new:
                made += await self._keep(new, webhooks, now)
            if len(events) < _PAGE:
                return made, False
            at = events[-1].sequence
        return made, True

    async def _keep(self, events: Sequence[Event], webhooks: Sequence[Webhook], now: Moment) -> int:
        wanted = [
            event
            for event in events
            if any(wants(each, kind_of(event), event.organization) for each in webhooks)
        ]
        entries = await self._entries(wanted)
        deliveries: list[HookDelivery] = []
        for event in wanted:
            entry = None if event.entry is None else entries.get(event.entry)
            if entry is None or not entry.author.startswith(_QUIET):
                deliveries += deliveries_of(of_outbox(event, entry), webhooks, now=now)
        self._seen.update((event.sequence, event.at) for event in events)
        settled = later(now, -_LATE_SECONDS)
        position = max((number for number, at in self._seen.items() if at < settled), default=None)
        return await self._store.enqueue(deliveries, feed=Feed.OUTBOX, position=position)

    async def _entries(self, events: Sequence[Event]) -> dict[EntryId, Entry]:
        ids = tuple(dict.fromkeys(event.entry for event in events if event.entry is not None))
        if not ids:
            return {}
        return {entry.id: entry for entry in await self._outbox.entries(EntryFilter(ids=ids), limit=len(ids))}

    # -- system events -------------------------------------------------------------------------------------------

    async def _read_notifications(self, webhooks: Sequence[Webhook], now: Moment, *, is_again: bool) -> int:
        noted = await self._store.position(Feed.NOTIFICATIONS)
        since = Moment(max(0, later(Moment(noted or now), -_OVERLAP_SECONDS)))
        self._raised = {id_: at for id_, at in self._raised.items() if at >= since}
        found = await self._raised_since(since, pages=_PAGES if is_again else 1)
        new = [kept for kept in found if kept.event.id not in self._raised]
        if not new:
            return 0
        deliveries: list[HookDelivery] = []
        for kept in new:
            kind = NOTIFICATION + kept.event.kind
            if any(wants(each, kind, kept.event.organization) for each in webhooks):
                deliveries += deliveries_of(of_notification(kept), webhooks, now=now)
        latest = max(kept.last for kept in new)
        made = await self._store.enqueue(
            deliveries, feed=Feed.NOTIFICATIONS, position=max(noted, min(latest, now))
        )
        self._raised.update((kept.event.id, kept.last) for kept in new)
        return made

    async def _raised_since(self, since: Moment, *, pages: int) -> list[KeptEvent]:
        found: list[KeptEvent] = []
        for _ in range(pages):
            after = found[-1].event.id if found else ""
            page = await self._notifications.events(RaisedFilter(since=since), limit=_PAGE, after=after)
            found += page
            if len(page) < _PAGE:
                break
        return found
