"""Entries and submissions made the short way are what they would be otherwise."""

from __future__ import annotations

import dataclasses

import pytest

from eilbote.engine.submission_nouns import new_entry, new_submission
from eilbote.model.envelope import Envelope
from eilbote.model.ids import EntryId, MessageId
from eilbote.model.message import Message
from eilbote.model.moment import Moment
from eilbote.model.status import EntryState, RecipientKind
from eilbote.model.submission import InDoubtPolicy, PartialPolicy, Submission, SubmissionOptions
from eilbote.outbox.entry import Acceptance, NewEntry, NewRecipient

ENVELOPE = Envelope(
    reverse_path="a@example.org",
    forward_paths=("b@example.net", "c@example.net"),
    kinds=(RecipientKind.TO, RecipientKind.BCC),
)
MESSAGE = Message(message_id="<1@example.org>", segments=(b"x\r\n",), size=3)
OPTIONS = SubmissionOptions(
    organization="acme",
    idempotency_key="invoice-17",
    on_in_doubt=InDoubtPolicy.PARK,
    on_partial=PartialPolicy.OK,
)


def test_a_new_entry() -> None:
    times = (Moment(1), Moment(2), Moment(3))
    made = new_entry(
        ENVELOPE,
        MESSAGE,
        b"frozen",
        ("ab",),
        "Invoice",
        2,
        ("office", "spare"),
        times,
        OPTIONS,
        b"digest",
        "cli",
        "a@example.org",
        2,
    )

    assert made == NewEntry(
        organization="acme",
        connections=("office", "spare"),
        message_id=MessageId("<1@example.org>"),
        subject="Invoice",
        frozen=b"frozen",
        blobs=("ab",),
        size=3,
        recipients=(
            NewRecipient("b@example.net", RecipientKind.TO),
            NewRecipient("c@example.net", RecipientKind.BCC),
        ),
        urgency=2,
        accepted=Moment(1),
        due=Moment(2),
        expires=Moment(3),
        on_in_doubt=InDoubtPolicy.PARK,
        on_partial=PartialPolicy.OK,
        idempotency_key="invoice-17",
        digest=b"digest",
        author="cli",
        sender="a@example.org",
        attachments=2,
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.size = 4  # type: ignore[misc]


def test_a_submission() -> None:
    acceptance = Acceptance(
        id=EntryId(17),
        is_new=False,
        is_same=True,
        state=EntryState.DONE,
        message_id=MessageId("<1@example.org>"),
    )

    assert new_submission(acceptance, "invoice-17") == Submission(
        id=EntryId(17),
        message_id=MessageId("<1@example.org>"),
        state=EntryState.DONE,
        is_new=False,
        idempotency_key="invoice-17",
    )


@pytest.mark.parametrize("noun, count", [(NewRecipient, 2), (NewEntry, 19), (Submission, 5)])
def test_a_new_field_needs_a_place_in_the_short_way(noun: type, count: int) -> None:
    assert len(dataclasses.fields(noun)) == count
