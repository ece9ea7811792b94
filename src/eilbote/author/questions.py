"""What runs of flows and tasks of processes ask people, the links by which these answer, what was decided, and the port.

A question is decided once, by whoever answers first, or closed when its time is up or nobody needs an answer any more. Of a link only
the SHA-256 of its token is kept: whoever reads the database cannot answer in somebody's name. A recipient may have several links,
because a link whose message may have gone out works for ever, while nobody remembers its token.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from eilbote.template.branding import Branding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.moment import Moment


class Asker(StrEnum):
    """Who asks, and so who waits for the answer."""

    RUN = "run"
    """A run of a flow."""
    TASK = "task"
    """A user task of a process instance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody has decided.

    Attributes:
        answer: The value of the choice.
        text: Words of their own.
        by: Whose link it was, or who answered in their place.
        at: When.
        agent: With which program, as it calls itself (User-Agent); empty when it did not say.
    """

    answer: str
    text: str = ""
    by: str
    at: Moment
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question, and what became of it.

    Attributes:
        id: Its own: of a run the visit of the node that asked (:attr:`~eilbote.author.flow.run.Run.key`), of a process what
            :func:`~eilbote.author.process.people.task_names.task_question` says.
        organization: On whose behalf.
        asker: What waits for the answer.
        run: The id of the run or of the process instance.
        text: What is asked.
        details: What is known about it: lines for the page.
        choices: What can be chosen: value and label; nothing when it is only shown.
        wants_text: Whether words of their own are asked for.
        language: In which language its page speaks.
        time_zone: In which zone it tells times.
        branding: How it looks.
        recipients: Who was asked, the addresses alone; empty when only their links tell.
        asked: When it was asked.
        due: Until when it can be answered; ``None`` until it is decided or closed, and from then on when that was.
        told: Whether everybody's message was handed in.
        decision: What was decided; ``None`` when nothing was.
        closed: When it was closed without a decision.
    """

    id: str
    organization: str
    asker: Asker = Asker.RUN
    run: str
    text: str
    details: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...]
    wants_text: bool = False
    language: str = "en"
    time_zone: str = "UTC"
    branding: Branding = field(default_factory=Branding)
    recipients: tuple[str, ...] = ()
    asked: Moment
    due: Moment | None
    told: bool = False
    decision: Decision | None = None
    closed: Moment | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is neither decided nor closed; its time may be up all the same."""
        return self.decision is None and self.closed is None

    def is_over(self, now: Moment) -> bool:
        """Say whether its time is up."""
        return self.due is not None and now >= self.due

    def label(self, value: str) -> str:
        """Give what people read for a choice."""
        return dict(self.choices).get(value, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLink:
    """A link by which one person can answer.

    Attributes:
        digest: The SHA-256 of its token, in hexadecimal digits.
        question: The question.
        recipient: To whom it was sent: the address alone.
    """

    digest: str
    question: str
    recipient: str


class QuestionStore(Protocol):
    """Keeps questions; whatever it has said is durable when it returns.

    Every method raises :class:`~eilbote.errors.OutboxUnavailableError` when the database does not answer.
    """

    async def close(self) -> None:
        """Finish what was begun, and let go of the database; the next question opens it again."""
        ...

    async def pose(self, question: Question) -> Question:
        """Keep a new question; when there is one of that id already it is given, and nothing is changed."""
        ...

    async def add_link(self, link: AnswerLink) -> None:
        """Keep a link; it is kept before the message that carries it is."""
        ...

    async def find(self, digest: str) -> tuple[Question, AnswerLink] | None:
        """Give what a link leads to."""
        ...

    async def question(self, question: str) -> Question | None:
        """Give a question."""
        ...

    async def of_run(self, run: str) -> Sequence[Question]:
        """Give what a run or a process instance has asked, the latest first."""
        ...

    async def note_told(self, question: str) -> None:
        """Note that everybody's message was handed in."""
        ...

    async def decide(self, question: str, decision: Decision) -> bool:
        """Decide a question; says whether this was what counts.

        It is not when somebody was faster, and not when the question is closed, or its time is up.
        """
        ...

    async def close_question(self, question: str, *, now: Moment) -> Question | None:
        """Close a question unless it is decided; gives it as it stands after that."""
        ...

    async def heard(self, question: str) -> None:
        """Note that whoever asked knows what was decided."""
        ...

    async def unheard(self, *, limit: int = 100, after: str = "") -> Sequence[Question]:
        """Give questions that are decided and of which whoever asked may not know it yet, in the order of their ids.

        Args:
            limit: At most so many.
            after: The id of the last one of the page before.
        """
        ...

    async def open_ended(self, *, limit: int = 100, after: str = "") -> Sequence[Question]:
        """Give open questions that no time ends, in the order of their ids; somebody has to see that they are needed still.

        Args:
            limit: At most so many.
            after: The id of the last one of the page before.
        """
        ...

    async def prune(self, *, due_before: Moment, limit: int) -> int:
        """Forget questions that could be answered until long ago, with their links; says how many."""
        ...
