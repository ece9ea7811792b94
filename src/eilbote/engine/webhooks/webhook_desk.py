"""What programs and commands can do about webhooks: add, change, try and remove them, and look at what was delivered."""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.engine.revisions import check_revision
from eilbote.engine.webhooks.fields import (
    is_id,
    read_description,
    read_events,
    read_everywhere,
    read_hook_url,
    unknown_delivery,
    unknown_webhook,
)
from eilbote.engine.webhooks.hook_events import deliveries_of, delivery_of, trial_event
from eilbote.engine.webhooks.signing import new_secret
from eilbote.errors import ConflictError, SettingsError
from eilbote.model.moment import later, moment_of
from eilbote.record.webhook import DeliveryState, HookEvent, Webhook

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from eilbote.engine.webhooks.webhook_worker import Bringing, WebhookWorker
    from eilbote.model.clock import Clock
    from eilbote.model.moment import Moment
    from eilbote.net.egress import EgressPolicy
    from eilbote.record.webhook import HookDelivery
    from eilbote.record.webhook_store import WebhookStore

OVERLAP_SECONDS: Final = 86_400.0
"""For so long a secret that was replaced signs beside the new one, when nobody says otherwise."""
_LONGEST_OVERLAP_SECONDS: Final = 30 * 86_400.0
_MOST: Final = 50


