"""What webhooks are told: events of the outbox and system events in one form, and one delivery for each webhook that wants it. Pure.

A body is ``{"type": ..., "timestamp": ..., "data": {...}}``, as Standard Webhooks says. A delivery's id is made of the event and the webhook:
whoever reads a feed twice makes the same deliveries, which are kept once.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.notification.catalogue import known_event
from eilbote.author.notification.wording import title_of
from eilbote.model.attempt import EventKind
from eilbote.model.ids import entry_id_text
from eilbote.model.moment import as_datetime
from eilbote.record.webhook import HookDelivery, HookEvent, wants

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.author.notification.telling import KeptEvent
    from eilbote.model.attempt import Event
    from eilbote.model.moment import Moment
    from eilbote.outbox.entry import Entry, EntryRecipient
    from eilbote.record.webhook import Webhook

NOTIFICATION: Final = "notification."
"""What stands before the kind of a system event."""
TEST: Final = "webhook.test"
_OWN: Final = "notification.webhook."
_MOST_RECIPIENTS: Final = 100
_LARGEST: Final = 300
_EXACT_DIGITS: Final = 15  # a number of so many digits is the same in every reader of JSON
_CONNECTIONS: Final = {
    EventKind.CONNECTION_PAUSED: "connection.paused",
    EventKind.CONNECTION_RESUMED: "connection.resumed",
}
KINDS: Final = (
    *(f"message.{each.value}" for each in EventKind if each not in _CONNECTIONS),
    *_CONNECTIONS.values(),
    "suppression.added",
    TEST,
)
"""Every kind that eilbote tells beside system events."""


def kind_of(event: Event) -> str:
    """Give the kind under which webhooks hear of an event of the outbox."""
    return _CONNECTIONS.get(event.kind) or f"message.{event.kind.value}"


def of_outbox(event: Event, entry: Entry | None) -> HookEvent:
    """Say what happened to an entry or a connection.

    Args:
        event: What happened; stored, so that it has its place in the feed.
        entry: The entry, as it is now; ``None`` when it concerns a connection, or the entry was forgotten.
    """
    data: dict[str, object] = {"sequence": event.sequence}
    if event.entry is not None:
        data["id"] = entry_id_text(event.entry)
    if event.connection:
        data["connection"] = event.connection
    if entry is not None:
        numbers = event.recipients or range(len(entry.recipients))
        concerned = [entry.recipients[number] for number in numbers if number < len(entry.recipients)]
        data |= {
            "message_id": str(entry.message_id),
            "subject": entry.subject,
            "state": entry.state.value,
            "author": entry.author,
            "recipients": [_recipient(one) for one in concerned[:_MOST_RECIPIENTS]],
        }
    if event.text:
        data["text"] = event.text
    return HookEvent(
        id=f"outbox/{event.sequence}",
        kind=kind_of(event),
        organization=event.organization,
        at=event.at,
        data=data,
    )


def _recipient(one: EntryRecipient) -> dict[str, object]:
    said: dict[str, object] = {
        "address": one.address,
        "status": None if one.status is None else one.status.value,
    }
    if one.reply_code:
        said["reply"] = {"code": one.reply_code, "enhanced": one.enhanced_status_code, "text": one.text}
    return said


def of_notification(kept: KeptEvent) -> HookEvent:
    """Say which system event was raised; what is confidential in its data stays out."""
    event = kept.event
    is_confidential = known_event(event.kind).confidential
    data: dict[str, object] = {
        "id": event.id,
        "event": event.kind,
        "severity": event.severity.value,
        "title": title_of(event),
        "about": event.key,
        "detail": "" if is_confidential else event.detail,
        "data": {} if is_confidential else dict(event.data),
    }
    return HookEvent(
        id=f"notification/{event.id}",
        kind=NOTIFICATION + event.kind,
        organization=event.organization,
        at=event.at,
        data=data,
    )


def deliveries_of(event: HookEvent, webhooks: Iterable[Webhook], *, now: Moment) -> list[HookDelivery]:
    """Give a delivery for each webhook that wants an event and was there when it happened.

    That a webhook was switched off is told to others, never to itself: it would hear of itself again and again.
    """
    return [
        delivery_of(event, webhook, now=now)
        for webhook in webhooks
        if wants(webhook, event.kind, event.organization)
        and event.at >= (webhook.created if webhook.since is None else webhook.since)
        and not (event.kind.startswith(_OWN) and _concerns(event, webhook))
    ]


def trial_event(name: str, webhook: Webhook, at: Moment) -> HookEvent:
    """Give the event of a trial delivery, told to one webhook alone.

    Args:
        name: Its own; no two trials share one.
        webhook: Which is tried.
        at: When.
    """
    return HookEvent(
        id=f"test/{name}",
        kind=TEST,
        organization=webhook.organization,
        at=at,
        data={"webhook": webhook.id, "text": "This is a trial delivery; nothing has happened"},
    )


def delivery_of(event: HookEvent, webhook: Webhook, *, now: Moment) -> HookDelivery:
    """Write an event down for a webhook, once and for all its attempts."""
    name = hashlib.sha256(f"{event.id}\x00{webhook.id}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return HookDelivery(
        id=f"msg_{name}",
        webhook=webhook.id,
        organization=event.organization,
        event=event.kind,
        body=body_of(event),
        created=event.at,
        due=now,
    )


def body_of(event: HookEvent) -> str:
    """Write the body of a delivery; in ASCII, so that whatever a text holds can be kept and sent."""
    said = {
        "type": event.kind,
        "timestamp": f"{as_datetime(event.at).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z",
        "data": {"organization": event.organization, **event.data},
    }
    return json.dumps(said, ensure_ascii=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return (
            float(value)
            if len(value.as_tuple().digits) <= _EXACT_DIGITS and abs(value.adjusted()) < _LARGEST
            else str(value)
        )
    raise TypeError(f"a value of type {type(value).__name__} cannot be told")


def _concerns(event: HookEvent, webhook: Webhook) -> bool:
    data = event.data.get("data")
    return isinstance(data, dict) and cast("dict[str, object]", data).get("webhook") == webhook.id
