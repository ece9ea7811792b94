"""Runs as rows; the same for both databases. Each function is a part of somebody's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.author.flow.run import RunStatus
from eilbote.store.context_rows import put_values, read_contexts
from eilbote.store.fair_share import fair_share
from eilbote.store.flow_faults import lease_lost
from eilbote.store.late_rows import (
    arrive,
    arrived,
    forget_given,
    give,
    put_into_context,
    want,
)
from eilbote.store.record_database import count
from eilbote.store.row_groups import places
from eilbote.store.run_row import READ, RunRow, run_row
from eilbote.store.text_rows import keep_text, read_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.author.flow.store import KeptRun, LateResult
    from eilbote.model.moment import Moment
    from eilbote.store.late_rows import Arrived
    from eilbote.store.record_database import Statements

_BEGIN: Final = (
    "INSERT INTO flow_run (id, organization, flow, version, digest, session, author, status, awaits, entry, due, began, "
    "changed, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1) ON CONFLICT (id) DO NOTHING"
)
_PUT_STATE: Final = (
    "INSERT INTO flow_state (run, state) VALUES ($1, $2) ON CONFLICT (run) DO UPDATE SET state = $2"
)
_FIND: Final = f"{READ} WHERE id = $1"
_STATES: Final = "SELECT run, state FROM flow_state WHERE run IN "
_IS_FREE: Final = "status = 'running' AND (worker IS NULL OR until <= $1)"
_DUE: Final = f"SELECT number, organization FROM flow_run WHERE {_IS_FREE} AND due <= $1"  # noqa: S608 - our own
_NAMED: Final = (
    f"SELECT number, organization FROM flow_run WHERE {_IS_FREE} AND (due <= $1 OR awaits = 'release')"  # noqa: S608
)
_IN_TURN: Final = " ORDER BY due, number LIMIT $2"
_LOCK: Final = f"SELECT number FROM flow_run WHERE {_IS_FREE} AND number IN "  # noqa: S608 - as above
_TAKE: Final = "UPDATE flow_run SET worker = $1, until = $2, revision = revision + 1 WHERE number IN "
_LOOKED_AT: Final = 1000
"""How many of those that wait are looked at, so that organizations take turns."""
_TAKEN: Final = f"{READ} WHERE number IN "
_PROLONG: Final = "UPDATE flow_run SET until = $2 WHERE worker = $1 AND id IN "
_HELD: Final = "SELECT id FROM flow_run WHERE worker = $1 AND id IN "
_LET_GO: Final = ", worker = NULL, until = NULL"
_KEEP: Final = (
    "UPDATE flow_run SET status = $1, awaits = $2, entry = $3, "
    "due = CASE WHEN cancelled AND $7 THEN CAST($5 AS BIGINT) ELSE CAST($4 AS BIGINT) END, "
    "changed = CAST($5 AS BIGINT), revision = revision + 1{} WHERE id = $6 AND revision = $8"
)
_KEEP_AND_HOLD: Final = _KEEP.format("")
_KEEP_AND_LET_GO: Final = _KEEP.format(_LET_GO)


async def begin_run(db: Statements, run: KeptRun, state: str) -> KeptRun:
    """Keep a new run, or give the one that has its id."""
    found = await find_run(db, run.id)
    if found is not None:
        return found
    digest = await keep_text(db, run.text, run.began)
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
    texts = await read_texts(db, (row.digest for row in rows))
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
    waiting: list[tuple[int, str]] = await _waiting(db, limit, now, only)
    numbers: list[int] = []
    while waiting and len(numbers) < limit:
        chosen = fair_share(waiting, limit - len(numbers))
        locked = await db.fetch(_LOCK + places(len(chosen), first=2) + skip, now, *chosen)
        free = {row[0] for row in locked}
        numbers += [number for number in chosen if number in free]
        gone = set(chosen)
        waiting = [(number, whose) for number, whose in waiting if number not in gone]
    if not numbers:
        return ()
    await db.execute(_TAKE + places(len(numbers), first=3), worker, until, *numbers)
    taken = {row.number: row for row in map(run_row, await db.fetch(_TAKEN + places(len(numbers)), *numbers))}
    rows = [taken[number] for number in numbers]
    late = await arrived(db, numbers)
    for row in rows:
        await put_into_context(db, row.number, row.session, late[row.number], now)
    if any(late.values()):
        await give(db, numbers)
    return await whole(db, rows, late)


async def _waiting(
    db: Statements, limit: int, now: Moment, only: Sequence[str] | None
) -> list[tuple[int, str]]:
    """Give runs that can be taken, the longest waiting first, each with its organization."""
    if only is not None:
        named = f"{_NAMED} AND id IN {places(len(only), first=3)}"
        return _pairs(await db.fetch(named + _IN_TURN, now, len(only), *only))
    most = max(limit, _LOOKED_AT)
    found = _pairs(await db.fetch(_DUE + _IN_TURN, now, most))
    if len(found) == most:  # those of one organization may hide the others
        known = sorted({whose for _, whose in found})
        others = f"{_DUE} AND organization NOT IN {places(len(known), first=3)}"
        found += _pairs(await db.fetch(others + _IN_TURN, now, limit, *known))
    return found


def _pairs(rows: Sequence[Sequence[object]]) -> list[tuple[int, str]]:
    return [cast("tuple[int, str]", tuple(row)) for row in rows]


async def prolong_runs(db: Statements, worker: str, runs: Sequence[str], until: Moment) -> tuple[str, ...]:
    """Hold runs longer; gives those that are still held."""
    if not runs:
        return ()
    await db.execute(_PROLONG + places(len(runs), first=3), worker, until, *runs)
    held = {row[0] for row in await db.fetch(_HELD + places(len(runs), first=2), worker, *runs)}
    return tuple(name for name in dict.fromkeys(runs) if name in held)


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
    )
    if not count(said):
        raise lease_lost(run)
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
