"""The outbox in memory, in numbers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from eilbote.model.status import EntryState
from eilbote.outbox.statistics import rank, statistics_of
from eilbote.outbox.store import OutboxFigures, ReadyLane
from eilbote.outbox.usage import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eilbote.model.attempt import Attempt
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.outbox.entry import Lane
    from eilbote.outbox.statistics import Span, Statistics
    from eilbote.store.memory_record import MemoryRecord


def figures_of(records: Iterable[MemoryRecord], now: Moment) -> OutboxFigures:
    """Count what there is."""
    records = list(records)
    recipients = [one for record in records for one in record.recipients]
    return OutboxFigures(
        entries=Counter(record.state for record in records),
        recipients=Counter("" if one.status is None else one.status.value for one in recipients),
        in_doubt=sum(one.in_doubt > 0 for one in recipients),
        by_connection=Counter(record.lane.connection for record in records if record.finished is None),
        oldest_due=min(
            (record.due for record in records if record.is_waiting and record.due <= now), default=None
        ),
        octets=sum(record.new.size for record in records),
    )


def statistics_in(records: Iterable[MemoryRecord], span: Span) -> Statistics:
    """Count what was accepted in a span of time, and what waits."""
    own = [record for record in records if span.organization in {None, record.new.organization}]
    within = [
        record
        for record in own
        if span.since <= record.new.accepted < span.until
        and span.connection in {None, record.lane.connection}
        and _is_of(record.new.author, span.author)
    ]
    waiting: dict[str, list[Moment]] = {}
    for record in own:
        if record.is_waiting:
            waiting.setdefault(record.lane.connection, []).append(record.new.accepted)
    took = sorted(
        record.finished - record.new.accepted
        for record in within
        if record.finished is not None and record.state is EntryState.DONE
    )
    return statistics_of(
        span,
        [
            (
                (record.new.accepted - span.since) // span.slot,
                record.lane.connection,
                record.state,
                1,
                record.new.size,
            )
            for record in within
        ],
        [(record.new.author, record.state, 1, record.new.size) for record in within],
        Counter(
            "" if one.status is None else one.status.value for record in within for one in record.recipients
        ),
        [(connection, len(moments), min(moments)) for connection, moments in waiting.items()],
        took[rank(len(took), 0.5)] if took else None,
        took[rank(len(took), 0.95)] if took else None,
    )


def _is_of(author: str, wanted: str) -> bool:
    if wanted.endswith(":"):
        return author.startswith(wanted)
    return not wanted or author == wanted or author.startswith(f"{wanted}#")


def minutes_in(records: Iterable[MemoryRecord], organization: str, since: Moment) -> Mapping[int, int]:
    """Count what an organization has handed in, by minutes."""
    return Counter(
        record.new.accepted // MINUTE
        for record in records
        if record.new.organization == organization and record.new.accepted >= since
    )


def attempts_in(records: Iterable[MemoryRecord], connection: str, moment: Moment) -> int:
    """Count the attempts through a connection since a moment."""
    return sum(
        attempt.connection == connection and attempt.started >= moment
        for record in records
        for attempt in record.attempts
    )


def newest_attempts_in(records: Iterable[MemoryRecord], connections: Sequence[str]) -> Mapping[str, Attempt]:
    """Give the latest attempt through each connection."""
    wanted = set(connections)
    found: dict[str, tuple[tuple[int, int, int], Attempt]] = {}
    for record in records:
        for attempt in record.attempts:
            place = (attempt.started, record.id, attempt.number)
            name = attempt.connection
            if name in wanted and (name not in found or found[name][0] < place):
                found[name] = place, attempt
    return {name: attempt for name, (_, attempt) in found.items()}


def ready_among(lanes: Mapping[Lane, Mapping[EntryId, MemoryRecord]], now: Moment) -> list[ReadyLane]:
    """Tell the lanes in which something is due."""
    ready: list[ReadyLane] = []
    for lane, waiting in lanes.items():
        due = [record for record in waiting.values() if record.due <= now]
        if due:
            urgency = min(record.new.urgency for record in due)
            ready.append(ReadyLane(lane=lane, urgency=urgency, due=min(record.due for record in due)))
    return ready
