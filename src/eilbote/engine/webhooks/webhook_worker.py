"""The loop that delivers to webhooks: reads what has happened, brings what is due, and tries again what was not taken.

What is promised:

* What has happened is delivered at least once, through crashes of whoever delivers: a delivery is kept before it is brought, and one whose
  worker is gone is taken over when its lease ends, under the same id.
* A receiver that does not answer keeps nobody else waiting for long: it is left alone for a while, and what comes meanwhile waits for it.
* A receiver that says it is gone (410), or that has failed for a day, is switched off, and administrators are told.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from eilbote.engine.patience import Patience
from eilbote.engine.waiting import first_of
from eilbote.engine.webhooks.retries import GONE, is_given_up, pause_after
from eilbote.errors import ConflictError, EilboteError, OutboxError, SecretKeyError
from eilbote.model.moment import later, moment_of
from eilbote.record.notice import Notice, NoticeKind
from eilbote.record.step import Step, StepKind, StepReport
from eilbote.record.webhook import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eilbote.engine.webhooks.feeds import Feeds
    from eilbote.engine.webhooks.postman import Brought
    from eilbote.model.clock import Clock
    from eilbote.model.moment import Moment
    from eilbote.record.report import Report
    from eilbote.record.webhook import HookDelivery, Webhook
    from eilbote.record.webhook_store import WebhookStore

_LISTENING_SECONDS: Final = 1.0
"""How often it looks for what has happened, while anybody listens."""
_IDLE_SECONDS: Final = 15.0
_PRUNE_SECONDS: Final = 3600.0
_PRUNED_AT_ONCE: Final = 500
_SHORTEST_LOG_SECONDS: Final = 86_400.0
"""What is delivered is known for at least so long: system events are read again for some hours, and would be delivered again."""
_UNREADABLE_SECONDS: Final = 300.0
"""After so long it is seen whether the key of a webhook's secret is there again."""
_SOON: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class HookOptions:
    """How a worker works.

    Attributes:
        lease_seconds: How long others leave what it has taken; longer than an attempt lasts, and the wait for one's turn.
        at_once: Attempts at the same time.
        at_once_each: Of them to one webhook.
        retention_seconds: How long what has ended is kept for the log.
    """

    lease_seconds: float = 60.0
    at_once: int = 16
    at_once_each: int = 4
    retention_seconds: float = 30 * 86_400.0


class Bringing(Protocol):
    """Brings deliveries: a :class:`~eilbote.engine.webhooks.postman.Postman`."""

    async def bring(self, webhook: Webhook, delivery: HookDelivery, *, now: Moment) -> Brought:
        """Make one attempt."""
        ...


