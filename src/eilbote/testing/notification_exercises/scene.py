"""What the exercises are played with: a store that is empty at first, events and subscriptions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count
from typing import TYPE_CHECKING, Final, TypeAlias, Unpack

from eilbote.author.notification.event import new_event
from eilbote.author.notification.subscription import Subscription, read_subscription
from eilbote.model.moment import Moment, later, moment_of
from eilbote.testing.manual_clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.notification.event import SystemEvent
    from eilbote.author.notification.store import NotificationStore
    from eilbote.author.notification.telling import KeptTelling
    from eilbote.engine.notify_desk import SubscriptionFields

Kept: TypeAlias = "Callable[[], NotificationStore]"
"""Gives handles on the same store, which is empty at first."""

Exercise: TypeAlias = Callable[[Kept], Awaitable[None]]
"""Raises :class:`AssertionError`, naming the rule, when the store does not keep it."""

NOW: Final = moment_of(ManualClock().now())


def at(seconds: float) -> Moment:
    """Give the moment some seconds after :data:`NOW`."""
    return later(NOW, seconds)


def event(
    id_: str = "e1",
    kind: str = "invoice.overdue",
    *,
    when: Moment = NOW,
    severity: str = "warning",
    organization: str = "",
    key: str = "",
    summary: str = "",
    data: dict[str, object] | None = None,
    to: tuple[str, ...] = (),
) -> SystemEvent:
    """Give an event."""
    return new_event(
        kind,
        id=id_,
        at=when,
        severity=severity,
        organization=organization,
        key=key,
        summary=summary,
        data=data,
        to=to,
        source="test",
    )


def wish(id_: str = "s1", **fields: Unpack[SubscriptionFields]) -> Subscription:
    """Give a subscription, new."""
    return read_subscription({"to": "anna@example.org", **fields}, Subscription(id=id_))


def new_ids() -> Callable[[], str]:
    """Give a maker of ids: ``b0``, ``b1`` and so on."""
    numbers = count()
    return lambda: f"b{next(numbers)}"


def of(tellings: Sequence[KeptTelling]) -> list[tuple[str, bool, str]]:
    """Give of tellings who is told, whether it waits, and why."""
    return [(kept.telling.recipient, kept.done is None, kept.reason) for kept in tellings]
