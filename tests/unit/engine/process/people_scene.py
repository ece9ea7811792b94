"""An instance with open tasks, people who get mail, and a clock that a test turns forward; everything in memory."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import cast

from tests.unit.engine.asking_scene import KnownRuns

from eilbote.author.process.details import TaskDetails
from eilbote.author.process.instance import InstanceStatus, OpenTask, TaskCompleted, Trigger
from eilbote.author.process.interpret.trigger_text import read_trigger
from eilbote.author.process.kept import KeptInstance, KeptWait, WaitKind
from eilbote.engine.answers import Answers
from eilbote.engine.process.asking_tasks import AskingTasks
from eilbote.engine.process.people import people_of
from eilbote.engine.process.reply_keys import KeysOfThisProgram
from eilbote.engine.process.tasks import Told
from eilbote.errors import AlreadySubmittedError
from eilbote.model.draft import Draft
from eilbote.model.ids import MessageId
from eilbote.model.moment import Moment, later, moment_of
from eilbote.model.submission import Submission, SubmissionOptions
from eilbote.outbox.store import EntryFilter, OutboxStore
from eilbote.store.memory_processes import MemoryProcesses
from eilbote.store.memory_questions import MemoryQuestions
from eilbote.testing.manual_clock import ManualClock

PUBLIC = "https://eilbote.example.org/mail"
LINK = re.compile(rf"{re.escape(PUBLIC)}/answer/([A-Za-z0-9_-]{{43}})")
DAY = 86_400
TASK = "i1/Approve/0"
ANNA, MAX = "anna@example.org", "max@example.org"


@dataclass
class Posted:
    """An outbox that remembers what was handed in under which key."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    options: dict[str, SubmissionOptions] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    organizations: dict[str, str] = field(default_factory=dict)
    authors: dict[str, str] = field(default_factory=dict)
    fault: Callable[[str], None] = lambda _: None

    async def submit(self, draft: Draft, options: SubmissionOptions, *, author: str) -> Submission:
        await asyncio.sleep(0)  # others get their turn, and may hand in the same
        key = options.idempotency_key or ""
        self.fault(f"before {key}")
        if key in self.drafts and self.drafts[key] != draft:
            raise AlreadySubmittedError("the key was used for another message")
        self.drafts[key], self.options[key], self.authors[key] = draft, options, author
        self.ids[key] = f"<{len(self.ids)}.random@example.org>"
        self.organizations[key] = options.organization
        self.fault(f"after {key}")
        return cast("Submission", SimpleNamespace())

    async def entries(self, which: EntryFilter, *, limit: int) -> list[object]:
        found = [
            key
            for key in self.drafts
            if which.idempotency_key in (None, key)
            and which.message_id in (None, self.ids[key])
            and which.organization in (None, self.organizations[key])
        ]
        return [
            SimpleNamespace(
                idempotency_key=key,
                message_id=MessageId(self.ids[key]),
                organization=self.organizations[key],
                author=self.authors[key],
            )
            for key in found[:limit]
        ]

    @property
    def tokens(self) -> list[str]:
        return [found[1] for draft in self.drafts.values() if (found := LINK.search(draft.text or ""))]

    def references(self, key: str) -> str:
        return " ".join((*self.drafts[key].references, self.ids[key]))


class PeopleScene:
    """One instance of one organization, whose tasks people are told of."""

    def __init__(self, *, public_url: str = PUBLIC) -> None:
        self.clock = ManualClock()
        self.questions = MemoryQuestions()
        self.processes = MemoryProcesses()
        self.post = Posted()
        self.keys = KeysOfThisProgram()
        self.nudges: list[str] = []
        self.answers = Answers(
            self.questions,
            KnownRuns(),
            tasks=AskingTasks(lambda: self.processes),
            clock=self.clock,
            on_decided=lambda: self.nudges.append("decided"),
        )
        self._public_url = public_url
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what a process has in mind, as one that begins anew does."""
        made = people_of(
            lambda: self.processes,
            questions=self.questions,
            answers=self.answers,
            submit=self.post.submit,
            outbox=lambda: cast("OutboxStore", self.post),
            keys=self.keys,
            clock=self.clock,
            public_url=self._public_url,
            on_taken=lambda: self.nudges.append("taken"),
        )
        self.teller, self.replies = made.teller, made.replies

    @property
    def now(self) -> Moment:
        return moment_of(self.clock.now())

    async def begin(self, *waits: KeptWait, instance: str = "i1", **changes: object) -> KeptInstance:
        kept = KeptInstance(
            id=instance,
            organization="acme",
            process="orders",
            version=1,
            text="text",
            correlation=f"order of {instance}",
            author="test",
            status=InstanceStatus.RUNNING,
            state={},
            waits=waits,
            due=None,
            began=self.now,
            changed=self.now,
        )
        return await self.processes.begin(replace(kept, **changes))  # type: ignore[arg-type]

    async def change(self, instance: str = "i1", **changes: object) -> KeptInstance:
        (kept,) = await self.processes.claim(
            "w", limit=1, now=self.now, until=later(self.now, 60), only=[instance]
        )
        return await self.processes.keep(
            replace(kept, **changes),  # type: ignore[arg-type]
            holds=False,
            now=self.now,
        )

    async def tell(self, *tasks: OpenTask, instance: str = "i1") -> Told:
        kept = await self.processes.instance(instance)
        assert kept is not None
        return await self.teller.tell(
            kept, tasks or (open_task(since=self.now),), title="Orders", now=self.now
        )

    async def happened(self, instance: str = "i1") -> list[Trigger]:
        kept = await self.processes.instance(instance)
        assert kept is not None
        return [read_trigger(trigger.data) for trigger in kept.triggers]

    async def completed(self, instance: str = "i1") -> TaskCompleted:
        (happened,) = await self.happened(instance)
        assert isinstance(happened, TaskCompleted)
        return happened


def task_wait(key: str = TASK) -> KeptWait:
    return KeptWait(kind=WaitKind.TASK, key=key, name="Approve order 4711")


def reply_wait(key: str = "i1/Catch/0", *, name: str = "reply", correlation: str = "order of i1") -> KeptWait:
    return KeptWait(kind=WaitKind.MESSAGE, key=key, name=name, correlation=correlation)


def open_task(key: str = TASK, *, since: Moment, due: Moment | None = None, **details: object) -> OpenTask:
    said: dict[str, object] = {
        "recipients": (f"Anna <{ANNA}>", f"{MAX}, Anna@Example.org"),
        "choices": (("approve", ""), ("decline", "")),
        "wants_text": True,
    }
    return OpenTask(
        key=key,
        element=key.split("/")[1],
        title="Approve order 4711",
        record="4711",
        details=TaskDetails(**(said | details)),  # type: ignore[arg-type]
        since=since,
        due=due,
    )
