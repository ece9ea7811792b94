"""Which runs are due, what they wait for, and which can be forgotten; the same for both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment
from eilbote.store.context_rows import prune_contexts
from eilbote.store.record_database import count
from eilbote.store.row_groups import places
from eilbote.store.run_row import READ, run_row
from eilbote.store.text_rows import prune_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.flow.store import KeptRun, RunFilter
    from eilbote.store.record_database import Statements

_DUE: Final = "FROM flow_run WHERE status = 'running' AND due IS NOT NULL"
_FREE: Final = f"SELECT due {_DUE} AND (worker IS NULL OR until <= $1) ORDER BY due LIMIT 1"
_HELD: Final = (
    f"SELECT min(CASE WHEN until > due THEN until ELSE due END) {_DUE} AND worker IS NOT NULL AND until > $1"
)
_AWAITED: Final = (
    "SELECT entry FROM (SELECT DISTINCT entry FROM flow_run WHERE awaits = 'mail' AND status = 'running' AND entry > $1 "
    "ORDER BY entry LIMIT $2) AS waiting "
    "UNION SELECT entry FROM (SELECT DISTINCT entry FROM flow_late_result WHERE result IS NULL AND entry > $1 "
    "ORDER BY entry LIMIT $2) AS late ORDER BY entry LIMIT $2"
)
_WAKE: Final = "UPDATE flow_run SET due = $1 WHERE awaits = 'mail' AND status = 'running' AND (due IS NULL OR due > $1) AND entry IN "
_WAKE_RUNS: Final = "UPDATE flow_run SET due = $1 WHERE awaits = 'answer' AND status = 'running' AND (due IS NULL OR due > $1) AND id IN "
_CANCEL: Final = "UPDATE flow_run SET cancelled = true, due = $2 WHERE id = $1 AND status = 'running'"
_OLD: Final = (
    "SELECT number FROM flow_run WHERE status <> 'running' AND changed < $1 ORDER BY changed LIMIT $2"
)


async def next_due(db: Statements, now: Moment) -> Moment | None:
    """Tell when a run is due that nobody holds then: its own time, or the end of a lease."""
    free = cast("int | None", await db.fetchval(_FREE, now))
    held = cast(
        "int | None",
        await (db.fetchval(_HELD, now) if free is None else db.fetchval(f"{_HELD} AND due < $2", now, free)),
    )
    found = [moment for moment in (free, held) if moment is not None]
    return Moment(min(found)) if found else None


async def awaited(db: Statements, *, limit: int, after: EntryId | None) -> tuple[EntryId, ...]:
    """Give messages that runs wait for, or want late results of."""
    rows = await db.fetch(_AWAITED, -1 if after is None else after, limit)
    return tuple(EntryId(cast("int", row[0])) for row in rows)


async def wake(db: Statements, entries: Sequence[EntryId], now: Moment) -> int:
    """Make due what waits for messages."""
    return count(await db.execute(_WAKE + places(len(entries), first=2), now, *entries)) if entries else 0


async def wake_runs(db: Statements, runs: Sequence[str], now: Moment) -> int:
    """Make due what waits for an answer."""
    return count(await db.execute(_WAKE_RUNS + places(len(runs), first=2), now, *runs)) if runs else 0


async def cancel(db: Statements, run_id: str, now: Moment) -> bool:
    """Call a run back."""
    return bool(count(await db.execute(_CANCEL, run_id, now)))


async def list_runs(
    db: Statements, which: RunFilter, *, limit: int, after: str | None
) -> tuple[KeptRun, ...]:
    """Give runs, the latest first."""
    wanted: list[tuple[str, object]] = [
        ("organization", which.organization),
        ("flow", which.flow),
        ("session", which.session),
        ("status", None if which.status is None else which.status.value),
        ("awaits", None if which.awaits is None else which.awaits.value),
    ]
    narrowed = [(column, value) for column, value in wanted if value is not None]
    conditions = [f"{column} = ${place}" for place, (column, _) in enumerate(narrowed, start=2)]
    values = [value for _, value in narrowed]
    if after is not None:
        conditions.append(f"number < (SELECT number FROM flow_run WHERE id = ${len(values) + 2})")  # noqa: S608
        values.append(after)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = await db.fetch(f"{READ}{where} ORDER BY number DESC LIMIT $1", limit, *values)
    return tuple(run_row(row).run for row in rows)


async def prune(db: Statements, *, before: Moment, limit: int) -> int:
    """Forget what nobody needs any more; says how many runs that were."""
    numbers = [row[0] for row in await db.fetch(_OLD, before, limit)]
    if numbers:
        these = places(len(numbers))
        for table, column in (("flow_late_result", "run"), ("flow_state", "run"), ("flow_run", "number")):
            await db.execute(f"DELETE FROM {table} WHERE {column} IN {these}", *numbers)  # noqa: S608 - as above
    await prune_contexts(db, before=before, limit=limit)
    await prune_texts(db, before=before, limit=limit)
    return len(numbers)
