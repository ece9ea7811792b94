"""The words for what became of a recipient, and the enhanced status code."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class RecipientStatus(StrEnum):
    """What became of one recipient in one attempt."""

    ACCEPTED = "accepted"
    """The next hop took responsibility (RFC 5321 §6.1)."""
    DEFERRED = "deferred"
    """Refused for now, or never asked; worth another attempt."""
    FAILED = "failed"
    """Refused for good."""
    IN_DOUBT = "in_doubt"
    """The session was lost after the content and before the server's word (RFC 1047)."""


class RecipientKind(StrEnum):
    """Which address field named the recipient."""

    TO = "to"
    CC = "cc"
    BCC = "bcc"
    ENVELOPE = "envelope"
    """Named by an explicit envelope only."""


class EnhancedStatusCode(NamedTuple):
    """class.subject.detail (RFC 3463)."""

    klass: int
    subject: int
    detail: int

    def __str__(self) -> str:
        """Write it as RFC 3463 does, for instance ``5.7.8``."""
        return f"{self.klass}.{self.subject}.{self.detail}"


def reply_words(code: int, enhanced: EnhancedStatusCode | str | None, text: str) -> str:
    """Write a reply as one line, the codes first; what is not known is left out.

    Most servers begin their text with the enhanced status code (RFC 2034 §4); it is not said twice.
    """
    second = "" if enhanced is None else str(enhanced)
    if second and (text == second or text.startswith(f"{second} ")):
        second = ""
    return " ".join(word for word in (str(code) if code else "", second, text) if word)


class EntryState(StrEnum):
    """Where an outbox entry stands; :mod:`eilbote.outbox.lifecycle` says how it gets from one to another."""

    QUEUED = "queued"
    """Accepted, never tried; waits for its turn or its time."""
    ACTIVE = "active"
    """Claimed by a courier."""
    DEFERRED = "deferred"
    """Tried; waits for the next attempt."""
    HELD = "held"
    """Stands still until somebody releases or cancels it."""
    DONE = "done"
    """Nothing is left to do: each recipient was accepted or has failed."""
    CANCELLED = "cancelled"
    """Called back by somebody before it was on its way."""
