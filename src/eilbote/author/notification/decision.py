"""Decides who is told of an event, and when; and what is only counted. Pure: the same situation, the same decision.

Three rules keep a mailbox readable:

* The same kind about the same thing is told once in a while, or as often as the catalogue allows, and counted in between. The next time
  it is told, the message says how often it has happened since.
* Who has had many messages within an hour gets the rest in one, when the hour is over; but not what concerns them alone.
* Who is named by several subscriptions is told once, in the way that tells them first; of two that tell at the same time by the
  one that names the event more closely.

What concerns one person by its kind, such as a link for a new password, is told to that person and to nobody who has subscribed.
An organization's subscription may stand in place of one of the host's, for its own events. What is mandatory reaches administrators whatever
anybody has muted, replaced or unsubscribed from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, assert_never

from eilbote.author.notification.catalogue import known_event
from eilbote.author.notification.defaults import mandatory, with_defaults
from eilbote.author.notification.escalation import Escalation
from eilbote.author.notification.people import NOBODY, Addressee, addressees
from eilbote.author.notification.schedule import next_step, next_time_of_day
from eilbote.author.notification.subscription import Cadence
from eilbote.author.notification.telling import Telling
from eilbote.model.moment import later
from eilbote.model.severity import Severity

if TYPE_CHECKING:
    from eilbote.author.notification.event import SystemEvent
    from eilbote.author.notification.people import People
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
        alike: How often the same was told since :func:`alike_since`, that last time among them.
        told_lately: How many messages about one event each person has got within the last hour.
    """

    subscriptions: Sequence[Subscription] = ()
    earlier: Earlier | None = None
    alike: int = 1
    told_lately: Mapping[str, int] = field(default_factory=lambda: _NOBODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of an event.

    Attributes:
        repeats: The event that it only repeats, and that counts it; empty when it is one of its own.
        earlier: How often it was only counted since it was told last.
        tellings: Who is told, and when.
        escalations: What is done unless somebody acknowledges it.
    """

    repeats: str = ""
    earlier: int = 0
    tellings: tuple[Telling, ...] = ()
    escalations: tuple[Escalation, ...] = ()


def alike_since(event: SystemEvent) -> Moment:
    """Give since when events of the same kind about the same thing are counted."""
    return later(event.at, -60.0 * known_event(event.kind).repeat_minutes)


def decide(event: SystemEvent, situation: Situation, people: People = NOBODY) -> Decision:
    """Decide.

    Args:
        event: What has happened.
        situation: What is known.
        people: Who is meant by roles and accounts.
    """
    earlier = situation.earlier
    if earlier is not None and event.key:
        rule = known_event(event.kind)
        window = rule.repeat_minutes * 60_000
        if earlier.at - window < event.at < earlier.at + window and situation.alike >= rule.at_most:
            return Decision(repeats=earlier.id)
    told: dict[str, Telling] = {}
    for telling in _wished(event, situation, people):
        known = told.get(telling.recipient)
        if known is None or (telling.due, telling.gathered) < (known.due, known.gathered):
            told[telling.recipient] = telling
    return Decision(
        earlier=earlier.count - 1 if earlier is not None and event.key else 0,
        tellings=tuple(told.values()),
        escalations=_escalations(event, situation),
    )


def decide_quietly(event: SystemEvent, situation: Situation, people: People = NOBODY) -> Decision:
    """Decide as :func:`decide`, but tell nobody: for an event about the telling itself."""
    decision = decide(event, situation, people)
    return Decision(repeats=decision.repeats, earlier=decision.earlier)


def decide_step(
    event: SystemEvent,
    situation: Situation,
    people: People = NOBODY,
    *,
    subscription: Subscription,
    step: int,
) -> Decision:
    """Decide who is told that nobody has acknowledged an event: those of one step, and nobody else. It escalates no further by itself.

    Args:
        event: That nobody has; see :mod:`eilbote.author.notification.escalated`.
        situation: What is known.
        people: Who is meant by roles and accounts.
        subscription: By whose wish.
        step: Which of its steps, from 0.
    """
    meant = replace(
        subscription, recipients=subscription.escalation[step].recipients, cadence=Cadence.IMMEDIATELY
    )
    wish = _wish(meant, event)
    if wish is None:
        return Decision()
    return Decision(
        tellings=tuple(
            _telling(event, one, wish, situation, subscription) for one in addressees(meant, event, people)
        )
    )


def _escalations(event: SystemEvent, situation: Situation) -> tuple[Escalation, ...]:
    """Give the first step of each subscription that tells of an event; time counts from when it tells."""
    found: list[Escalation] = []
    for subscription in effective(event, situation.subscriptions):
        wish = _wish(subscription, event)
        if wish is None or not subscription.escalation:
            continue
        due = later(wish.due, 60.0 * subscription.escalation[0].after_minutes)
        found.append(Escalation(event=event.id, subscription=subscription.id, step=0, due=due))
    return tuple(found)


class _Wish(NamedTuple):
    due: Moment
    gathered: bool


def _wished(event: SystemEvent, situation: Situation, people: People) -> list[Telling]:
    found = [
        _telling(event, _in_person(event, address, people), _Wish(event.at, gathered=False), situation, None)
        for address in event.to
    ]
    for subscription in effective(event, situation.subscriptions):
        wish = _wish(subscription, event)
        if wish is None:
            continue
        heeds_leaving = not known_event(event.kind).mandatory
        found += [
            _telling(event, one, wish, situation, subscription)
            for one in addressees(subscription, event, people, heeds_leaving=heeds_leaving)
        ]
    return found


def effective(event: SystemEvent, subscriptions: Sequence[Subscription]) -> list[Subscription]:
    """Give the subscriptions that want an event, the closest first: defaults among them, those that are replaced left out.

    Nobody subscribes to what concerns one person: it may hold a link by which a password is set.
    """
    known = known_event(event.kind)
    if known.personal:
        return []
    is_mandatory = known.mandatory
    offered = with_defaults(subscriptions)
    replaced = {
        one.replaces
        for one in offered
        if one.replaces and one.organization == event.organization and not is_mandatory
    }
    found = [one for one in offered if one.wants(event) and (one.organization or one.id not in replaced)]
    found.sort(key=lambda one: (-len(one.pattern), one.id))
    return [*found, mandatory(event)] if is_mandatory else found


def _in_person(event: SystemEvent, address: str, people: People) -> Addressee:
    known = next((one for one in people.by_id.values() if one.address.lower() == address.lower()), None)
    return Addressee(
        address=address,
        language=event.language,
        time_zone="UTC" if known is None else known.time_zone or "UTC",
    )


def _wish(subscription: Subscription, event: SystemEvent) -> _Wish | None:
    """Say when a subscription wants to be told; ``None`` for not at all."""
    now, zone = event.at, subscription.time_zone
    is_mandatory = known_event(event.kind).mandatory
    if not is_mandatory and subscription.muted_until is not None and now < subscription.muted_until:
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
        case Cadence.NEVER:
            return None
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
    if known_event(event.kind).personal:
        return wish  # somebody waits for a link by which a password is set, and no digest shows it
    return _Wish(next_step(event.at, 60), gathered=True)


def _telling(
    event: SystemEvent,
    one: Addressee,
    wish: _Wish,
    situation: Situation,
    subscription: Subscription | None,
) -> Telling:
    wish = _in_storm(wish, one.address, event, situation)
    return Telling(
        event=event.id,
        recipient=one.address,
        organization=event.organization if subscription is None else subscription.organization,
        subscription="" if subscription is None else subscription.id,
        language=one.language,
        time_zone=one.time_zone,
        due=wish.due,
        gathered=wish.gathered,
        batch="" if wish.gathered else batch_of(event.id, one.address),
    )


def batch_of(event: str, recipient: str) -> str:
    """Name the message that tells one person of one event."""
    return f"{event}-{hashlib.sha256(recipient.encode()).hexdigest()[:16]}"
