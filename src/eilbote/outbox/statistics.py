"""What was accepted in a span of time, in numbers: how it ended, through which connections, how fast, slot by slot."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

from eilbote.errors import DraftError
from eilbote.model.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eilbote.model.status import EntryState

MOST_SLOTS: Final = 1000
LONGEST_SPAN: Final = 400 * 86_400_000
"""Milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Of what the statistics are.

    Attributes:
        since: Accepted at this moment or later.
        until: Accepted before this moment.
        slot: Milliseconds of a slot; the first one begins at ``since``.
        organization: On whose behalf; ``None`` means all.
        connection: For this connection alone, by its qualified name; ``None`` means all.
        author: Asked for by this author alone, whatever the run: ``flow:invoice``; by all of a kind when it ends with a colon; all
            when empty.

    Raises:
        DraftError: It is empty, too long, or has too many slots.
    """

    since: Moment
    until: Moment
    slot: int
    organization: str | None = None
    connection: str | None = None
    author: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be counted, or only at length."""
        if not self.since < self.until <= self.since + LONGEST_SPAN:
            raise DraftError(
                "this is no span of time",
                field="since",
                remedy="Give a time before the end, at most 400 days",
            )
        if self.slot < 1 or self.slots > MOST_SLOTS:
            raise DraftError(
                "so many slots nobody would look at",
                field="slot",
                remedy=f"Give a length by which there are at most {MOST_SLOTS:,} of them",
            )

    @property
    def slots(self) -> int:
        """How many there are."""
        return -(-(self.until - self.since) // self.slot)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionCount:
    """What was accepted for one connection.

    Attributes:
        connection: Its name.
        entries: How many, by where they stand now.
        octets: Of their messages.
    """

    connection: str
    entries: Mapping[EntryState, int]
    octets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorCount:
    """What was accepted of one author.

    Attributes:
        author: Who asked for it, without the run: ``flow:invoice``, ``cli``; may be empty.
        entries: How many, by where they stand now.
        octets: Of their messages.
    """

    author: str
    entries: Mapping[EntryState, int]
    octets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A part of the span.

    Attributes:
        begins: When.
        entries: How many were accepted in it, by where they stand now.
    """

    begins: Moment
    entries: Mapping[EntryState, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits for a connection now, whenever it was accepted.

    Attributes:
        connection: Its name.
        waiting: How many entries.
        oldest: When the oldest of them was accepted.
    """

    connection: str
    waiting: int
    oldest: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The numbers.

    Attributes:
        entries: How many were accepted in the span, by where they stand now.
        recipients: How many recipients these have, by status; never tried counts as ``""``.
        octets: Of their messages.
        connections: The same for each connection, by name.
        authors: The same for each author, who has most first.
        slots: The same in parts, in order, none left out.
        backlog: What waits, for each connection, by name.
        median_seconds: From the acceptance of those that are done to their end, for one half; ``None`` when none is.
        p95_seconds: The same for 95 of 100.
    """

    entries: Mapping[EntryState, int]
    recipients: Mapping[str, int]
    octets: int
    connections: tuple[ConnectionCount, ...]
    authors: tuple[AuthorCount, ...]
    slots: tuple[Slot, ...]
    backlog: tuple[Backlog, ...]
    median_seconds: float | None
    p95_seconds: float | None


def rank(count: int, share: float) -> int:
    """Tell which of so many values in order, counted from 0, a share of all does not exceed (nearest rank)."""
    return max(0, ceil(count * share) - 1)


def statistics_of(  # noqa: PLR0917 - what the queries give
    span: Span,
    counted: Iterable[tuple[int, str, EntryState, int, int]],
    written: Iterable[tuple[str, EntryState, int, int]],
    recipients: Mapping[str, int],
    backlog: Iterable[tuple[str, int, Moment]],
    median: int | None,
    p95: int | None,
) -> Statistics:
    """Put together what was counted.

    Args:
        span: Of what.
        counted: Slot, connection, state, number, octets.
        written: Author with or without the run, state, number, octets.
        recipients: By status.
        backlog: Connection, number, oldest.
        median: In milliseconds.
        p95: In milliseconds.
    """
    entries: dict[EntryState, int] = {}
    slots: list[dict[EntryState, int]] = [{} for _ in range(span.slots)]
    connections: dict[str, tuple[dict[EntryState, int], int]] = {}
    total = 0
    for number, connection, state, count, octets in counted:
        entries[state] = entries.get(state, 0) + count
        slot = slots[min(max(number, 0), span.slots - 1)]
        slot[state] = slot.get(state, 0) + count
        states, size = connections.get(connection, ({}, 0))
        states[state] = states.get(state, 0) + count
        connections[connection] = states, size + octets
        total += octets
    return Statistics(
        entries=entries,
        recipients=recipients,
        octets=total,
        connections=tuple(
            ConnectionCount(connection=name, entries=states, octets=octets)
            for name, (states, octets) in sorted(connections.items())
        ),
        authors=_authors(written),
        slots=tuple(
            Slot(begins=Moment(span.since + number * span.slot), entries=states)
            for number, states in enumerate(slots)
        ),
        backlog=tuple(
            Backlog(connection=connection, waiting=waiting, oldest=oldest)
            for connection, waiting, oldest in sorted(backlog)
            if span.connection in {None, connection}
        ),
        median_seconds=None if median is None else median / 1000,
        p95_seconds=None if p95 is None else p95 / 1000,
    )


def _authors(written: Iterable[tuple[str, EntryState, int, int]]) -> tuple[AuthorCount, ...]:
    authors: dict[str, tuple[dict[EntryState, int], int]] = {}
    for said, state, count, octets in written:
        author = said.partition("#")[0]
        states, size = authors.get(author, ({}, 0))
        states[state] = states.get(state, 0) + count
        authors[author] = states, size + octets
    return tuple(
        AuthorCount(author=author, entries=states, octets=octets)
        for author, (states, octets) in sorted(
            authors.items(), key=lambda each: (-sum(each[1][0].values()), each[0])
        )
    )
