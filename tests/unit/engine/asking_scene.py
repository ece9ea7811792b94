"""A run that asks people, with everything in memory and a clock that a test turns forward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.store import Awaits, KeptRun
from eilbote.author.questions import AnswerLink, Question
from eilbote.engine.answers import Answers, digest_of_token
from eilbote.model.moment import Moment, later, moment_of
from eilbote.store.memory_questions import MemoryQuestions
from eilbote.testing.manual_clock import ManualClock

ANNA, MAX = "a" * 43, "m" * 43
"""Tokens of two links."""
DAY = 86_400


@dataclass
class KnownRuns:
    """Runs as the answers see them."""

    runs: dict[str, KeptRun] = field(default_factory=dict)
    woken: list[str] = field(default_factory=list)

    async def run(self, run_id: str) -> KeptRun | None:
        return self.runs.get(run_id)

    async def wake_runs(self, runs: Sequence[str], *, now: Moment) -> int:
        found = [each for each in runs if each in self.runs and self.runs[each].awaits is Awaits.ANSWER]
        self.woken += found
        return len(found)


class AskingScene:
    """One run that waits for one answer from two people."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.questions = MemoryQuestions()
        self.runs = KnownRuns()
        self.nudges: list[str] = []
        self.answers = Answers(
            self.questions, self.runs, clock=self.clock, on_decided=lambda: self.nudges.append("now")
        )

    @property
    def now(self) -> Moment:
        return moment_of(self.clock.now())

    async def ask(self, run: str = "r1", **changes: object) -> Question:
        self.runs.runs[run] = kept_run(run, now=self.now)
        question = replace(
            Question(
                id=f"{run}/approval/0",
                organization="acme",
                run=run,
                text="May order 4711 go out?",
                choices=(("approve", "Approve"), ("decline", "Decline")),
                wants_text=True,
                asked=self.now,
                due=later(self.now, 7 * DAY),
            ),
            **changes,  # type: ignore[arg-type]
        )
        await self.questions.pose(question)
        for token, person in ((ANNA, "anna@example.org"), (MAX, "max@example.org")):
            link = AnswerLink(digest=digest_of_token(token), question=question.id, recipient=person)
            await self.questions.add_link(link)
        return question

    def change(self, run: str = "r1", **changes: object) -> None:
        self.runs.runs[run] = replace(self.runs.runs[run], **changes)  # type: ignore[arg-type]


def kept_run(run: str, *, now: Moment) -> KeptRun:
    return KeptRun(
        id=run,
        organization="acme",
        flow="orders",
        version=1,
        text="",
        session=run,
        author="test",
        status=RunStatus.RUNNING,
        state={},
        context={},
        awaits=Awaits.ANSWER,
        due=later(now, 7 * DAY),
        began=now,
        changed=now,
    )
