"""What people ask of the outbox, in SQLAlchemy Core: the same for both databases, and never on the hot path.

Each function gives a statement; the store that asks runs it with its own driver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import ColumnElement, Select, delete, exists, func, select

from eilbote.model.status import EntryState
from eilbote.store.schema import attempt, body, entry, entry_blob, event, lane, pause, recipient

Question: TypeAlias = "Select[*tuple[Any, ...]]"
"""A statement that gives rows."""

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Delete

    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.outbox.store import EntryFilter

WAITING = (EntryState.QUEUED.value, EntryState.DEFERRED.value)
_ALL = 2**62
"""As a limit: none. SQLite keeps an order under an aggregate only where there is a limit."""
FINISHED = (EntryState.DONE.value, EntryState.CANCELLED.value)


def entries(
    which: EntryFilter,
    *,
    limit: int,
    after: EntryId | None,
    newest_first: bool,
    fold: Callable[[ColumnElement[str]], ColumnElement[str]],
) -> Question:
    """Ask for a page of entries, each with the connection of its lane.

    Args:
        which: Which.
        limit: How many at most.
        after: The last one of the page before.
        newest_first: In which order.
        fold: Makes letter case not matter; the texts in the filter are folded by the caller.
    """
    conditions = _conditions(which, fold)
    if after is not None:
        conditions.append(entry.c.id < after if newest_first else entry.c.id > after)
    return (
        _entry()
        .where(*conditions)
        .order_by(entry.c.id.desc() if newest_first else entry.c.id.asc())
        .limit(limit)
    )


def one_entry(number: EntryId) -> Question:
    """Ask for one entry, with the connection of its lane."""
    return _entry().where(entry.c.id == number)


def _entry() -> Question:
    shown = [column for column in entry.c if column is not entry.c.digest]
    return select(*shown, lane.c.connection).join_from(entry, lane, entry.c.lane == lane.c.id)


def _conditions(
    which: EntryFilter, fold: Callable[[ColumnElement[str]], ColumnElement[str]]
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if which.states:
        conditions.append(entry.c.state.in_([state.value for state in which.states]))
    if which.ids:
        conditions.append(entry.c.id.in_(which.ids))
    for column, wanted in (
        (lane.c.connection, which.connection),
        (entry.c.organization, which.organization),
        (entry.c.idempotency_key, which.idempotency_key),
        (entry.c.message_id, which.message_id),
    ):
        if wanted is not None:
            conditions.append(column == wanted)
    if which.accepted_from is not None:
        conditions.append(entry.c.accepted >= which.accepted_from)
    if which.accepted_before is not None:
        conditions.append(entry.c.accepted < which.accepted_before)
    if which.subject is not None:
        conditions.append(fold(entry.c.subject).contains(which.subject.casefold(), autoescape=True))
    if which.recipient is not None:
        conditions.append(
            _some_recipient(fold(recipient.c.address).contains(which.recipient.casefold(), autoescape=True))
        )
    if which.in_doubt:
        conditions.append(_some_recipient(recipient.c.in_doubt > 0))
    if which.failed:
        conditions.append(_some_recipient(recipient.c.status == "failed"))
    return conditions


def _some_recipient(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(recipient.c.entry == entry.c.id, condition)


def recipients(numbers: Sequence[int]) -> Question:
    """Ask for the recipients of entries, in the envelope's order."""
    return (
        select(recipient)
        .where(recipient.c.entry.in_(numbers))
        .order_by(recipient.c.entry, recipient.c.number)
        .limit(_ALL)
    )


def attempts(number: EntryId) -> Question:
    """Ask for the attempts at an entry."""
    return select(attempt).where(attempt.c.entry == number).order_by(attempt.c.number).limit(_ALL)


def events_of(number: EntryId) -> Question:
    """Ask what happened to an entry."""
    return select(event).where(event.c.entry == number).order_by(event.c.sequence).limit(_ALL)


def events(*, after: int, limit: int) -> Question:
    """Ask what happened after an event."""
    return select(event).where(event.c.sequence > after).order_by(event.c.sequence).limit(limit)


def frozen(number: EntryId) -> Question:
    """Ask for what is to be sent."""
    return select(body.c.frozen).where(body.c.entry == number)


def pauses() -> Question:
    """Ask for every paused connection."""
    return select(pause).order_by(pause.c.connection).limit(_ALL)


def attempts_since(connection: str, moment: Moment) -> Question:
    """Count the attempts through a connection."""
    return select(func.count()).where(attempt.c.connection == connection, attempt.c.started >= moment)


def blobs_in_use() -> Question:
    """Ask for every blob some entry refers to."""
    return select(entry_blob.c.sha256).distinct()


# -- figures -------------------------------------------------------------------------------------------------


def count_entries() -> Question:
    """Count entries, and the octets of their messages, in each state."""
    return select(entry.c.state, func.count(), func.sum(entry.c.size)).group_by(entry.c.state)


def count_recipients() -> Question:
    """Count recipients of each status, and those that were ever in doubt."""
    doubted = func.count().filter(recipient.c.in_doubt > 0)
    return select(func.coalesce(recipient.c.status, ""), func.count(), doubted).group_by(recipient.c.status)


def count_by_connection() -> Question:
    """Count what is not finished, for each connection."""
    return (
        select(lane.c.connection, func.count())
        .join_from(entry, lane, entry.c.lane == lane.c.id)
        .where(entry.c.state.not_in(FINISHED))
        .group_by(lane.c.connection)
    )


def oldest_due(now: Moment) -> Question:
    """Ask since when the oldest due entry waits."""
    return select(func.min(entry.c.due)).where(entry.c.state.in_(WAITING), entry.c.due <= now)


# -- forgetting ----------------------------------------------------------------------------------------------


def to_prune(*, finished_before: Moment, limit: int) -> Question:
    """Ask which entries can be forgotten, the longest finished first."""
    return (
        select(entry.c.id)
        .where(entry.c.finished.is_not(None), entry.c.finished < finished_before)
        .order_by(entry.c.finished)
        .limit(limit)
    )


def prune(numbers: Sequence[int]) -> list[Delete]:
    """Forget entries with everything about them."""
    parts = (body.c.entry, recipient.c.entry, attempt.c.entry, event.c.entry, entry_blob.c.entry, entry.c.id)
    return [delete(column.table).where(column.in_(numbers)) for column in parts]


def prune_connection_events(*, before: Moment, limit: int) -> Delete:
    """Forget what happened to connections and not to an entry, the oldest first."""
    old = select(event.c.sequence).where(event.c.entry.is_(None), event.c.at < before)
    return delete(event).where(event.c.sequence.in_(old.order_by(event.c.sequence).limit(limit)))
