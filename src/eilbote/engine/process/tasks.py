"""Tells people of the tasks of processes, reminds them every day, and closes what they were asked when it is done.

What is promised:

* Everybody whom a task names is told once, through crashes and outages: each message has a name made from the task's key.
* Who is to be reminded gets one reminder for each day, however many work and however often they begin anew: its name holds the date.
* A link is kept before the message with it is handed in. So whatever link arrives, works.
* Nobody can decide a task that is done: a link looks at the instance, and an answer and a word at the desk have one name there.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from eilbote.author.process.details import TaskDetails
from eilbote.author.process.people.task_message import (
    Occasion,
    TaskMail,
    task_details,
    task_message,
    task_title,
)
from eilbote.author.process.people.task_names import mail_name, task_question
from eilbote.author.process.people.task_words import task_choices
from eilbote.author.questions import Asker, Question
from eilbote.engine.answer_links import new_link
from eilbote.engine.process.reminders import next_reminder, reminder_of
from eilbote.errors import (
    AddressError,
    AlreadySubmittedError,
    EilboteError,
    NoRecipientsError,
    OutboxError,
    ProcessError,
)
from eilbote.model.address import mailboxes, parse_address_list
from eilbote.model.moment import as_datetime, later
from eilbote.model.submission import SubmissionOptions
from eilbote.outbox.store import EntryFilter
from eilbote.template.branding import Branding

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eilbote.author.process.definition import Definition
    from eilbote.author.process.instance import OpenTask
    from eilbote.author.process.kept import KeptInstance
    from eilbote.author.questions import QuestionStore
    from eilbote.engine.flow_mail import Submit
    from eilbote.model.draft import Draft
    from eilbote.model.mailbox import Mailbox
    from eilbote.model.moment import Moment
    from eilbote.outbox.store import OutboxStore

MOST_PEOPLE: Final = 100
"""Who are told of one task."""
_AGAIN_SECONDS: Final = 3600.0
"""When somebody who could not be told is tried again."""
_MOST_IN_MIND: Final = 10_000


def task_trigger_id(key: str) -> str:
    """Give the id of what happens to an instance when a task is finished, by whomever: of two who do it at once one counts."""
    return task_question(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How people stand who are to be told.

    Attributes:
        again: When somebody is to be told again; ``None`` when nobody is.
        faults: Why some could not be told; they are tried again by then.
    """

    again: Moment | None = None
    faults: tuple[EilboteError, ...] = ()

    def __add__(self, other: Told) -> Told:
        """Add how more people stand."""
        times = [each for each in (self.again, other.again) if each is not None]
        return Told(again=min(times, default=None), faults=self.faults + other.faults)


class TaskTeller(Protocol):
    """Tells people of tasks; whoever works instances asks it again and again."""

    def check(self, definition: Definition) -> None:
        """Refuse a process whose people could not answer.

        Raises:
            ProcessError: There is no address for their answers.
        """
        ...

    async def tell(self, kept: KeptInstance, tasks: Sequence[OpenTask], *, title: str, now: Moment) -> Told:
        """See that everybody knows of the tasks that are open, and has today's reminder; nothing is told twice.

        Args:
            kept: The instance; its open tasks are on the disk.
            tasks: The tasks.
            title: What people call the process.
            now: The time, certain enough to tell people of it.

        Raises:
            OutboxError: The database does not answer.
        """
        ...

    async def closed(self, kept: KeptInstance, keys: Sequence[str], *, now: Moment) -> None:
        """Close what was asked for tasks that are not open any more.

        Raises:
            OutboxError: The database does not answer; a link says all the same that nobody needs an answer.
        """
        ...

    async def withdraw(self, key: str, *, now: Moment) -> None:
        """Close what was asked for a task that somebody is about to finish at a desk.

        Raises:
            ProcessError: Somebody else has answered already.
            OutboxError: The database does not answer.
        """
        ...


