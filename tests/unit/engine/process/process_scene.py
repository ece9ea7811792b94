"""Processes in memory: a store, deeds that a test plays, and a clock that it turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from eilbote.author.process.bundle import Bundle, write_bundle
from eilbote.author.process.instance import DeedDone, Trigger
from eilbote.author.process.interpret.trigger_text import trigger_data
from eilbote.author.process.kept import KeptInstance, KeptTrigger, ProcessVersion
from eilbote.engine.process.instance_keeper import InstanceKeeper
from eilbote.engine.process.process_deeds import Asked, Deeds, Parked, Performed
from eilbote.engine.process.process_starts import ProcessStarts
from eilbote.engine.process.run_process import RunProcess
from eilbote.engine.process.tasks import Told as PeopleTold
from eilbote.engine.wall_clock import WallClock
from eilbote.model.data import Data
from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment, later, moment_of
from eilbote.record.notice import Notice, NoticeKind
from eilbote.store.memory_processes import MemoryProcesses
from eilbote.testing import ManualClock

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="https://example.org/test">
<message id="m_payment" name="payment"/>
<process id="order" isExecutable="true">"""
SEND = {
    "system_name": "ready",
    "state": "Ready",
    "route": "order-ready",
    "mapping": {"To": "{{ customer }}"},
}


def text_of(body: str, **elements: Mapping[str, object]) -> str:
    """Give the text of a process."""
    settings = yaml.safe_dump({"process": "order", "elements": dict(elements)})
    return write_bundle(Bundle(bpmn=f"{HEAD}{body}</process></definitions>", settings=settings))


ONE_MAIL = """<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="ready"/>
<intermediateThrowEvent id="ready"><messageEventDefinition/></intermediateThrowEvent>
<sequenceFlow id="f2" sourceRef="ready" targetRef="end"/><endEvent id="end"/>"""
WAITS = """<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="wait"/>
<receiveTask id="wait" messageRef="m_payment"/>
<sequenceFlow id="f2" sourceRef="wait" targetRef="end"/><endEvent id="end"/>"""
TASK = """<startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="check"/>
<userTask id="check"/><sequenceFlow id="f2" sourceRef="check" targetRef="end"/><endEvent id="end"/>"""


@dataclass
class Told:
    """Hears what happens."""

    notices: list[Notice] = field(default_factory=list)

    def happened(self, events: Sequence[object]) -> None:
        """Hear nothing of entries."""

    def noticed(self, notice: Notice) -> None:
        self.notices.append(notice)

    def kinds(self) -> list[NoticeKind]:
        return [notice.kind for notice in self.notices]


@dataclass
class Played:
    """Does every deed as a test says."""

    says: Callable[[Asked], Performed] = lambda _: DeedDone()
    asked: list[Asked] = field(default_factory=list)
    before: Callable[[Asked], str | Performed] = lambda _: ""

    async def prepare(self, asked: Asked, deed: object, /) -> str | Performed:
        return self.before(asked)

    async def perform(self, asked: Asked, deed: object, /) -> Performed:
        self.asked.append(asked)
        return self.says(asked)


@dataclass
class People:
    """Tells nobody, and remembers whom it would have told."""

    told: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    again: Moment | None = None

    def check(self, definition: object) -> None:
        """Refuse nothing."""

    async def tell(
        self, kept: KeptInstance, tasks: Sequence[object], *, title: str, now: Moment
    ) -> PeopleTold:
        self.told += [task.key for task in tasks]  # type: ignore[attr-defined]
        return PeopleTold(again=self.again)

    async def closed(self, kept: KeptInstance, keys: Sequence[str], *, now: Moment) -> None:
        self.gone += keys

    async def withdraw(self, key: str, *, now: Moment) -> None:
        """Let it be."""


class ProcessScene:
    """Everything together."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store = MemoryProcesses()
        self.told = Told()
        self.played = Played()
        self.people = People()
        self.is_stopping = False
        self.deeds = Deeds(
            mail=self.played,
            web=self.played,
            flows=self.played,
            messages=self.played,
            announcements=self.played,
        )
        self.time = WallClock(self.clock)
        self.runs = self.worker()

    def worker(self, deeds: Deeds | None = None) -> RunProcess:
        """Give one that works instances, as another program would have it."""
        return RunProcess(
            InstanceKeeper(
                self.store,
                deeds or self.deeds,
                people=self.people,
                time=self.time,
                report=self.told,
                monotonic=self.clock.monotonic,
                is_stopping=lambda: self.is_stopping,
            )
        )

    def now(self) -> Moment:
        return moment_of(self.clock.now())

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)

    async def begin(self, text: str, data: Mapping[str, Data] | None = None) -> KeptInstance:
        """Keep a new instance."""
        version = ProcessVersion(organization="", name="order", version=1, text=text, published=self.now())
        starts = ProcessStarts(self.store, time=self.time, report=self.told)
        return await starts.begin(
            version, data or {"customer": "anna@example.org"}, instance_id="i1", author="test"
        )

    async def claim(self) -> KeptInstance:
        """Take the instance, due or not, as one does whose lease has ended."""
        self.pass_time(60)
        now = self.now()
        (kept,) = await self.store.claim(
            f"worker {now}", limit=1, now=now, until=later(now, 30), only=("i1",)
        )
        return kept

    async def work(self) -> KeptInstance:
        """Take the instance and work it."""
        return await self.runs.work(await self.claim())

    async def post(self, trigger: Trigger, name: str = "t1") -> bool:
        """Let something happen to it."""
        return await self.store.post("i1", KeptTrigger(id=name, data=trigger_data(trigger), at=self.now()))

    async def kept(self) -> KeptInstance:
        kept = await self.store.instance("i1")
        assert kept is not None
        return kept


def parked(seconds: Moment | None = None, entry: EntryId | None = None) -> Parked:
    """Say that a deed is under way."""
    return Parked(due=seconds, entry=entry)
