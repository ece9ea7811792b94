"""What people ask of the outbox, as SQL that both databases understand; never on the hot path.

Each function gives a statement; the store that asks runs it with its own driver. It is written by hand and not with
SQLAlchemy, whose import takes longer than everything else that ``eilbote outbox show`` does; a test compares its columns with
the schema.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.model.status import EntryState
from eilbote.store.condition_sql import condition_sql, contains, some_recipient

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.outbox.store import EntryFilter
    from eilbote.store.values import Value

WAITING: Final = (EntryState.QUEUED.value, EntryState.DEFERRED.value)
FINISHED: Final = (EntryState.DONE.value, EntryState.CANCELLED.value)

ENTRY: Final = (
    "id", "lane", "state", "urgency", "due", "epoch", "transmitting", "courier", "attempts", "others_accepted",
    "accepted", "expires", "finished", "organization", "idempotency_key", "message_id", "subject", "author", "size",
    "connections", "on_in_doubt", "on_partial", "reason", "sender", "attachments",
)  # fmt: skip
"""What is shown of an entry: all columns but the digest."""
RECIPIENT: Final = (
    "entry", "number", "address", "kind", "status", "attempts", "in_doubt", "reply_code", "enhanced_status_code", "text",
)  # fmt: skip
ATTEMPT: Final = (
    "entry", "number", "started", "seconds", "courier", "connection", "server", "tls_version", "stage", "reply",
    "outcomes", "transcript",
)  # fmt: skip
EVENT: Final = ("sequence", "kind", "at", "entry", "recipients", "connection", "organization", "text")
PAUSE: Final = ("connection", "since", "until", "reason", "failures")

_ALL: Final = 2**62
"""As a limit: none. SQLite keeps an order under an aggregate only where there is a limit."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Something to be done with the database.

    Attributes:
        text: SQL, with a ``?`` for each value and nowhere else.
        values: What stands in place of these.
    """

    text: str
    values: tuple[Value, ...] = ()

    def numbered(self) -> str:
        """Give the SQL as PostgreSQL wants it, with ``$1``, ``$2`` and so on in place of ``?``."""
        first, *others = self.text.split("?")
        return first + "".join([f"${number}{part}" for number, part in enumerate(others, 1)])


@dataclass(frozen=True, slots=True)
class Question(Statement):
    """A statement that gives rows.

    Attributes:
        names: Of their columns.
    """

    names: tuple[str, ...] = ()


def _question(names: Sequence[str], rest: str, *values: Value, table: str = "") -> Question:
    """Ask for columns, of one of several tables if need be."""
    columns = ", ".join([f"{table}.{name}" if table else name for name in names])
    return Question(f"SELECT {columns} {rest}", values, tuple(names))


def _places(values: Sequence[object]) -> str:
    """Give the places of values in a list, which is never empty: NULL is nobody."""
    return ", ".join("?" * len(values)) or "NULL"


# -- entries -------------------------------------------------------------------------------------------------

_SHOWN: Final = ", ".join([f"entry.{name}" for name in ENTRY])
_ENTRY: Final = f"SELECT {_SHOWN}, lane.connection FROM entry JOIN lane ON entry.lane = lane.id"  # noqa: S608 - names


def entries(
    which: EntryFilter,
    *,
    limit: int,
    after: EntryId | None,
    newest_first: bool,
    fold: Callable[[str], str],
) -> Question:
    """Ask for a page of entries, each with the connection of its lane.

    Args:
        which: Which.
        limit: How many at most.
        after: The last one of the page before.
        newest_first: In which order.
        fold: Gives the SQL that makes letter case not matter in a column; the texts in the filter are folded by the caller.
    """
    conditions = _conditions(which, fold)
    if after is not None:
        conditions.append((f"entry.id {'<' if newest_first else '>'} ?", (after,)))
    where = " AND ".join([text for text, _ in conditions])
    return Question(
        f"{_ENTRY}{' WHERE ' if where else ''}{where} ORDER BY entry.id {'DESC' if newest_first else 'ASC'} LIMIT ?",
        (*(value for _, values in conditions for value in values), limit),
        (*ENTRY, "connection"),
    )


def count_entries_like(which: EntryFilter, *, at_most: int, fold: Callable[[str], str]) -> Question:
    """Count entries, and stop at a number: beyond it nothing is looked at.

    Args:
        which: Which.
        at_most: Where counting ends.
        fold: As for :func:`entries`.
    """
    conditions = _conditions(which, fold)
    where = " AND ".join([text for text, _ in conditions])
    lanes = " JOIN lane ON entry.lane = lane.id" if "lane." in where else ""
    return Question(
        f"SELECT count(*) AS number FROM (SELECT 1 FROM entry{lanes}{' WHERE ' if where else ''}{where} LIMIT ?) AS counted",  # noqa: S608 - from above
        (*(value for _, values in conditions for value in values), at_most),
        ("number",),
    )


def one_entry(number: EntryId) -> Question:
    """Ask for one entry, with the connection of its lane."""
    return Question(f"{_ENTRY} WHERE entry.id = ?", (number,), (*ENTRY, "connection"))


def _conditions(which: EntryFilter, fold: Callable[[str], str]) -> list[tuple[str, tuple[Value, ...]]]:
    """Give conditions that must all hold, each with its values."""
    conditions: list[tuple[str, tuple[Value, ...]]] = []
    if which.states:
        states = tuple([state.value for state in which.states])
        conditions.append((f"entry.state IN ({_places(states)})", states))
    if which.ids:
        conditions.append((f"entry.id IN ({_places(which.ids)})", which.ids))
    for condition, wanted in (
        ("lane.connection = ?", which.connection),
        ("entry.organization = ?", which.organization),
        ("entry.idempotency_key = ?", which.idempotency_key),
        ("entry.message_id = ?", which.message_id),
        ("entry.accepted >= ?", which.accepted_from),
        ("entry.accepted < ?", which.accepted_before),
    ):
        if wanted is not None:
            conditions.append((condition, (wanted,)))
    if which.subject is not None:
        conditions.append(contains(fold("entry.subject"), which.subject))
    if which.recipient is not None:
        condition, values = contains(fold("recipient.address"), which.recipient)
        conditions.append((some_recipient(condition), values))
    conditions += [condition_sql(each, fold) for each in which.conditions]
    if which.in_doubt:
        conditions.append((some_recipient("recipient.in_doubt > 0"), ()))
    if which.failed:
        conditions.append((some_recipient("recipient.status = 'failed'"), ()))
    return conditions


def recipients(numbers: Sequence[int]) -> Question:
    """Ask for the recipients of entries, in the envelope's order."""
    wanted = _places(numbers)
    return _question(
        RECIPIENT, f"FROM recipient WHERE entry IN ({wanted}) ORDER BY entry, number LIMIT {_ALL}", *numbers
    )


