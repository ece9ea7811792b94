"""Replies to messages of processes: which instance one is for, and what becomes of it there.

A reply to a message about a task decides it, when its sender was asked and its first line is a choice. A reply to any other message goes to
an element of that instance which waits for a message called ``reply``; to no other one, because what anybody may write in a mail must not
pass for the word of a program. Whatever is doubtful changes nothing and is told.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from eilbote.author.process.instance import InstanceStatus, MessageArrived
from eilbote.author.process.interpret.trigger_text import trigger_data
from eilbote.author.process.kept import KeptTrigger, WaitKind
from eilbote.author.process.people.reply import read_reply
from eilbote.author.process.people.reply_token import (
    ReplyTo,
    element_of,
    instance_of,
    read_reference,
    read_short_ids,
    reference_of,
    short_id,
)
from eilbote.author.process.people.reply_words import choice_of
from eilbote.author.process.people.task_names import task_question
from eilbote.author.questions import Asker
from eilbote.engine.answers import AnswerState
from eilbote.errors import SecretKeyError
from eilbote.model.moment import as_datetime, moment_of
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.author.process.kept import KeptInstance, KeptWait
    from eilbote.author.process.people.reply import Reply
    from eilbote.author.questions import Question, QuestionStore
    from eilbote.engine.answers import Answers
    from eilbote.engine.process.asking_tasks import KnownInstances
    from eilbote.engine.process.reply_keys import ReplyKeys
    from eilbote.model.clock import Clock
    from eilbote.model.data import Data
    from eilbote.model.draft import Draft
    from eilbote.outbox.store import OutboxStore

MESSAGE: Final = "reply"
"""What the message is called that an element waits for which takes replies."""
REPLY_ID: Final = "ReplyId"
"""The attribute of a route that shows in a subject to which instance a message belongs."""
_OF_OUTBOX: Final = re.compile(r"(process|task)/(.+)")
_TRY: Final = re.compile(r"/r\d+\Z")
_OF_TASK: Final = re.compile(r"(?:/\d{4}-\d\d-\d\d)?/\d+\Z")
_MOST_LOOKED_UP: Final = 10


class ReplyState(StrEnum):
    """What became of a received message."""

    TAKEN = "taken"
    """An element that waits for a reply has it."""
    DECIDED = "decided"
    """It has decided a task."""
    AUTOMATIC = "automatic"
    """A program has written it; nothing was done."""
    UNKNOWN = "unknown"
    """It answers nothing of ours."""
    ENDED = "ended"
    """The instance has ended, or was forgotten."""
    NOT_EXPECTED = "not_expected"
    """Nothing in the instance waits for a reply."""
    UNCLEAR = "unclear"
    """Nobody can tell what it decides, or which of several elements it is for."""
    NOT_ASKED = "not_asked"
    """Its sender is none of those who were asked."""
    ALREADY = "already"
    """The task was decided before, or this very message was handed in before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """What became of a received message, for those who look after mail.

    Attributes:
        state: In one word.
        instance: For which instance it is; empty when that is not known.
        element: Which element has it, or which task it decides.
        answer: The value of the choice.
        text: What its sender has written beside that.
        reason: More about the state, where there is more to say.
    """

    state: ReplyState
    instance: str = ""
    element: str = ""
    answer: str = ""
    text: str = ""
    reason: str = ""