class PeopleTeller:
    """A :class:`TaskTeller` that writes e-mail, which goes through the default connection.

    Args:
        questions: Where questions are kept.
        submit: Hands a message to the outbox.
        outbox: Where messages are.
        public_url: Under which address people reach this machine; empty when they cannot.
        branding: Gives how the messages of an organization look; the usual way when ``None``.
        mark: Makes a message about a task known when somebody replies to it.
    """

    def __init__(
        self,
        questions: QuestionStore,
        submit: Submit,
        outbox: Callable[[], OutboxStore],
        *,
        public_url: str,
        branding: Callable[[str], Awaitable[Branding]] | None = None,
        mark: Callable[[Draft, str], Draft] = lambda draft, _: draft,
    ) -> None:
        self._questions = questions
        self._submit = submit
        self._outbox = outbox
        self._public_url = public_url
        self._branding = branding
        self._mark = mark
        self._reminded: dict[str, None] = {}

    def check(self, definition: Definition) -> None:
        """See :meth:`TaskTeller.check`."""
        for element, details in definition.details.items():
            if isinstance(details, TaskDetails) and details.recipients and details.choices:
                self._check_public_url(element)

    async def tell(self, kept: KeptInstance, tasks: Sequence[OpenTask], *, title: str, now: Moment) -> Told:
        """See :meth:`TaskTeller.tell`."""
        told = Told()
        for task in tasks:
            if not task.details.recipients:
                continue
            try:
                told += await self._tell(kept, task, title, now)
            except OutboxError:
                raise
            except EilboteError as fault:
                fault.field = fault.field or task.element
                told += Told(again=later(now, _AGAIN_SECONDS), faults=(fault,))
        return told

    async def closed(self, kept: KeptInstance, keys: Sequence[str], *, now: Moment) -> None:  # noqa: ARG002 - the keys say it all
        """See :meth:`TaskTeller.closed`."""
        for key in keys:
            await self._questions.close_question(task_question(key), now=now)

    async def withdraw(self, key: str, *, now: Moment) -> None:
        """See :meth:`TaskTeller.withdraw`."""
        question = await self._questions.close_question(task_question(key), now=now)
        if question is not None and question.decision is not None:
            raise ProcessError(
                f"{question.decision.by} has answered already",
                field="task",
                cause=f"The answer is {question.label(question.decision.answer)!r}",
                remedy="Look at the instance again",
            )

    # -- within ------------------------------------------------------------------------------------------------

    async def _tell(self, kept: KeptInstance, task: OpenTask, title: str, now: Moment) -> Told:
        question = await self._questions.question(task_question(task.key))
        faults: list[EilboteError] = []
        reminds = task.details.reminds
        again = next_reminder(now, task.details.time_zone) if reminds else None
        if question is None or not question.told:
            if task.details.choices:
                self._check_public_url(task.element)
            people, faults = _people(task)
            branding = Branding() if self._branding is None else await self._branding(kept.organization)
            question = await self._questions.pose(_question(kept, task, title, people, branding))
        if question.asker is not Asker.TASK or question.run != kept.id:
            raise ProcessError(
                "nobody can be told of this task, because its name is taken",
                field=task.element,
                cause=f"Something else has asked people under the name {question.id!r}",
                remedy="Finish the task at the desk; begin the next instance under another id",
            )
        if question.decision is not None:
            return Told()  # the instance hears of it in a moment
        mail = TaskMail(
            task=task,
            instance=kept.id,
            process=title,
            occasion=Occasion.OPENED,
            now=now,
            branding=question.branding,
        )
        if not question.told:
            for number, recipient in enumerate(question.recipients):
                await self._hand_in(kept, question, mail, recipient, mail_name("task", task.key, str(number)))
            if not faults:
                await self._questions.note_told(question.id)
        if again is not None:
            await self._remind(kept, question, mail, until=again)
        if faults:
            again = min(later(now, _AGAIN_SECONDS), again or later(now, _AGAIN_SECONDS))
        return Told(again=again, faults=tuple(faults))

    async def _remind(self, kept: KeptInstance, question: Question, mail: TaskMail, *, until: Moment) -> None:
        task = mail.task
        day = reminder_of(task.since, mail.now, task.details.time_zone)
        if day is None or (done := f"{task.key}/{day}") in self._reminded:
            return
        mail = replace(mail, occasion=Occasion.REMINDER)
        for number, recipient in enumerate(question.recipients):
            name = mail_name("task", task.key, day.isoformat(), str(number))
            await self._hand_in(kept, question, mail, recipient, name, until=until)
        self._reminded[done] = None  # the outbox knows it as well, but need not be asked again
        if len(self._reminded) > _MOST_IN_MIND:
            del self._reminded[next(iter(self._reminded))]

    async def _hand_in(
        self,
        kept: KeptInstance,
        question: Question,
        mail: TaskMail,
        recipient: str,
        name: str,
        *,
        until: Moment | None = None,
    ) -> None:
        which = EntryFilter(idempotency_key=name, organization=kept.organization)
        if await self._outbox().entries(which, limit=1):
            return
        link = ""
        if self._public_url and question.is_open:
            link = await new_link(self._questions, question.id, recipient, public_url=self._public_url)
        to = next(mailboxes(parse_address_list(recipient, field="recipients")))
        draft = self._mark(task_message(replace(mail, link=link), to), mail.task.key)
        options = SubmissionOptions(
            idempotency_key=name,
            organization=kept.organization,
            expires_at=None if until is None else as_datetime(until),
        )
        # Who held this instance before us may not be dead, and has told them with a link that works.
        with suppress(AlreadySubmittedError):
            await self._submit(draft, options, author=f"process:{kept.process}#{kept.id}")

    def _check_public_url(self, element: str) -> None:
        if not self._public_url:
            raise ProcessError(
                "nobody can be asked, because there is no address for their answers",
                field=element,
                cause="The setting public_url is empty",
                remedy="Set EILBOTE_PUBLIC_URL to the address under which people reach `eilbote serve`, "
                "such as https://eilbote.example.org",
            )


