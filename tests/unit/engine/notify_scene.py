"""Notifications in memory: a desk, a clock that a test turns, and an outbox that takes what it is told to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from eilbote.connections.known import KnownConnections
from eilbote.connections.stored_book import StoredBook
from eilbote.engine.digest import digest_of
from eilbote.engine.notify import Notifier
from eilbote.engine.notify_desk import NotifyDesk
from eilbote.engine.notify_watch import NotifyWatch
from eilbote.engine.notify_worker import NotifyWorker
from eilbote.errors import AlreadySubmittedError
from eilbote.model.attempt import Event
from eilbote.model.draft import Draft
from eilbote.model.ids import EntryId, MessageId
from eilbote.model.moment import Moment, moment_of
from eilbote.model.status import EntryState
from eilbote.model.submission import Submission, SubmissionOptions
from eilbote.outbox.store import Pause
from eilbote.record.notice import Notice, NoticeKind
from eilbote.store.lazy_records import LazyRecords
from eilbote.store.memory_flows import MemoryFlows
from eilbote.store.memory_notifications import MemoryNotifications
from eilbote.store.memory_records import MemoryRecords
from eilbote.testing import FixedIds, ManualClock


@dataclass
class Outbox:
    """Takes each message once under its key, as the outbox does.

    Attributes:
        taken: By key: what is said.
        options: By key: how it is to be carried.
        authors: Who has handed in anything.
        fault: Is raised for the next messages in place of taking them.
        dies_after: Is raised behind so many messages that were taken: the program is gone.
    """

    taken: dict[str, Draft] = field(default_factory=dict)
    options: dict[str, SubmissionOptions] = field(default_factory=dict)
    authors: list[str] = field(default_factory=list)
    fault: Exception | None = None
    dies_after: int | None = None
    calls: int = 0

    async def submit(self, draft: Draft, options: SubmissionOptions, *, author: str) -> Submission:
        self.calls += 1
        if self.fault is not None:
            raise self.fault
        key = options.idempotency_key or ""
        known = self.taken.get(key)
        if known is not None and digest_of(known, connections=()) != digest_of(draft, connections=()):
            raise AlreadySubmittedError(f"the key {key} was used before")
        self.taken.setdefault(key, draft)
        self.options[key] = options
        self.authors.append(author)
        if self.dies_after is not None:
            self.dies_after -= 1
            if self.dies_after < 0:
                raise KilledError
        number = list(self.taken).index(key) + 1
        return Submission(
            id=EntryId(number),
            message_id=MessageId(f"<{number}@example.org>"),
            state=EntryState.QUEUED,
            is_new=known is None,
        )

    @property
    def recipients(self) -> list[str]:
        return sorted(str(one) for draft in self.taken.values() for one in draft.to)


class KilledError(BaseException):
    """The program is gone at this point."""


@dataclass
class Heard:
    """Hears what happens."""

    notices: list[Notice] = field(default_factory=list)

    def happened(self, events: Sequence[Event]) -> None:
        """Hear nothing of entries."""

    def noticed(self, notice: Notice) -> None:
        self.notices.append(notice)

    def kinds(self) -> list[NoticeKind]:
        return [notice.kind for notice in self.notices]


class Scene:
    """Everything that belongs together."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store = MemoryNotifications()
        self.outbox = Outbox()
        self.heard = Heard()
        self.flows = MemoryFlows()
        self.records = LazyRecords(MemoryRecords)
        self.pauses: list[Pause] = []
        self.ids = FixedIds("id")
        self.connections = KnownConnections(
            given={}, stored=StoredBook(self.records.connections, clock=self.clock)
        )
        self.slept: list[float] = []
        self.desk = self.new_desk()

    def new_desk(self) -> NotifyDesk:
        """Give a desk, as a program has one that was started anew."""
        notifier = Notifier(self.store, self.outbox.submit, clock=self.clock, ids=self.ids)
        watch = NotifyWatch(
            notifier,
            pauses=self._pauses,
            connections=self.connections,
            tokens=self.records.tokens,
            flows=self.flows,
        )

        def worker() -> NotifyWorker:
            return NotifyWorker(
                notifier,
                watch,
                clock=self.clock,
                report=self.heard,
                retention_seconds=86_400.0,
                sleep=self._sleep,
            )

        return NotifyDesk(notifier, worker=worker, ids=self.ids, source="test")

    @property
    def now(self) -> Moment:
        return moment_of(self.clock.now())

    async def kinds(self) -> list[str]:
        """Give the kinds of all events, the first one first."""
        return [kept.event.kind for kept in await self.desk.events()][::-1]

    async def _pauses(self) -> list[Pause]:
        return self.pauses

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)