class Replies:
    """Marks messages of processes, and finds out what replies to them mean.

    Args:
        instances: Gives where instances are kept.
        questions: What people were asked.
        answers: Takes their answers.
        outbox: Where messages are.
        keys: What references are signed with.
        clock: Tells the time.
        on_taken: Called when an instance has got a reply, so that a worker of this process need not look for it.
    """

    def __init__(
        self,
        instances: Callable[[], KnownInstances],
        *,
        questions: QuestionStore,
        answers: Answers,
        outbox: Callable[[], OutboxStore],
        keys: ReplyKeys,
        clock: Clock,
        on_taken: Callable[[], None] = lambda: None,
    ) -> None:
        self._instances = instances
        self._questions = questions
        self._answers = answers
        self._outbox = outbox
        self._keys = keys
        self._clock = clock
        self._on_taken = on_taken

    def mark(self, draft: Draft, key: str) -> Draft:
        """Put into a message by what a reply to it is known.

        Where no key can be had the message goes as it is: a reply to it is known by its Message-ID, as long as the outbox remembers it.

        Args:
            draft: The message.
            key: Of what it is sent for: ``<instance>/<element>/<iteration>``.
        """
        try:
            secret = self._keys.newest()
        except SecretKeyError:
            return draft
        return draft.replace(references=(*draft.references, reference_of(key, secret)))

    def short_id(self, instance: str) -> str:
        """Give the id of an instance for the subject of a message, in square brackets.

        Raises:
            SecretKeyError: There is no key to sign it with.
        """
        return short_id(instance, self._keys.newest())

    def built_in(self, instance: str) -> Mapping[str, Data]:
        """Give the values of attributes that a route may declare and nobody need map: ``ReplyId``, for its subject.

        Where no key can be had it has no value, and the subject goes without it.
        """
        try:
            return {REPLY_ID: self.short_id(instance)}
        except SecretKeyError:
            return {}

    async def hand_in(self, octets: bytes, *, organization: str | None = None) -> HandedIn:
        """Take a received message, and do what it says.

        Args:
            octets: The message as it was received (RFC 5322).
            organization: Whose instances may get it; ``None`` for all.

        Raises:
            ProcessError: It is too large, or built so that reading it would take for ever.
            SecretKeyError: The keys cannot be read.
            OutboxError: The database does not answer; nothing was done, or handing it in again changes nothing.
        """
        reply = read_reply(octets)
        if reply.automatic:
            return HandedIn(state=ReplyState.AUTOMATIC, reason=reply.automatic)
        found = await self._found(reply)
        if found is None:
            return HandedIn(state=ReplyState.UNKNOWN)
        kept = await self._instances().instance(found.instance)
        if kept is None or organization not in (None, kept.organization):
            return HandedIn(state=ReplyState.UNKNOWN)
        task = None if not found.key else await self._questions.question(task_question(found.key))
        if task is not None and _is_of(task, kept):
            return await self._decided(kept, task, reply, element_of(found.key))
        if kept.cancelled or kept.status is not InstanceStatus.RUNNING:
            return HandedIn(state=ReplyState.ENDED, instance=kept.id)
        if not found.key:  # a subject names the instance alone, and so it may be meant for a task
            asked = [each for each in await self._questions.of_run(kept.id) if _is_of(each, kept)]
            theirs = [each for each in asked if each.is_open and _was_asked(each, reply.sender)]
            if len(theirs) > 1:
                return HandedIn(
                    state=ReplyState.UNCLEAR,
                    instance=kept.id,
                    reason="there are several tasks that it may decide",
                )
            if theirs:
                return await self._decided(kept, theirs[0], reply, _element(theirs[0], kept))
        return await self._given(kept, reply, found.key, octets)

    # -- which instance ----------------------------------------------------------------------------------------

    async def _found(self, reply: Reply) -> ReplyTo | None:
        known = self._keys.known()
        for each in reply.references:
            if (signed := read_reference(each, known)) is not None:
                return signed
        for each in reply.references[:_MOST_LOOKED_UP]:
            if (sent := await self._sent(each)) is not None:
                return sent
        named = read_short_ids(reply.subject, known)
        return named[0] if len(named) == 1 else None

    async def _sent(self, message_id: str) -> ReplyTo | None:
        """Look for a message of a process in the outbox by its Message-ID: 96 random bits, which only those know who got it."""
        entries = await self._outbox().entries(EntryFilter(message_id=message_id), limit=2)
        if len(entries) != 1:
            return None
        (entry,) = entries
        name = _OF_OUTBOX.fullmatch(entry.idempotency_key or "")
        if name is None or not entry.author.startswith("process:"):
            return None
        key = (_TRY if name[1] == "process" else _OF_TASK).sub("", name[2], count=1)
        kept = await self._instances().instance(instance_of(key))
        # An organization gives its messages whatever keys it likes; it reaches nobody else's instances by that.
        if kept is None or kept.organization != entry.organization or key.count("/") < 2:  # noqa: PLR2004 - instance, element, iteration
            return None
        return ReplyTo(kept.id, key)

    # -- what it means -----------------------------------------------------------------------------------------

    async def _decided(self, kept: KeptInstance, task: Question, reply: Reply, element: str) -> HandedIn:
        def said(state: ReplyState, *, answer: str = "", text: str = "", reason: str = "") -> HandedIn:
            return HandedIn(
                state=state, instance=kept.id, element=element, answer=answer, text=text, reason=reason
            )

        if not _was_asked(task, reply.sender):
            return said(ReplyState.NOT_ASKED, reason=reply.sender)
        chosen = choice_of(reply.text, task.choices)
        if chosen is None:
            known = ", ".join(label for _, label in task.choices)
            return said(
                ReplyState.UNCLEAR,
                text=reply.text,
                reason=f"the first line is not one of {known}" if known else "there is nothing to choose",
            )
        value, text = chosen
        before = await self._answers.look_at(task.id)
        if before is not AnswerState.OPEN:
            return said(ReplyState.ENDED if before is AnswerState.WITHDRAWN else ReplyState.ALREADY)
        view = await self._answers.answer_as(task.id, value, text, by=reply.sender, agent=_AGENT)
        if view.fault is not None:
            return said(ReplyState.UNCLEAR, text=reply.text, reason=view.fault.value)
        decision = None if view.question is None else view.question.decision
        if not view.is_own or decision is None or decision.answer != value:
            return said(ReplyState.ALREADY)
        return said(ReplyState.DECIDED, answer=value, text=decision.text)

    async def _given(self, kept: KeptInstance, reply: Reply, key: str, octets: bytes) -> HandedIn:
        if not reply.sender:
            return HandedIn(
                state=ReplyState.UNCLEAR,
                instance=kept.id,
                text=reply.text,
                reason="nobody can tell who has sent it",
            )
        waiting = _waiting(kept, reply)
        if len(waiting) != 1:
            return HandedIn(
                state=ReplyState.UNCLEAR if waiting else ReplyState.NOT_EXPECTED,
                instance=kept.id,
                text=reply.text,
                reason="several elements wait for a reply" if waiting else "",
            )
        (wait,) = waiting
        now = moment_of(self._clock.now())
        data: dict[str, Data] = {
            "from": reply.sender,
            "subject": reply.subject,
            "text": reply.text,
            "message_id": reply.message_id,
            "about": element_of(key),
            "at": as_datetime(now).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        arrived = MessageArrived(name=MESSAGE, correlation=wait.correlation, data=data, key=wait.key)
        # Not only for this element: handed in twice it is one message, also for a loop that waits for the next one.
        name = reply.message_id.encode() or octets
        trigger = KeptTrigger(
            id=f"reply:{hashlib.sha256(name).hexdigest()}", data=trigger_data(arrived), at=now
        )
        element = element_of(wait.key)
        if not await self._instances().post(kept.id, trigger):
            return HandedIn(state=ReplyState.ALREADY, instance=kept.id, element=element)
        self._on_taken()
        return HandedIn(state=ReplyState.TAKEN, instance=kept.id, element=element, text=reply.text)


_AGENT: Final = "e-mail"


def _is_of(question: Question, kept: KeptInstance) -> bool:
    return question.asker is Asker.TASK and question.run == kept.id


def _was_asked(question: Question, sender: str) -> bool:
    return bool(sender) and sender.casefold() in (each.casefold() for each in question.recipients)


def _element(question: Question, kept: KeptInstance) -> str:
    keys = (wait.key for wait in kept.waits if wait.kind is WaitKind.TASK)
    return next((element_of(key) for key in keys if task_question(key) == question.id), "")


def _waiting(kept: KeptInstance, reply: Reply) -> Sequence[KeptWait]:
    """Give what waits for this reply: what has the sender's address for its correlation key, or else the instance's own key.

    Where an instance waits for several people at once, only their addresses tell whose reply is whose.
    """
    waits = [each for each in kept.waits if each.kind is WaitKind.MESSAGE and each.name == MESSAGE]
    of_sender = [each for each in waits if each.correlation.casefold() == reply.sender.casefold()]
    return of_sender or [each for each in waits if each.correlation == kept.correlation]
