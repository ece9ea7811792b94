"""Statistics: what was accepted in a span of time, how it ended and how fast, and what waits now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.v1.connection.connection_views import qualified_for
from eilbote.api.v1.mail.message_input import Time
from eilbote.connections.repository import qualified_name
from eilbote.errors import ConnectionNotFoundError
from eilbote.model.moment import as_datetime, moment_of
from eilbote.model.status import EntryState
from eilbote.outbox.statistics import Backlog

router = APIRouter(prefix="/statistics", tags=["Statistics"])

_MOST_AUTHORS: Final = 200
Counting = Annotated[Acting, Depends(needs(Permission.STATISTICS_READ, lists=True))]


class StateCounts(BaseModel):
    """How many messages stand where."""

    queued: int = 0
    active: int = 0
    deferred: int = 0
    held: int = 0
    done: int = 0
    cancelled: int = 0
    total: int


class RecipientCounts(BaseModel):
    """What became of recipients."""

    untried: int = 0
    accepted: int = 0
    deferred: int = 0
    failed: int = 0
    in_doubt: int = 0


class ConnectionStatistics(BaseModel):
    """What was accepted for one connection."""

    connection: str
    messages: StateCounts
    octets: int


class AuthorStatistics(BaseModel):
    """What was accepted of one author."""

    author: str = Field(
        description="A flow, a process, or another way in, whatever the run; empty when nobody said",
        examples=["flow:invoice"],
    )
    messages: StateCounts
    octets: int


class SlotStatistics(BaseModel):
    """What was accepted in a part of the span."""

    begins: datetime
    messages: StateCounts


class BacklogShape(BaseModel):
    """What waits for a connection now, whenever it was accepted."""

    connection: str
    waiting: int
    oldest: datetime = Field(description="When the oldest was accepted")
    oldest_seconds: float = Field(description="How long ago that is")


class StatisticsShape(BaseModel):
    """The numbers of a span of time."""

    since: datetime
    until: datetime
    slot_seconds: float = Field(description="How long each slot is")
    messages: StateCounts = Field(description="Accepted in the span, by where they stand now")
    recipients: RecipientCounts = Field(description="Of these messages")
    octets: int
    median_seconds: float | None = Field(
        description="From acceptance until nothing was left to do, for one half of those that are done; null when none is"
    )
    p95_seconds: float | None = Field(description="The same for 95 of 100")
    connections: list[ConnectionStatistics] = Field(description="In the order of their names")
    authors: list[AuthorStatistics] = Field(description="Who has most first; two hundred at most")
    authors_left_out: int = Field(default=0, description="How many more there are")
    slots: list[SlotStatistics] = Field(description="In order, none left out")
    backlog: list[BacklogShape] = Field(description="What waits now, in the order of the connections' names")
    waiting: int = Field(description="How many wait now in all")
    oldest_seconds: float = Field(description="How long the oldest of them has waited; 0 when nothing waits")


@router.get("", summary="Show statistics", operation_id="get_statistics")
async def get_statistics(
    acting: Counting,
    *,
    since: Annotated[Time | None, Query(description="A day before the end when left out")] = None,
    until: Annotated[Time | None, Query(description="Now when left out")] = None,
    slots: Annotated[int, Query(ge=1, le=500, description="About how many parts the span has")] = 48,
    connection: Annotated[
        str | None, Query(max_length=130, description="For this connection alone", examples=["office"])
    ] = None,
    author: Annotated[
        str,
        Query(
            max_length=300,
            description="Of this author alone, whatever the run; of all of a kind when it ends with a colon",
            examples=["flow:invoice", "process:"],
        ),
    ] = "",
) -> StatisticsShape:
    """Count what was accepted in a span of time, by connection, by author and in parts of it, and what waits.

    The numbers may be of one connection or one author alone; what waits is told of all authors. What it costs depends on the span and on what waits.
    """
    span, found = await acting.eilbote.statistics.of(
        since=since,
        until=until,
        slots=slots,
        organization=acting.which,
        connection=None if connection is None else await _counted_for(acting, connection),
        author=author,
    )
    now = moment_of(acting.eilbote.clock.now())
    backlog = [_backlog(each, now) for each in found.backlog]
    return StatisticsShape(
        since=as_datetime(span.since),
        until=as_datetime(span.until),
        slot_seconds=span.slot / 1000,
        messages=_counts(found.entries),
        recipients=RecipientCounts(
            untried=found.recipients.get("", 0),
            accepted=found.recipients.get("accepted", 0),
            deferred=found.recipients.get("deferred", 0),
            failed=found.recipients.get("failed", 0),
            in_doubt=found.recipients.get("in_doubt", 0),
        ),
        octets=found.octets,
        median_seconds=found.median_seconds,
        p95_seconds=found.p95_seconds,
        connections=[
            ConnectionStatistics(
                connection=each.connection, messages=_counts(each.entries), octets=each.octets
            )
            for each in found.connections
        ],
        authors=[
            AuthorStatistics(author=each.author, messages=_counts(each.entries), octets=each.octets)
            for each in found.authors[:_MOST_AUTHORS]
        ],
        authors_left_out=max(0, len(found.authors) - _MOST_AUTHORS),
        slots=[
            SlotStatistics(begins=as_datetime(each.begins), messages=_counts(each.entries))
            for each in found.slots
        ],
        backlog=backlog,
        waiting=sum(each.waiting for each in backlog),
        oldest_seconds=max((each.oldest_seconds for each in backlog), default=0.0),
    )


async def _counted_for(acting: Acting, name: str) -> str:
    """Give the qualified name of a connection; one that is gone has numbers all the same."""
    if acting.is_everybody or "/" in name:
        return name
    try:
        return await qualified_for(acting, name)
    except ConnectionNotFoundError:
        return qualified_name(acting.organization, name)


def _counts(entries: Mapping[EntryState, int]) -> StateCounts:
    return StateCounts(
        total=sum(entries.values()), **{state.value: number for state, number in entries.items()}
    )


def _backlog(backlog: Backlog, now: int) -> BacklogShape:
    return BacklogShape(
        connection=backlog.connection,
        waiting=backlog.waiting,
        oldest=as_datetime(backlog.oldest),
        oldest_seconds=max(0.0, (now - backlog.oldest) / 1000),
    )