def _people(task: OpenTask) -> tuple[tuple[Mailbox, ...], list[EilboteError]]:
    """Give whom a task names, each once, and why some of them cannot be told: a wrong address keeps nobody else from it.

    Raises:
        NoRecipientsError: There is nobody.
        ProcessError: There are too many.
        AddressError: There is nobody else.
    """
    found: dict[str, Mailbox] = {}
    faults: list[EilboteError] = []
    for text in task.details.recipients:
        try:
            for mailbox in mailboxes(parse_address_list(text, field="recipients")):
                found.setdefault(mailbox.addr_spec.casefold(), mailbox)
        except AddressError as fault:
            faults.append(fault)
    if not found:
        raise (
            faults[0]
            if faults
            else NoRecipientsError(
                "there is nobody to be told of the task",
                field=task.element,
                cause="The variables in its recipients have no value in this instance",
                remedy="Finish it at the desk, and check the data that instances begin with",
            )
        )
    if len(found) > MOST_PEOPLE:
        raise ProcessError(
            f"{len(found):,} people are to be told of the task",
            field=task.element,
            remedy=f"Name at most {MOST_PEOPLE}, or the address of a list",
        )
    return tuple(found.values()), faults


def _question(
    kept: KeptInstance, task: OpenTask, title: str, people: tuple[Mailbox, ...], branding: Branding
) -> Question:
    details = task.details
    return Question(
        id=task_question(task.key),
        organization=kept.organization,
        asker=Asker.TASK,
        run=kept.id,
        text=task_title(task),
        details=task_details(task, title),
        choices=task_choices(details),
        wants_text=details.wants_text and bool(details.choices),
        language=details.language,
        time_zone=details.time_zone,
        branding=branding,
        recipients=tuple(mailbox.addr_spec for mailbox in people),
        asked=task.since,
        due=None,
    )
