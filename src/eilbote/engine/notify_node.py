"""Performs what Raise Notification nodes want: one event for each visit, however often the run is taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.flow.step import Outcome
from eilbote.author.notification.event import new_event
from eilbote.engine.event_ids import event_id
from eilbote.engine.flow_effects import Done

if TYPE_CHECKING:
    from eilbote.author.flow.effect import RaiseNotification
    from eilbote.engine.flow_effects import Asked, Performed
    from eilbote.engine.notify import Notifier


class NotificationRaiser:
    """Raises the events of flows.

    Args:
        notifier: Keeps events and tells people.
    """

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier

    async def perform(self, asked: Asked, effect: RaiseNotification, /) -> Performed:
        """Raise the event; the outcome says how many are told.

        Raises:
            DraftError: The event cannot be raised as it is.
            OutboxError: It cannot be kept for now.
        """
        raised = await self._notifier.raise_event(
            new_event(
                effect.event,
                id=event_id("flow", asked.run.key),
                at=asked.since,
                severity=effect.severity,
                organization=asked.kept.organization,
                summary=effect.summary,
                detail=effect.detail,
                data=effect.data,
                key=effect.about,
                source=asked.author[:300],
            )
        )
        return Done(
            outcome=Outcome(
                result={
                    "event": raised.event,
                    "told": raised.told,
                    "count": raised.count,
                    "new": raised.is_new,
                }
            )
        )
