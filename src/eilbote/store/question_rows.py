"""Questions and their links as rows; the same for both databases."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.questions import AnswerLink, Asker, Decision, Question
from eilbote.errors import TemplateError, UnreadableEntryError
from eilbote.model.moment import Moment
from eilbote.store.record_database import count
from eilbote.store.row_groups import places
from eilbote.template.branding import Branding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.store.record_database import RecordDatabase, Statements

_NEVER: Final = 2**62
"""Stands for the end of a question that no time ends; when it is decided or closed, that is its end."""
_COLUMNS: Final = "q.id, q.organization, q.run, q.content, q.asked, q.due, q.answered, q.answer, q.words, q.answered_by, q.agent, q.closed"
_READ: Final = f"SELECT {_COLUMNS} FROM question q"  # noqa: S608 - our own text
_ONE: Final = f"{_READ} WHERE q.id = $1"
_OF_RUN: Final = f"{_READ} WHERE q.run = $1 ORDER BY q.asked DESC, q.id DESC"
_UNHEARD: Final = f"{_READ} WHERE q.answered IS NOT NULL AND NOT q.heard AND q.id > $1 ORDER BY q.id LIMIT $2"
_BY_LINK: Final = (
    f"SELECT {_COLUMNS}, k.digest, k.question, k.recipient FROM answer_link k "  # noqa: S608 - our own
    "JOIN question q ON q.id = k.question WHERE k.digest = $1"
)
_POSE: Final = (
    "INSERT INTO question (id, organization, run, content, asked, due) VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT (id) DO NOTHING"
)
_LINK: Final = "INSERT INTO answer_link (digest, question, recipient) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING"
_DECIDE: Final = (
    "UPDATE question SET answered = $2, answer = $3, words = $4, answered_by = $5, agent = $6, "  # noqa: S608 - our own
    f"due = CASE WHEN due = {_NEVER} THEN $2 ELSE due END "
    "WHERE id = $1 AND answered IS NULL AND closed IS NULL AND due > $2"
)
_CLOSE: Final = (
    f"UPDATE question SET closed = $2, due = CASE WHEN due = {_NEVER} THEN $2 ELSE due END "  # noqa: S608 - our own
    "WHERE id = $1 AND answered IS NULL AND closed IS NULL"
)
_REWRITE: Final = "UPDATE question SET content = $2 WHERE id = $1"
_OPEN_ENDED: Final = f"{_READ} WHERE q.due = {_NEVER} AND q.id > $1 ORDER BY q.id LIMIT $2"
_HEARD: Final = "UPDATE question SET heard = true WHERE id = $1"
_OLD: Final = "SELECT id FROM question WHERE due < $1 ORDER BY due LIMIT $2"


class QuestionRows:
    """A :class:`~eilbote.author.questions.QuestionStore` in a database.

    Args:
        database: The database; this opens and closes it.
    """

    __slots__ = ("_database",)

    def __init__(self, database: RecordDatabase) -> None:
        self._database = database

    async def close(self) -> None:
        """Let go of the database; the next question opens it again."""
        await self._database.close()

    async def pose(self, question: Question) -> Question:
        """See :meth:`QuestionStore.pose <eilbote.author.questions.QuestionStore.pose>`."""
        content = _content(question)

        async def work(db: Statements) -> Question:
            names = question.id, question.organization, question.run, content
            due = _NEVER if question.due is None else question.due
            await db.execute(_POSE, *names, question.asked, due)
            return _read((await db.fetch(_ONE, question.id))[0])

        return await self._database.transact(work)

    async def add_link(self, link: AnswerLink) -> None:
        """See :meth:`QuestionStore.add_link <eilbote.author.questions.QuestionStore.add_link>`."""
        await self._database.transact(
            lambda db: db.execute(_LINK, link.digest, link.question, link.recipient)
        )

    async def find(self, digest: str) -> tuple[Question, AnswerLink] | None:
        """See :meth:`QuestionStore.find <eilbote.author.questions.QuestionStore.find>`."""
        rows = [tuple(row) for row in await self._database.read(lambda db: db.fetch(_BY_LINK, digest))]
        if not rows:
            return None
        *row, found, question, recipient = rows[0]
        link = AnswerLink(
            digest=cast("str", found), question=cast("str", question), recipient=cast("str", recipient)
        )
        return _read(row), link

    async def question(self, question: str) -> Question | None:
        """See :meth:`QuestionStore.question <eilbote.author.questions.QuestionStore.question>`."""
        rows = await self._database.read(lambda db: db.fetch(_ONE, question))
        return _read(rows[0]) if rows else None

    async def of_run(self, run: str) -> Sequence[Question]:
        """See :meth:`QuestionStore.of_run <eilbote.author.questions.QuestionStore.of_run>`."""
        return _readable(await self._database.read(lambda db: db.fetch(_OF_RUN, run)))

    async def note_told(self, question: str) -> None:
        """See :meth:`QuestionStore.note_told <eilbote.author.questions.QuestionStore.note_told>`."""

        async def work(db: Statements) -> None:
            rows = await db.fetch(_ONE, question)
            if rows:
                await db.execute(_REWRITE, question, _content(replace(_read(rows[0]), told=True)))

        await self._database.transact(work)

    async def decide(self, question: str, decision: Decision) -> bool:
        """See :meth:`QuestionStore.decide <eilbote.author.questions.QuestionStore.decide>`."""
        said = decision.at, decision.answer, decision.text, decision.by, decision.agent

        async def work(db: Statements) -> bool:
            return bool(count(await db.execute(_DECIDE, question, *said)))

        return await self._database.transact(work)

    async def close_question(self, question: str, *, now: Moment) -> Question | None:
        """See :meth:`QuestionStore.close_question <eilbote.author.questions.QuestionStore.close_question>`."""

        async def work(db: Statements) -> Question | None:
            await db.execute(_CLOSE, question, now)
            rows = await db.fetch(_ONE, question)
            return _read(rows[0]) if rows else None

        return await self._database.transact(work)

    async def heard(self, question: str) -> None:
        """See :meth:`QuestionStore.heard <eilbote.author.questions.QuestionStore.heard>`."""
        await self._database.transact(lambda db: db.execute(_HEARD, question))

    async def unheard(self, *, limit: int = 100, after: str = "") -> Sequence[Question]:
        """See :meth:`QuestionStore.unheard <eilbote.author.questions.QuestionStore.unheard>`."""
        return _readable(await self._database.read(lambda db: db.fetch(_UNHEARD, after, limit)))

    async def open_ended(self, *, limit: int = 100, after: str = "") -> Sequence[Question]:
        """See :meth:`QuestionStore.open_ended <eilbote.author.questions.QuestionStore.open_ended>`."""
        return _readable(await self._database.read(lambda db: db.fetch(_OPEN_ENDED, after, limit)))

    async def prune(self, *, due_before: Moment, limit: int) -> int:
        """See :meth:`QuestionStore.prune <eilbote.author.questions.QuestionStore.prune>`."""

        async def work(db: Statements) -> int:
            ids = [row[0] for row in await db.fetch(_OLD, due_before, limit)]
            if ids:
                among = places(len(ids))
                await db.execute(f"DELETE FROM answer_link WHERE question IN {among}", *ids)  # noqa: S608 - numbers
                await db.execute(f"DELETE FROM question WHERE id IN {among}", *ids)  # noqa: S608 - as above
            return len(ids)

        return await self._database.transact(work)


def _content(question: Question) -> str:
    content = {
        "text": question.text,
        "choices": question.choices,
        "wants_text": question.wants_text,
        "language": question.language,
        "time_zone": question.time_zone,
        "branding": asdict(question.branding),
    }
    if question.asker is not Asker.RUN:  # what runs ask is written as it always was
        content |= {
            "asker": question.asker.value,
            "details": question.details,
            "recipients": question.recipients,
            "told": question.told,
        }
    return json.dumps(content, ensure_ascii=False)


def _readable(rows: Sequence[Sequence[object]]) -> list[Question]:
    """Read those that can be read: a damaged one fails its own run, and keeps no other one from being heard."""
    found: list[Question] = []
    for row in rows:
        with suppress(UnreadableEntryError):
            found.append(_read(row))
    return found


def _read(row: Sequence[object]) -> Question:
    id_, organization, run, content, asked, due, answered, answer, words, by, agent, closed = cast(
        "tuple[str, str, str, str, int, int, int | None, str, str, str, str, int | None]", tuple(row)
    )
    decision = (
        None
        if answered is None
        else Decision(answer=answer, text=words, by=by, at=Moment(answered), agent=agent)
    )
    try:
        said = json.loads(content)
        return Question(
            id=id_,
            organization=organization,
            run=run,
            text=said["text"],
            asker=Asker(said.get("asker", Asker.RUN)),
            details=tuple(said.get("details", ())),
            choices=tuple((value, label) for value, label in said["choices"]),
            wants_text=said["wants_text"],
            language=said["language"],
            time_zone=said["time_zone"],
            branding=Branding(**said["branding"]),
            recipients=tuple(said.get("recipients", ())),
            asked=Moment(asked),
            due=None if due == _NEVER else Moment(due),
            told=bool(said.get("told", False)),
            decision=decision,
            closed=None if closed is None else Moment(closed),
        )
    except (ValueError, KeyError, TypeError, TemplateError) as fault:
        raise UnreadableEntryError(
            f"the question {id_} cannot be read",
            field="question",
            cause="What is stored of it is damaged, or was written by a newer eilbote",
            remedy="Restore a backup, or cancel what asked it, and begin it anew",
        ) from fault
