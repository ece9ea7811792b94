"""What the exercises are played with: a store that is empty at first, webhooks and deliveries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from eilbote.model.secret import Secret
from eilbote.record.webhook import HookDelivery, Webhook
from eilbote.testing.account_exercises.scene import NOW, at

if TYPE_CHECKING:
    from eilbote.record.webhook_store import WebhookStore

__all__ = ["NOW", "Exercise", "Kept", "at", "delivery", "webhook"]

Kept: TypeAlias = "Callable[[], WebhookStore]"
"""Gives handles on the same store, which is empty at first."""

Exercise: TypeAlias = Callable[[Kept], Awaitable[None]]
"""Raises :class:`AssertionError`, naming the rule, when the store does not keep it."""


def webhook(id_: str = "w1", of: str = "") -> Webhook:
    """Give one, new, with something in every field."""
    return Webhook(
        id=id_,
        organization=of,
        url="https://example.org/hook?für=uns",
        events=("message.*", "connection.paused"),
        everywhere=True,
        description="Lagerverwaltung",
        is_enabled=False,
        secret=Secret("whsec_b25l"),
        former_secret=Secret("whsec_dHdv"),
        former_until=at(60),
        created=NOW,
        changed=at(1),
        since=at(2),
        failures=3,
        failing_since=at(4),
    )


def delivery(id_: str = "d1", to: str = "w1", *, created: float = 0, due: float = 0) -> HookDelivery:
    """Give one that waits."""
    return HookDelivery(
        id=id_,
        webhook=to,
        organization="acme",
        event="message.accepted",
        body='{"type":"message.accepted","data":{"subject":"Grüße"}}',
        created=at(created),
        due=at(due),
    )
