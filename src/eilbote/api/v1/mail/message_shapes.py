"""What the API tells of messages in the outbox."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from eilbote.api.problems import FieldProblem
from eilbote.api.remedies import ForClients
from eilbote.api.times import time_or_none
from eilbote.model.ids import entry_id_text
from eilbote.model.moment import as_datetime
from eilbote.model.status import EntryState, RecipientKind, RecipientStatus
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.store import Wish
from eilbote.outbox.wishes import suited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.attempt import Attempt, Event
    from eilbote.model.submission import Submission, SubmissionResult
    from eilbote.outbox.entry import Entry, EntryRecipient, History

_URGENCIES: tuple[Literal["high", "normal", "low"], ...] = ("high", "normal", "low")


class Outcome(StrEnum):
    """What became of a message as a whole."""

    PENDING = "pending"
    """Something is still to be done."""
    ACCEPTED = "accepted"
    """Every recipient was accepted."""
    PARTIAL = "partial"
    """Some were accepted, others have failed."""
    FAILED = "failed"
    """Every recipient has failed."""
    IN_DOUBT = "in_doubt"
    """It is over, and of somebody nobody knows whether it was accepted."""
    CANCELLED = "cancelled"


class MessageCount(BaseModel):
    """How many messages there are."""

    count: int = Field(ge=0, description="At least so many; 10,000 at most", examples=[212])
    is_exact: bool = Field(description="Whether there are no more than these")


class SubmissionShape(BaseModel):
    """The record of a message that was taken; it is on the disk."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "1a2b3c4d5e6f7",
                "message_id": "<q3k2v5c8d1@example.org>",
                "state": "queued",
                "is_new": True,
                "idempotency_key": "order-4711",
            }
        }
    )

    id: str
    message_id: str
    state: EntryState = Field(description="Where it stood when this was said")
    is_new: bool = Field(
        description="False when the key had been used for the same message: this is the earlier one"
    )
    idempotency_key: str | None


class Refusal(BaseModel):
    """Why one of many was not taken."""

    code: str = Field(description="What kind of error; never changes")
    detail: ForClients = Field(description="The whole story, for people")
    field: str = ""
    cause: ForClients = ""
    remedy: ForClients = ""
    errors: list[FieldProblem] = Field(default=[], description="Each fault, where there are several")


class BatchResult(BaseModel):
    """What became of one of many: a submission, or an error."""

    index: int = Field(description="Its place in what was handed in, counted from 0")
    submission: SubmissionShape | None = None
    error: Refusal | None = None


class BatchShape(BaseModel):
    """What became of each message."""

    accepted: int = Field(description="How many are in the outbox, those that were there before included")
    refused: int
    results: list[BatchResult] = Field(description="One for each, in order")


class RecipientShape(BaseModel):
    """One recipient, and what became of it."""

    address: str
    kind: RecipientKind = Field(description="Which field named it")
    status: RecipientStatus | None = Field(description="Null before the first attempt")
    attempts: int
    in_doubt: int = Field(description="How many attempts ended without anybody knowing")
    reply_code: int = Field(description="Of the last attempt; 0 when the server never said a word on it")
    enhanced_status_code: str
    text: ForClients = Field(description="What the server said in the last attempt, or why it was not asked")


class MessageShape(BaseModel):
    """A message in the outbox."""

    id: str
    organization: str = Field(description="On whose behalf; empty for the host")
    state: EntryState = Field(description="Where it stands")
    outcome: Outcome = Field(description="What became of it as a whole")
    reason: ForClients = Field(description="Why it is held, or waits; may be empty")
    transmitting: bool = Field(description="Whether its content may be on its way at this moment")
    sender: str = Field(description="The address that From names; empty where it is not known")
    subject: str = Field(description="At most its first 200 characters")
    recipients: list[RecipientShape]
    attachments: int = Field(description="How many files travel with it")
    size: int = Field(description="Octets of the whole message")
    message_id: str
    idempotency_key: str | None
    submitted_by: str = Field(
        description="Such as `api:billing`, `flow:invoice#...`, `process:leave#...`, `relay:...`"
    )
    connection: str = Field(description="Where it waits, or was last tried")
    connections: list[str] = Field(description="All it may use, in the order they are tried")
    priority: Literal["high", "normal", "low"]
    attempts: int
    accepted: datetime = Field(description="When the outbox took it")
    due: datetime = Field(
        description="When the next attempt is allowed; of a finished one, when the last one was"
    )
    expires: datetime = Field(description="What is not accepted by then has failed")
    finished: datetime | None = Field(description="When nothing was left to do")
    allowed: list[Wish] = Field(
        description="What can be done with it as it stands, by whoever has the permission `messages:operate`"
    )


class OutcomeShape(BaseModel):
    """What an attempt meant for one recipient."""

    address: str
    status: RecipientStatus
    reply_code: int
    enhanced_status_code: str
    text: str


class AttemptShape(BaseModel):
    """One attempt to send it."""

    number: int
    started: datetime
    seconds: float
    connection: str
    server: str = Field(description="`host:port`; empty when none was reached")
    tls_version: str
    stage: str = Field(
        description="How far it came: dns, connect, tls, greeting, ehlo, auth, mail, rcpt, data, content"
    )
    reply: ForClients = Field(description="The reply to the content, or why there is none")
    outcomes: list[OutcomeShape]
    transcript: str = Field(
        description="The end of the dialogue with the server, secrets struck out; empty when everybody was accepted"
    )


