"""What administrators are told about webhooks, as system events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.notification.event import new_event
from eilbote.engine.event_ids import event_id
from eilbote.model.severity import Severity
from eilbote.net.http_url import shown_url

if TYPE_CHECKING:
    from eilbote.author.notification.event import SystemEvent
    from eilbote.record.webhook import Webhook

_SOURCE: Final = "courier"


def disabled(webhook: Webhook, reason: str) -> SystemEvent:
    """Say that a webhook was switched off by itself."""
    return new_event(
        "webhook.disabled",
        id=event_id("webhook.disabled", webhook.id, str(webhook.revision)),
        at=webhook.changed,
        severity=Severity.ERROR,
        organization=webhook.organization,
        detail=reason,
        data={"webhook": webhook.id, "url": shown_url(webhook.url), "description": webhook.description},
        key=webhook.id,
        source=_SOURCE,
    )
