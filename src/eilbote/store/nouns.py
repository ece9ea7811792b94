"""From the rows of the outbox's tables to what people look at; the same for both databases.

It is read as far as it goes: a single bad row must not hide all others. What is read for an attempt is read strictly, see
:mod:`eilbote.store.claims`. Each takes columns by their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from eilbote.model.attempt import Attempt, Event
from eilbote.model.ids import CourierId, EntryId, MessageId, no_such_entry
from eilbote.model.moment import Moment
from eilbote.outbox.entry import Entry, EntryRecipient
from eilbote.outbox.store import Pause
from eilbote.store.values import (
    EVENTS,
    IN_DOUBT_POLICIES,
    KINDS,
    PARTIAL_POLICIES,
    STATES,
    STATUSES,
    read_numbers,
    read_outcomes,
    shown_names,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eilbote.model.status import EntryState
    from eilbote.model.submission import InDoubtPolicy

_T = TypeVar("_T")


def found(thing: _T | None, entry: EntryId) -> _T:
    """Give back what was read of an entry.

    Raises:
        EntryNotFoundError: There is no such entry.
    """
    if thing is None:
        raise no_such_entry(entry)
    return thing


def read_in_doubt_policy(stored: str) -> InDoubtPolicy:
    """Read a policy where there is no claim that could be refused; one that is unknown is read as the careful one."""
    return IN_DOUBT_POLICIES[stored]


def read_entry(row: Mapping[str, object], recipients: Sequence[Mapping[str, object]]) -> Entry:
    """Read an entry and its recipients, by the names of their columns."""
    one = cast("Mapping[str, str]", row)
    many = cast("Mapping[str, int]", row)
    finished, courier = row["finished"], row["courier"]
    return Entry(
        id=EntryId(many["id"]),
        organization=one["organization"],
        connection=one["connection"],
        connections=shown_names(one["connections"]),
        idempotency_key=one["idempotency_key"],
        message_id=MessageId(one["message_id"]),
        subject=one["subject"],
        author=one["author"],
        size=many["size"],
        urgency=many["urgency"],
        state=STATES[one["state"]],
        reason=one["reason"],
        transmitting=bool(row["transmitting"]),
        attempts=many["attempts"],
        accepted=Moment(many["accepted"]),
        due=Moment(many["due"]),
        expires=Moment(many["expires"]),
        finished=None if finished is None else Moment(many["finished"]),
        courier=None if courier is None else CourierId(one["courier"]),
        on_in_doubt=IN_DOUBT_POLICIES[one["on_in_doubt"]],
        on_partial=PARTIAL_POLICIES[one["on_partial"]],
        recipients=tuple(_read_recipient(recipient) for recipient in recipients),
        sender=one["sender"],
        attachments=many["attachments"],
    )


def _read_recipient(row: Mapping[str, object]) -> EntryRecipient:
    one = cast("Mapping[str, str]", row)
    many = cast("Mapping[str, int]", row)
    return EntryRecipient(
        address=one["address"],
        kind=KINDS[one["kind"]],
        status=None if row["status"] is None else STATUSES[one["status"]],
        attempts=many["attempts"],
        in_doubt=many["in_doubt"],
        reply_code=many["reply_code"],
        enhanced_status_code=one["enhanced_status_code"],
        text=one["text"],
    )


def read_attempt(row: Mapping[str, object]) -> Attempt:
    """Read an attempt, by the names of its columns."""
    one = cast("Mapping[str, str]", row)
    many = cast("Mapping[str, int]", row)
    return Attempt(
        number=many["number"],
        started=Moment(many["started"]),
        seconds=cast("float", row["seconds"]),
        courier=CourierId(one["courier"]),
        connection=one["connection"],
        server=one["server"],
        tls_version=one["tls_version"],
        stage=one["stage"],
        reply=one["reply"],
        outcomes=read_outcomes(one["outcomes"]),
        transcript=one["transcript"],
    )


def read_event(row: Mapping[str, object]) -> Event:
    """Read an event, by the names of its columns."""
    one = cast("Mapping[str, str]", row)
    many = cast("Mapping[str, int]", row)
    return Event(
        kind=EVENTS[one["kind"]],
        at=Moment(many["at"]),
        entry=None if row["entry"] is None else EntryId(many["entry"]),
        recipients=read_numbers(one["recipients"]),
        connection=one["connection"],
        organization=one["organization"],
        text=one["text"],
        sequence=many["sequence"],
    )


def read_pause(row: Mapping[str, object]) -> Pause:
    """Read a pause, by the names of its columns."""
    one = cast("Mapping[str, str]", row)
    many = cast("Mapping[str, int]", row)
    return Pause(
        connection=one["connection"],
        since=Moment(many["since"]),
        until=Moment(many["until"]),
        reason=one["reason"],
        failures=many["failures"],
    )


def count_states(rows: Iterable[tuple[str, int]]) -> dict[EntryState, int]:
    """Add up how many entries stand in each state; what nobody knows counts as it is shown."""
    counts: dict[EntryState, int] = {}
    for state, count in rows:
        counts[STATES[state]] = counts.get(STATES[state], 0) + count
    return counts
