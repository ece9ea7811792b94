"""An outbox entry in the three shapes it has: handed in, claimed by a courier, and looked at by people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.model.attempt import Attempt, Event
    from eilbote.model.ids import CourierId, EntryId, MessageId
    from eilbote.model.moment import Moment
    from eilbote.model.status import EntryState, RecipientKind, RecipientStatus
    from eilbote.model.submission import InDoubtPolicy, PartialPolicy

URGENCY_HIGH, URGENCY_NORMAL, URGENCY_LOW = range(3)
"""Which entries of a lane go first: the smaller number."""


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """One forward-path of an entry, and the address field that named it."""

    address: str
    kind: RecipientKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """What a submitter hands to the store: complete, frozen, ready to be sent as it is.

    Attributes:
        organization: On whose behalf; the owner of the key.
        connections: Names in the order they are to be tried; the first is where it begins.
        message_id: With its angle brackets.
        subject: For people who look for it; at most 200 characters.
        frozen: Envelope and octets in the form of :mod:`eilbote.outbox.frozen`; large parts by reference.
        blobs: The references in it: SHA-256 in hexadecimal, each stored before the entry is accepted.
        size: Octets of the message.
        recipients: Each forward-path once, in the envelope's order.
        urgency: 0 high, 1 normal, 2 low.
        due: Not before.
        expires: Not after.
        accepted: Now.
        on_in_doubt: See :class:`InDoubtPolicy`.
        on_partial: See :class:`PartialPolicy`.
        idempotency_key: The author's name for it, if any.
        digest: What makes two submissions under one key the same: SHA-256 over what the author said.
        author: Who asked for it, such as ``cli`` or ``flow:invoice#17``; may be empty.
        sender: The address of the author that the message names, for people who look for it; may be empty.
        attachments: How many files travel with it.
    """

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
    idempotency_key: str | None = None
    digest: bytes = b""
    author: str = ""
    sender: str = ""
    attachments: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What the store made of a new entry.

    Attributes:
        id: The entry; an older one when the key had been used before.
        is_new: Whether it was stored now.
        is_same: Whether an older one says the same; ``False`` means the key names another message.
        state: Where it stands.
        message_id: Its Message-ID; the older one's when it is not new.
    """

    id: EntryId
    is_new: bool
    is_same: bool
    state: EntryState
    message_id: MessageId


@dataclass(frozen=True, slots=True)
class Lane:
    """A queue of its own: what one organization sends through one connection."""

    organization: str
    connection: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A recipient whose fate is still open, as a claim carries it."""

    number: int
    address: str
    kind: RecipientKind
    attempts: int
    in_doubt: bool
    """Whether an earlier attempt may have reached it."""
    doubts: int = 0
    """How many may have: attempts that ended in doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An entry in a courier's hands until its lease ends.

    Attributes:
        id: The entry.
        epoch: The fencing token: grows with every claim and every taking back; who holds an older one is too late.
        lane: Where it came from.
        connections: All connections it may use, in order; ``lane.connection`` is one of them.
        attempts: How many were made before.
        accepted: When the outbox took it.
        expires: Not after.
        on_in_doubt: See :class:`InDoubtPolicy`.
        on_partial: See :class:`PartialPolicy`.
        others_accepted: Whether some recipient was accepted by an earlier attempt.
        pending: Who is still to be reached, in the envelope's order; never empty.
        frozen: What is to be sent.
        crc: Of ``frozen`` as it was stored (CRC-32).
        attempts_before: How many of the attempts were made before somebody last wanted another one; with such a
            wish the waits between them begin anew.
    """

    id: EntryId
    epoch: int
    lane: Lane
    connections: tuple[str, ...]
    attempts: int
    accepted: Moment
    expires: Moment
    on_in_doubt: InDoubtPolicy
    on_partial: PartialPolicy
    others_accepted: bool
    pending: tuple[Pending, ...]
    frozen: bytes
    crc: int
    attempts_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecipient:
    """One recipient, as people see it.

    Attributes:
        address: The forward-path.
        kind: The field that named it.
        status: ``None`` before the first attempt.
        attempts: In how many attempts it took part.
        in_doubt: How many of them ended in doubt; the message may have reached it that often without a word.
        reply_code: Of the last attempt.
        enhanced_status_code: Of the last attempt.
        text: Of the last attempt.
    """

    address: str
    kind: RecipientKind
    status: RecipientStatus | None
    attempts: int
    in_doubt: int
    reply_code: int
    enhanced_status_code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry, as people see it.

    Attributes:
        id: Its number; :func:`~eilbote.model.ids.entry_id_text` writes it for people.
        state: Where it stands.
        reason: Why it is held, or waits; may be empty.
        transmitting: Whether its content may be on its way at this moment.
        due: When the next attempt is allowed; of a finished entry, when the last one was.
        finished: When nothing was left to do; ``None`` before.
        courier: Who holds it, if somebody does.
        sender: The address of the author that the message names; empty where it was not noted.
        attachments: How many files travel with it; 0 where they were not counted.
    """

    id: EntryId
    organization: str
    connection: str
    connections: tuple[str, ...]
    idempotency_key: str | None
    message_id: MessageId
    subject: str
    author: str
    size: int
    urgency: int
    state: EntryState
    reason: str
    transmitting: bool
    attempts: int
    accepted: Moment
    due: Moment
    expires: Moment
    finished: Moment | None
    courier: CourierId | None
    on_in_doubt: InDoubtPolicy
    on_partial: PartialPolicy
    recipients: tuple[EntryRecipient, ...]
    sender: str = ""
    attachments: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Everything that is known of an entry."""

    entry: Entry
    attempts: tuple[Attempt, ...]
    events: tuple[Event, ...]
