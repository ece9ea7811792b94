"""Signs deliveries as Standard Webhooks 1.0 says, with the library of those who wrote it.

While a secret is being replaced, deliveries carry two signatures, so that a receiver changes over whenever it likes.
"""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Final

from standardwebhooks.webhooks import Webhook as Signer

from eilbote.model.moment import as_datetime
from eilbote.model.secret import Secret

if TYPE_CHECKING:
    from eilbote.model.moment import Moment
    from eilbote.record.webhook import HookDelivery, Webhook

PREFIX: Final = "whsec_"
_OCTETS: Final = 32
"""Standard Webhooks asks for 24 to 64."""


def new_secret() -> Secret:
    """Make what deliveries are signed with."""
    return Secret(PREFIX + base64.b64encode(os.urandom(_OCTETS)).decode())


def signed_fields(webhook: Webhook, delivery: HookDelivery, *, now: Moment) -> tuple[tuple[str, str], ...]:
    """Give the header fields by which a receiver knows who sent a delivery, and when.

    Args:
        webhook: To whom.
        delivery: What.
        now: When this attempt is made; it is signed as well, so that nobody can send it again much later.
    """
    at = as_datetime(now)
    signatures = [
        Signer(each.reveal()).sign(delivery.id, at, delivery.body) for each in _secrets(webhook, now)
    ]
    return (
        ("webhook-id", delivery.id),
        ("webhook-timestamp", str(now // 1000)),
        ("webhook-signature", " ".join(signatures)),
    )


def _secrets(webhook: Webhook, now: Moment) -> list[Secret]:
    found = [webhook.secret]
    if webhook.former_secret and webhook.former_until is not None and now < webhook.former_until:
        found.append(webhook.former_secret)
    return found
