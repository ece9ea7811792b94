"""Events, subscriptions and tellings in memory, for tests and for programs that keep nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.author.notification.decision import HOUR_SECONDS, Earlier, Situation, alike_since
from eilbote.author.notification.store import MOST_SHOWN, Raised, RaisedFilter
from eilbote.author.notification.subscription import Subscription, is_like
from eilbote.author.notification.telling import Batch, KeptEvent, KeptTelling
from eilbote.model.moment import Moment, later
from eilbote.store.memory_escalations import MemoryEscalations
from eilbote.store.subscription_rows import changed_meanwhile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.author.notification.decision import Decision
    from eilbote.author.notification.escalation import Acknowledgement, Escalation, KeptEscalation
    from eilbote.author.notification.event import SystemEvent
    from eilbote.model.ids import EntryId

_LONGEST_REASON: Final = 500


class MemoryNotifications:
    """A :class:`~eilbote.author.notification.store.NotificationStore` that keeps everything in this process, and nothing longer."""

    def __init__(self) -> None:
        self._subscriptions: dict[str, Subscription] = {}
        self._events: dict[str, KeptEvent] = {}
        self._repeats: dict[str, str] = {}
        self._tellings: dict[tuple[str, str], KeptTelling] = {}
        self._escalations = MemoryEscalations()

    async def close(self) -> None:
        """Do nothing: what is here stays."""

    # -- subscriptions -----------------------------------------------------------------------------------------

    async def subscriptions(self, organization: str | None = None) -> Sequence[Subscription]:
        """Give all of one organization, or of all."""
        return [
            one
            for _, one in sorted(self._subscriptions.items())
            if organization is None or one.organization == organization
        ]

    async def subscription(self, id_: str) -> Subscription | None:
        """Give one."""
        return self._subscriptions.get(id_)

    async def has_subscription(self, id_: str) -> bool:
        """Tell whether there is one of that id."""
        return id_ in self._subscriptions

    async def keep_subscription(self, subscription: Subscription) -> Subscription:
        """Keep one."""
        known = self._subscriptions.get(subscription.id)
        if (0 if known is None else known.revision) != subscription.revision:
            raise changed_meanwhile(subscription)
        kept = replace(subscription, revision=subscription.revision + 1)
        self._subscriptions[kept.id] = kept
        return kept

    async def drop_subscription(self, id_: str) -> bool:
        """Forget one, and what is still to be told because of it."""
        for key, kept in list(self._tellings.items()):
            if kept.telling.subscription == id_ and kept.done is None:
                del self._tellings[key]
        self._escalations.drop(id_)
        return self._subscriptions.pop(id_, None) is not None

    # -- events ------------------------------------------------------------------------------------------------

    async def raise_event(
        self, event: SystemEvent, decide: Callable[[SystemEvent, Situation], Decision]
    ) -> Raised:
        """Keep an event with everybody who is to be told, or count it."""
        if (known := self._events.get(event.id)) is not None:
            return Raised(event=event.id, is_new=False, count=known.count, told=known.told)
        if (first_id := self._repeats.get(event.id)) is not None:
            return Raised(event=first_id, is_new=False, count=self._events[first_id].count, told=0)
        decision = decide(event, self._situation(event))
        if decision.repeats:
            first = self._events[decision.repeats]
            counted = replace(first, count=first.count + 1, last=max(first.last, event.at))
            self._events[decision.repeats] = counted
            self._repeats[event.id] = decision.repeats
            return Raised(event=decision.repeats, is_new=False, count=counted.count, told=0)
        told = len(decision.tellings)
        self._events[event.id] = KeptEvent(event=event, last=event.at, earlier=decision.earlier, told=told)
        for telling in decision.tellings:
            self._tellings[event.id, telling.recipient] = KeptTelling(telling=telling)
        self._escalations.add(decision.escalations)
        return Raised(event=event.id, is_new=True, count=1, told=told)

    def _situation(self, event: SystemEvent) -> Situation:
        same = [
            kept
            for kept in self._events.values()
            if event.key
            and (kept.event.organization, kept.event.kind, kept.event.key)
            == (event.organization, event.kind, event.key)
        ]
        latest = max(same, key=lambda kept: (kept.event.at, kept.event.id), default=None)
        counted = alike_since(event)
        since = later(event.at, -HOUR_SECONDS)
        lately = Counter(
            kept.telling.recipient
            for kept in self._tellings.values()
            if not kept.telling.gathered and self._events[kept.telling.event].event.at > since
        )
        return Situation(
            subscriptions=list(self._subscriptions.values()),
            earlier=None
            if latest is None
            else Earlier(id=latest.event.id, at=latest.event.at, count=latest.count),
            alike=sum(kept.event.at > counted for kept in same),
            told_lately=lately,
        )

    async def events(self, which: RaisedFilter, *, limit: int = 100, after: str = "") -> Sequence[KeptEvent]:
        """Give events, the latest first."""
        found = sorted(self._events.values(), key=_order, reverse=True)
        if after:
            behind = self._events.get(after)
            found = [] if behind is None else [kept for kept in found if _order(kept) < _order(behind)]
        return [
            kept
            for kept in found
            if _is_meant(kept, which) and which.acknowledged in {None, self._is_acknowledged(kept)}
        ][:limit]

    def _is_acknowledged(self, kept: KeptEvent) -> bool:
        return self._escalations.acknowledgement(kept.event.id) is not None

    async def tellings(self, event: str) -> Sequence[KeptTelling]:
        """Tell who is told of an event."""
        return [kept for (of, _), kept in sorted(self._tellings.items()) if of == event]

    # -- escalation --------------------------------------------------------------------------------------------

    async def escalations_due(self, now: Moment, *, limit: int = 100) -> Sequence[Escalation]:
        """Give steps that are due."""
        return self._escalations.due(now, limit)

    async def escalated(
        self, escalation: Escalation, *, raised: str, reason: str, following: Escalation | None, now: Moment
    ) -> None:
        """Note that a step was taken, and which one is next."""
        self._escalations.taken(escalation, raised=raised, reason=reason, following=following, now=now)

    async def escalations(self, event: str) -> Sequence[KeptEscalation]:
        """Tell what was done, or is to be, because nobody has acknowledged an event."""
        return self._escalations.of_event(event)

    async def acknowledge(self, said: Acknowledgement) -> Acknowledgement | None:
        """Keep that somebody looks after an event, and end its steps."""
        original = self._escalations.original(said.event)
        if (kept := self._events.get(original)) is None:
            return None
        same = [
            one.event.id
            for one in self._events.values()
            if kept.event.key
            and (one.event.organization, one.event.kind, one.event.key)
            == (kept.event.organization, kept.event.kind, kept.event.key)
            and one.event.at <= kept.event.at
            and self._escalations.waits(one.event.id)
        ]
        told = self._escalations.acknowledge(said, list(dict.fromkeys([original, *same])))
        for key, one in list(self._tellings.items()):
            if key[0] in told and one.done is None and not one.telling.batch:
                reason = f"{said.by} has acknowledged it"
                self._tellings[key] = replace(one, done=said.at, reason=reason)
        return self._escalations.acknowledgement(original)

    async def acknowledgements(self, events: Sequence[str]) -> Mapping[str, Acknowledgement]:
        """Give who has acknowledged events."""
        found = {event: self._escalations.acknowledgement(event) for event in events}
        return {event: said for event, said in found.items() if said is not None}

    async def awaiting(self, events: Sequence[str]) -> Mapping[str, str]:
        """Give by the ids of events which event is to be acknowledged."""
        return {event: which for event in events if (which := self._escalations.awaited(event))}

    # -- telling -----------------------------------------------------------------------------------------------

    async def gather(self, now: Moment, *, new_id: Callable[[], str]) -> int:
        """Fix what belongs to each message that is due."""
        ids: dict[tuple[str, str, str], str] = {}
        for key, kept in list(self._tellings.items()):
            telling = kept.telling
            if telling.batch or kept.done is not None or telling.due > now:
                continue
            group = telling.organization, telling.subscription, telling.recipient
            batch = ids[group] = ids.get(group) or new_id()
            self._tellings[key] = replace(kept, telling=replace(telling, batch=batch))
        return len(ids)

    async def batches(self, now: Moment, *, limit: int = 100) -> Sequence[Batch]:
        """Give messages that are due and not handed in yet."""
        waiting: dict[str, list[KeptTelling]] = {}
        for kept in self._tellings.values():
            if kept.telling.batch and kept.done is None and kept.telling.due <= now:
                waiting.setdefault(kept.telling.batch, []).append(kept)
        found = sorted(waiting.items(), key=lambda item: (min(one.telling.due for one in item[1]), item[0]))
        return [self._batch(id_, members) for id_, members in found[:limit]]

    def _batch(self, id_: str, members: list[KeptTelling]) -> Batch:
        events = [self._events[kept.telling.event] for kept in members]
        worst = sorted(
            events, key=lambda kept: (kept.event.severity.rank, kept.event.at, kept.event.id), reverse=True
        )
        first = min(members, key=lambda kept: kept.telling.event)
        return Batch(
            id=id_,
            recipient=first.telling.recipient,
            organization=first.telling.organization,
            subscription=first.telling.subscription,
            language=first.telling.language,
            time_zone=first.telling.time_zone,
            events=tuple(worst[:MOST_SHOWN]),
            counts=Counter(kept.event.severity for kept in events),
            failures=max(kept.failures for kept in members),
            since=min(kept.event.at for kept in events),
        )

    async def told(self, batch: str, *, entry: EntryId | None, now: Moment) -> None:
        """Note that a message was handed in."""
        self._change(batch, done=now, entry=entry, reason="")

    async def put_off(self, batch: str, *, due: Moment, reason: str) -> None:
        """Note that a message is tried again later."""
        for key, kept in self._members(batch):
            self._tellings[key] = replace(
                kept,
                telling=replace(kept.telling, due=due),
                failures=kept.failures + 1,
                reason=reason[:_LONGEST_REASON],
            )

    async def give_up(self, batch: str, *, reason: str, now: Moment) -> None:
        """Note that a message cannot be handed in at all."""
        self._change(batch, done=now, entry=None, reason=reason[:_LONGEST_REASON])

    def _change(self, batch: str, *, done: Moment, entry: EntryId | None, reason: str) -> None:
        for key, kept in self._members(batch):
            self._tellings[key] = replace(kept, done=done, entry=entry, reason=reason)

    def _members(self, batch: str) -> list[tuple[tuple[str, str], KeptTelling]]:
        return [
            (key, kept)
            for key, kept in self._tellings.items()
            if kept.telling.batch == batch and kept.done is None
        ]

    async def next_due(self) -> Moment | None:
        """Give the moment at which something falls due."""
        due = [kept.telling.due for kept in self._tellings.values() if kept.done is None]
        step = self._escalations.next_due()
        return min(due if step is None else [*due, step], default=None)

    async def prune(self, *, before: Moment, limit: int = 500) -> int:
        """Forget events that are over."""
        waiting = {of for (of, _), kept in self._tellings.items() if kept.done is None}
        old = [
            id_
            for id_, kept in self._events.items()
            if kept.last < before and id_ not in waiting and not self._escalations.waits(id_)
        ][:limit]
        for id_ in old:
            del self._events[id_]
            self._escalations.forget(id_)
        self._repeats = {id_: first for id_, first in self._repeats.items() if first in self._events}
        for key in [key for key in self._tellings if key[0] not in self._events]:
            del self._tellings[key]
        return len(old)


def _order(kept: KeptEvent) -> tuple[Moment, str]:
    return kept.event.at, kept.event.id


def _is_meant(kept: KeptEvent, which: RaisedFilter) -> bool:
    event = kept.event
    return (
        which.organization in {None, event.organization}
        and is_like(event.kind, which.pattern)
        and (which.least is None or event.severity.is_at_least(which.least))
        and (which.since is None or kept.last >= which.since)
        and which.id in {None, event.id}
    )
