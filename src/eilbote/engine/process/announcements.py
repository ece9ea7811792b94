"""Common notifications of processes: one event for each element and iteration, told to all who have subscribed to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.author.notification.event import new_event
from eilbote.author.process.details import Importance, MessageDetails
from eilbote.author.process.instance import DeedDone
from eilbote.engine.event_ids import event_id
from eilbote.model.moment import as_datetime, later
from eilbote.model.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.process.instance import Announce
    from eilbote.engine.notify import Notifier
    from eilbote.engine.process.process_deeds import Asked, Performed

SEVERITIES: Final[Mapping[Importance, Severity]] = {
    Importance.CRITICAL: Severity.ERROR,
    Importance.HIGH: Severity.WARNING,
    Importance.NORMAL: Severity.INFORMATION,
    Importance.LOW: Severity.INFORMATION,
}
"""How bad the event of an announcement is, for those who subscribe to what is at least so bad."""
_NOT_IN_KINDS: Final = re.compile(r"[^a-z0-9_-]+")


class Announcements:
    """Raises the events of processes.

    Args:
        notifier: Keeps events and tells people.
    """

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier

    async def perform(self, asked: Asked, deed: Announce, /) -> Performed:
        """Raise the event; the outcome says how many are told.

        Raises:
            DraftError: The event cannot be raised as it is.
            OutboxError: It cannot be kept for now.
        """
        since = asked.wanted.since
        data: dict[str, object] = {
            **deed.data,
            "process": asked.kept.process,
            "instance": asked.kept.id,
            "importance": deed.importance.value,
        }
        if deed.duration_seconds is not None:
            data["until"] = as_datetime(later(since, deed.duration_seconds)).isoformat()
        raised = await self._notifier.raise_event(
            new_event(
                kind_of(asked),
                id=event_id("process", asked.name),
                at=since,
                severity=SEVERITIES[deed.importance],
                organization=asked.kept.organization,
                summary=deed.title,
                detail=deed.text,
                data=data,
                source=asked.author[:300],
            )
        )
        return DeedDone(result={"event": raised.event, "told": raised.told})


def kind_of(asked: Asked) -> str:
    """Give what is subscribed to: ``process.`` and the system name of the event."""
    details = asked.definition.details.get(asked.wanted.element)
    said = details.system_name if isinstance(details, MessageDetails) else asked.wanted.element
    return f"process.{_NOT_IN_KINDS.sub('_', said.lower()).strip('_') or 'announcement'}"
