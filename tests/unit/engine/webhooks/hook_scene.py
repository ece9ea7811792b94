"""Webhooks in memory: a clock that a test turns, a postman who answers as he is told, and workers that can be replaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from eilbote.engine.notify import Notifier
from eilbote.engine.webhooks.feeds import Feeds
from eilbote.engine.webhooks.hook_alerts import disabled
from eilbote.engine.webhooks.postman import Brought
from eilbote.engine.webhooks.webhook_desk import WebhookDesk
from eilbote.engine.webhooks.webhook_worker import HookOptions, WebhookWorker
from eilbote.model.attempt import Event
from eilbote.model.moment import Moment, moment_of
from eilbote.model.receipt import Receipt
from eilbote.net.egress import EgressPolicy
from eilbote.outbox.entry import Entry
from eilbote.outbox.store import EntryFilter
from eilbote.record.notice import Notice
from eilbote.record.step import Step
from eilbote.record.webhook import HookDelivery, Webhook
from eilbote.store.memory_notifications import MemoryNotifications
from eilbote.store.memory_webhooks import MemoryWebhooks
from eilbote.testing import FixedIds, ManualClock

TAKEN = Brought(status=204, answer="", seconds=0.01)
REFUSED = Brought(status=500, answer="out of order", seconds=0.01)
SILENT = Brought(status=0, answer="nobody answers", seconds=10.0)
GONE = Brought(status=410, answer="gone", seconds=0.01)


class KilledError(BaseException):
    """The program is gone at this point."""


@dataclass
class Feed:
    """The part of an outbox that webhooks read."""

    all: list[Event] = field(default_factory=list)
    asked: int = 0

    async def events(self, *, after: int = 0, limit: int = 1000) -> list[Event]:
        self.asked += 1
        return sorted((one for one in self.all if one.sequence > after), key=lambda one: one.sequence)[:limit]

    async def entries(self, which: EntryFilter, *, limit: int) -> list[Entry]:
        return []


@dataclass
class Postman:
    """Answers by the address of the webhook, or the same to everybody."""

    answers: dict[str, Brought] = field(default_factory=dict)
    brought: list[HookDelivery] = field(default_factory=list)
    before: Callable[[], None] | None = None

    async def bring(self, webhook: Webhook, delivery: HookDelivery, *, now: Moment) -> Brought:
        if self.before is not None:
            self.before()
        self.brought.append(delivery)
        return self.answers.get(webhook.url, TAKEN)

    @property
    def kinds(self) -> list[str]:
        return [one.event for one in self.brought]


@dataclass
class Heard:
    """Hears what cannot be done."""

    notices: list[Notice] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def happened(self, events: Sequence[Event]) -> None:
        """Hear nothing of entries."""

    def noticed(self, notice: Notice) -> None:
        self.notices.append(notice)

    def stepped(self, step: Step) -> None:
        self.steps.append(step)


class Scene:
    """Everything that belongs together; with another store than the usual one, if one is given."""

    def __init__(self, store: MemoryWebhooks | None = None) -> None:
        self.clock = ManualClock()
        self.store = store or MemoryWebhooks()
        self.feed = Feed()
        self.notifications = MemoryNotifications()
        self.postman = Postman()
        self.heard = Heard()
        self.slept: list[float] = []
        self.made = 0
        self.notifier = Notifier(self.notifications, _nobody, clock=self.clock, ids=FixedIds("id"))
        self.desk = WebhookDesk(
            self.store,
            worker=self.new_worker,
            postman=lambda: self.postman,
            egress=EgressPolicy(),
            clock=self.clock,
        )

    def new_worker(self) -> WebhookWorker:
        """Give a worker, as a program has one that was started anew."""
        self.made += 1

        async def switched_off(webhook: Webhook, reason: str) -> None:
            await self.notifier.raise_event(disabled(webhook, reason))

        return WebhookWorker(
            self.store,
            Feeds(self.store, self.feed, self.notifications, clock=self.clock),  # type: ignore[arg-type]
            self.postman,
            name=f"worker-{self.made}",
            clock=self.clock,
            chance=lambda: 0.0,
            on_disabled=switched_off,
            report=self.heard,
            options=HookOptions(),
            sleep=self._sleep,
        )

    @property
    def now(self) -> Moment:
        return moment_of(self.clock.now())

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)


async def _nobody(*_given: object, **_more: object) -> Receipt:
    raise AssertionError("nobody is to be told by e-mail here")
