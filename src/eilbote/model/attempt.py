"""One attempt at an outbox entry, and what happened to the entry: what the ledger keeps for ever."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.model.ids import CourierId, EntryId
    from eilbote.model.moment import Moment
    from eilbote.model.status import RecipientStatus


class EventKind(StrEnum):
    """What can happen to an entry or a connection; each is told once, to log, metrics and webhooks alike."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    """Refused by a server for good."""
    GAVE_UP = "gave_up"
    """Failed because its time was over, or by its partial policy."""
    IN_DOUBT = "in_doubt"
    HELD = "held"
    RELEASED = "released"
    CANCELLED = "cancelled"
    RETRIED = "retried"
    """Somebody asked for another attempt."""
    RESCUED = "rescued"
    """Taken back from a courier that is gone; nothing had been sent."""
    POISONED = "poisoned"
    """The entry cannot be read; it is held apart."""
    BOUNCED = "bounced"
    """Came back, or was said to be late, after a server had taken it (RFC 3464)."""
    CONNECTION_PAUSED = "connection_paused"
    CONNECTION_RESUMED = "connection_resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one attempt meant for one recipient.

    Attributes:
        number: The recipient's place in the entry, counted from 0.
        status: accepted, deferred, failed or in_doubt.
        reply_code: The decisive reply's code; 0 when the server never said a word on it.
        enhanced_status_code: Such as ``5.1.1``; empty if none.
        text: What the server said, or why it was not asked; secrets struck out.
    """

    number: int
    status: RecipientStatus
    reply_code: int = 0
    enhanced_status_code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt; append-only.

    Attributes:
        number: Counted from 1 within the entry.
        started: When.
        seconds: How long it took.
        courier: Who made it.
        connection: The connection's name.
        server: ``host:port`` of the peer; empty when none was reached.
        tls_version: For instance ``TLSv1.3``; empty without TLS.
        stage: How far it came: dns, connect, tls, greeting, ehlo, auth, mail, rcpt, data, content.
        reply: The reply to the content, or the reason why there is none.
        outcomes: One for each recipient that was part of it.
        transcript: The end of the dialogue, secrets struck out; empty when everybody was accepted.
    """

    number: int
    started: Moment
    seconds: float
    courier: CourierId
    connection: str
    server: str = ""
    tls_version: str = ""
    stage: str = ""
    reply: str = ""
    outcomes: tuple[Outcome, ...] = ()
    transcript: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened.

    Attributes:
        kind: What.
        at: When.
        entry: To which entry; ``None`` when it concerns a connection.
        recipients: Which of its recipients, by number; empty means the entry as a whole.
        connection: Through which connection, if one is concerned.
        organization: On whose behalf.
        text: Why, in one sentence; may be empty.
        sequence: Its place in the feed, given by the store; 0 before it is stored.
    """

    kind: EventKind
    at: Moment
    entry: EntryId | None = None
    recipients: tuple[int, ...] = ()
    connection: str = ""
    organization: str = ""
    text: str = ""
    sequence: int = 0
