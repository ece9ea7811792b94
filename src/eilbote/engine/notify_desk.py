"""What programs and commands can do about notifications: subscribe, raise events, and see who was told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict, Unpack

from eilbote.author.notification.catalogue import known_event
from eilbote.author.notification.defaults import default_subscription, with_defaults
from eilbote.author.notification.escalation import read_acknowledgement
from eilbote.author.notification.event import new_event
from eilbote.author.notification.store import RaisedFilter
from eilbote.author.notification.subscription import Subscription, is_id, read_subscription
from eilbote.engine.notify_listed import listed_events
from eilbote.errors import DraftError, NotFoundError, SettingsError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from eilbote.author.notification.escalation import Acknowledgement, KeptEscalation, StepFields
    from eilbote.author.notification.store import Raised
    from eilbote.author.notification.telling import KeptEvent, KeptTelling
    from eilbote.engine.notify import Notifier
    from eilbote.engine.notify_acknowledging import Acknowledging
    from eilbote.engine.notify_leaving import Leaving
    from eilbote.engine.notify_preview import Previewed
    from eilbote.engine.notify_worker import NotifyWorker
    from eilbote.model.attempt import Event
    from eilbote.model.ids import IdSource
    from eilbote.model.severity import Severity
    from eilbote.record.notice import Notice


class SubscriptionFields(TypedDict, total=False):
    """What can be said about a subscription; see :class:`~eilbote.author.notification.subscription.Subscription`."""

    organization: str
    everywhere: bool
    event: str
    severity: str
    when: str
    to: str | Sequence[str]
    left: str | Sequence[str]
    replaces: str
    cadence: str
    at: str
    time_zone: str
    quiet: str
    muted_until: int | None
    language: str
    escalation: Sequence[StepFields | str]


class NotifyDesk:
    """Notifications, for whoever has opened the outbox.

    Args:
        notifier: Keeps events and tells people.
        worker: Makes a worker that tells people when they are to be told.
        ids: Makes ids.
        leaving: Makes links by which somebody unsubscribes; there are none when ``None``.
        acknowledging: Makes links by which somebody acknowledges an event; there are none when ``None``.
        source: Who raises events here, such as ``cli``.

    Attributes:
        notifier: Keeps events and tells people.
        leaving: Makes links by which somebody unsubscribes, and does what they say.
        acknowledging: Makes links by which somebody acknowledges an event, and does what they say.
    """

    def __init__(
        self,
        notifier: Notifier,
        *,
        worker: Callable[[], NotifyWorker],
        ids: IdSource,
        leaving: Leaving | None = None,
        acknowledging: Acknowledging | None = None,
        source: str = "",
    ) -> None:
        self.notifier = notifier
        self.leaving = leaving
        self.acknowledging = acknowledging
        self._make_worker = worker
        self._ids = ids
        self._source = source
        self._workers: list[NotifyWorker] = []

    # -- subscriptions -----------------------------------------------------------------------------------------

    async def subscribe(self, **fields: Unpack[SubscriptionFields]) -> Subscription:
        """Have somebody told.

        ::

            await eilbote.notify.subscribe(to="ops@example.org", event="flow.*", severity="error")

        Args:
            **fields: ``to``, and what else is to be other than usual.

        Raises:
            SettingsError: A field cannot be used; ``field`` names it.
            AddressError: A recipient is no address.
            OutboxUnavailableError: The database does not answer; nothing was kept.
        """
        made = read_subscription(fields, Subscription(id=self._ids.token()[-12:]))
        return await self.notifier.store.keep_subscription(made)

    async def change(self, id: str, **fields: Unpack[SubscriptionFields]) -> Subscription:  # noqa: A002 - its own word
        """Change a subscription; one of the defaults is kept from then on as it was changed.

        Args:
            id: Which.
            **fields: What is to be other than it is.

        Raises:
            SettingsError: There is none of that id, or a field cannot be used.
            ConflictError: Somebody else has changed it meanwhile.
            AddressError: A recipient is no address.
            OutboxUnavailableError: The database does not answer; nothing was changed.
        """
        known = await self.subscription(id)
        if known is None:
            raise SettingsError(
                f"there is no subscription {id[:60]!r}",
                field="id",
                remedy="`eilbote notify list` tells which there are",
            )
        return await self.notifier.store.keep_subscription(read_subscription(fields, known))

    async def unsubscribe(self, id: str) -> bool:  # noqa: A002 - its own word
        """Forget a subscription, and what was still to be told because of it; says whether there was one.

        A default that was changed is as it was in the beginning then; to silence it give it the cadence ``never``.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self.notifier.store.drop_subscription(id)

    async def subscription(self, id: str) -> Subscription | None:  # noqa: A002 - its own word
        """Give one, a default among them; ``None`` when there is none of that id.

        Raises:
            SettingsError: It is damaged.
            OutboxUnavailableError: The database does not answer.
        """
        known = await self.notifier.store.subscription(id) if is_id(id) else None
        return known or default_subscription(id)

    async def in_force(self, organization: str) -> Sequence[Subscription]:
        """Give every subscription by which somebody may be told of an organization's events: its own, the host's, the defaults.

        Raises:
            SettingsError: One is damaged; its id is named.
            OutboxUnavailableError: The database does not answer.
        """
        found = list(await self.notifier.store.subscriptions(""))
        if organization:
            found = [one for one in with_defaults(found) if one.everywhere]
            return [*await self.notifier.store.subscriptions(organization), *found]
        return with_defaults(found)

    async def preview(self, address: str, *, organization: str) -> Sequence[Previewed]:
        """Tell what somebody would be told of an organization's events, were each kind of the catalogue raised now.

        Args:
            address: Who.
            organization: Whose events; empty for the host's.

        Raises:
            SettingsError: A subscription is damaged; its id is named.
            OutboxUnavailableError: The database does not answer.
        """
        from eilbote.engine.notify_preview import previewed

        return previewed(
            address,
            organization=organization,
            subscriptions=await self.in_force(organization),
            people=await self.notifier.people(organization),
            now=self.notifier.now(),
        )

    async def subscriptions(self, organization: str | None = None) -> Sequence[Subscription]:
        """Give all subscriptions of one organization, or of all; the host's are those of ``""``.

        Raises:
            SettingsError: One is damaged; its id is named.
            OutboxUnavailableError: The database does not answer.
        """
        return await self.notifier.store.subscriptions(organization)

    # -- events ------------------------------------------------------------------------------------------------

    async def raise_event(
        self,
        event: str,
        *,
        severity: Severity | str | None = None,
        summary: str = "",
        detail: str = "",
        data: Mapping[str, object] | None = None,
        key: str = "",
        to: str | Sequence[str] = (),
        organization: str = "",
        language: str = "en",
        id: str | None = None,  # noqa: A002 - its own word
        source: str = "",
    ) -> Raised:
        """Say that something has happened; whoever has subscribed to it is told.

        ::

            await eilbote.notify.raise_event("invoice.overdue", severity="warning", summary="Invoice 4711 is overdue",
                                             data={"customer": "Acme"}, key="4711")

        It is on the disk when this returns, and what is to be told at once has been handed to the outbox, if that can be.

        Args:
            event: What kind of thing: a dotted name.
            severity: How bad it is; as bad as the catalogue says when ``None``.
            summary: One line; the catalogue's when there is none.
            detail: More about it.
            data: Values for the text.
            key: What it is about: the same kind about the same thing is counted for a while, and not told again.
            to: Whom it concerns in person, whatever is subscribed.
            organization: On whose behalf.
            language: The language of those it concerns in person.
            id: Its id; raised again under the same one it changes nothing. A new one when ``None``.
            source: Who raises it; whoever works here when it is empty.

        Raises:
            DraftError: A field cannot be used; ``field`` names it.
            OutboxUnavailableError: The database does not answer; nothing was kept.
        """
        known = known_event(event.strip().lower())
        if known.personal and not to:
            raise DraftError(
                f"{known.kind} concerns one person, and nobody is named",
                field="to",
                remedy="Give the address of the person it concerns",
            )
        raised = await self.notifier.raise_event(
            new_event(
                event,
                id=id or self._ids.token(),
                at=self.notifier.now(),
                severity=known.severity if severity is None else severity,
                organization=organization,
                summary=summary,
                detail=detail,
                data=data,
                key=key,
                to=to,
                language=language,
                source=source or self._source,
            )
        )
        if raised.told:
            await self.notifier.tell()
        return raised

    async def events(
        self,
        *,
        organization: str | None = None,
        event: str = "*",
        severity: Severity | None = None,
        acknowledged: bool | None = None,
        limit: int = 100,
        after: str = "",
    ) -> Sequence[KeptEvent]:
        """Give events, the latest first; what is confidential in their data is left out.

        Args:
            organization: On whose behalf; all when ``None``.
            event: Of kinds like this; ``*`` stands for anything.
            severity: At least so bad.
            acknowledged: Only those that somebody has acknowledged; or that nobody has, without what concerns one person alone.
            limit: How many at most.
            after: Those behind the event of this id.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        which = RaisedFilter(
            organization=organization, pattern=event, least=severity, acknowledged=acknowledged
        )
        found = await listed_events(self.notifier.store, which, limit=limit, after=after)
        return [_shown(kept) for kept in found]

    async def event(self, id: str) -> KeptEvent | None:  # noqa: A002 - its own word
        """Give one event; what is confidential in its data is left out.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        found = await self.notifier.store.events(RaisedFilter(id=id), limit=1)
        return _shown(found[0]) if found else None

    async def told(self, event: str) -> Sequence[KeptTelling]:
        """Tell who is told of an event, when, and by which message.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self.notifier.store.tellings(event)

    async def escalations(self, event: str) -> Sequence[KeptEscalation]:
        """Tell what was done, or is to be, because nobody has acknowledged an event.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self.notifier.store.escalations(event)

    async def acknowledge(self, event: str, *, by: str = "", note: str = "") -> Acknowledgement:
        """Say that somebody looks after an event; then nobody else is told. Of several who say so the first one counts.

        Args:
            event: Its id, or that of the event that says that nobody has acknowledged it.
            by: Who; whoever works here when it is empty.
            note: What they say about it, in one line.

        Raises:
            NotFoundError: There is no such event.
            DraftError: A text cannot be kept; ``field`` names it.
            OutboxUnavailableError: The database does not answer; nothing was changed.
        """
        said = read_acknowledgement(event, at=self.notifier.now(), by=by or self._source, note=note)
        known = await self.notifier.store.acknowledge(said) if is_id(event) else None
        if known is None:
            raise NotFoundError(
                f"there is no notification {event[:60]!r}", field="id", remedy="Old ones are forgotten"
            )
        return known

    async def acknowledgements(self, events: Sequence[str]) -> Mapping[str, Acknowledgement]:
        """Give who looks after events, by their ids; where nobody does, nothing.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self.notifier.store.acknowledgements(events)

    # -- working -----------------------------------------------------------------------------------------------

    async def tell_due(self) -> int:
        """Tell everybody who is to be told by now; says how many messages were handed to the outbox.

        A courier does this by itself.
        """
        async with self._registered() as worker:
            return await worker.run(once=True)

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """Tell people when they are to be told, while the block lasts."""
        async with self._registered() as worker:
            working = asyncio.get_running_loop().create_task(worker.run())
            try:
                yield
            finally:
                worker.stop()
                await working

    def nudge(self) -> None:
        """Tell the workers of this process that somebody is to be told."""
        for worker in self._workers:
            worker.nudge()

    def happened(self, events: Sequence[Event]) -> None:
        """Hear what happened to entries and connections, as a :class:`~eilbote.record.report.Report`."""
        for worker in self._workers:
            worker.happened(events)

    def noticed(self, notice: Notice) -> None:
        """Hear what couriers and flows tell."""
        for worker in self._workers:
            worker.noticed(notice)

    @asynccontextmanager
    async def _registered(self) -> AsyncGenerator[NotifyWorker]:
        worker = self._make_worker()
        self._workers.append(worker)
        try:
            yield worker
        finally:
            self._workers.remove(worker)


def _shown(kept: KeptEvent) -> KeptEvent:
    if not known_event(kept.event.kind).confidential:
        return kept
    return replace(kept, event=replace(kept.event, data={}, detail=""))
