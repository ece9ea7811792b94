"""Process instances as the API tells them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from eilbote.api.times import time_or_none
from eilbote.api.v1.automation import (
    ID_PATTERN,
    LONGEST_ID,
    LONGEST_NAME,
    MOST_WAIT_SECONDS,
    NAME_PATTERN,
    Json,
    told_error,
    told_table,
)
from eilbote.api.v1.flow.run_shapes import ChoiceShape
from eilbote.author.process.instance import Incident, OpenTask
from eilbote.author.process.kept import FoundWait
from eilbote.engine.process.instance_mails import ElementMail
from eilbote.engine.process.process_view import ProcessInstance
from eilbote.model.ids import entry_id_text
from eilbote.model.moment import as_datetime


class InstanceInput(BaseModel):
    """What is begun."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "process": "order-ready",
                "data": {"order": {"number": 4711}},
                "instance_id": "order-4711",
            }
        },
    )

    process: str = Field(
        min_length=1,
        max_length=LONGEST_NAME,
        pattern=NAME_PATTERN,
        description="The name of a published process",
    )
    version: int | None = Field(default=None, ge=1, le=2**31 - 1, description="The latest when left out")
    data: Json = Field(default={}, description="What it begins with")
    correlation: str | None = Field(
        default=None,
        max_length=LONGEST_NAME,
        pattern=NAME_PATTERN,
        description="The key by which messages find it; as the process says when left out",
    )
    instance_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_ID,
        pattern=ID_PATTERN,
        description="A name of your own: begun twice under one name it runs once",
    )
    wait: float = Field(
        default=0, ge=0, le=MOST_WAIT_SECONDS, description="For how many seconds to stay with it at most"
    )


class InstanceMessageInput(BaseModel):
    """A message for an instance, or one with which a process begins."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"name": "payment", "correlation": "4711", "data": {"amount": 70}}},
    )

    name: str = Field(
        min_length=1,
        max_length=LONGEST_NAME,
        pattern=NAME_PATTERN,
        description="Of the message, as the diagram says",
    )
    data: Json = Field(default={}, description="What it carries")
    correlation: str = Field(
        default="",
        max_length=LONGEST_NAME,
        pattern=NAME_PATTERN,
        description="The key by which it finds its instance",
    )
    instance: str = Field(
        default="", max_length=LONGEST_ID, description="The instance, in place of a correlation key"
    )
    id: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_ID,
        pattern=ID_PATTERN,
        description="A name of your own for the message: given twice under one name it is taken in once",
    )


class MessageGivenShape(BaseModel):
    """What became of a message."""

    instance: str = Field(description="The instance that has it")
    begun: bool = Field(description="Whether the message began it")
    is_new: bool = Field(description="Whether the instance had not had it before")


class TaskDone(BaseModel):
    """What came of a task."""

    model_config = ConfigDict(extra="forbid")

    task: str = Field(
        default="",
        max_length=500,
        description="Its key or its element; may be left out when only one is open",
    )
    answer: str = Field(
        default="", max_length=LONGEST_NAME, description="What is chosen, where there are choices"
    )
    text: str = Field(default="", max_length=10_000, description="Words to go with it")
    data: Json = Field(default={}, description="What is given beside it")


class IncidentInput(BaseModel):
    """Which incident is decided."""

    model_config = ConfigDict(extra="forbid")

    element: str = Field(
        default="", max_length=500, description="The element or key; every one when left out"
    )


class DataChange(BaseModel):
    """A change of process data."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"data": {"customer": {"email": "anna@example.org"}}}}
    )

    data: Json = Field(description="Merged in (RFC 7396): tables are gone into, null takes a value away")


class InstanceSummary(BaseModel):
    """An instance in a list."""

    id: str
    organization: str
    process: str
    version: int
    author: str = Field(description="Who began it")
    status: str = Field(description="`running`, `completed`, `failed` or `cancelled`")
    stage: str = Field(description="What its last message called its state", examples=["Customer told"])
    correlation: str = Field(description="The key by which messages find it")
    open_incidents: int = Field(description="How many incidents wait for a decision")
    is_cancelled: bool = Field(description="Whether it was called back, and may not have ended yet")
    is_held_back: bool = Field(description="Whether it was restored from a backup and waits for a word")
    due: datetime | None = Field(description="When it is looked at next")
    began: datetime
    changed: datetime
    seconds: float | None = Field(
        description="How long it took, its waiting included; null when it has not ended"
    )


class TaskShape(BaseModel):
    """What somebody has to do."""

    key: str
    element: str
    title: str
    record: str = Field(description="What it is about")
    recipients: list[str] = Field(description="Who was told")
    choices: list[ChoiceShape]
    wants_text: bool
    since: datetime
    due: datetime | None = Field(description="When it is overdue")


