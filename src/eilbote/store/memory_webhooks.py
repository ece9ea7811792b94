"""Webhooks and their deliveries in memory, for tests and for programs that keep nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from eilbote.record.webhook import DeliveryState, HookDelivery
from eilbote.record.webhook_store import Feed, HookOwner
from eilbote.store.delivery_rows import ended_at
from eilbote.store.lost_race import check_race

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.moment import Moment
    from eilbote.record.webhook import Webhook


class _Claim(NamedTuple):
    worker: str
    until: Moment


class MemoryWebhooks:
    """A :class:`~eilbote.record.webhook_store.WebhookStore` that keeps everything in this process, and nothing longer."""

    def __init__(self) -> None:
        self._webhooks: dict[str, Webhook] = {}
        self._deliveries: dict[tuple[str, str], HookDelivery] = {}
        self._claims: dict[tuple[str, str], _Claim] = {}
        self._positions: dict[Feed, int] = {}

    async def close(self) -> None:
        """Do nothing: what is here stays."""

    async def webhooks(self, organization: str | None = None) -> Sequence[Webhook]:
        """Give all of one organization, or of all."""
        return [one for _, one in sorted(self._webhooks.items()) if organization in {None, one.organization}]

    async def webhook(self, id: str) -> Webhook | None:  # noqa: A002 - its own word
        """Give one."""
        return self._webhooks.get(id)

    async def owner(self, id: str) -> HookOwner | None:  # noqa: A002 - its own word
        """Tell whose one is."""
        known = self._webhooks.get(id)
        return None if known is None else HookOwner(organization=known.organization, has_secret=True)

    async def keep(self, webhook: Webhook) -> Webhook:
        """Keep one."""
        known = self._webhooks.get(webhook.id)
        check_race("webhook", webhook.id, read=webhook.revision, found=known.revision if known else 0)
        kept = replace(webhook, revision=webhook.revision + 1)
        self._webhooks[kept.id] = kept
        return kept

    async def drop(self, id: str) -> bool:  # noqa: A002 - its own word
        """Forget one with its deliveries."""
        for key in [key for key in self._deliveries if key[0] == id]:
            self._forget(key)
        return self._webhooks.pop(id, None) is not None

    async def count_failures(
        self,
        id: str,  # noqa: A002 - its own word
        failures: int,
        *,
        since: Moment | None,
    ) -> None:
        """Note how many attempts in a row have failed, and since when."""
        if (known := self._webhooks.get(id)) is not None:
            self._webhooks[id] = replace(known, failures=failures, failing_since=since)

    async def position(self, feed: Feed = Feed.OUTBOX) -> int:
        """Give how far a feed was read."""
        return self._positions.get(feed, 0)

    async def enqueue(
        self, deliveries: Sequence[HookDelivery], *, feed: Feed = Feed.OUTBOX, position: int | None = None
    ) -> int:
        """Keep deliveries that are new, to webhooks that are still there, and how far a feed was read."""
        before = len(self._deliveries)
        for one in deliveries:
            if one.webhook in self._webhooks:
                self._deliveries.setdefault((one.webhook, one.id), one)
        self._positions[feed] = max(self._positions.get(feed, 0), position or 0)
        return len(self._deliveries) - before

    async def claim(self, worker: str, *, limit: int, now: Moment, until: Moment) -> Sequence[HookDelivery]:
        """Take deliveries that are due, the oldest first."""
        due = [
            one
            for key, one in self._deliveries.items()
            if one.state is DeliveryState.WAITING
            and one.due <= now
            and (key not in self._claims or self._claims[key].until <= now)
        ]
        taken_now = sorted(due, key=lambda one: (one.due, one.created, one.webhook, one.id))[:limit]
        for one in taken_now:
            self._claims[one.webhook, one.id] = _Claim(worker, until)
        return taken_now

    async def settle(self, delivery: HookDelivery, *, worker: str) -> bool:
        """Write what became of an attempt, and let go."""
        key = delivery.webhook, delivery.id
        claim = self._claims.get(key)
        if claim is None or claim.worker != worker:
            return False
        del self._claims[key]
        known = self._deliveries[key]  # what is sent was written once, and so was when and for whom
        self._deliveries[key] = replace(
            delivery,
            organization=known.organization,
            event=known.event,
            body=known.body,
            created=known.created,
        )
        return True

    async def deliveries(
        self, webhook: str, *, state: DeliveryState | None = None, limit: int = 50, after: str = ""
    ) -> Sequence[HookDelivery]:
        """Give the deliveries to a webhook, the latest first, behind one of them."""
        mine = [one for one in self._deliveries.values() if one.webhook == webhook]
        mine.sort(key=_order, reverse=True)
        if after:
            behind = self._deliveries.get((webhook, after))
            mine = [] if behind is None else [one for one in mine if _order(one) < _order(behind)]
        return [one for one in mine if state in {None, one.state}][:limit]

    async def delivery(self, webhook: str, id: str) -> HookDelivery | None:  # noqa: A002 - its own word
        """Give one."""
        return self._deliveries.get((webhook, id))

    async def redeliver(self, webhook: str, id: str, *, now: Moment) -> bool:  # noqa: A002 - its own word
        """Have one delivered again, now; its attempts are counted from the beginning."""
        known = self._deliveries.get((webhook, id))
        if known is None:
            return False
        self._deliveries[webhook, id] = replace(known, state=DeliveryState.WAITING, due=now, attempts=0)
        return True

    async def next_due(self) -> Moment | None:
        """Tell when the next attempt is due: of what somebody holds, when that ends."""
        return min(
            (
                self._claims[key].until if key in self._claims else one.due
                for key, one in self._deliveries.items()
                if one.state is DeliveryState.WAITING
            ),
            default=None,
        )

    async def prune(self, *, before: Moment, limit: int = 500) -> int:
        """Forget deliveries that ended before a moment, the oldest first."""
        old = sorted(
            (ended, *key)
            for key, one in self._deliveries.items()
            if (ended := ended_at(one)) is not None and ended < before
        )[:limit]
        for _, *key in old:
            self._forget((key[0], key[1]))
        return len(old)

    def _forget(self, key: tuple[str, str]) -> None:
        del self._deliveries[key]
        self._claims.pop(key, None)


def _order(delivery: HookDelivery) -> tuple[Moment, str]:
    return delivery.created, delivery.id
