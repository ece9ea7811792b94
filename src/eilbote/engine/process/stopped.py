"""What is raised when an instance stands still: an incident, a failure, a task that nobody can be told of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.notification.event import new_event
from eilbote.author.process.instance import InstanceStatus
from eilbote.engine.event_ids import event_id
from eilbote.engine.process.process_view import in_full
from eilbote.model.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.author.notification.event import SystemEvent
    from eilbote.author.process.kept import KeptInstance
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment
    from eilbote.record.notice import Notice

INCIDENT: Final = "process.incident"
FAILED: Final = "process.failed"
TASK_UNTOLD: Final = "process.task_untold"
_SOURCE: Final = "courier"
_LONGEST: Final = 2_000
_MOST: Final = 20
"""Incidents of one instance that are told each for itself."""


def stopped(kept: KeptInstance) -> Sequence[SystemEvent]:
    """Give an event for each open incident of an instance, or one for its failure; nothing for one that was called back."""
    if kept.cancelled or kept.status is InstanceStatus.CANCELLED:
        return ()
    shown = in_full(kept)
    if kept.status is InstanceStatus.FAILED:
        return (_event(FAILED, kept, shown.error, at=kept.changed, name=kept.id),)
    found = [
        _event(
            INCIDENT,
            kept,
            {"element": incident.element, **incident.error},
            at=incident.at,
            name=f"{incident.key} {incident.at}",
            in_doubt=incident.in_doubt,
        )
        for incident in shown.incidents[:_MOST]
    ]
    if not found and kept.incidents and shown.error:  # it cannot be worked at all
        found = [_event(INCIDENT, kept, shown.error, at=kept.changed, name=f"{kept.id} {kept.changed}")]
    return found


def untold(notice: Notice) -> SystemEvent:
    """Say that somebody cannot be told of a task; once a day for each instance."""
    day = notice.at // 86_400_000
    return new_event(
        TASK_UNTOLD,
        id=event_id(TASK_UNTOLD, notice.instance, notice.text, str(day)),
        at=notice.at,
        severity=Severity.ERROR,
        organization=notice.organization,
        detail=notice.text[:_LONGEST],
        data={"process": notice.process, "instance": notice.instance},
        key=notice.process[:300],
        source=_SOURCE,
    )


def _event(
    kind: str,
    kept: KeptInstance,
    error: Mapping[str, Data],
    *,
    at: Moment,
    name: str,
    in_doubt: bool = False,
) -> SystemEvent:
    said = {part: str(error.get(part) or "")[:_LONGEST] for part in ("element", "message", "cause", "remedy")}
    return new_event(
        kind,
        id=event_id(kind, name),
        at=at,
        severity=Severity.ERROR,
        organization=kept.organization,
        detail="\n".join(text for text in (said["message"], said["cause"]) if text),
        data={
            "process": kept.process,
            "instance": kept.id,
            "element": said["element"],
            "remedy": said["remedy"],
            "in_doubt": in_doubt,
        },
        key=kept.process[:300],
        source=_SOURCE,
    )
