"""People's answers to what runs and tasks ask: who may answer, what counts, and how whoever asked hears of it.

A link carries 256 random bits, of which the store keeps a digest. Looking at it changes nothing; an answer counts when it is
the first, the time is not up, and whoever asked still waits. It is durable before they hear of it, and those who did not, because
of a crash or because they were not asleep yet, are told by :meth:`Answers.wake_answered`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.step import Outcome
from eilbote.author.questions import Asker, Decision
from eilbote.engine.asking_runs import AskingRuns
from eilbote.errors import FlowError, RunNotFoundError
from eilbote.model.moment import as_datetime, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.author.questions import Question, QuestionStore
    from eilbote.engine.asking import Asking
    from eilbote.engine.asking_runs import KnownRuns
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


class AnswerState(StrEnum):
    """What a link leads to."""

    UNKNOWN = "unknown"
    """Nothing: it was never one of ours, or was forgotten."""
    OPEN = "open"
    DECIDED = "decided"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """Whoever asked has ended, or gone on, without an answer."""


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
        tasks: The tasks of processes that ask them; ``None`` where there are no processes.
        clock: Tells the time.
        on_decided: Called after each answer, so that a worker of this process need not look for what was woken.
    """

    def __init__(
        self,
        questions: QuestionStore,
        runs: KnownRuns,
        *,
        tasks: Asking | None = None,
        clock: Clock,
        on_decided: Callable[[], None] = lambda: None,
    ) -> None:
        self._questions = questions
        self._runs = runs
        self._asking: dict[Asker, Asking] = {Asker.RUN: AskingRuns(runs)}
        if tasks is not None:
            self._asking[Asker.TASK] = tasks
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
        return _UNKNOWN if found is None else await self._view(found[0], found[1].recipient)

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
        after = await self._answered(before, value, text, agent=agent)
        return after if after.fault is not None else await self.look(token)

    async def look_at(self, question_id: str) -> AnswerState:
        """Say how it stands with a question, for those who know its id; nothing is changed by that.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        question = await self._questions.question(question_id)
        return AnswerState.UNKNOWN if question is None else await self._state(question)

    # -- by their name -----------------------------------------------------------------------------------------

    async def answer_as(
        self, question_id: str, value: str, text: str = "", *, by: str, agent: str = ""
    ) -> AnswerView:
        """Take an answer of somebody of whom the caller knows that they may give it, such as the sender of a reply.

        Args:
            question_id: The question.
            value: The choice.
            text: Words of their own; not kept when they were not asked for.
            by: Who answers.
            agent: With which program they answer.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        question = await self._questions.question(question_id)
        if question is None:
            return _UNKNOWN
        before = await self._view(question, by)
        after = await self._answered(before, value, text, agent=agent)
        if after.fault is not None:
            return after
        return await self._view(await self._questions.question(question_id) or question, by)

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
            if asked.asker is not Asker.RUN or (await self._state(asked)) is not AnswerState.OPEN:
                continue
            words = _plain(text)
            _refuse(asked, _fault(asked, value, words))
            if await self._decide(asked, Decision(answer=value, text=words, by=by, at=self._now())):
                return await self._questions.question(asked.id) or asked
            raise FlowError("somebody has answered meanwhile", field="run", remedy="Look at the run again")
        raise FlowError(
            "the run waits for no answer", field="run", remedy="See what it does with `eilbote flow show`"
        )

    async def asked_by_run(self, run_id: str) -> Question | None:
        """Give the question that a run asks and that is still open; ``None`` when there is none.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        for asked in await self._questions.of_run(run_id):
            if asked.asker is Asker.RUN and (await self._state(asked)) is AnswerState.OPEN:
                return asked
        return None

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
        if question is not None and question.decision is None and question.is_over(now):
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
        """Hand over what was decided to those who may not have heard of it; says how many go on with it."""
        self._looks_left = max(0, self._looks_left - 1)
        woken, after = 0, ""
        while unheard := await self._questions.unheard(limit=_AT_ONCE, after=after):
            after = unheard[-1].id
            for asker, asking in self._asking.items():
                if theirs := [each for each in unheard if each.asker is asker]:
                    woken += await self._hand_over(asking, theirs)
        return woken

    async def close_orphans(self) -> int:
        """Close questions that no time ends and nobody needs any more; says how many."""
        closed, after = 0, ""
        while asked := await self._questions.open_ended(limit=_AT_ONCE, after=after):
            after = asked[-1].id
            for question in asked:
                if question.asker in self._asking and not await self._is_waiting(question):
                    await self._questions.close_question(question.id, now=self._now())
                    closed += 1
        return closed

    # -- within ------------------------------------------------------------------------------------------------

    async def _answered(self, before: AnswerView, value: str, text: str, *, agent: str) -> AnswerView:
        question = before.question
        if before.state is not AnswerState.OPEN or question is None:
            return before
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
        return before

    async def _decide(self, question: Question, decision: Decision) -> bool:
        if not await self._questions.decide(question.id, decision):
            return False
        decided = replace(question, decision=decision)
        asking = self._asking.get(question.asker)
        if asking is not None and not await self._hand_over(asking, (decided,)):
            # Whoever asked has not been kept as waiting yet, and will be in a moment.
            self._looks_left = _LOOKS
        self._on_decided()
        return True

    async def _hand_over(self, asking: Asking, questions: Sequence[Question]) -> int:
        handed = await asking.hand_over(questions, now=self._now())
        for question in handed.heard:
            await self._questions.heard(question)
        return handed.woken

    async def _view(self, question: Question, recipient: str) -> AnswerView:
        return AnswerView(
            state=await self._state(question),
            question=question,
            recipient=recipient,
            is_own=question.decision is not None and question.decision.by == recipient,
        )

    async def _state(self, question: Question) -> AnswerState:
        if question.decision is not None:
            return AnswerState.DECIDED
        if question.asker is Asker.TASK and question.closed is not None:
            return AnswerState.WITHDRAWN  # it has been done otherwise
        if question.closed is not None or question.is_over(self._now()):
            return AnswerState.EXPIRED
        return AnswerState.OPEN if await self._is_waiting(question) else AnswerState.WITHDRAWN

    async def _is_waiting(self, question: Question) -> bool:
        asking = self._asking.get(question.asker)
        return asking is not None and await asking.is_waiting(question)

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
