"""What is asked for statistics, one question after another: the database answers each, whichever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from eilbote.model.moment import Moment
from eilbote.outbox.statistics import Statistics, rank, statistics_of
from eilbote.store import statistics_queries as queries
from eilbote.store.queries import Question
from eilbote.store.values import STATES

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from eilbote.outbox.statistics import Span

    Rows: TypeAlias = Sequence[Mapping[str, object]]
    Asking: TypeAlias = Generator[Question, Rows, Statistics]
    """Gives questions, takes rows, and ends with the statistics."""

_MEDIAN, _P95 = 0.5, 0.95


def asking(span: Span) -> Asking:
    """Ask for everything."""
    counted = cast("Sequence[Mapping[str, int]]", (yield queries.count_slots(span)))
    words = cast("Sequence[Mapping[str, str]]", counted)
    written = cast("Sequence[Mapping[str, int]]", (yield queries.count_authors(span)))
    authors = cast("Sequence[Mapping[str, str]]", written)
    recipients = cast("Sequence[Mapping[str, int]]", (yield queries.count_recipients_within(span)))
    statuses = cast("Sequence[Mapping[str, str]]", recipients)
    backlog = cast("Sequence[Mapping[str, int]]", (yield queries.count_backlog(span.organization)))
    connections = cast("Sequence[Mapping[str, str]]", backlog)
    done = cast("int", (yield queries.count_done(span))[0]["number"])
    median = p95 = None
    if done:
        median = _duration((yield queries.nth_duration(span, rank(done, _MEDIAN))))
        p95 = _duration((yield queries.nth_duration(span, rank(done, _P95))))
    return statistics_of(
        span,
        [
            (row["slot"], word["connection"], STATES[word["state"]], row["number"], int(row["octets"]))
            for row, word in zip(counted, words, strict=True)
        ],
        [
            (word["author"], STATES[word["state"]], row["number"], int(row["octets"]))
            for row, word in zip(written, authors, strict=True)
        ],
        {word["said"]: row["number"] for row, word in zip(recipients, statuses, strict=True)},
        [
            (word["connection"], row["number"], Moment(queries.accepted_at(row["oldest"])))
            for row, word in zip(backlog, connections, strict=True)
        ],
        median,
        p95,
    )


def minutes_of(rows: Rows) -> dict[int, int]:
    """Read how many were accepted in each minute."""
    return {cast("int", row["minute"]): cast("int", row["number"]) for row in rows}


def _duration(rows: Rows) -> int | None:
    """Read how long one took; meanwhile it may have been forgotten."""
    return cast("int", rows[0]["took"]) if rows else None