class WebhookWorker:
    """Delivers to webhooks.

    Args:
        store: Where webhooks and deliveries are.
        feeds: Reads what has happened.
        postman: Brings deliveries.
        name: Its own; no other worker has it.
        clock: Tells the time.
        chance: Gives a number from 0 to 1, by which pauses differ.
        on_disabled: Is told that a webhook was switched off, and why.
        report: Hears what cannot be done.
        options: How it works.
        sleep: Waits for seconds; tests hand in their own.
    """

    def __init__(
        self,
        store: WebhookStore,
        feeds: Feeds,
        postman: Bringing,
        *,
        name: str,
        clock: Clock,
        chance: Callable[[], float],
        on_disabled: Callable[[Webhook, str], Awaitable[None]],
        report: Report,
        options: HookOptions,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._feeds = feeds
        self._postman = postman
        self._name = name
        self._clock = clock
        self._chance = chance
        self._on_disabled = on_disabled
        self._report = report
        self._options = options
        self._sleep = sleep
        self._nudged = asyncio.Event()
        self._is_stopped = False
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._resting: dict[str, Moment] = {}
        self._failing: set[str] = set()
        self._pruned: float | None = None

    def nudge(self) -> None:
        """Say that there is something to deliver."""
        self._nudged.set()

    def stop(self) -> None:
        """End; what is due stays in the database."""
        self._is_stopped = True
        self._nudged.set()

    async def run(self, *, once: bool = False) -> Sequence[str]:
        """Deliver until :meth:`stop`; gives the ids of what was brought, if it is ``once``.

        Args:
            once: End when everything that is due was brought; what was not taken waits for its next turn.
        """
        patience, brought = Patience(), list[str]()
        while not self._is_stopped:
            self._nudged.clear()
            try:
                done, has_more, is_listening = await self._turn()
                brought += done if once else ()
                patience.restore()
                if has_more or done:
                    continue
                pause = await self._pause(is_listening=is_listening)
            except OutboxError as fault:
                if not patience.is_tried:
                    self._notice(NoticeKind.OUTBOX_UNAVAILABLE, str(fault))
                pause = patience.pause()
            except EilboteError as fault:  # such as a secret that cannot be decrypted
                self._notice(NoticeKind.UNFORESEEN, f"webhooks cannot be served for now: {fault}")
                pause = _IDLE_SECONDS
            if once:
                break
            await first_of(self._sleep(pause), self._nudged.wait())
        return brought

    async def _turn(self) -> tuple[list[str], bool, bool]:
        """Read on and bring what is due; says what was brought, whether there is more to read, and whether anybody listens."""
        now = self._now()
        webhooks = await self._store.webhooks()
        _, has_more = await self._feeds.read(webhooks, now=now)
        until = later(now, self._options.lease_seconds)
        claimed = await self._store.claim(self._name, limit=self._options.at_once, now=now, until=until)
        by_id = {each.id: each for each in webhooks}
        tried = await asyncio.gather(
            *(self._deliver(by_id.get(one.webhook), one) for one in claimed), return_exceptions=True
        )
        done: list[str] = []
        for one, found in zip(claimed, tried, strict=True):
            if isinstance(found, BaseException):  # each was given its chance before one of them is told
                raise found
            if found:
                done.append(one.id)
        await self._prune()
        return (
            done,
            has_more or len(claimed) == self._options.at_once,
            any(each.is_enabled for each in webhooks),
        )

    # -- one delivery --------------------------------------------------------------------------------------------

    async def _deliver(self, webhook: Webhook | None, delivery: HookDelivery) -> bool:
        """Bring one; says whether an attempt was made."""
        if webhook is None:
            await self._put_aside(delivery)
            return False
        if not webhook.is_enabled:
            await self._fail(delivery, "the webhook is switched off")
            return False
        turn = self._turns.setdefault(webhook.id, asyncio.Semaphore(self._options.at_once_each))
        async with turn:
            now = self._now()
            if (until := self._resting.get(webhook.id, now)) > now:
                await self._store.settle(replace(delivery, due=until), worker=self._name)
                return False
            found = await self._postman.bring(webhook, delivery, now=now)
            self._tell(webhook, delivery, found, began=now)
            await self._settle(webhook, delivery, found)
            return True

    def _tell(self, webhook: Webhook, delivery: HookDelivery, found: Brought, *, began: Moment) -> None:
        if isinstance(self._report, StepReport):
            self._report.stepped(
                Step(
                    kind=StepKind.WEBHOOK,
                    about=webhook.id,
                    organization=delivery.organization,
                    began=began,
                    seconds=found.seconds,
                    is_well=found.is_taken,
                    facts={"http.response.status_code": found.status, "eilbote.event": delivery.event},
                )
            )

    async def _put_aside(self, delivery: HookDelivery) -> None:
        """Settle what cannot be signed: for good when its secret is gone, and for a while when only its key is missing."""
        owner = await self._store.owner(delivery.webhook)
        if owner is None:  # removed meanwhile, with its deliveries
            return
        try:
            await self._store.webhook(delivery.webhook)
        except SecretKeyError as fault:
            reason = str(fault)
        else:  # it was made while this was taken
            await self._store.settle(delivery, worker=self._name)
            return
        if not owner.has_secret:
            await self._fail(delivery, reason)
            return
        later_on = later(self._now(), _UNREADABLE_SECONDS)
        await self._store.settle(replace(delivery, due=later_on, answer=reason), worker=self._name)

    async def _fail(self, delivery: HookDelivery, reason: str) -> None:
        ended = replace(delivery, state=DeliveryState.FAILED, answer=reason)
        await self._store.settle(ended, worker=self._name)

    async def _settle(self, webhook: Webhook, delivery: HookDelivery, found: Brought) -> None:
        now = self._now()
        attempts = delivery.attempts + 1
        pause = pause_after(attempts, chance=self._chance(), wish=found.wish)
        if found.is_taken:
            state, due = DeliveryState.DELIVERED, delivery.due
        elif pause is None or found.status == GONE:
            state, due = DeliveryState.FAILED, delivery.due
        else:
            state, due = DeliveryState.WAITING, later(now, pause)
        is_ours = await self._store.settle(
            replace(
                delivery,
                state=state,
                due=due,
                attempts=attempts,
                attempted=now,
                seconds=found.seconds,
                status=found.status,
                answer=found.answer,
            ),
            worker=self._name,
        )
        if is_ours:
            await self._count(webhook, found, now, pause or 0.0)

    async def _count(self, webhook: Webhook, found: Brought, now: Moment, pause: float) -> None:
        """Note whether a webhook works, and switch off one that does not any more."""
        if found.is_taken:
            self._resting.pop(webhook.id, None)
            if webhook.failures or webhook.id in self._failing:
                self._failing.discard(webhook.id)
                await self._store.count_failures(webhook.id, 0, since=None)
            return
        known = await self._store.webhook(webhook.id)
        if known is None or not known.is_enabled:
            return
        self._failing.add(webhook.id)
        since = known.failing_since or now
        await self._store.count_failures(webhook.id, known.failures + 1, since=since)
        if found.status == GONE:
            await self._switch_off(webhook.id, "The receiver says that it is gone (410)")
        elif is_given_up(since, now):
            await self._switch_off(
                webhook.id,
                f"Every attempt has failed for a day; the last answer: {found.answer[:300] or found.status}",
            )
        elif not found.status or found.wish:
            self._resting[webhook.id] = later(
                now, max(found.wish, min(pause, _LISTENING_SECONDS * 2 ** min(known.failures, 8)))
            )

    async def _switch_off(self, id_: str, reason: str) -> None:
        known = await self._store.webhook(id_)
        if known is None or not known.is_enabled:
            return
        try:
            changed = await self._store.keep(replace(known, is_enabled=False, changed=self._now()))
        except ConflictError:
            return  # somebody has changed it just now, and knows better; the next failure comes here again
        self._resting.pop(id_, None)
        await self._on_disabled(changed, reason)

    # -- within --------------------------------------------------------------------------------------------------

    async def _pause(self, *, is_listening: bool) -> float:
        longest = _LISTENING_SECONDS if is_listening else _IDLE_SECONDS
        due = await self._store.next_due()
        return longest if due is None else min(longest, max(_SOON, (due - self._now()) / 1000))

    async def _prune(self) -> None:
        at = self._clock.monotonic()
        if self._pruned is not None and at - self._pruned < _PRUNE_SECONDS:
            return
        self._pruned = at
        before = later(self._now(), -max(self._options.retention_seconds, _SHORTEST_LOG_SECONDS))
        while await self._store.prune(before=before, limit=_PRUNED_AT_ONCE) == _PRUNED_AT_ONCE:
            pass

    def _now(self) -> Moment:
        return moment_of(self._clock.now())

    def _notice(self, kind: NoticeKind, text: str) -> None:
        self._report.noticed(Notice(kind=kind, at=self._now(), text=text))
