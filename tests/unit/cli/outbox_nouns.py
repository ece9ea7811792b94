"""Entries of an outbox for the tests of what is shown of them, each complete, each with what a test changes."""

from dataclasses import replace

from eilbote.model.attempt import Attempt, Event, EventKind, Outcome
from eilbote.model.ids import CourierId, EntryId, MessageId
from eilbote.model.moment import Moment, later
from eilbote.model.status import EntryState, RecipientKind, RecipientStatus
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.entry import Entry, EntryRecipient

NOW = Moment(1_900_000_000_000)


def recipient(
    address: str = "anna@example.org", status: RecipientStatus | None = None, **changes: object
) -> EntryRecipient:
    made = EntryRecipient(
        address=address,
        kind=RecipientKind.TO,
        status=status,
        attempts=0 if status is None else 1,
        in_doubt=0,
        reply_code=0,
        enhanced_status_code="",
        text="",
    )
    return replace(made, **changes)  # type: ignore[arg-type] # the test's own business


def entry(state: EntryState = EntryState.QUEUED, **changes: object) -> Entry:
    made = Entry(
        id=EntryId(1 << 40),
        organization="",
        connection="office",
        connections=("office", "backup"),
        idempotency_key="invoice-17",
        message_id=MessageId("<17@example.org>"),
        subject="Invoice 17",
        author="cli",
        size=1234,
        urgency=1,
        state=state,
        reason="",
        transmitting=False,
        attempts=0,
        accepted=later(NOW, -3600),
        due=NOW,
        expires=later(NOW, 86_400),
        finished=None,
        courier=None,
        on_in_doubt=InDoubtPolicy.RETRY,
        on_partial=PartialPolicy.RETRY_REST,
        recipients=(recipient(),),
    )
    return replace(made, **changes)  # type: ignore[arg-type] # the test's own business


def attempt(**changes: object) -> Attempt:
    made = Attempt(
        number=1,
        started=later(NOW, -60),
        seconds=0.25,
        courier=CourierId("c"),
        connection="office",
        server="mail.example.org:587",
        tls_version="TLSv1.3",
        stage="rcpt",
        reply="451 4.7.1 Greylisted",
        outcomes=(Outcome(number=0, status=RecipientStatus.DEFERRED, reply_code=451, text="Greylisted"),),
        transcript="C: RCPT TO:<anna@example.org>\nS: 451 4.7.1 Greylisted",
    )
    return replace(made, **changes)  # type: ignore[arg-type] # the test's own business


def event(kind: EventKind = EventKind.DEFERRED, **changes: object) -> Event:
    made = Event(kind=kind, at=later(NOW, -60), recipients=(0,), connection="office", text="451 Greylisted")
    return replace(made, **changes)  # type: ignore[arg-type] # the test's own business
