"""People's answers to what runs ask: who may answer, what counts, and how the run hears of it.

A link carries 256 random bits, of which the store keeps a digest. Looking at it changes nothing; an answer counts when it is
the first, the time is not up, and the run still waits. It is durable before the run is woken, and a run that was not woken
because of a crash, or because it was not asleep yet, is woken by :meth:`Answers.wake_answered`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from eilbote.author.flow.questions import Decision
from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.step import Outcome
from eilbote.errors import FlowError, RunNotFoundError
from eilbote.model.moment import as_datetime, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.author.flow.questions import AnswerLink, Question, QuestionStore
    from eilbote.author.flow.store import KeptRun
    from eilbote.model.clock import Clock
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment

LONGEST_TEXT: Final = 10_000
"""Characters of people's own words."""
_LONGEST_AGENT: Final = 300
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_CONTROLS: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_AT_ONCE: Final = 100
_LOOKS: Final = 8


class AskingRuns(Protocol):
    """What is needed of the runs that ask: a part of :class:`~eilbote.author.flow.store.FlowStore`."""

    async def run(self, run_id: str) -> KeptRun | None:
        """Give a run."""
        ...

    async def wake_runs(self, runs: Sequence[str], *, now: Moment) -> int:
        """Make those runs due that wait for an answer; says how many."""
        ...


class AnswerState(StrEnum):
    """What a link leads to."""

    UNKNOWN = "unknown"
    """Nothing: it was never one of ours, or was forgotten."""
    OPEN = "open"
    DECIDED = "decided"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """The run that asked has ended without an answer."""


