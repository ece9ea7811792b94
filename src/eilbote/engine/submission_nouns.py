"""Makes what every submission needs, an entry and the record of it, without the price of frozen construction.

They are filled while they are of a class with the same slots that is not frozen; see :mod:`eilbote.model.finished`. A
test compares the classes field by field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.model.ids import MessageId
from eilbote.model.submission import Submission
from eilbote.outbox.entry import NewEntry, NewRecipient

if TYPE_CHECKING:
    from eilbote.model.envelope import Envelope
    from eilbote.model.ids import EntryId
    from eilbote.model.message import Message
    from eilbote.model.moment import Moment
    from eilbote.model.status import EntryState, RecipientKind
    from eilbote.model.submission import InDoubtPolicy, PartialPolicy, SubmissionOptions
    from eilbote.outbox.entry import Acceptance


class _OpenRecipient:
    __slots__ = tuple(NewRecipient.__slots__)

    address: str
    kind: RecipientKind


class _OpenEntry:
    __slots__ = tuple(NewEntry.__slots__)

    organization: str
    connections: tuple[str, ...]
    message_id: MessageId
    subject: str
    frozen: bytes
    blobs: tuple[str, ...]
    size: int
    recipients: tuple[NewRecipient, ...]
    urgency: int
    due: Moment
    expires: Moment
    accepted: Moment
    on_in_doubt: InDoubtPolicy
    on_partial: PartialPolicy
    idempotency_key: str | None
    digest: bytes
    author: str
    sender: str
    attachments: int


class _OpenSubmission:
    __slots__ = tuple(Submission.__slots__)

    id: EntryId
    message_id: MessageId
    state: EntryState
    is_new: bool
    idempotency_key: str | None


def new_entry(  # noqa: PLR0917 - keywords cost as much as the whole
    envelope: Envelope,
    message: Message,
    frozen: bytes,
    blobs: tuple[str, ...],
    subject: str,
    urgency: int,
    connections: tuple[str, ...],
    times: tuple[Moment, Moment, Moment],
    options: SubmissionOptions,
    digest: bytes,
    author: str,
    sender: str = "",
    attachments: int = 0,
) -> NewEntry:
    """Make a new entry.

    Args:
        envelope: Where it goes.
        message: What goes.
        frozen: Both, as they are stored.
        blobs: As in the entry.
        subject: As in the entry.
        urgency: As in the entry.
        connections: As in the entry.
        times: When it is accepted, due, and expires.
        options: What its author has asked for.
        digest: As in the entry.
        author: As in the entry.
        sender: As in the entry.
        attachments: As in the entry.
    """
    recipients: list[NewRecipient] = []
    for address, kind in zip(envelope.forward_paths, envelope.kinds, strict=True):
        recipient = _OpenRecipient()
        recipient.address = address
        recipient.kind = kind
        recipient.__class__ = NewRecipient  # type: ignore[assignment]
        recipients.append(recipient)  # type: ignore[arg-type]  # it is one now
    entry = _OpenEntry()
    entry.organization = options.organization
    entry.connections = connections
    entry.message_id = MessageId(message.message_id)
    entry.subject = subject
    entry.frozen = frozen
    entry.blobs = blobs
    entry.size = message.size
    entry.recipients = tuple(recipients)
    entry.urgency = urgency
    entry.accepted, entry.due, entry.expires = times
    entry.on_in_doubt = options.on_in_doubt
    entry.on_partial = options.on_partial
    entry.idempotency_key = options.idempotency_key
    entry.digest = digest
    entry.author = author
    entry.sender = sender
    entry.attachments = attachments
    entry.__class__ = NewEntry  # type: ignore[assignment]
    return entry  # type: ignore[return-value]  # it is one now


def new_submission(acceptance: Acceptance, idempotency_key: str | None) -> Submission:
    """Make the record of an acceptance."""
    submission = _OpenSubmission()
    submission.id = acceptance.id
    submission.message_id = acceptance.message_id
    submission.state = acceptance.state
    submission.is_new = acceptance.is_new
    submission.idempotency_key = idempotency_key
    submission.__class__ = Submission  # type: ignore[assignment]
    return submission  # type: ignore[return-value]  # it is one now
