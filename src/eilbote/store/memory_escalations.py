"""What is done unless somebody acknowledges an event, and who has acknowledged what, in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.author.notification.escalation import Acknowledgement, Escalation, KeptEscalation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from eilbote.model.moment import Moment


class MemoryEscalations:
    """Keeps steps and acknowledgements, and nothing longer than this process."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, str, int], KeptEscalation] = {}
        self._acknowledged: dict[str, Acknowledgement] = {}

    def add(self, escalations: Iterable[Escalation]) -> None:
        """Keep what is to be done; what is there stays."""
        for one in escalations:
            self._steps.setdefault((one.event, one.subscription, one.step), KeptEscalation(escalation=one))

    def due(self, now: Moment, limit: int) -> list[Escalation]:
        """Give steps that are due, those first that have waited longest."""
        found = [
            one.escalation for one in self._steps.values() if one.done is None and one.escalation.due <= now
        ]
        return sorted(found, key=lambda one: (one.due, one.event, one.subscription))[:limit]

    def taken(
        self, one: Escalation, *, raised: str, reason: str, following: Escalation | None, now: Moment
    ) -> None:
        """Note that a step was taken, and the next one; of one that has ended meanwhile only what it has told."""
        key = one.event, one.subscription, one.step
        known = self._steps.get(key)
        if known is None:
            return
        if known.done is not None:
            self._steps[key] = replace(known, raised=known.raised or raised)
            return
        self._steps[key] = replace(known, done=now, raised=raised, reason=reason)
        if following is not None:
            self.add([following])

    def of_event(self, event: str) -> list[KeptEscalation]:
        """Tell what was done, or is to be, about an event."""
        found = [one for one in self._steps.values() if one.escalation.event == event]
        return sorted(
            found, key=lambda one: (one.escalation.due, one.escalation.subscription, one.escalation.step)
        )

    def waits(self, event: str) -> bool:
        """Tell whether a step about an event waits."""
        return any(one.done is None for one in self.of_event(event))

    def acknowledge(self, said: Acknowledgement, events: Sequence[str]) -> list[str]:
        """Keep that somebody looks after events, and end their steps; gives the events that have told of them."""
        told: list[str] = []
        for event in events:
            self._acknowledged.setdefault(event, replace(said, event=event))
            for key, one in self._steps.items():
                if one.escalation.event != event:
                    continue
                if one.raised:
                    told.append(one.raised)
                if one.done is None:
                    self._steps[key] = replace(one, done=said.at, reason=f"{said.by} has acknowledged it")
        return told

    def acknowledgement(self, event: str) -> Acknowledgement | None:
        """Give who has acknowledged an event, or what it is about."""
        return self._acknowledged.get(self.original(event))

    def awaited(self, event: str) -> str:
        """Give the event that is to be acknowledged; empty where none is."""
        original = self.original(event)
        is_awaited = original not in self._acknowledged and bool(self.of_event(original))
        return original if is_awaited else ""

    def original(self, event: str) -> str:
        """Give what an event is about: another one that nobody has acknowledged, or itself."""
        return next((one.escalation.event for one in self._steps.values() if one.raised == event), event)

    def next_due(self) -> Moment | None:
        """Give the moment at which a step is to be taken."""
        return min((one.escalation.due for one in self._steps.values() if one.done is None), default=None)

    def drop(self, subscription: str) -> None:
        """Forget the steps of a subscription that wait."""
        self._keep(lambda one: one.escalation.subscription != subscription or one.done is not None)

    def forget(self, event: str) -> None:
        """Forget everything about an event."""
        self._keep(lambda one: one.escalation.event != event)
        self._acknowledged.pop(event, None)

    def _keep(self, is_kept: Callable[[KeptEscalation], bool]) -> None:
        self._steps = {key: one for key, one in self._steps.items() if is_kept(one)}
