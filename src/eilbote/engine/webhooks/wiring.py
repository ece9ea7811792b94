"""Puts together what delivers to webhooks: the desk, its workers, and the way to the network."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from eilbote.engine.random_ids import RandomIds
from eilbote.engine.webhooks.webhook_desk import WebhookDesk

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.author.notification.store import NotificationStore
    from eilbote.engine.notify import Notifier
    from eilbote.engine.webhooks.postman import Postman
    from eilbote.engine.webhooks.webhook_worker import HookOptions, WebhookWorker
    from eilbote.model.clock import Clock
    from eilbote.net.egress import EgressPolicy
    from eilbote.outbox.store import OutboxStore
    from eilbote.record.report import Report
    from eilbote.record.webhook import Webhook
    from eilbote.record.webhook_store import WebhookStore

_SOURCE = "courier"


def webhook_desk(
    store: WebhookStore,
    *,
    outbox: Callable[[], OutboxStore],
    notifications: Callable[[], NotificationStore],
    notifier: Callable[[], Notifier],
    egress: EgressPolicy,
    ports: frozenset[int] | None,
    clock: Clock,
    retention_seconds: float,
    report: Report | None = None,
    options: HookOptions | None = None,
) -> WebhookDesk:
    """Make the desk of an outbox.

    Args:
        store: Where webhooks and deliveries are.
        outbox: Gives the outbox, open; asked by those who deliver.
        notifications: Gives where system events are.
        notifier: Raises that a webhook was switched off.
        egress: Which addresses webhooks of organizations may go to.
        ports: At which ports.
        clock: Tells the time.
        retention_seconds: How long the log of deliveries is kept.
        report: Hears what cannot be done; the log when ``None``.
        options: How workers work; as usual when ``None``.
    """

    def postman() -> Postman:
        from eilbote.engine.webhooks.postman import Postman

        return Postman(egress, ports)

    async def switched_off(webhook: Webhook, reason: str) -> None:
        from eilbote.engine.webhooks.hook_alerts import disabled

        await notifier().raise_event(disabled(webhook, reason))

    def worker() -> WebhookWorker:
        # who only adds or lists webhooks delivers nothing
        from eilbote.engine.webhooks.feeds import Feeds
        from eilbote.engine.webhooks.webhook_worker import HookOptions, WebhookWorker
        from eilbote.record.log import EventLog

        return WebhookWorker(
            store,
            Feeds(store, outbox(), notifications(), clock=clock),
            postman(),
            name=RandomIds().token(),
            clock=clock,
            chance=random.random,
            on_disabled=switched_off,
            report=report or EventLog(),
            options=options or HookOptions(retention_seconds=retention_seconds),
        )

    return WebhookDesk(store, worker=worker, postman=postman, egress=egress, ports=ports, clock=clock)