def attempts(number: EntryId) -> Question:
    """Ask for the attempts at an entry."""
    return _question(ATTEMPT, f"FROM attempt WHERE entry = ? ORDER BY number LIMIT {_ALL}", number)


def events_of(number: EntryId) -> Question:
    """Ask what happened to an entry."""
    return _question(EVENT, f"FROM event WHERE entry = ? ORDER BY sequence LIMIT {_ALL}", number)


def events(*, after: int, limit: int) -> Question:
    """Ask what happened after an event."""
    return _question(EVENT, "FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?", after, limit)


def newest_event() -> Question:
    """Ask for the number of the last event."""
    return Question("SELECT coalesce(max(sequence), 0) AS newest FROM event", (), ("newest",))


def frozen(number: EntryId) -> Question:
    """Ask for what is to be sent."""
    return _question(("frozen",), "FROM body WHERE entry = ?", number)


def pauses() -> Question:
    """Ask for every paused connection."""
    return _question(PAUSE, f"FROM pause ORDER BY connection LIMIT {_ALL}")


def attempts_since(connection: str, moment: Moment) -> Question:
    """Count the attempts through a connection."""
    return Question(
        "SELECT count(*) AS number FROM attempt WHERE connection = ? AND started >= ?",
        (connection, moment),
        ("number",),
    )


def newest_attempt(connection: str) -> Question:
    """Ask for the latest attempt through a connection."""
    return _question(
        ATTEMPT,
        "FROM attempt WHERE connection = ? ORDER BY started DESC, entry DESC, number DESC LIMIT 1",
        connection,
    )


def blobs_in_use() -> Question:
    """Ask for every blob some entry refers to."""
    return Question("SELECT DISTINCT sha256 FROM entry_blob", (), ("sha256",))


# -- figures -------------------------------------------------------------------------------------------------


def count_entries() -> Question:
    """Count entries, and the octets of their messages, in each state."""
    return Question(
        "SELECT state, count(*) AS number, sum(size) AS octets FROM entry GROUP BY state",
        (),
        ("state", "number", "octets"),
    )


def count_recipients() -> Question:
    """Count recipients of each status, and those that were ever in doubt."""
    return Question(
        "SELECT coalesce(status, '') AS said, count(*) AS number, count(*) FILTER (WHERE in_doubt > 0) AS doubted "
        "FROM recipient GROUP BY status",
        (),
        ("said", "number", "doubted"),
    )


def count_by_connection() -> Question:
    """Count what is not finished, for each connection."""
    return Question(
        "SELECT lane.connection, count(*) AS number FROM entry JOIN lane ON entry.lane = lane.id "  # noqa: S608 - places
        f"WHERE entry.state NOT IN ({_places(FINISHED)}) GROUP BY lane.connection",
        FINISHED,
        ("connection", "number"),
    )


def oldest_due(now: Moment) -> Question:
    """Ask since when the oldest due entry waits."""
    return Question(
        f"SELECT min(due) AS due FROM entry WHERE state IN ({_places(WAITING)}) AND due <= ?",  # noqa: S608 - places
        (*WAITING, now),
        ("due",),
    )


# -- forgetting ----------------------------------------------------------------------------------------------

_PARTS: Final = ("body", "recipient", "attempt", "event", "entry_blob")


def to_prune(*, finished_before: Moment, limit: int) -> Question:
    """Ask which entries can be forgotten, the longest finished first."""
    return _question(
        ("id",),
        "FROM entry WHERE finished IS NOT NULL AND finished < ? ORDER BY finished LIMIT ?",
        finished_before,
        limit,
    )


def prune(numbers: Sequence[int]) -> list[Statement]:
    """Forget entries with everything about them."""
    which, values = f"IN ({_places(numbers)})", tuple(numbers)
    parts = [Statement(f"DELETE FROM {table} WHERE entry {which}", values) for table in _PARTS]  # noqa: S608 - names
    return [*parts, Statement(f"DELETE FROM entry WHERE id {which}", values)]  # noqa: S608 - places


def prune_connection_events(*, before: Moment, limit: int) -> Statement:
    """Forget what happened to connections and not to an entry, the oldest first."""
    return Statement(
        "DELETE FROM event WHERE sequence IN "
        "(SELECT sequence FROM event WHERE entry IS NULL AND at < ? ORDER BY sequence LIMIT ?)",
        (before, limit),
    )
