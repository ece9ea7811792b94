"""Which runs are listed, what they wait for, and which can be forgotten; the same for both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.run_state import why_failed
from eilbote.model.ids import EntryId
from eilbote.store.context_rows import prune_contexts
from eilbote.store.record_database import count
from eilbote.store.row_groups import places
from eilbote.store.row_values import state_of
from eilbote.store.run_row import COLUMNS, run_row
from eilbote.store.run_rows import RUNS
from eilbote.store.text_rows import FLOW_TEXTS
from eilbote.store.work_rows import holding, within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.author.flow.store import KeptRun, RunFilter
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment
    from eilbote.store.record_database import Statements

_AWAITED: Final = (
    "SELECT entry FROM (SELECT DISTINCT entry FROM flow_run WHERE awaits = 'mail' AND status = 'running' AND entry > $1 "
    "ORDER BY entry LIMIT $2) AS waiting "
    "UNION SELECT entry FROM (SELECT DISTINCT entry FROM flow_late_result WHERE result IS NULL AND entry > $1 "
    "ORDER BY entry LIMIT $2) AS late ORDER BY entry LIMIT $2"
)
_WAKE: Final = "UPDATE flow_run SET due = $1 WHERE awaits = 'mail' AND status = 'running' AND (due IS NULL OR due > $1) AND entry IN "
_STATE: Final = "SELECT state FROM flow_state WHERE run = $1"
_SEARCHED: Final = "id", "flow", "session", "author"
_WAKE_RUNS: Final = "UPDATE flow_run SET due = $1 WHERE awaits = 'answer' AND status = 'running' AND (due IS NULL OR due > $1) AND id IN "


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


_FAILURES: Final[Mapping[bool | None, tuple[str, ...]]] = {
    None: (),
    False: ("failed_nodes = 0",),
    True: ("failed_nodes > 0",),  # as the index says it, so that it is used
}


async def list_runs(
    db: Statements, which: RunFilter, *, limit: int, after: str | None
) -> tuple[KeptRun, ...]:
    """Give runs, the latest first."""
    wanted = {
        "organization": which.organization,
        "flow": which.flow,
        "session": which.session,
        "status": None if which.status is None else which.status.value,
        "awaits": None if which.awaits is None else which.awaits.value,
    }
    narrowed = (*within(which.since, which.before), holding(which.holding, _SEARCHED))
    found = await RUNS.latest(
        db,
        COLUMNS,
        wanted=wanted,
        narrowed=narrowed,
        also=_FAILURES[which.has_failures],
        limit=limit,
        after=after,
    )
    rows = [run_row(row) for row in found]
    errors = await _errors(db, [row.number for row in rows if row.run.status is RunStatus.FAILED])
    return tuple(
        replace(row.run, state={"error": errors[row.number]}) if row.number in errors else row.run
        for row in rows
    )


async def _errors(db: Statements, failed: Sequence[int]) -> dict[int, Data]:
    """Give why runs have failed; states are read one after the other, because each may be large."""
    found: dict[int, Data] = {}
    for number in failed:
        state = state_of(cast("str | None", await db.fetchval(_STATE, number)), [])
        if error := why_failed(state):
            found[number] = error
    return found


async def prune(db: Statements, *, before: Moment, limit: int) -> int:
    """Forget what nobody needs any more; says how many runs that were."""
    gone = await RUNS.forget_ended(db, before=before, limit=limit)
    await prune_contexts(db, before=before, limit=limit)
    await FLOW_TEXTS.prune(db, before=before, limit=limit)
    return gone
