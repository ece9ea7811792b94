"""Where events, subscriptions and tellings are kept: the port that the engine works against.

An event and everybody who is to be told of it are written together, so that nobody is forgotten and nobody is told of what was
not kept. What is to be told becomes a message by steps that can each be repeated: what belongs to a message is fixed first, the
message is handed to the outbox under a name made of that, and only then it is noted as told. Two that do the same at the same time
hand in the same message, which the outbox takes once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.author.notification.decision import Decision, Situation
    from eilbote.author.notification.escalation import Acknowledgement, Escalation, KeptEscalation
    from eilbote.author.notification.event import SystemEvent
    from eilbote.author.notification.subscription import Subscription
    from eilbote.author.notification.telling import Batch, KeptEvent, KeptTelling
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.model.severity import Severity

MOST_SHOWN = 50
"""Events of which a message tells each; of the others it says how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """What became of an event that was raised.

    Attributes:
        event: Its id, or that of the event that it only repeats.
        is_new: Whether it is an event of its own; otherwise it was counted, or had been raised under this id before.
        count: How often it has happened.
        told: How many people are told of it, now or later.
    """

    event: str
    is_new: bool
    count: int
    told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedFilter:
    """Which events; each field that is given narrows the choice.

    Attributes:
        organization: On whose behalf; empty for the host.
        pattern: Of kinds like this, ``*`` standing for anything.
        least: At least so bad.
        since: Raised at that moment or later.
        id: Of this id.
        acknowledged: Only those that somebody has acknowledged, or that nobody has.
    """

    organization: str | None = None
    pattern: str = "*"
    least: Severity | None = None
    since: Moment | None = None
    id: str | None = None
    acknowledged: bool | None = None


class NotificationStore(Protocol):
    """Keeps events, subscriptions and tellings; whatever it has said is durable when it returns.

    Every method raises :class:`~eilbote.errors.OutboxUnavailableError` when the database does not answer.
    """

    async def close(self) -> None:
        """Let go of everything; closing again does no harm."""
        ...

    # -- subscriptions -----------------------------------------------------------------------------------------

    async def subscriptions(self, organization: str | None = None) -> Sequence[Subscription]:
        """Give all of one organization, or of all, in the order of their ids."""
        ...

    async def subscription(self, id_: str) -> Subscription | None:
        """Give one."""
        ...

    async def has_subscription(self, id_: str) -> bool:
        """Tell whether there is one of that id, damaged or not."""
        ...

    async def keep_subscription(self, subscription: Subscription) -> Subscription:
        """Keep one; of revision 0 it is new.

        Raises:
            ConflictError: Somebody has changed it meanwhile, or there is one of that id already.
        """
        ...

    async def drop_subscription(self, id_: str) -> bool:
        """Forget one, what is still to be told because of it, and its steps that wait. Says whether there was one."""
        ...

    # -- events ------------------------------------------------------------------------------------------------

    async def raise_event(
        self, event: SystemEvent, decide: Callable[[SystemEvent, Situation], Decision]
    ) -> Raised:
        """Keep an event with everybody who is to be told, or count it where it only repeats another.

        Args:
            event: The event. One whose id is known was raised before, told or only counted, and changes nothing.
            decide: Decides in view of the situation; may be asked again when nothing of it was kept.
        """
        ...

    async def events(self, which: RaisedFilter, *, limit: int = 100, after: str = "") -> Sequence[KeptEvent]:
        """Give events, the latest first, those behind one of an id when it is given."""
        ...

    async def tellings(self, event: str) -> Sequence[KeptTelling]:
        """Tell who is told of an event, in the order of their addresses."""
        ...

    # -- escalation --------------------------------------------------------------------------------------------

    async def escalations_due(self, now: Moment, *, limit: int = 100) -> Sequence[Escalation]:
        """Give steps that are due, those first that have waited longest."""
        ...

    async def escalated(
        self, escalation: Escalation, *, raised: str, reason: str, following: Escalation | None, now: Moment
    ) -> None:
        """Note that a step was taken, and which one is next; nothing changes when it was noted before, or acknowledged meanwhile.

        Args:
            escalation: The step.
            raised: The event by which the next ones were told; empty when it was not taken.
            reason: Why it was not taken; empty otherwise.
            following: The next step; ``None`` when it was the last.
            now: When.
        """
        ...

    async def escalations(self, event: str) -> Sequence[KeptEscalation]:
        """Tell what was done, or is to be, because nobody has acknowledged an event; in the order of time."""
        ...

    async def acknowledge(self, said: Acknowledgement) -> Acknowledgement | None:
        """Keep that somebody looks after an event, and end its steps; of two who say so the first one counts.

        An event that says that nobody has acknowledged another stands for that one. Where the same was raised about the same before, and still
        waits for somebody, that is acknowledged as well.

        Returns:
            Who has acknowledged it; ``None`` when there is no such event.
        """
        ...

    async def acknowledgements(self, events: Sequence[str]) -> Mapping[str, Acknowledgement]:
        """Give who has acknowledged events, by their ids; where nobody has, nothing."""
        ...

    async def awaiting(self, events: Sequence[str]) -> Mapping[str, str]:
        """Give by the ids of events which event is to be acknowledged; those left out escalate nowhere, or somebody has acknowledged them."""
        ...

    # -- telling -----------------------------------------------------------------------------------------------

    async def gather(self, now: Moment, *, new_id: Callable[[], str]) -> int:
        """Fix what belongs to each message that is due and waited for others; gives the number of messages."""
        ...

    async def batches(self, now: Moment, *, limit: int = 100) -> Sequence[Batch]:
        """Give messages that are due and not handed in yet, those first that have waited longest."""
        ...

    async def told(self, batch: str, *, entry: EntryId | None, now: Moment) -> None:
        """Note that a message was handed in; ``entry`` is ``None`` when only that is known."""
        ...

    async def put_off(self, batch: str, *, due: Moment, reason: str) -> None:
        """Note that a message could not be handed in and is tried again later."""
        ...

    async def give_up(self, batch: str, *, reason: str, now: Moment) -> None:
        """Note that a message cannot be handed in at all."""
        ...

    async def next_due(self) -> Moment | None:
        """Give the moment at which somebody is to be told or a step to be taken; ``None`` when nothing waits."""
        ...

    async def prune(self, *, before: Moment, limit: int = 500) -> int:
        """Forget events that happened last before a moment, unless somebody is still to be told. Gives their number."""
        ...
