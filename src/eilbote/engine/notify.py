"""System events to messages: an event is kept with everybody who is to be told, and each of them is told once.

What is promised:

* When :meth:`Notifier.raise_event` returns, the event is on the disk, and so is who is told of it and when.
* Everybody who is to be told is told, through crashes and outages: what is not noted as told is handed in again, under the same
  name, which the outbox takes once.
* A notification raises no event. Where one cannot be handed in, that is kept beside it, and it is tried again for three days.
* What nobody acknowledges is told to those whom a subscription names next.
* Whoever is told by a subscription can end that with one click (RFC 8058), but not where what they are told is mandatory.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from eilbote.author.notification.catalogue import known_event
from eilbote.author.notification.decision import decide, decide_quietly
from eilbote.author.notification.people import NOBODY
from eilbote.engine.notify_escalation import take_steps
from eilbote.errors import AlreadySubmittedError, DraftError, EilboteError, OutboxError, SecretKeyError
from eilbote.model.moment import later, moment_of
from eilbote.model.submission import SubmissionOptions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from eilbote.author.notification.event import SystemEvent
    from eilbote.author.notification.people import People
    from eilbote.author.notification.store import NotificationStore, Raised
    from eilbote.author.notification.telling import Batch
    from eilbote.engine.flow_mail import Submit
    from eilbote.model.clock import Clock
    from eilbote.model.ids import EntryId, IdSource
    from eilbote.model.moment import Moment
    from eilbote.template.branding import Branding

ENDPOINT: Final = "system"
"""The connection that notifications go through."""
AUTHOR: Final = "notification"
"""How those are named who have submitted them, for those who look at an entry later: with the kind of the event, or ``digest``."""
_FIRST_PAUSE_SECONDS: Final = 60.0
_LONGEST_PAUSE_SECONDS: Final = 3600.0
_GIVEN_UP_SECONDS: Final = 3 * 86_400.0
_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What became of the messages that were due.

    Attributes:
        told: How many were handed to the outbox.
        waiting: How many could not be, and are tried again.
        given_up: How many never can.
        reason: Why the last of them could not be handed in; empty when all could.
    """

    told: int = 0
    waiting: int = 0
    given_up: int = 0
    reason: str = ""

    def __add__(self, other: Handed) -> Handed:
        """Add what became of more."""
        return Handed(
            told=self.told + other.told,
            waiting=self.waiting + other.waiting,
            given_up=self.given_up + other.given_up,
            reason=other.reason or self.reason,
        )


