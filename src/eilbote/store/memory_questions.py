"""Questions in memory, for tests and for programs that keep nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.questions import AnswerLink, Decision, Question
    from eilbote.model.moment import Moment


class MemoryQuestions:
    """A :class:`~eilbote.author.questions.QuestionStore` that keeps everything in this process, and nothing longer."""

    def __init__(self) -> None:
        self._questions: dict[str, Question] = {}
        self._links: dict[str, AnswerLink] = {}
        self._heard: set[str] = set()

    async def close(self) -> None:
        """Keep everything all the same."""

    async def pose(self, question: Question) -> Question:
        """See :meth:`QuestionStore.pose <eilbote.author.questions.QuestionStore.pose>`."""
        return self._questions.setdefault(question.id, question)

    async def add_link(self, link: AnswerLink) -> None:
        """See :meth:`QuestionStore.add_link <eilbote.author.questions.QuestionStore.add_link>`."""
        self._links.setdefault(link.digest, link)

    async def find(self, digest: str) -> tuple[Question, AnswerLink] | None:
        """See :meth:`QuestionStore.find <eilbote.author.questions.QuestionStore.find>`."""
        link = self._links.get(digest)
        question = None if link is None else self._questions.get(link.question)
        return None if link is None or question is None else (question, link)

    async def question(self, question: str) -> Question | None:
        """See :meth:`QuestionStore.question <eilbote.author.questions.QuestionStore.question>`."""
        return self._questions.get(question)

    async def of_run(self, run: str) -> Sequence[Question]:
        """See :meth:`QuestionStore.of_run <eilbote.author.questions.QuestionStore.of_run>`."""
        found = [each for each in self._questions.values() if each.run == run]
        return sorted(found, key=lambda each: (each.asked, each.id), reverse=True)

    async def note_told(self, question: str) -> None:
        """See :meth:`QuestionStore.note_told <eilbote.author.questions.QuestionStore.note_told>`."""
        if (kept := self._questions.get(question)) is not None:
            self._questions[question] = replace(kept, told=True)

    async def decide(self, question: str, decision: Decision) -> bool:
        """See :meth:`QuestionStore.decide <eilbote.author.questions.QuestionStore.decide>`."""
        kept = self._questions.get(question)
        if kept is None or kept.decision or kept.closed is not None or kept.is_over(decision.at):
            return False
        due = decision.at if kept.due is None else kept.due
        self._questions[question] = replace(kept, decision=decision, due=due)
        return True

    async def close_question(self, question: str, *, now: Moment) -> Question | None:
        """See :meth:`QuestionStore.close_question <eilbote.author.questions.QuestionStore.close_question>`."""
        kept = self._questions.get(question)
        if kept is not None and kept.decision is None and kept.closed is None:
            due = now if kept.due is None else kept.due
            kept = self._questions[question] = replace(kept, closed=now, due=due)
        return kept

    async def heard(self, question: str) -> None:
        """See :meth:`QuestionStore.heard <eilbote.author.questions.QuestionStore.heard>`."""
        self._heard.add(question)

    async def unheard(self, *, limit: int = 100, after: str = "") -> Sequence[Question]:
        """See :meth:`QuestionStore.unheard <eilbote.author.questions.QuestionStore.unheard>`."""
        found = [
            each
            for name, each in sorted(self._questions.items())
            if each.decision is not None and name not in self._heard and name > after
        ]
        return found[:limit]

    async def open_ended(self, *, limit: int = 100, after: str = "") -> Sequence[Question]:
        """See :meth:`QuestionStore.open_ended <eilbote.author.questions.QuestionStore.open_ended>`."""
        found = [each for name, each in sorted(self._questions.items()) if each.due is None and name > after]
        return found[:limit]

    async def prune(self, *, due_before: Moment, limit: int) -> int:
        """See :meth:`QuestionStore.prune <eilbote.author.questions.QuestionStore.prune>`."""
        old = sorted(
            each.id for each in self._questions.values() if each.due is not None and each.due < due_before
        )[:limit]
        for name in old:
            del self._questions[name]
            self._heard.discard(name)
        self._links = {digest: link for digest, link in self._links.items() if link.question not in old}
        return len(old)
