"""From the nouns of the outbox to the rows of its tables; the same for both databases.

The hot path writes tuples in the order of its named SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.model.status import RecipientStatus
from eilbote.store.values import TEXTS, Row, names_text, numbers_text, outcomes_text, storable

if TYPE_CHECKING:
    from eilbote.model.attempt import Attempt, Event, Outcome
    from eilbote.outbox.entry import NewEntry


def entry_row(entry: NewEntry, number: int, lane: int) -> Row:
    """Write a new entry, in the order of ``accept_entry.sql``."""
    return (
        number,
        lane,
        entry.urgency,
        entry.due,
        entry.accepted,
        entry.expires,
        entry.organization,
        entry.idempotency_key,
        entry.digest,
        entry.message_id,
        storable(entry.subject),
        entry.author,
        entry.size,
        names_text(entry.connections),
        TEXTS[entry.on_in_doubt],
        TEXTS[entry.on_partial],
        storable(entry.sender),
        entry.attachments,
    )


def event_row(event: Event) -> Row:
    """Write an event, in the order of ``event.sql``."""
    return (
        TEXTS[event.kind],
        event.at,
        event.entry,
        numbers_text(event.recipients),
        event.connection,
        event.organization,
        storable(event.text),
    )


def attempt_row(entry: int, attempt: Attempt) -> Row:
    """Write an attempt, in the order of ``settle_attempt.sql``."""
    return (
        entry,
        attempt.number,
        attempt.started,
        attempt.seconds,
        attempt.courier,
        attempt.connection,
        attempt.server,
        attempt.tls_version,
        attempt.stage,
        storable(attempt.reply),
        outcomes_text(attempt.outcomes),
        storable(attempt.transcript),
    )


def outcome_row(entry: int, outcome: Outcome) -> Row:
    """Write what an attempt meant for a recipient, in the order of ``settle_recipient.sql``."""
    return (
        entry,
        outcome.number,
        TEXTS[outcome.status],
        1 if outcome.status is RecipientStatus.IN_DOUBT else 0,
        outcome.reply_code,
        outcome.enhanced_status_code,
        storable(outcome.text),
    )
