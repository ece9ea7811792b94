"""Entries of the outbox as plain data: the keys are stable, one object a line, what is unknown is ``None``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.cli.times import moment_text
from eilbote.model.ids import entry_id_text
from eilbote.outbox.entry import URGENCY_HIGH, URGENCY_LOW, URGENCY_NORMAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.model.attempt import Attempt, Event
    from eilbote.outbox.entry import Entry, EntryRecipient, History
    from eilbote.outbox.store import OutboxFigures, Pause

PRIORITIES = {URGENCY_HIGH: "high", URGENCY_NORMAL: "normal", URGENCY_LOW: "low"}


def entry_data(entry: Entry) -> dict[str, object]:
    """Give an entry."""
    return {
        "id": entry_id_text(entry.id),
        "idempotency_key": entry.idempotency_key,
        "state": entry.state.value,
        "reason": entry.reason,
        "recipients": [_recipient(recipient) for recipient in entry.recipients],
        "subject": entry.subject,
        "message_id": entry.message_id,
        "connection": entry.connection,
        "connections": list(entry.connections),
        "organization": entry.organization,
        "author": entry.author,
        "priority": PRIORITIES.get(entry.urgency, "normal"),
        "size": entry.size,
        "attempts": entry.attempts,
        "transmitting": entry.transmitting,
        "accepted_at": moment_text(entry.accepted),
        "due_at": moment_text(entry.due),
        "expires_at": moment_text(entry.expires),
        "finished_at": moment_text(entry.finished),
        "on_in_doubt": entry.on_in_doubt.value,
        "on_partial": entry.on_partial.value,
    }


def history_data(history: History) -> dict[str, object]:
    """Give an entry with everything that happened to it."""
    addresses = {number: each.address for number, each in enumerate(history.entry.recipients)}
    return entry_data(history.entry) | {
        "ledger": [_attempt(attempt, addresses) for attempt in history.attempts],
        "events": [_event(event, addresses) for event in history.events],
    }


def figures_data(figures: OutboxFigures, pauses: Sequence[Pause], *, couriers: int) -> dict[str, object]:
    """Give the outbox in numbers."""
    from eilbote.model.status import EntryState, RecipientStatus

    return {
        "entries": {state.value: figures.entries.get(state, 0) for state in EntryState},
        "recipients": {
            "never_tried": figures.recipients.get("", 0),
            **{status.value: figures.recipients.get(status.value, 0) for status in RecipientStatus},
        },
        "ever_in_doubt": figures.in_doubt,
        "unfinished_by_connection": dict(sorted(figures.by_connection.items())),
        "oldest_due_at": moment_text(figures.oldest_due),
        "octets": figures.octets,
        "couriers": couriers,
        "paused": [pause_data(pause) for pause in pauses],
    }


def pause_data(pause: Pause) -> dict[str, object]:
    """Give the rest that a connection takes."""
    return {
        "connection": pause.connection,
        "since": moment_text(pause.since),
        "until": moment_text(pause.until),
        "reason": pause.reason,
        "failures": pause.failures,
    }


def _recipient(recipient: EntryRecipient) -> dict[str, object]:
    return {
        "address": recipient.address,
        "kind": recipient.kind.value,
        "status": None if recipient.status is None else recipient.status.value,
        "attempts": recipient.attempts,
        "in_doubt": recipient.in_doubt,
        "reply_code": recipient.reply_code or None,
        "enhanced_status_code": recipient.enhanced_status_code or None,
        "text": recipient.text or None,
    }


def _attempt(attempt: Attempt, addresses: Mapping[int, str]) -> dict[str, object]:
    return {
        "number": attempt.number,
        "started_at": moment_text(attempt.started),
        "seconds": round(attempt.seconds, 3),
        "courier": attempt.courier,
        "connection": attempt.connection,
        "server": attempt.server or None,
        "tls_version": attempt.tls_version or None,
        "stage": attempt.stage or None,
        "reply": attempt.reply or None,
        "outcomes": [
            {
                "address": addresses.get(outcome.number),
                "status": outcome.status.value,
                "reply_code": outcome.reply_code or None,
                "enhanced_status_code": outcome.enhanced_status_code or None,
                "text": outcome.text or None,
            }
            for outcome in attempt.outcomes
        ],
        "transcript": attempt.transcript.splitlines(),
    }


def _event(event: Event, addresses: Mapping[int, str]) -> dict[str, object]:
    return {
        "kind": event.kind.value,
        "at": moment_text(event.at),
        "recipients": [addresses[number] for number in event.recipients if number in addresses],
        "connection": event.connection or None,
        "text": event.text or None,
    }
