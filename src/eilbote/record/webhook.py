"""Webhooks: who is told over HTTP of what happens, and what became of each delivery (Standard Webhooks 1.0).

Events come from the outbox's feed and from system notifications; a webhook hears those of its organization whose kind it names. Each is
delivered at least once, under an id that stays the same, so that a receiver can throw away what it has seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.model.moment import Moment
    from eilbote.model.secret import Secret

_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Somebody who wants to be told.

    Attributes:
        id: Letters and digits.
        organization: Whose events; empty for the host.
        url: Where to; ``https`` unless the host allows otherwise.
        events: Kinds, ``message.accepted``; ``*`` at the end stands for anything, ``message.*``.
        everywhere: Of the host: the events of all organizations as well.
        description: For people.
        is_enabled: Whether anything is delivered; what happens meanwhile is not delivered later.
        secret: What deliveries are signed with, ``whsec_...``.
        former_secret: The one before the last rotation, with which they are signed as well.
        former_until: Until when.
        created: Since when.
        changed: When something was changed last.
        since: From when on it hears what happens: when it was made or switched on last; ``None`` is as ``created``.
        failures: How many attempts in a row have failed; after a day of that it is switched off, and an administrator is told.
        failing_since: When the first of them failed; ``None`` while there is none.
        revision: Counts the changes.
    """

    id: str
    organization: str
    url: str
    events: tuple[str, ...] = ("*",)
    everywhere: bool = False
    description: str = ""
    is_enabled: bool = True
    secret: Secret
    former_secret: Secret | None = None
    former_until: Moment | None = None
    created: Moment
    changed: Moment
    since: Moment | None = None
    failures: int = 0
    failing_since: Moment | None = None
    revision: int = 0


class DeliveryState(StrEnum):
    """How a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookDelivery:
    """One event on its way to one webhook.

    Attributes:
        id: ``webhook-id``: the same in every attempt and every redelivery.
        webhook: To whom.
        organization: Whose.
        event: Its kind.
        body: What is sent, as it was written once.
        created: When it happened.
        state: How it stands.
        due: When the next attempt is allowed.
        attempts: How many there were.
        attempted: When the last one was.
        seconds: How long it took.
        status: What the receiver answered; 0 when it did not.
        answer: The beginning of its answer, or why there is none; at most 2,000 characters.
    """

    id: str
    webhook: str
    organization: str
    event: str
    body: str
    created: Moment
    state: DeliveryState = DeliveryState.WAITING
    due: Moment
    attempts: int = 0
    attempted: Moment | None = None
    seconds: float = 0.0
    status: int = 0
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookEvent:
    """Something that webhooks may want to hear.

    Attributes:
        id: From which the ids of deliveries are made: the same thing that happened has the same.
        kind: ``message.accepted``, ``connection.paused``, ``notification.flow.failed``.
        organization: Whose.
        at: When.
        data: What is told; plain data.
    """

    id: str
    kind: str
    organization: str
    at: Moment
    data: Mapping[str, object] = field(default_factory=lambda: _NOTHING)


def wants(webhook: Webhook, kind: str, organization: str) -> bool:
    """Tell whether a webhook is to hear of an event."""
    concerned = webhook.organization == organization or (webhook.everywhere and not webhook.organization)
    return webhook.is_enabled and concerned and any(_is_like(kind, each) for each in webhook.events)


def _is_like(kind: str, pattern: str) -> bool:
    return kind == pattern or (pattern.endswith("*") and kind.startswith(pattern[:-1]))