class AnswerFault(StrEnum):
    """Why an answer cannot be taken as it is."""

    CHOICE = "choice"
    """It is none of the choices."""
    TEXT = "text"
    """It has more than :data:`LONGEST_TEXT` characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """What somebody with a link may know.

    Attributes:
        state: What the link leads to.
        question: The question; ``None`` for an unknown link.
        recipient: Whose link it is.
        is_own: Whether the decision was made by this link.
        fault: Why the answer that was just given cannot be taken.
    """

    state: AnswerState
    question: Question | None = None
    recipient: str = ""
    is_own: bool = False
    fault: AnswerFault | None = None


_UNKNOWN: Final = AnswerView(state=AnswerState.UNKNOWN)


class Answers:
    """Shows questions to those who have a link, and takes their answers.

    Args:
        questions: Where questions are kept.
        runs: The runs that ask them.
        clock: Tells the time.
        on_decided: Called after each answer, so that a worker of this process need not look for woken runs.
    """

    def __init__(
        self,
        questions: QuestionStore,
        runs: AskingRuns,
        *,
        clock: Clock,
        on_decided: Callable[[], None] = lambda: None,
    ) -> None:
        self._questions = questions
        self._runs = runs
        self._clock = clock
        self._on_decided = on_decided
        self._looks_left = 0

    # -- by a link ---------------------------------------------------------------------------------------------

    async def look(self, token: str) -> AnswerView:
        """Give what a link leads to; nothing is changed by that.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        found = await self._questions.find(digest_of_token(token)) if _TOKEN.fullmatch(token) else None
        return _UNKNOWN if found is None else await self._view(*found)

    async def answer(self, token: str, value: str, text: str = "", *, agent: str = "") -> AnswerView:
        """Take an answer, and give what the link leads to after it.

        Args:
            token: Of the link.
            value: The choice.
            text: Words of their own; not kept when they were not asked for.
            agent: With which program they answer.

        Raises:
            OutboxUnavailableError: The database does not answer; whether the answer counted, the link tells later.
        """
        before = await self.look(token)
        if before.state is not AnswerState.OPEN or before.question is None:
            return before
        question = before.question
        words = _plain(text) if question.wants_text else ""
        fault = _fault(question, value, words)
        if fault is not None:
            return AnswerView(
                state=AnswerState.OPEN, question=question, recipient=before.recipient, fault=fault
            )
        decision = Decision(
            answer=value,
            text=words,
            by=before.recipient,
            at=self._now(),
            agent=" ".join(_plain(agent).split())[:_LONGEST_AGENT],
        )
        await self._decide(question, decision)
        return await self.look(token)

    # -- at a desk ---------------------------------------------------------------------------------------------

    async def answer_run(self, run_id: str, value: str, text: str = "", *, by: str) -> Question:
        """Answer for those who were asked, as somebody who looks after the runs may.

        Args:
            run_id: The run.
            value: The choice.
            text: Words to go with it.
            by: Who answers; the flow is told.

        Raises:
            RunNotFoundError: There is no such run.
            FlowError: It asks nothing, somebody was faster, or the answer is none of the choices.
        """
        run = await self._runs.run(run_id)
        if run is None:
            raise RunNotFoundError(
                f"no run has the id {run_id[:60]!r}",
                field="run",
                remedy="See the ids with `eilbote flow runs`",
            )
        for asked in await self._questions.of_run(run_id):
            if (await self._state(asked)) is not AnswerState.OPEN:
                continue
            words = _plain(text)
            _refuse(asked, _fault(asked, value, words))
            if await self._decide(asked, Decision(answer=value, text=words, by=by, at=self._now())):
                return await self._questions.question(asked.id) or asked
            raise FlowError("somebody has answered meanwhile", field="run", remedy="Look at the run again")
        raise FlowError(
            "the run waits for no answer", field="run", remedy="See what it does with `eilbote flow show`"
        )

    # -- for the run -------------------------------------------------------------------------------------------

    async def outcome(self, key: str, *, now: Moment) -> Outcome | None:
        """Give what was decided, or that nobody has in time; ``None`` while the question is open, or was never asked.

        Args:
            key: The visit of the node that asked.
            now: The time; a question whose time is up by it is closed.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        question = await self._questions.question(key)
        if question is not None and question.decision is None and now >= question.due:
            question = await self._questions.close_question(key, now=now)
        if question is None or (question.decision is None and question.closed is None):
            return None
        if question.decision is not None:
            await self._questions.heard(key)
        return Outcome(result=_result(question))

    @property
    def is_hasty(self) -> bool:
        """Whether somebody has just answered before the run was asleep, so that it is worth looking again soon."""
        return self._looks_left > 0

    async def wake_answered(self) -> int:
        """Wake runs that may not have heard what was decided; says how many were asleep."""
        self._looks_left = max(0, self._looks_left - 1)
        woken, after = 0, ""
        while unheard := await self._questions.unheard(limit=_AT_ONCE, after=after):
            after = unheard[-1].id
            waiting: list[str] = []
            for question in unheard:
                run = await self._runs.run(question.run)
                if run is None or run.status is not RunStatus.RUNNING:
                    await self._questions.heard(question.id)  # it has ended: there is nobody to hear it
                else:
                    waiting.append(question.run)
            woken += await self._runs.wake_runs(waiting, now=self._now()) if waiting else 0
        return woken

    # -- within ------------------------------------------------------------------------------------------------

    async def _decide(self, question: Question, decision: Decision) -> bool:
        if not await self._questions.decide(question.id, decision):
            return False
        if not await self._runs.wake_runs((question.run,), now=self._now()):
            # Whoever asked has not kept the run as waiting yet, and will in a moment.
            self._looks_left = _LOOKS
        self._on_decided()
        return True

    async def _view(self, question: Question, link: AnswerLink) -> AnswerView:
        return AnswerView(
            state=await self._state(question),
            question=question,
            recipient=link.recipient,
            is_own=question.decision is not None and question.decision.by == link.recipient,
        )

    async def _state(self, question: Question) -> AnswerState:
        if question.decision is not None:
            return AnswerState.DECIDED
        if question.closed is not None or self._now() >= question.due:
            return AnswerState.EXPIRED
        run = await self._runs.run(question.run)
        if run is None or run.cancelled or run.status is not RunStatus.RUNNING:
            return AnswerState.WITHDRAWN
        return AnswerState.OPEN

    def _now(self) -> Moment:
        return moment_of(self._clock.now())


def digest_of_token(token: str) -> str:
    """Give what is kept of a token: it has 256 random bits, so nobody finds it by trying."""
    return hashlib.sha256(token.encode()).hexdigest()


def _fault(question: Question, value: str, text: str) -> AnswerFault | None:
    if value not in (known for known, _ in question.choices):
        return AnswerFault.CHOICE
    return AnswerFault.TEXT if len(text) > LONGEST_TEXT else None


def _refuse(question: Question, fault: AnswerFault | None) -> None:
    if fault is AnswerFault.CHOICE:
        known = ", ".join(value for value, _ in question.choices)
        raise FlowError("this is none of the choices", field="choice", remedy=f"Give {known}")
    if fault is AnswerFault.TEXT:
        raise FlowError(
            "the text is too long", field="text", remedy=f"Give at most {LONGEST_TEXT:,} characters"
        )


def _plain(text: str) -> str:
    """Give words without what would move a cursor, turn their direction, or end a line where nobody sees it."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _result(question: Question) -> dict[str, Data]:
    decision = question.decision
    return {
        "answer": None if decision is None else decision.answer,
        "label": None if decision is None else question.label(decision.answer),
        "text": "" if decision is None else decision.text,
        "by": None if decision is None else decision.by,
        "at": None if decision is None else _time(decision.at),
        "asked": _time(question.asked),
        "expired": decision is None,
    }


def _time(moment: Moment) -> str:
    return as_datetime(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")
