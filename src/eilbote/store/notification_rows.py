"""Events, subscriptions and tellings in a database; the same statements for SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.author.notification.decision import HOUR_SECONDS, Earlier, Situation, alike_since
from eilbote.author.notification.store import Raised
from eilbote.model.moment import later
from eilbote.store import escalation_rows, event_rows, subscription_rows, telling_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.author.notification.decision import Decision
    from eilbote.author.notification.escalation import Acknowledgement, Escalation, KeptEscalation
    from eilbote.author.notification.event import SystemEvent
    from eilbote.author.notification.store import RaisedFilter
    from eilbote.author.notification.subscription import Subscription
    from eilbote.author.notification.telling import Batch, KeptEvent, KeptTelling
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.store.record_database import RecordDatabase, Statements

# Whoever raises an event waits here for the one before: of two that repeat each other, one is told.
_ONE_BY_ONE: Final = "INSERT INTO meta (key, value) VALUES ('notifications', '1') ON CONFLICT (key) DO UPDATE SET value = meta.value"


class NotificationRows:
    """A :class:`~eilbote.author.notification.store.NotificationStore` in a database.

    Args:
        database: The database; opened and closed by this.
    """

    __slots__ = ("_database",)

    def __init__(self, database: RecordDatabase) -> None:
        self._database = database

    async def close(self) -> None:
        """Let go of the database; what was begun is finished first."""
        await self._database.close()

    # -- subscriptions -----------------------------------------------------------------------------------------

    async def subscriptions(self, organization: str | None = None) -> Sequence[Subscription]:
        """Give all of one organization, or of all.

        Raises:
            SettingsError: One is damaged.
        """
        return await self._database.read(lambda db: subscription_rows.subscriptions(db, organization))

    async def subscription(self, id_: str) -> Subscription | None:
        """Give one."""
        return await self._database.read(lambda db: subscription_rows.subscription(db, id_))

    async def has_subscription(self, id_: str) -> bool:
        """Tell whether there is one of that id, damaged or not."""
        return await self._database.read(lambda db: subscription_rows.is_there(db, id_))

    async def keep_subscription(self, subscription: Subscription) -> Subscription:
        """Keep one."""
        if not await self._database.transact(lambda db: subscription_rows.keep(db, subscription)):
            raise subscription_rows.changed_meanwhile(subscription)
        return replace(subscription, revision=subscription.revision + 1)

    async def drop_subscription(self, id_: str) -> bool:
        """Forget one, and what is still to be told because of it."""
        return await self._database.transact(lambda db: subscription_rows.drop(db, id_))

    # -- events ------------------------------------------------------------------------------------------------

    async def raise_event(
        self, event: SystemEvent, decide: Callable[[SystemEvent, Situation], Decision]
    ) -> Raised:
        """Keep an event with everybody who is to be told, or count it."""

        async def work(db: Statements) -> Raised:
            await db.execute(_ONE_BY_ONE)
            if (known := await event_rows.figures_of(db, event.id)) is not None:
                return Raised(event=event.id, is_new=False, count=known[0], told=known[1])
            if (first := await event_rows.counted_by(db, event.id)) is not None:
                counted = await event_rows.figures_of(db, first)
                return Raised(event=first, is_new=False, count=1 if counted is None else counted[0], told=0)
            decision = decide(event, await _situation(db, event))
            if decision.repeats:
                number = await event_rows.count_again(db, decision.repeats, event)
                return Raised(event=decision.repeats, is_new=False, count=number, told=0)
            told = len(decision.tellings)
            await event_rows.insert(db, event, earlier=decision.earlier, told=told)
            await telling_rows.insert(db, decision.tellings, event.at)
            await escalation_rows.insert(db, decision.escalations)
            return Raised(event=event.id, is_new=True, count=1, told=told)

        return await self._database.transact(work)

    async def events(self, which: RaisedFilter, *, limit: int = 100, after: str = "") -> Sequence[KeptEvent]:
        """Give events, the latest first."""
        return await self._database.read(lambda db: event_rows.events(db, which, limit=limit, after=after))

    async def tellings(self, event: str) -> Sequence[KeptTelling]:
        """Tell who is told of an event."""
        return await self._database.read(lambda db: telling_rows.of_event(db, event))

    # -- escalation --------------------------------------------------------------------------------------------

    async def escalations_due(self, now: Moment, *, limit: int = 100) -> Sequence[Escalation]:
        """Give steps that are due."""
        return await self._database.read(lambda db: escalation_rows.due(db, now, limit))

    async def escalated(
        self, escalation: Escalation, *, raised: str, reason: str, following: Escalation | None, now: Moment
    ) -> None:
        """Note that a step was taken, and which one is next."""
        await self._database.transact(
            lambda db: escalation_rows.taken(
                db, escalation, raised=raised, reason=reason, following=following, now=now
            )
        )

    async def escalations(self, event: str) -> Sequence[KeptEscalation]:
        """Tell what was done, or is to be, because nobody has acknowledged an event."""
        return await self._database.read(lambda db: escalation_rows.of_event(db, event))

    async def acknowledge(self, said: Acknowledgement) -> Acknowledgement | None:
        """Keep that somebody looks after an event, and end its steps."""
        return await self._database.transact(lambda db: escalation_rows.acknowledge(db, said))

    async def acknowledgements(self, events: Sequence[str]) -> Mapping[str, Acknowledgement]:
        """Give who has acknowledged events."""
        return await self._database.read(lambda db: escalation_rows.acknowledgements(db, events))

    async def awaiting(self, events: Sequence[str]) -> Mapping[str, str]:
        """Give by the ids of events which event is to be acknowledged."""
        return await self._database.read(lambda db: escalation_rows.awaiting(db, events))

    # -- telling -----------------------------------------------------------------------------------------------

    async def gather(self, now: Moment, *, new_id: Callable[[], str]) -> int:
        """Fix what belongs to each message that is due."""
        return await self._database.transact(lambda db: telling_rows.gather(db, now, new_id))

    async def batches(self, now: Moment, *, limit: int = 100) -> Sequence[Batch]:
        """Give messages that are due and not handed in yet."""
        return await self._database.read(lambda db: telling_rows.batches(db, now, limit))

    async def told(self, batch: str, *, entry: EntryId | None, now: Moment) -> None:
        """Note that a message was handed in."""
        await self._database.transact(
            lambda db: telling_rows.told(db, batch, entry=entry, reason="", now=now)
        )

    async def put_off(self, batch: str, *, due: Moment, reason: str) -> None:
        """Note that a message is tried again later."""
        await self._database.transact(lambda db: telling_rows.put_off(db, batch, due=due, reason=reason))

    async def give_up(self, batch: str, *, reason: str, now: Moment) -> None:
        """Note that a message cannot be handed in at all."""
        await self._database.transact(
            lambda db: telling_rows.told(db, batch, entry=None, reason=reason, now=now)
        )

    async def next_due(self) -> Moment | None:
        """Give the moment at which something falls due."""

        async def work(db: Statements) -> Moment | None:
            found = await telling_rows.next_due(db), await escalation_rows.next_due(db)
            return min((moment for moment in found if moment is not None), default=None)

        return await self._database.read(work)

    async def prune(self, *, before: Moment, limit: int = 500) -> int:
        """Forget events that are over."""
        return await self._database.transact(lambda db: event_rows.prune(db, before=before, limit=limit))


async def _situation(db: Statements, event: SystemEvent) -> Situation:
    earlier = await event_rows.earlier_of(db, event)
    return Situation(
        subscriptions=await subscription_rows.concerned(db, event.organization),
        earlier=None if earlier is None else Earlier(id=earlier[0], at=earlier[1], count=earlier[2]),
        alike=0 if earlier is None else await event_rows.alike(db, event, since=alike_since(event)),
        told_lately=await telling_rows.told_since(db, later(event.at, -HOUR_SECONDS)),
    )
