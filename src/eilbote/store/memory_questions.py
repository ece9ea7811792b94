"""Questions in memory, for tests and for programs that keep nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.flow.questions import AnswerLink, Decision, Question
    from eilbote.model.moment import Moment


class MemoryQuestions:
    """A :class:`~eilbote.author.flow.questions.QuestionStore` that keeps everything in this process, and nothing longer."""

    def __init__(self) -> None:
        self._questions: dict[str, Question] = {}
        self._links: dict[str, AnswerLink] = {}
        self._heard: set[str] = set()

    async def close(self) -> None:
        """Keep everything all the same."""

    async def pose(self, question: Question) -> Question:
        """See :meth:`QuestionStore.pose <eilbote.author.flow.questions.QuestionStore.pose>`."""
        return self._questions.setdefault(question.id, question)

    async def add_link(self, link: AnswerLink) -> None:
        """See :meth:`QuestionStore.add_link <eilbote.author.flow.questions.QuestionStore.add_link>`."""
        self._links.setdefault(link.digest, link)

    async def find(self, digest: str) -> tuple[Question, AnswerLink] | None:
        """See :meth:`QuestionStore.find <eilbote.author.flow.questions.QuestionStore.find>`."""
        link = self._links.get(digest)
        question = None if link is None else self._questions.get(link.question)
        return None if link is None or question is None else (question, link)

    async def question(self, question: str) -> Question | None:
        """See :meth:`QuestionStore.question <eilbote.author.flow.questions.QuestionStore.question>`."""
        return self._questions.get(question)

    async def of_run(self, run: str) -> Sequence[Question]:
        """See :meth:`QuestionStore.of_run <eilbote.author.flow.questions.QuestionStore.of_run>`."""
        found = [each for each in self._questions.values() if each.run == run]
        return sorted(found, key=lambda each: (each.asked, each.id), reverse=True)

    async def decide(self, question: str, decision: Decision) -> bool:
        """See :meth:`QuestionStore.decide <eilbote.author.flow.questions.QuestionStore.decide>`."""
        kept = self._questions.get(question)
        if kept is None or kept.decision or kept.closed is not None or decision.at >= kept.due:
            return False
        self._questions[question] = replace(kept, decision=decision)
        return True

    async def close_question(self, question: str, *, now: Moment) -> Question | None:
        """See :meth:`QuestionStore.close_question <eilbote.author.flow.questions.QuestionStore.close_question>`."""
        kept = self._questions.get(question)
        if kept is not None and kept.decision is None and kept.closed is None:
            kept = self._questions[question] = replace(kept, closed=now)
        return kept

    async def heard(self, question: str) -> None:
        """See :meth:`QuestionStore.heard <eilbote.author.flow.questions.QuestionStore.heard>`."""
        self._heard.add(question)

    async def unheard(self, *, limit: int = 100, after: str = "") -> Sequence[Question]:
        """See :meth:`QuestionStore.unheard <eilbote.author.flow.questions.QuestionStore.unheard>`."""
        found = [
            each
            for name, each in sorted(self._questions.items())
            if each.decision is not None and name not in self._heard and name > after
        ]
        return found[:limit]

    async def prune(self, *, due_before: Moment, limit: int) -> int:
        """See :meth:`QuestionStore.prune <eilbote.author.flow.questions.QuestionStore.prune>`."""
        old = sorted(each.id for each in self._questions.values() if each.due < due_before)[:limit]
        for name in old:
            del self._questions[name]
            self._heard.discard(name)
        self._links = {digest: link for digest, link in self._links.items() if link.question not in old}
        return len(old)
