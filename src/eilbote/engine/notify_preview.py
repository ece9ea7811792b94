"""What somebody would be told, by the very rules that decide when it happens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eilbote.author.notification.catalogue import known_events
from eilbote.author.notification.decision import Situation, decide
from eilbote.author.notification.escalated import ESCALATED
from eilbote.author.notification.event import new_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.notification.people import People
    from eilbote.author.notification.subscription import Subscription
    from eilbote.author.notification.telling import Telling
    from eilbote.model.moment import Moment
    from eilbote.model.severity import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """What somebody would be told of one kind of events.

    Attributes:
        kind: Which kind.
        severity: How bad such events are when nobody says otherwise.
        telling: How they would be told; ``None`` when they would not.
        condition: A condition that has to hold as well; empty for none.
    """

    kind: str
    severity: Severity
    telling: Telling | None
    condition: str = ""


def previewed(
    address: str,
    *,
    organization: str,
    subscriptions: Sequence[Subscription],
    people: People,
    now: Moment,
) -> list[Previewed]:
    """Tell it for each kind of the catalogue that concerns more than one person.

    Args:
        address: Who.
        organization: Whose events.
        subscriptions: Everything by which somebody may be told of them.
        people: Who has an account.
        now: When they would be raised.
    """
    conditions = {one.id: one.when for one in subscriptions}
    open_ = tuple(replace(one, when="") for one in subscriptions)
    found: list[Previewed] = []
    for known in known_events():
        if known.personal or known.kind == ESCALATED:  # told to those of a step, whatever is subscribed
            continue
        event = new_event(
            known.kind, id="preview", at=now, severity=known.severity, organization=organization
        )
        tellings = decide(event, Situation(subscriptions=open_), people).tellings
        telling = next((one for one in tellings if one.recipient.lower() == address.lower()), None)
        found.append(
            Previewed(
                kind=known.kind,
                severity=known.severity,
                telling=telling,
                condition="" if telling is None else conditions.get(telling.subscription, ""),
            )
        )
    return found
