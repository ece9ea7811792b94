"""Decides who is told of an event, and when; and what is only counted. Pure: the same situation, the same decision.

Three rules keep a mailbox readable:

* The same kind about the same thing is told once in a while, and counted in between. The next time it is told, the message says
  how often it has happened since.
* Who has had many messages within an hour gets the rest in one, when the hour is over.
* Who is named by several subscriptions is told once, in the way that tells them first; of two that tell at the same time by the
  one that names the event more closely.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, assert_never

from eilbote.author.notification.catalogue import known_event
from eilbote.author.notification.schedule import next_step, next_time_of_day
from eilbote.author.notification.subscription import Cadence
from eilbote.author.notification.telling import Telling
from eilbote.model.severity import Severity

if TYPE_CHECKING:
    from eilbote.author.notification.event import SystemEvent
    from eilbote.author.notification.subscription import Subscription
    from eilbote.model.moment import Moment

MOST_IN_AN_HOUR: Final = 20
"""Messages to one person, each about one event; what comes beyond is gathered."""
HOUR_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The last time that the same kind was raised about the same thing, and told.

    Attributes:
        id: The event's id.
        at: When it was told.
        count: How often it has been raised since, that time among them.
    """

    id: str
    at: Moment
    count: int


_NOBODY: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known when an event is raised.

    Attributes:
        subscriptions: Those that may want it.
        earlier: The last time of the same; ``None`` when there was none.
        told_lately: How many messages about one event each person has got within the last hour.
    """

    subscriptions: Sequence[Subscription] = ()
    earlier: Earlier | None = None
    told_lately: Mapping[str, int] = field(default_factory=lambda: _NOBODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of an event.

    Attributes:
        repeats: The event that it only repeats, and that counts it; empty when it is one of its own.
        earlier: How often it was only counted since it was told last.
        tellings: Who is told, and when.
    """

    repeats: str = ""
    earlier: int = 0
    tellings: tuple[Telling, ...] = ()


def decide(event: SystemEvent, situation: Situation) -> Decision:
    """Decide."""
    earlier = situation.earlier
    if earlier is not None and event.key:
        window = known_event(event.kind).repeat_minutes * 60_000
        if earlier.at - window < event.at < earlier.at + window:
            return Decision(repeats=earlier.id)
    told: dict[str, Telling] = {}
    for telling in _wished(event, situation):
        known = told.get(telling.recipient)
        if known is None or (telling.due, telling.gathered) < (known.due, known.gathered):
            told[telling.recipient] = telling
    return Decision(
        earlier=earlier.count - 1 if earlier is not None and event.key else 0, tellings=tuple(told.values())
    )


def decide_quietly(event: SystemEvent, situation: Situation) -> Decision:
    """Decide as :func:`decide`, but tell nobody: for an event about the telling itself."""
    decision = decide(event, situation)
    return Decision(repeats=decision.repeats, earlier=decision.earlier)


class _Wish(NamedTuple):
    due: Moment
    gathered: bool


def _wished(event: SystemEvent, situation: Situation) -> list[Telling]:
    found = [
        _telling(event, person, _in_storm(_Wish(event.at, gathered=False), person, event, situation), None)
        for person in event.to
    ]
    for subscription in sorted(situation.subscriptions, key=lambda one: (-len(one.pattern), one.id)):
        if not subscription.wants(event) or (wish := _wish(subscription, event)) is None:
            continue
        found += [
            _telling(event, person, _in_storm(wish, person, event, situation), subscription)
            for person in subscription.recipients
        ]
    return found


def _wish(subscription: Subscription, event: SystemEvent) -> _Wish | None:
    """Say when a subscription wants to be told; ``None`` for not at all."""
    now, zone = event.at, subscription.time_zone
    if subscription.muted_until is not None and now < subscription.muted_until:
        return None
    match subscription.cadence:
        case Cadence.IMMEDIATELY:
            wish = _Wish(now, gathered=False)
        case Cadence.TEN_MINUTES:
            wish = _Wish(next_step(now, 10), gathered=True)
        case Cadence.HOURLY:
            wish = _Wish(next_step(now, 60), gathered=True)
        case Cadence.DAILY:
            wish = _Wish(next_time_of_day(now, subscription.daily_at, zone), gathered=True)
        case _:
            assert_never(subscription.cadence)
    if (
        event.severity is Severity.FATAL
        or subscription.quiet is None
        or subscription.cadence is Cadence.DAILY
    ):
        return wish
    end = subscription.quiet.end(wish.due, zone)
    return wish if end is None else _Wish(end, gathered=True)


def _in_storm(wish: _Wish, person: str, event: SystemEvent, situation: Situation) -> _Wish:
    if wish.gathered or situation.told_lately.get(person, 0) < MOST_IN_AN_HOUR:
        return wish
    return _Wish(next_step(event.at, 60), gathered=True)


def _telling(event: SystemEvent, person: str, wish: _Wish, subscription: Subscription | None) -> Telling:
    return Telling(
        event=event.id,
        recipient=person,
        organization=event.organization if subscription is None else subscription.organization,
        subscription="" if subscription is None else subscription.id,
        language=event.language if subscription is None else subscription.language,
        time_zone="UTC" if subscription is None else subscription.time_zone,
        due=wish.due,
        gathered=wish.gathered,
        batch="" if wish.gathered else batch_of(event.id, person),
    )


def batch_of(event: str, recipient: str) -> str:
    """Name the message that tells one person of one event."""
    return f"{event}-{hashlib.sha256(recipient.encode()).hexdigest()[:16]}"
