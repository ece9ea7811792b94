"""Runs of flows as the API tells them."""

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
from eilbote.author.questions import Question
from eilbote.engine.flow_view import FlowRun
from eilbote.engine.run_mails import StepMail
from eilbote.model.ids import entry_id_text
from eilbote.model.moment import as_datetime


class RunInput(BaseModel):
    """What is to be run."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "flow": "order-ready",
                "input": {"email": "anna@example.org", "number": 4711},
                "run_id": "order-4711",
                "wait": 10,
            }
        },
    )

    flow: str = Field(
        min_length=1, max_length=LONGEST_NAME, pattern=NAME_PATTERN, description="The name of a flow"
    )
    version: int | None = Field(
        default=None,
        ge=0,
        le=2**31 - 1,
        description="Which version; the latest when left out, 0 for the draft",
    )
    input: Json = Field(default={}, description="What it is given")
    session: str = Field(
        default="",
        max_length=LONGEST_NAME,
        pattern=NAME_PATTERN,
        description="The conversation; runs of one conversation share what they keep. Its own when empty",
    )
    run_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_ID,
        pattern=ID_PATTERN,
        description="A name of your own: begun twice under one name it runs once",
    )
    wait: float = Field(
        default=0,
        ge=0,
        le=MOST_WAIT_SECONDS,
        description="For how many seconds to stay with it at most; it goes on without you",
    )


class AnswerInput(BaseModel):
    """An answer for those who were asked."""

    model_config = ConfigDict(extra="forbid")

    choice: str = Field(max_length=LONGEST_NAME, description="The value of the choice", examples=["approve"])
    text: str = Field(default="", max_length=10_000, description="Words to go with it")


class WaitInput(BaseModel):
    """How long to stay with something."""

    model_config = ConfigDict(extra="forbid")

    wait: float = Field(
        default=0, ge=0, le=MOST_WAIT_SECONDS, description="For how many seconds to stay with it"
    )


class RetryInput(WaitInput):
    """How a failed run is tried again."""

    anyway: bool = Field(
        default=False,
        description="Also where the node has sent a message that has arrived or may still arrive: there is a second one then",
    )


class RunSummary(BaseModel):
    """A run in a list."""

    id: str
    organization: str
    flow: str
    version: int = Field(description="0 for a draft")
    session: str = Field(description="Its conversation")
    author: str = Field(description="Who began it", examples=["user:anna@example.org"])
    status: str = Field(
        description="`running`, `waiting`, `done`, `failed` or `cancelled`", examples=["waiting"]
    )
    awaits: str = Field(
        description="What it waits for: nothing, `time`, `mail`, `answer`; or `release`: it was restored from a backup, and "
        "somebody has to say that it may go on"
    )
    due: datetime | None = Field(
        description="When it is looked at next; null when only an answer wakes it, or it has ended"
    )
    entry: str | None = Field(description="The message that it waits for")
    failed_at: str = Field(
        description="The node at which it failed; empty when it did not", examples=["notify"]
    )
    error: Json = Field(
        description="Why it failed: `code`, `message`, `node`, `field`, `cause`, `remedy`; empty when it did not"
    )
    failed_nodes: int = Field(
        description="In how many nodes something went wrong, whether or not the run went on; of a run that is `done`, too",
        examples=[0],
    )
    began: datetime
    changed: datetime
    seconds: float | None = Field(
        description="How long it took, its waiting included; null when it has not ended"
    )


class StepShape(BaseModel):
    """A node that a run has been to."""

    node: str
    label: str
    kind: str
    at: datetime = Field(description="When the run left it")
    seconds: float = Field(description="How long it was there, its waiting included")
    by: str = Field(description="Through which exit it left; empty where it ended or failed")
    error: Json = Field(description="Why it failed there; empty when it did not")
    entries: list[str] = Field(description="The messages that it sent there")


class ChoiceShape(BaseModel):
    """Something that can be chosen."""

    value: str
    label: str


class QuestionShape(BaseModel):
    """What a run asks people."""

    text: str
    details: list[str] = Field(description="What is known about it")
    choices: list[ChoiceShape]
    wants_text: bool = Field(description="Whether words of their own are asked for")
    asked: datetime
    due: datetime | None = Field(description="Until when it can be answered")


class RunShape(RunSummary):
    """A run with everything that is known of it."""

    node: str = Field(description="Where it is; empty when it has ended")
    input: Json = Field(
        description="What it was given and has kept beside it; what is called a secret is struck out"
    )
    context: Json = Field(description="What its conversation keeps; the same holds")
    messages: int = Field(description="How many messages it has asked for")
    entries: list[str] = Field(description="The messages of the node that it is at")
    steps: list[StepShape] = Field(
        description="The nodes it has been to, the latest thousand, the oldest first"
    )
    question: QuestionShape | None = Field(description="What it asks, when it waits for an answer")


def summary_of(run: FlowRun) -> RunSummary:
    """Give a run for a list."""
    return RunSummary(
        id=run.id,
        organization=run.organization,
        flow=run.flow,
        version=run.version,
        session=run.session,
        author=run.author,
        status=run.status,
        awaits=run.awaits.value,
        due=time_or_none(run.due),
        entry=None if run.entry is None else entry_id_text(run.entry),
        failed_at=run.failed_at,
        error=told_error(run.error),
        failed_nodes=run.failed_nodes,
        began=as_datetime(run.began),
        changed=as_datetime(run.changed),
        seconds=run.seconds,
    )


def shape_of(run: FlowRun, mails: Sequence[StepMail] = (), question: Question | None = None) -> RunShape:
    """Give a run with everything."""

    def sent(step: int) -> list[str]:
        return [entry_id_text(mail.entry.id) for mail in mails if mail.step == step]

    return RunShape(
        **summary_of(run).model_dump(),
        node=run.node,
        input=told_table(run.input),
        context=told_table(run.context),
        messages=run.mails,
        entries=sent(len(run.steps)),
        steps=[
            StepShape(
                node=step.node,
                label=step.label,
                kind=step.kind,
                at=as_datetime(step.at),
                seconds=step.seconds,
                by=step.by,
                error=told_error(step.error),
                entries=sent(number),
            )
            for number, step in enumerate(run.steps)
        ],
        question=None if question is None else _question(question),
    )


def _question(question: Question) -> QuestionShape:
    return QuestionShape(
        text=question.text,
        details=list(question.details),
        choices=[ChoiceShape(value=value, label=label) for value, label in question.choices],
        wants_text=question.wants_text,
        asked=as_datetime(question.asked),
        due=time_or_none(question.due),
    )