class Notifier:
    """Keeps events and tells people.

    Args:
        store: Where events, subscriptions and tellings are.
        submit: Hands a message to the outbox.
        clock: Tells the time.
        ids: Makes the names of messages about many events.
        branding: Gives how the messages of an organization look; the usual way when ``None``.
        people: Gives who has an account at the host and in an organization; nobody has when ``None``.
        leaving: Gives the address at which somebody unsubscribes; there is none when ``None``.
        acknowledging: Gives the address at which somebody acknowledges an event; there is none when ``None``.
        on_raised: Called after each event that is to be told later, so that a worker of this process need not look for it.
    """

    def __init__(
        self,
        store: NotificationStore,
        submit: Submit,
        *,
        clock: Clock,
        ids: IdSource,
        branding: Callable[[str], Awaitable[Branding]] | None = None,
        people: Callable[[str], Awaitable[People]] | None = None,
        leaving: Callable[[str, str], str] | None = None,
        acknowledging: Callable[[str, str], str] | None = None,
        on_raised: Callable[[], None] = lambda: None,
    ) -> None:
        self.store = store
        self._submit = submit
        self._clock = clock
        self._ids = ids
        self._branding = branding
        self._people = people
        self._leaving = leaving
        self._acknowledging = acknowledging
        self._on_raised = on_raised

    def now(self) -> Moment:
        """Give the time."""
        return moment_of(self._clock.now())

    async def raise_event(self, event: SystemEvent, *, quietly: bool = False) -> Raised:
        """Keep an event with everybody who is to be told.

        Args:
            event: The event. Raised again under the same id it changes nothing.
            quietly: Tell nobody: it is about the telling itself.

        Raises:
            OutboxUnavailableError: The database does not answer; nothing was kept.
        """
        people = await self.people(event.organization)
        raised = await self.store.raise_event(
            event, partial(decide_quietly if quietly else decide, people=people)
        )
        if raised.told:
            self._on_raised()
        return raised

    async def people(self, organization: str) -> People:
        """Give who has an account at the host and in an organization.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return NOBODY if self._people is None else await self._people(organization)

    async def tell(self) -> Handed:
        """Take the steps of what nobody has acknowledged, and hand in every message that is due.

        Raises:
            OutboxError: The database does not answer; what was not noted is handed in again later, and arrives once.
        """
        done = Handed()
        await take_steps(self.store, self.now(), people=self.people)
        while True:
            now = self.now()
            gathered = await self.store.gather(now, new_id=self._ids.token)
            due = await self.store.batches(now, limit=_AT_ONCE)
            for batch in due:
                done += await self._tell(batch)
            if not gathered and len(due) < _AT_ONCE:
                return done

    async def _tell(self, batch: Batch) -> Handed:
        try:
            entry = await self._handed_in(batch)
        except OutboxError:
            raise
        except DraftError as fault:
            await self.store.give_up(batch.id, reason=str(fault), now=self.now())
            return Handed(given_up=1, reason=str(fault))
        except EilboteError as fault:
            return await self._put_off(batch, str(fault))
        await self.store.told(batch.id, entry=entry, now=self.now())
        return Handed(told=1)

    async def _handed_in(self, batch: Batch) -> EntryId | None:
        # who raises events or subscribes waits for no templates
        from eilbote.author.notification.message import message_of

        branding = None if self._branding is None else await self._branding(batch.organization)
        options = SubmissionOptions(
            idempotency_key=f"{AUTHOR}/{batch.id}", connections=(ENDPOINT,), organization=batch.organization
        )
        message = message_of(
            batch,
            branding,
            leaving=self._way_out(batch),
            acknowledging=await self._ways_to_acknowledge(batch),
        )
        with suppress(AlreadySubmittedError):  # handed in before a crash, in words that were others then
            return (await self._submit(message, options, author=author_of(batch))).id
        return None

    def _way_out(self, batch: Batch) -> str:
        """Give where the recipient unsubscribes; empty where nobody can."""
        is_mandatory = all(known_event(kept.event.kind).mandatory for kept in batch.events)
        if self._leaving is None or not batch.subscription or is_mandatory:
            return ""
        try:
            return self._leaving(batch.subscription, batch.recipient)
        except SecretKeyError:
            return ""  # whoever keeps secrets hears of it elsewhere; nobody is told later because of a link

    async def _ways_to_acknowledge(self, batch: Batch) -> dict[str, str]:
        """Give where the recipient acknowledges the events that others hear of otherwise."""
        if self._acknowledging is None or not batch.subscription:
            return {}
        awaited = await self.store.awaiting([kept.event.id for kept in batch.events])
        try:
            links = {id_: self._acknowledging(which, batch.recipient) for id_, which in awaited.items()}
        except SecretKeyError:
            return {}  # as for unsubscribing
        return {id_: link for id_, link in links.items() if link}

    async def _put_off(self, batch: Batch, reason: str) -> Handed:
        now = self.now()
        if batch.failures and now >= later(batch.since, _GIVEN_UP_SECONDS):
            await self.store.give_up(batch.id, reason=reason, now=now)
            return Handed(given_up=1, reason=reason)
        pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2.0 ** min(batch.failures, 10))
        await self.store.put_off(batch.id, due=later(now, pause), reason=reason)
        return Handed(waiting=1, reason=reason)


def author_of(batch: Batch) -> str:
    """Say who submits a message: whoever looks at entries sees by it what may be shown to whom."""
    return f"{AUTHOR}:{batch.events[0].event.kind if batch.total == 1 else 'digest'}"
