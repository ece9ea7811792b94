"""What statistics and quotas ask of the outbox, as SQL that both databases understand.

An entry's number begins with the millisecond of its acceptance, so a span of time is a range of the primary key and needs no index of its
own; what waits is found by the index of what is ready.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.model.status import EntryState
from eilbote.outbox.usage import MINUTE
from eilbote.store.queries import WAITING, Question

if TYPE_CHECKING:
    from eilbote.model.moment import Moment
    from eilbote.outbox.statistics import Span
    from eilbote.store.values import Value

_COUNTER_BITS: Final = 20
_LONGEST_TRANSACTION: Final = 60_000
"""Milliseconds."""
_WAITS: Final = "entry.state IN ('queued', 'deferred')"  # as the index says it, so that it is used
assert set(WAITING) == {"queued", "deferred"}  # noqa: S101 - both say the same
_OF_RUNS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/-"
"""Letters of the ids of runs, which stand behind the mark that ends the name of a flow."""
_DONE: Final = EntryState.DONE.value


def first_number(moment: Moment) -> int:
    """Give a number that no entry accepted at a moment or later is below.

    Those that are accepted in one transaction are numbered one after the other from the first one on.
    """
    return max(0, moment - _LONGEST_TRANSACTION) << _COUNTER_BITS


def count_slots(span: Span) -> Question:
    """Count what was accepted, by slot, connection and state."""
    where, values = _within(span)
    return Question(
        "SELECT (entry.accepted - ?) / ? AS slot, lane.connection, entry.state, count(*) AS number, "  # noqa: S608 - from below
        f"sum(entry.size) AS octets FROM entry JOIN lane ON entry.lane = lane.id WHERE {where} GROUP BY 1, 2, 3",
        (span.since, span.slot, *values),
        ("slot", "connection", "state", "number", "octets"),
    )


def count_authors(span: Span) -> Question:
    """Count what was accepted, by author and state; the runs of one flow together, as far as their ids are plain."""
    where, values = _within(span)
    return Question(
        f"SELECT CASE WHEN entry.author LIKE '%#%' THEN rtrim(entry.author, '{_OF_RUNS}') ELSE entry.author END AS author, "  # noqa: S608 - from below
        f"entry.state, count(*) AS number, sum(entry.size) AS octets FROM entry WHERE {where} GROUP BY 1, 2",
        values,
        ("author", "state", "number", "octets"),
    )


def count_recipients_within(span: Span) -> Question:
    """Count the recipients of what was accepted, by status."""
    where, values = _within(span)
    return Question(
        "SELECT coalesce(recipient.status, '') AS said, count(*) AS number FROM entry "  # noqa: S608 - from below
        f"JOIN recipient ON recipient.entry = entry.id WHERE {where} GROUP BY 1",
        values,
        ("said", "number"),
    )


def count_done(span: Span) -> Question:
    """Count what is done of what was accepted."""
    where, values = _within(span)
    return Question(
        f"SELECT count(*) AS number FROM entry WHERE {where} AND entry.state = ?",  # noqa: S608 - from below
        (*values, _DONE),
        ("number",),
    )


def nth_duration(span: Span, number: int) -> Question:
    """Ask how long the one at a place took that is done, the fastest first."""
    where, values = _within(span)
    return Question(
        f"SELECT entry.finished - entry.accepted AS took FROM entry WHERE {where} AND entry.state = ? "  # noqa: S608 - from below
        "ORDER BY 1 LIMIT 1 OFFSET ?",
        (*values, _DONE, number),
        ("took",),
    )


def count_backlog(organization: str | None) -> Question:
    """Count what waits for each connection, and since when the oldest of it was accepted."""
    mine = "" if organization is None else " AND lane.organization = ?"
    return Question(
        "SELECT lane.connection, count(*) AS number, min(entry.id) AS oldest FROM lane "  # noqa: S608 - from above
        f"JOIN entry ON entry.lane = lane.id WHERE {_WAITS}{mine} GROUP BY lane.connection",
        () if organization is None else (organization,),
        ("connection", "number", "oldest"),
    )


def accepted_at(number: int) -> int:
    """Give the millisecond with which an entry's number begins."""
    return number >> _COUNTER_BITS


def count_minutes(organization: str, since: Moment) -> Question:
    """Count what an organization has handed in, by minutes."""
    return Question(
        f"SELECT accepted / {MINUTE} AS minute, count(*) AS number FROM entry "  # noqa: S608 - a number
        "WHERE id >= ? AND accepted >= ? AND organization = ? GROUP BY 1",
        (first_number(since), since, organization),
        ("minute", "number"),
    )


def count_waiting(organization: str) -> Question:
    """Count what waits of an organization."""
    return Question(
        f"SELECT count(*) AS number FROM lane JOIN entry ON entry.lane = lane.id WHERE lane.organization = ? AND {_WAITS}",  # noqa: S608 - from above
        (organization,),
        ("number",),
    )


def _within(span: Span) -> tuple[str, tuple[Value, ...]]:
    where = "entry.id >= ? AND entry.accepted >= ? AND entry.accepted < ?"
    values: tuple[Value, ...] = (first_number(span.since), span.since, span.until)
    if span.organization is not None:
        where, values = f"{where} AND entry.organization = ?", (*values, span.organization)
    if span.connection is not None:
        where += " AND entry.lane IN (SELECT id FROM lane WHERE connection = ?)"
        values = (*values, span.connection)
    if span.author.endswith(":"):
        where += " AND substr(entry.author, 1, ?) = ?"
        values = (*values, len(span.author), span.author)
    elif span.author:
        where += " AND (entry.author = ? OR substr(entry.author, 1, ?) = ?)"
        values = (*values, span.author, len(span.author) + 1, f"{span.author}#")
    return where, values