class AwaitedShape(BaseModel):
    """A message that an instance waits for."""

    key: str
    element: str
    name: str
    correlation: str


class IncidentShape(BaseModel):
    """Something that only a person can decide."""

    key: str
    element: str
    error: Json = Field(description="What went wrong: `code`, `message`, `cause`, `remedy`, `field`")
    in_doubt: bool = Field(
        description="Whether it may have been done all the same: tried again it may be done twice"
    )
    at: datetime


class MailShape(BaseModel):
    """A message that was sent at an element."""

    element: str
    entry: str
    subject: str
    state: str = Field(description="How the outbox entry stands")
    mark: str = Field(description="What became of it: `accepted`, `under way`, `failed`, `in doubt`")
    recipients: list[str]
    waits_for: str = Field(description="Why it is not settled yet, as far as that is known")


class PassageShape(BaseModel):
    """A token at an element."""

    element: str
    iteration: int
    kind: str = Field(description="`entered`, `left` or `cancelled`")
    at: datetime
    entry: str


class InstanceShape(InstanceSummary):
    """An instance with everything that is known of it."""

    data: Json = Field(description="The process data; what is called a secret is struck out")
    tokens: list[str] = Field(description="Elements where tokens stand")
    tasks: list[TaskShape]
    messages: list[AwaitedShape] = Field(description="Messages that it waits for")
    incidents: list[IncidentShape]
    mails: list[MailShape] = Field(description="Messages that it has sent, the first two hundred")
    passages: list[PassageShape] = Field(description="Where tokens were and are, in order")
    taken: dict[str, int] = Field(description="Sequence flows that were followed, with how often")
    error: Json = Field(description="Why it failed, or cannot be worked; empty when neither is so")


class OpenTaskShape(BaseModel):
    """A task that is open, in a list of all."""

    organization: str
    process: str
    instance: str
    key: str
    title: str
    record: str = Field(description="What it is about")
    since: datetime
    due: datetime | None


def summary_of(instance: ProcessInstance) -> InstanceSummary:
    """Give an instance for a list."""
    return InstanceSummary(
        id=instance.id,
        organization=instance.organization,
        process=instance.process,
        version=instance.version,
        author=instance.author,
        status=instance.status.value,
        stage=instance.stage,
        correlation=instance.correlation,
        open_incidents=instance.open_incidents,
        is_cancelled=instance.is_cancelled,
        is_held_back=instance.is_held_back,
        due=time_or_none(instance.due),
        began=as_datetime(instance.began),
        changed=as_datetime(instance.changed),
        seconds=instance.seconds,
    )


def shape_of(instance: ProcessInstance, mails: Sequence[ElementMail] = ()) -> InstanceShape:
    """Give an instance with everything."""
    return InstanceShape(
        **summary_of(instance).model_dump(),
        data=told_table(instance.data),
        tokens=list(instance.tokens),
        tasks=[_task(each) for each in instance.tasks],
        messages=[
            AwaitedShape(key=each.key, element=each.element, name=each.name, correlation=each.correlation)
            for each in instance.messages
        ],
        incidents=[_incident(each) for each in instance.incidents],
        mails=[_mail(each) for each in mails],
        passages=[
            PassageShape(
                element=each.element,
                iteration=each.iteration,
                kind=each.kind.value,
                at=as_datetime(each.at),
                entry=each.entry,
            )
            for each in instance.passages
        ],
        taken=dict(instance.taken),
        error=told_error(instance.error),
    )


def open_task_of(found: FoundWait) -> OpenTaskShape:
    """Give a task for the list of all."""
    return OpenTaskShape(
        organization=found.organization,
        process=found.process,
        instance=found.instance,
        key=found.wait.key,
        title=found.wait.name,
        record=found.wait.correlation,
        since=as_datetime(found.since),
        due=time_or_none(found.wait.due),
    )


def _task(task: OpenTask) -> TaskShape:
    return TaskShape(
        key=task.key,
        element=task.element,
        title=task.title,
        record=task.record,
        recipients=list(task.details.recipients),
        choices=[ChoiceShape(value=value, label=label) for value, label in task.details.choices],
        wants_text=task.details.wants_text,
        since=as_datetime(task.since),
        due=time_or_none(task.due),
    )


def _incident(incident: Incident) -> IncidentShape:
    return IncidentShape(
        key=incident.key,
        element=incident.element,
        error=told_error(incident.error),
        in_doubt=incident.in_doubt,
        at=as_datetime(incident.at),
    )


def _mail(mail: ElementMail) -> MailShape:
    return MailShape(
        element=mail.element,
        entry=entry_id_text(mail.entry.id),
        subject=mail.entry.subject,
        state=mail.entry.state.value,
        mark=mail.mark.value,
        recipients=[each.address for each in mail.entry.recipients],
        waits_for=mail.waits_for,
    )
