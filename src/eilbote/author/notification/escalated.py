"""That nobody has acknowledged an event: an event of its own, which carries the one that it is about.

So it is kept, listed and handed to webhooks as every event is, and says in each reader's language what happened in the first place.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from eilbote.author.notification.event import SystemEvent, read_severity
from eilbote.errors import EilboteError
from eilbote.model.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.notification.escalation import Step
    from eilbote.author.notification.event import EventData

ESCALATED: Final = "event.escalated"
"""The kind of such events."""
_MINUTE: Final = 60_000


def escalated(event: SystemEvent, step: Step, number: int, *, id_: str, now: Moment) -> SystemEvent:
    """Say that nobody has acknowledged an event.

    Args:
        event: Which.
        step: The step that is taken.
        number: Which of the subscription's steps it is, from 0.
        id_: The id of the new event.
        now: When it is taken.
    """
    severity = event.severity
    if step.severity is not None and step.severity.is_at_least(severity):
        severity = step.severity
    return SystemEvent(
        id=id_,
        kind=ESCALATED,
        at=now,
        severity=severity,
        organization=event.organization,
        data={
            "minutes": max(1, (now - event.at) // _MINUTE),
            "step": number + 1,
            "of": event.id,
            "event": event.kind,
            "severity": event.severity.value,
            "at": event.at,
            "summary": event.summary,
            "detail": event.detail,
            "about": event.key,
            "data": dict(event.data),
        },
        source=event.source,
    )


def original_of(event: SystemEvent) -> SystemEvent | None:
    """Give the event that another one is about; ``None`` where it is about none, or does not say it as :func:`escalated` does."""
    if event.kind != ESCALATED:
        return None
    said = event.data
    try:
        return replace(
            event,
            id=_text(said, "of"),
            kind=_text(said, "event"),
            at=Moment(_number(said, "at")),
            severity=read_severity(_text(said, "severity"), field="severity"),
            summary=_text(said, "summary"),
            detail=_text(said, "detail"),
            key=_text(said, "about"),
            data=_table(said, "data"),
        )
    except (EilboteError, TypeError):
        return None


def _text(said: Mapping[str, EventData], name: str) -> str:
    found = said.get(name)
    if not isinstance(found, str):
        raise TypeError(name)
    return found


def _number(said: Mapping[str, EventData], name: str) -> int:
    found = said.get(name)
    if not isinstance(found, int | Decimal) or isinstance(found, bool):
        raise TypeError(name)
    return int(found)


def _table(said: Mapping[str, EventData], name: str) -> Mapping[str, EventData]:
    found = said.get(name)
    if not isinstance(found, dict):
        raise TypeError(name)
    return found
