"""Flows in memory: a desk, an outbox, a clock that a test turns, and a courier that settles what a test says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.unit.engine.outbox_scene import Scene

from eilbote.author.flow.effect import SendEmail
from eilbote.author.flow.inline_connection import InlineConnection
from eilbote.engine.flow_desk import FlowDesk
from eilbote.engine.flow_effects import Asked, Done, Effects, Performed
from eilbote.engine.flow_mail import FlowMail
from eilbote.engine.flow_view import FlowRun
from eilbote.engine.flow_worker import FlowWorker
from eilbote.engine.worker import WorkerOptions
from eilbote.errors import AttachmentError
from eilbote.model.attempt import Attempt, Event
from eilbote.model.attempt import Outcome as RecipientOutcome
from eilbote.model.draft import Draft
from eilbote.model.ids import CourierId, EntryId
from eilbote.model.moment import moment_of
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.settlement import Settlement
from eilbote.outbox.store import EntryFilter
from eilbote.record.notice import Notice, NoticeKind
from eilbote.store.memory_flows import MemoryFlows
from eilbote.testing import FixedIds

COURIER = CourierId("courier-of-a-test")


@dataclass
class Told:
    """Hears what happens."""

    notices: list[Notice] = field(default_factory=list)

    def happened(self, events: Sequence[Event]) -> None:
        """Hear nothing of entries."""

    def noticed(self, notice: Notice) -> None:
        self.notices.append(notice)

    def kinds(self) -> list[NoticeKind]:
        return [notice.kind for notice in self.notices]


@dataclass
class Requests:
    """Performs web requests by counting them."""

    keys: list[str] = field(default_factory=list)
    again: list[bool] = field(default_factory=list)
    fault: Exception | None = None

    async def perform(self, asked: Asked, effect: object, /) -> Performed:
        self.keys.append(asked.run.key)
        self.again.append(asked.again)
        if self.fault is not None:
            raise self.fault
        from eilbote.author.flow.step import Outcome

        return Done(outcome=Outcome(result={"status": 200}))


class AsNamed:
    """Gives connections as nodes name them."""

    async def named(
        self, said: str | InlineConnection, *, organization: str, flow: str, node: str
    ) -> tuple[str, ...]:
        return (said,) if isinstance(said, str) and said else ()


class FlowScene:
    """Everything together.

    Args:
        store: Where flows are kept; in memory when ``None``.
    """

    def __init__(self, store: MemoryFlows | None = None) -> None:
        self.outbox = Scene()
        self.clock = self.outbox.clock
        self.store = store or MemoryFlows()
        self.told = Told()
        self.requests = Requests()
        self.submitted: list[str] = []
        self.left_out: list[AttachmentError] = []
        self.submitter = self.outbox.submitter()
        self.desk = self.new_desk()
        self._began = False

    @classmethod
    async def opened(cls) -> "FlowScene":
        """Make one with an outbox that takes messages."""
        scene = cls()
        await scene.outbox.store.open()
        return scene

    def new_desk(self, options: WorkerOptions | None = None) -> FlowDesk:
        """Make a desk as another process would have it."""
        self.mail = FlowMail(
            self.submitter.submit,
            lambda: self.outbox.store,
            with_files=self._without_files,
            connections=AsNamed(),
            report=self.told,
        )
        effects = Effects(mail=self.mail, web=self.requests)
        ids = FixedIds()

        def worker(only: Sequence[str] | None, let_go: object) -> FlowWorker:
            return FlowWorker(
                store=self.store,
                outbox=lambda: self.outbox.store,
                effects=effects,
                clock=self.clock,
                ids=ids,
                report=self.told,
                options=options,
                only=only,
                let_go=let_go,  # type: ignore[arg-type]
            )

        return FlowDesk(self.store, worker=worker, clock=self.clock, ids=ids, report=self.told, author="test")

    async def _without_files(self, effect: SendEmail) -> tuple[Draft, Sequence[AttachmentError]]:
        return effect.draft, self.left_out

    async def begin(self, text: str, given: Mapping[str, object] | None = None, **options: str) -> FlowRun:
        return await self.desk.begin(text, given or {}, **options)  # type: ignore[arg-type]

    async def work(self, run_id: str) -> FlowRun:
        """Work what is due, and show a run."""
        await self.desk.resume()
        return await self.desk.get(run_id)

    async def settle(self, status: RecipientStatus = RecipientStatus.ACCEPTED, text: str = "Ok") -> int:
        """Settle every entry that waits, as a courier does that was told the same for each recipient."""
        store, now = self.outbox.store, moment_of(self.clock.now())
        if not self._began:
            await store.begin_courier(COURIER, host="test", process=1, now=now)
            self._began = True
        count = 0
        for ready in await store.ready_lanes(now):
            for claim in await store.claim(COURIER, ready.lane, limit=100, now=now):
                code = {RecipientStatus.ACCEPTED: 250, RecipientStatus.FAILED: 550}.get(status, 451)
                outcomes = tuple(
                    RecipientOutcome(number=each.number, status=status, reply_code=code, text=text)
                    for each in claim.pending
                )
                is_over = status in {RecipientStatus.ACCEPTED, RecipientStatus.FAILED}
                await store.settle(
                    (
                        Settlement(
                            id=claim.id,
                            epoch=claim.epoch,
                            state=EntryState.DONE if is_over else EntryState.DEFERRED,
                            due=now if is_over else now + 60_000,  # type: ignore[arg-type]
                            lane=claim.lane,
                            attempt=Attempt(
                                number=claim.attempts + 1,
                                started=now,
                                seconds=0.25,
                                courier=COURIER,
                                connection=claim.lane.connection,
                                server="mail.example.org:465",
                                reply=f"{code} {text}",
                                outcomes=outcomes,
                            ),
                        ),
                    )
                )
                count += 1
        return count

    async def entries(self) -> list[EntryId]:
        return [entry.id for entry in await self.outbox.store.entries(EntryFilter(), limit=1000)]