class EventShape(BaseModel):
    """Something that happened."""

    sequence: int = Field(description="Its place among all events")
    kind: str = Field(
        description="Such as `submitted`, `accepted`, `deferred`, `failed`, `held`, `connection_paused`"
    )
    at: datetime
    message: str | None = Field(description="Id of the message; null when it concerns a connection")
    recipients: list[int] = Field(
        description="Places of its recipients, counted from 0; empty means the whole message"
    )
    connection: str
    organization: str
    text: ForClients = Field(description="Why, in one sentence; may be empty")


class MessageDetail(MessageShape):
    """Everything that is known of a message, but for what it says."""

    on_in_doubt: InDoubtPolicy
    on_partial: PartialPolicy
    timeline: list[EventShape] = Field(description="What happened, in order")
    deliveries: list[AttemptShape] = Field(description="Each attempt, in order")


def message_shape(entry: Entry) -> MessageShape:
    """Tell of a message what a list tells."""
    return MessageShape(
        id=entry_id_text(entry.id),
        organization=entry.organization,
        state=entry.state,
        outcome=_outcome(entry),
        reason=entry.reason,
        transmitting=entry.transmitting,
        sender=entry.sender,
        subject=entry.subject,
        recipients=[_recipient(each) for each in entry.recipients],
        attachments=entry.attachments,
        size=entry.size,
        message_id=entry.message_id,
        idempotency_key=entry.idempotency_key,
        submitted_by=entry.author,
        connection=entry.connection,
        connections=list(entry.connections),
        priority=_URGENCIES[min(max(entry.urgency, 0), len(_URGENCIES) - 1)],
        attempts=entry.attempts,
        accepted=as_datetime(entry.accepted),
        due=as_datetime(entry.due),
        expires=as_datetime(entry.expires),
        finished=time_or_none(entry.finished),
        allowed=list(
            suited(
                entry.state,
                transmitting=entry.transmitting,
                has_failed=any(each.status is RecipientStatus.FAILED for each in entry.recipients),
            )
        ),
    )


def message_detail(history: History) -> MessageDetail:
    """Tell everything of a message."""
    entry = history.entry
    return MessageDetail(
        **message_shape(entry).model_dump(),
        on_in_doubt=entry.on_in_doubt,
        on_partial=entry.on_partial,
        timeline=[event_shape(each) for each in history.events],
        deliveries=[_attempt(each, entry) for each in history.attempts],
    )


def event_shape(event: Event) -> EventShape:
    """Tell what happened."""
    return EventShape(
        sequence=event.sequence,
        kind=event.kind.value,
        at=as_datetime(event.at),
        message=None if event.entry is None else entry_id_text(event.entry),
        recipients=list(event.recipients),
        connection=event.connection,
        organization=event.organization,
        text=event.text,
    )


def submission_shape(submission: Submission) -> SubmissionShape:
    """Tell of a submission."""
    return SubmissionShape(
        id=entry_id_text(submission.id),
        message_id=submission.message_id,
        state=submission.state,
        is_new=submission.is_new,
        idempotency_key=submission.idempotency_key,
    )


def batch_shape(results: Sequence[SubmissionResult]) -> BatchShape:
    """Tell what became of many."""
    accepted = sum(each.submission is not None for each in results)
    return BatchShape(
        accepted=accepted, refused=len(results) - accepted, results=[_result(each) for each in results]
    )


def _result(result: SubmissionResult) -> BatchResult:
    error = result.error
    return BatchResult(
        index=result.index,
        submission=None if result.submission is None else submission_shape(result.submission),
        error=None
        if error is None
        else Refusal(
            code=error.code,
            detail=str(error),
            field=error.field or "",
            cause=error.cause or "",
            remedy=error.remedy or "",
            errors=list(getattr(error, "errors", ())),
        ),
    )


def _outcome(entry: Entry) -> Outcome:
    if entry.state is EntryState.CANCELLED:
        return Outcome.CANCELLED
    if entry.state is not EntryState.DONE:
        return Outcome.PENDING
    statuses = {each.status for each in entry.recipients}
    if statuses == {RecipientStatus.ACCEPTED}:
        return Outcome.ACCEPTED
    if RecipientStatus.ACCEPTED in statuses:
        return Outcome.PARTIAL
    doubted = any(each.in_doubt for each in entry.recipients)
    return Outcome.IN_DOUBT if doubted else Outcome.FAILED


def _recipient(recipient: EntryRecipient) -> RecipientShape:
    return RecipientShape(
        address=recipient.address,
        kind=recipient.kind,
        status=recipient.status,
        attempts=recipient.attempts,
        in_doubt=recipient.in_doubt,
        reply_code=recipient.reply_code,
        enhanced_status_code=recipient.enhanced_status_code,
        text=recipient.text,
    )


def _attempt(attempt: Attempt, entry: Entry) -> AttemptShape:
    addresses = [each.address for each in entry.recipients]
    return AttemptShape(
        number=attempt.number,
        started=as_datetime(attempt.started),
        seconds=attempt.seconds,
        connection=attempt.connection,
        server=attempt.server,
        tls_version=attempt.tls_version,
        stage=attempt.stage,
        reply=attempt.reply,
        outcomes=[
            OutcomeShape(
                address=addresses[each.number] if each.number < len(addresses) else "",
                status=each.status,
                reply_code=each.reply_code,
                enhanced_status_code=each.enhanced_status_code,
                text=each.text,
            )
            for each in attempt.outcomes
        ],
        transcript=attempt.transcript,
    )