class WebhookDesk:
    """Webhooks, for whoever has opened the outbox.

    Args:
        store: Where webhooks and deliveries are.
        worker: Makes a worker that delivers.
        postman: Brings a trial delivery.
        egress: Which addresses organizations may reach.
        ports: At which ports; ``None`` allows any.
        clock: Tells the time.
    """

    def __init__(
        self,
        store: WebhookStore,
        *,
        worker: Callable[[], WebhookWorker],
        postman: Callable[[], Bringing],
        egress: EgressPolicy,
        ports: frozenset[int] | None = None,
        clock: Clock,
    ) -> None:
        self._store = store
        self._make_worker = worker
        self._make_postman = postman
        self._egress = egress
        self._ports = ports
        self._clock = clock
        self._workers: list[WebhookWorker] = []

    # -- webhooks ------------------------------------------------------------------------------------------------

    async def add(
        self,
        url: str,
        *,
        organization: str = "",
        events: Sequence[str] = ("*",),
        everywhere: bool = False,
        description: str = "",
        is_enabled: bool = True,
    ) -> Webhook:
        """Have somebody told over HTTP of what happens from now on.

        ::

            webhook = await eilbote.webhooks.add("https://example.org/hook", events=["message.failed", "message.gave_up"])
            print(webhook.secret.reveal())

        Args:
            url: Where to: ``https``, or ``http`` at this machine.
            organization: Whose events; empty for the host's.
            events: Kinds; ``*`` at the end of one stands for anything.
            everywhere: For the host's: the events of all organizations as well.
            description: For people.
            is_enabled: Whether anything is delivered yet.

        Raises:
            SettingsError: A field cannot be used, or there are too many webhooks.
            SecretKeyError: Its secret cannot be encrypted.
            OutboxUnavailableError: The database does not answer; nothing was kept.
        """
        if len(await self._store.webhooks(organization)) >= _MOST:
            raise SettingsError(
                f"there are {_MOST} webhooks already",
                field="url",
                remedy="Remove one, or have one receiver pass on what it hears",
            )
        now = self._now()
        made = Webhook(
            id=secrets.token_hex(6),
            organization=organization,
            url=read_hook_url(url, organization=organization, egress=self._egress, ports=self._ports),
            events=read_events(events),
            everywhere=read_everywhere(everywhere, organization),
            description=read_description(description),
            is_enabled=is_enabled,
            secret=new_secret(),
            created=now,
            changed=now,
            since=now,
        )
        kept = await self._store.keep(made)
        self.nudge()
        return kept

    async def list(self, organization: str | None = None) -> Sequence[Webhook]:
        """Give all of one organization, or of all; the host's are those of ``""``.

        One whose secret cannot be decrypted is left out, and the log names it; :meth:`show` says why, and :meth:`remove` removes it.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self._store.webhooks(organization)

    async def show(self, id: str) -> Webhook:  # noqa: A002 - its own word
        """Give one.

        Raises:
            NotFoundError: There is none of that id.
            SecretKeyError: Its secret cannot be decrypted.
            OutboxUnavailableError: The database does not answer.
        """
        found = await self._store.webhook(id) if is_id(id) else None
        if found is None:
            raise unknown_webhook(id)
        return found

    async def owner(self, id: str) -> str:  # noqa: A002 - its own word
        """Tell whose one is, the host's being ``""``, also of one that :meth:`show` cannot give because of its secret.

        Raises:
            NotFoundError: There is none of that id.
            OutboxUnavailableError: The database does not answer.
        """
        found = await self._store.owner(id) if is_id(id) else None
        if found is None:
            raise unknown_webhook(id)
        return found.organization

    async def change(
        self,
        id: str,  # noqa: A002 - its own word
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        everywhere: bool | None = None,
        description: str | None = None,
        is_enabled: bool | None = None,
        revision: int | None = None,
    ) -> Webhook:
        """Change one; what is ``None`` stays as it is.

        Switched on again it hears what happens from then on, and its failures are forgotten.

        Args:
            id: Which.
            url: See :meth:`add`.
            events: See :meth:`add`.
            everywhere: See :meth:`add`.
            description: See :meth:`add`.
            is_enabled: See :meth:`add`.
            revision: The one that was seen, if nobody else may have changed it since.

        Raises:
            NotFoundError: There is none of that id.
            SettingsError: A field cannot be used.
            ConflictError: Somebody has changed it meanwhile.
            OutboxUnavailableError: The database does not answer; nothing was changed.
        """
        known = await self.show(id)
        check_revision(revision, known.revision, what=f"the webhook {known.id!r}")
        now = self._now()
        changed = replace(
            known,
            url=known.url
            if url is None
            else read_hook_url(url, organization=known.organization, egress=self._egress, ports=self._ports),
            events=known.events if events is None else read_events(events),
            everywhere=known.everywhere
            if everywhere is None
            else read_everywhere(everywhere, known.organization),
            description=known.description if description is None else read_description(description),
            changed=now,
        )
        if is_enabled is not None and is_enabled != known.is_enabled:
            changed = replace(
                changed,
                is_enabled=is_enabled,
                since=now if is_enabled else known.since,
                failures=0,
                failing_since=None,
            )
        kept = await self._store.keep(changed)
        self.nudge()
        return kept

    async def rotate(
        self,
        id: str,  # noqa: A002 - its own word
        *,
        overlap_seconds: float = OVERLAP_SECONDS,
        revision: int | None = None,
    ) -> Webhook:
        """Replace the secret; the former one signs as well for a while.

        Args:
            id: Which.
            overlap_seconds: For how long; 0 to end it at once, for a secret that has become known.
            revision: See :meth:`change`.

        Raises:
            NotFoundError: There is none of that id.
            SettingsError: The overlap is no time, or too long.
            ConflictError: Somebody has changed it meanwhile.
            OutboxUnavailableError: The database does not answer; nothing was changed.
        """
        if not 0 <= overlap_seconds <= _LONGEST_OVERLAP_SECONDS:
            raise SettingsError(
                f"{overlap_seconds:g} seconds cannot be the overlap",
                field="overlap_seconds",
                remedy=f"Give 0 to {_LONGEST_OVERLAP_SECONDS:.0f} seconds",
            )
        known = await self.show(id)
        check_revision(revision, known.revision, what=f"the webhook {known.id!r}")
        now = self._now()
        return await self._store.keep(
            replace(
                known,
                secret=new_secret(),
                former_secret=known.secret if overlap_seconds else None,
                former_until=later(now, overlap_seconds) if overlap_seconds else None,
                changed=now,
            )
        )

    async def remove(self, id: str) -> None:  # noqa: A002 - its own word
        """Forget one, with what was and is to be delivered to it.

        Raises:
            NotFoundError: There is none of that id.
            OutboxUnavailableError: The database does not answer.
        """
        if not is_id(id) or not await self._store.drop(id):
            raise unknown_webhook(id)

    # -- deliveries ----------------------------------------------------------------------------------------------

    async def test(self, id: str) -> HookDelivery:  # noqa: A002 - its own word
        """Bring a trial delivery of the kind ``webhook.test`` now, also to one that is switched off; it stands in the log.

        Raises:
            NotFoundError: There is none of that id.
            OutboxUnavailableError: The database does not answer.
        """
        webhook = await self.show(id)
        now = self._now()
        delivery = delivery_of(trial_event(secrets.token_hex(12), webhook, now), webhook, now=now)
        found = await self._make_postman().bring(webhook, delivery, now=now)
        ended = replace(
            delivery,
            state=DeliveryState.DELIVERED if found.is_taken else DeliveryState.FAILED,
            attempts=1,
            attempted=now,
            seconds=found.seconds,
            status=found.status,
            answer=found.answer,
        )
        await self._store.enqueue([ended])
        return ended

    async def deliveries(
        self,
        id: str,  # noqa: A002 - its own word
        *,
        state: DeliveryState | None = None,
        limit: int = 50,
        after: str = "",
    ) -> Sequence[HookDelivery]:
        """Give what was and is to be delivered to a webhook, the latest first.

        Args:
            id: To which.
            state: Only those that stand so.
            limit: How many at most.
            after: Those behind the delivery of this id.

        Raises:
            NotFoundError: There is no webhook of that id.
            OutboxUnavailableError: The database does not answer.
        """
        await self.show(id)
        if after and not is_id(after):
            return ()
        return await self._store.deliveries(id, state=state, limit=limit, after=after)

    async def delivery(self, id: str, delivery: str) -> HookDelivery:  # noqa: A002 - its own word
        """Give one delivery.

        Raises:
            NotFoundError: There is none of that id.
            OutboxUnavailableError: The database does not answer.
        """
        found = await self._store.delivery(id, delivery) if is_id(id) and is_id(delivery) else None
        if found is None:
            raise unknown_delivery(delivery)
        return found

    async def redeliver(self, id: str, delivery: str) -> HookDelivery:  # noqa: A002 - its own word
        """Have something delivered again, now, under the same id.

        Raises:
            NotFoundError: There is no such webhook or delivery.
            ConflictError: The webhook is switched off.
            OutboxUnavailableError: The database does not answer.
        """
        webhook = await self.show(id)
        await self.delivery(id, delivery)
        if not webhook.is_enabled:
            raise ConflictError(
                "this webhook is switched off",
                field="id",
                remedy=f"Switch it on first: `eilbote webhook enable {webhook.id}`",
            )
        await self._store.redeliver(id, delivery, now=self._now())
        self.nudge()
        return await self.delivery(id, delivery)

    async def tell(self, event: HookEvent) -> int:
        """Have webhooks told of something that stands in no feed; says how many are.

        It is on the disk when this returns. The same id again changes nothing.

        Args:
            event: What has happened, such as ``suppression.added``.

        Raises:
            OutboxUnavailableError: The database does not answer; nobody is told.
        """
        webhooks = await self._store.webhooks()
        made = await self._store.enqueue(deliveries_of(event, webhooks, now=self._now()))
        if made:
            self.nudge()
        return made

    # -- working -------------------------------------------------------------------------------------------------

    async def deliver_due(self) -> int:
        """Deliver what is due by now; says how many attempts were made. Whoever delivers mail does this by itself.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        async with self.engaged() as worker:
            return len(await worker.run(once=True))

    @asynccontextmanager
    async def engaged(self) -> AsyncGenerator[WebhookWorker]:
        """Have a worker for everything while the block lasts."""
        worker = self._make_worker()
        self._workers.append(worker)
        try:
            yield worker
        finally:
            self._workers.remove(worker)

    def nudge(self) -> None:
        """Tell the workers of this process that there is something to deliver."""
        for worker in self._workers:
            worker.nudge()

    def _now(self) -> Moment:
        return moment_of(self._clock.now())
