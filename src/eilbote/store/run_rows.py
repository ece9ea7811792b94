"""Runs as rows; the same for both databases. Each function is a part of somebody's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.run_state import failed_nodes
from eilbote.store.context_rows import put_values, read_contexts
from eilbote.store.late_rows import (
    arrive,
    arrived,
    forget_given,
    give,
    put_into_context,
    want,
)
from eilbote.store.lease_faults import lease_lost
from eilbote.store.record_database import count
from eilbote.store.row_groups import places
from eilbote.store.run_row import READ, RunRow, run_row
from eilbote.store.text_rows import FLOW_TEXTS
from eilbote.store.work_rows import WorkRows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.author.flow.store import KeptRun, LateResult
    from eilbote.model.moment import Moment
    from eilbote.store.late_rows import Arrived
    from eilbote.store.record_database import Statements

RUNS: Final = WorkRows(
    "flow_run",
    children={"flow_late_result": "run", "flow_state": "run"},
    named="due <= $1 OR awaits = 'release'",
)
_BEGIN: Final = (
    "INSERT INTO flow_run (id, organization, flow, version, digest, session, author, status, awaits, entry, due, began, "
    "changed, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1) ON CONFLICT (id) DO NOTHING"
)
_PUT_STATE: Final = (
    "INSERT INTO flow_state (run, state) VALUES ($1, $2) ON CONFLICT (run) DO UPDATE SET state = $2"
)
_FIND: Final = f"{READ} WHERE id = $1"
_STATES: Final = "SELECT run, state FROM flow_state WHERE run IN "
_TAKEN: Final = f"{READ} WHERE number IN "
_LET_GO: Final = ", worker = NULL, until = NULL"
_KEEP: Final = (
    "UPDATE flow_run SET status = $1, awaits = $2, entry = $3, "
    "due = CASE WHEN cancelled AND $7 THEN CAST($5 AS BIGINT) ELSE CAST($4 AS BIGINT) END, "
    "changed = CAST($5 AS BIGINT), failed_nodes = $9, revision = revision + 1{} WHERE id = $6 AND revision = $8"
)
_KEEP_AND_HOLD: Final = _KEEP.format("")
_KEEP_AND_LET_GO: Final = _KEEP.format(_LET_GO)


async def begin_run(db: Statements, run: KeptRun, state: str) -> KeptRun:
    """Keep a new run, or give the one that has its id."""
    found = await find_run(db, run.id)
    if found is not None:
        return found
    digest = await FLOW_TEXTS.keep(db, run.text, run.began)
    names = run.id, run.organization, run.flow, run.version, digest, run.session, run.author
    stands = run.status.value, run.awaits.value, run.entry, run.due, run.began, run.changed
    if count(await db.execute(_BEGIN, *names, *stands)):
        number = await db.fetchval("SELECT number FROM flow_run WHERE id = $1", run.id)
        await db.execute(_PUT_STATE, number, state)
    found = await find_run(db, run.id)
    if found is None:
        msg = f"run {run.id} was begun and is not there"
        raise RuntimeError(msg)
    return found


async def find_run(db: Statements, run_id: str) -> KeptRun | None:
    """Give a run."""
    rows = [run_row(row) for row in await db.fetch(_FIND, run_id)]
    if not rows:
        return None
    [run] = await whole(db, rows, await arrived(db, [rows[0].number]))
    return run


async def whole(
    db: Statements, rows: Sequence[RunRow], late: Mapping[int, Sequence[Arrived]]
) -> tuple[KeptRun, ...]:
    """Give runs with all that belongs to them."""
    if not rows:
        return ()
    numbers = [row.number for row in rows]
    said = await db.fetch(_STATES + places(len(numbers)), *numbers)
    states = dict(cast("tuple[int, str]", tuple(row)) for row in said)
    texts = await FLOW_TEXTS.read(db, (row.digest for row in rows))
    contexts = await read_contexts(db, (row.session for row in rows))
    return tuple(
        row.whole(
            text=texts.get(row.digest),
            state=states.get(row.number),
            context=contexts[row.session],
            late=late.get(row.number, ()),
        )
        for row in rows
    )


# -- holding --------------------------------------------------------------------------------------------------


async def claim_runs(
    db: Statements,
    worker: str,
    *,
    limit: int,
    now: Moment,
    until: Moment,
    only: Sequence[str] | None,
    skip: str,
) -> tuple[KeptRun, ...]:
    """Take runs; ``skip`` says in the database's words that those others are about to take are to be left to them."""
    numbers = await RUNS.take(db, worker, limit=limit, now=now, until=until, only=only, skip=skip)
    if not numbers:
        return ()
    taken = {row.number: row for row in map(run_row, await db.fetch(_TAKEN + places(len(numbers)), *numbers))}
    rows = [taken[number] for number in numbers]
    late = await arrived(db, numbers)
    for row in rows:
        await put_into_context(db, row.number, row.session, late[row.number], now)
    if any(late.values()):
        await give(db, numbers)
    return await whole(db, rows, late)


async def keep_run(
    db: Statements,
    run: KeptRun,
    *,
    state: str,
    values: Mapping[str, str],
    late: Sequence[LateResult],
    holds: bool,
    now: Moment,
) -> KeptRun:
    """Keep how a run stands.

    Raises:
        LeaseLostError: Somebody else has it; nothing was written.
    """
    is_running = run.status is RunStatus.RUNNING
    holds = holds and is_running
    said = await db.execute(
        _KEEP_AND_HOLD if holds else _KEEP_AND_LET_GO,
        run.status.value,
        run.awaits.value,
        run.entry,
        run.due if is_running else None,
        now,
        run.id,
        is_running,
        run.revision,
        failed_nodes(run.state),
    )
    if not count(said):
        raise lease_lost(f"run {run.id}", run.revision)
    [found] = await db.fetch(_FIND, run.id)
    row = run_row(found)
    beside = (await arrived(db, [row.number]))[row.number]
    if any(each.given for each in beside):
        await forget_given(db, row.number)
        beside = [each for each in beside if not each.given]
    await db.execute(_PUT_STATE, row.number, state)
    await put_values(db, row.session, values, now)
    if not holds:
        await put_into_context(db, row.number, row.session, beside, now)
    await want(db, row.number, late)
    context = (await read_contexts(db, [row.session]))[row.session]
    return row.whole(text=run.text, state=run.state, context=context, late=beside)


async def arrive_late(db: Statements, late: LateResult, result: str, *, now: Moment, lock: str) -> None:
    """Lay a late result beside its run; what belongs into the context is put there at once, if nobody holds the run."""
    rows = [run_row(row) for row in await db.fetch(_FIND + lock, late.run)]
    if not rows or not await arrive(db, late, result):
        return
    [row] = rows
    if await db.fetchval("SELECT worker FROM flow_run WHERE number = $1", row.number) is None:
        beside = (await arrived(db, [row.number]))[row.number]
        await put_into_context(db, row.number, row.session, beside, now)
