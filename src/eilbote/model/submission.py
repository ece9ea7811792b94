"""Handing a message to the outbox: what may be asked for, and the record of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from eilbote.errors import DraftError
from eilbote.model.draft import Priority

if TYPE_CHECKING:
    from eilbote.errors import EilboteError
    from eilbote.model.ids import EntryId, MessageId
    from eilbote.model.status import EntryState

_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?\Z")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{0,200}\Z")


class InDoubtPolicy(StrEnum):
    """What to do about a recipient of whom nobody knows whether the server took the message."""

    RETRY = "retry"
    """Send it again, the same octets with the same Message-ID, and record that it may arrive twice."""
    PARK = "park"
    """Hold the entry until somebody decides."""


class PartialPolicy(StrEnum):
    """What to do about the other recipients once the server has accepted at least one."""

    RETRY_REST = "retry_rest"
    """Try the deferred ones again, as if they were alone."""
    OK = "ok"
    """Give the others up; one recipient is enough."""
    ERROR = "error"
    """Give the others up, and count the entry among the failures."""


_WORDS: dict[str, type[StrEnum]] = {
    "priority": Priority,
    "on_in_doubt": InDoubtPolicy,
    "on_partial": PartialPolicy,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionOptions:
    """How a message is to be carried, beside what it says.

    Attributes:
        idempotency_key: A name for this message that its author chooses: submitted twice under one name, it is
            accepted once. 1 to 255 printable ASCII characters, no blank at either end.
        connections: Names of connections in the order they are to be tried; the next one is used only while it
            is certain that the message was not taken. Empty: the connection the submitter was made for.
        priority: Which messages of a connection go first; the draft's own when ``None``.
        send_at: Not before this time; aware of its time zone.
        expires_at: Not after this time: what is not accepted by then has failed.
        on_in_doubt: What to do when nobody knows whether the server took it.
        on_partial: What to do about the rest once somebody was accepted.
        organization: On whose behalf; organizations share connections fairly, and keys are theirs alone.

    Raises:
        DraftError: A value cannot be used, with its field.
    """

    idempotency_key: str | None = None
    connections: tuple[str, ...] = ()
    priority: Priority | None = None
    send_at: datetime | None = None
    expires_at: datetime | None = None
    on_in_doubt: InDoubtPolicy = InDoubtPolicy.RETRY
    on_partial: PartialPolicy = PartialPolicy.RETRY_REST
    organization: str = ""

    def __post_init__(self) -> None:
        """Refuse what could not be kept."""
        key: object = self.idempotency_key  # whatever a caller without a type checker wrote
        if key is not None and not (isinstance(key, str) and _KEY.match(key)):
            raise DraftError(
                f"{str(key)[:40]!r} is not a usable key",
                field="idempotency_key",
                remedy="Give 1 to 255 printable ASCII characters without blanks at the ends",
            )
        for name, words in _WORDS.items():
            word: object = getattr(self, name)
            if word.__class__ is not words and (word is not None or name != "priority"):
                raise DraftError(
                    f"{str(word)[:40]!r} is not a word for this",
                    field=name,
                    remedy=f"Give one of {', '.join(f'{words.__name__}.{one.name}' for one in words)}",
                )
        for name in ("send_at", "expires_at"):
            time: object = getattr(self, name)
            if time is not None and not (isinstance(time, datetime) and time.tzinfo is not None):
                raise DraftError(
                    f"{time!r} is not a time with its time zone",
                    field=name,
                    remedy="Give an aware datetime, for instance datetime(2030, 1, 31, 8, 0, tzinfo=UTC)",
                )
        organization: object = self.organization
        if not (isinstance(organization, str) and _NAME.match(organization)):
            raise DraftError(
                f"{str(organization)[:40]!r} is not a usable name",
                field="organization",
                remedy="Give at most 200 characters without control characters",
            )
        connections: object = self.connections
        if not isinstance(connections, tuple) or not all(isinstance(one, str) and one for one in connections):
            raise DraftError(
                f"{connections!r} are not names of connections",
                field="connections",
                remedy='Give a tuple of names, for instance ("office", "backup")',
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The outbox has it: what was accepted is on disk and will be carried.

    Attributes:
        id: The entry.
        message_id: The Message-ID of every attempt, with its angle brackets.
        state: Where the entry stood when this was said; ``queued`` for a new one.
        is_new: Whether this call made the entry; ``False`` when the key had been used for the same message.
        idempotency_key: The key it was submitted under, if any.
    """

    id: EntryId
    message_id: MessageId
    state: EntryState
    is_new: bool
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionResult:
    """What became of one message of many.

    Attributes:
        index: Its place in what was handed in, counted from 0.
        submission: The record of its acceptance; ``None`` when it was refused.
        error: Why it was refused; nothing of it was stored. ``None`` when it was accepted.
    """

    index: int
    submission: Submission | None = None
    error: EilboteError | None = None
