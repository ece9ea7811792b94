"""Process instances as rows; the same for both databases. Each function is a part of somebody's transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.process.instance import InstanceStatus
from eilbote.store.lease_faults import lease_lost
from eilbote.store.process_row import COLUMNS, instance_row
from eilbote.store.process_trigger_rows import left, take_in
from eilbote.store.process_wait_rows import read_waits, replace_waits
from eilbote.store.record_database import count
from eilbote.store.row_groups import places
from eilbote.store.text_rows import PROCESS_TEXTS
from eilbote.store.work_rows import WorkRows, holding, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.process.kept import InstanceFilter, KeptInstance
    from eilbote.model.moment import Moment
    from eilbote.store.process_row import InstanceRow
    from eilbote.store.record_database import Statements

INSTANCES: Final = WorkRows(
    "process_instance",
    children={"process_trigger": "instance", "process_wait": "instance", "process_state": "instance"},
    named="true",
    takes=", woken = false",
)
_BEGIN: Final = (
    "INSERT INTO process_instance (id, organization, process, version, digest, correlation, author, status, stage, incidents, "
    "held_back, due, began, changed, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1) "
    "ON CONFLICT (id) DO NOTHING"
)
_NUMBER: Final = "SELECT number FROM process_instance WHERE id = $1"
_PUT_STATE: Final = "INSERT INTO process_state (instance, state) VALUES ($1, $2) ON CONFLICT (instance) DO UPDATE SET state = $2"
_SEARCHED: Final = "id", "process", "correlation", "stage", "author"
_FIND: Final = f"SELECT {COLUMNS} FROM process_instance WHERE id = $1"  # noqa: S608 - names of our own
_STATES: Final = "SELECT instance, state FROM process_state WHERE instance IN "
_TAKEN: Final = f"SELECT {COLUMNS} FROM process_instance WHERE number IN "  # noqa: S608 - as above
_RELEASE: Final = "UPDATE process_instance SET held_back = false, due = $1 WHERE held_back AND number IN "  # released for good by who takes it
_KEEP: Final = (
    "UPDATE process_instance SET status = $1, stage = $2, incidents = $3, "
    "due = CASE WHEN NOT $4 THEN NULL WHEN $5 OR cancelled OR woken THEN CAST($6 AS BIGINT) ELSE CAST($7 AS BIGINT) END, "
    "changed = CAST($6 AS BIGINT), revision = revision + 1{} WHERE id = $8 AND revision = $9"
)
_KEEP_AND_HOLD: Final = _KEEP.format("")
_KEEP_AND_LET_GO: Final = _KEEP.format(", worker = NULL, until = NULL, woken = false")
_MAKE_DUE: Final = "UPDATE process_instance SET due = $2 WHERE number = $1"


async def begin_instance(db: Statements, instance: KeptInstance, state: str) -> KeptInstance:
    """Keep a new instance, or give the one that has its id."""
    found = await find_instance(db, instance.id)
    if found is not None:
        return found
    digest = await PROCESS_TEXTS.keep(db, instance.text, instance.began)
    names = instance.id, instance.organization, instance.process, instance.version, digest
    said = instance.correlation, instance.author, instance.status.value, instance.stage, instance.incidents
    when = instance.held_back, instance.due, instance.began, instance.changed
    if count(await db.execute(_BEGIN, *names, *said, *when)):
        number = cast("int", await db.fetchval(_NUMBER, instance.id))
        await db.execute(_PUT_STATE, number, state)
        await replace_waits(db, number, instance.organization, instance.waits, instance.changed)
    found = await find_instance(db, instance.id)
    if found is None:
        msg = f"process instance {instance.id} was begun and is not there"
        raise RuntimeError(msg)
    return found


async def find_instance(db: Statements, instance_id: str) -> KeptInstance | None:
    """Give an instance."""
    rows = [instance_row(row) for row in await db.fetch(_FIND, instance_id)]
    return (await _whole(db, rows))[0] if rows else None


async def _whole(db: Statements, rows: Sequence[InstanceRow]) -> tuple[KeptInstance, ...]:
    """Give instances with all that belongs to them; at least one."""
    numbers = [row.number for row in rows]
    said = await db.fetch(_STATES + places(len(numbers)), *numbers)
    states = dict(cast("tuple[int, str]", tuple(row)) for row in said)
    texts = await PROCESS_TEXTS.read(db, (row.digest for row in rows))
    waits = await read_waits(db, numbers, {row.number: row.faults for row in rows})
    triggers = await left(db, numbers)
    return tuple(
        row.whole(
            text=texts.get(row.digest),
            state=states.get(row.number),
            waits=waits[row.number],
            triggers=triggers[row.number],
        )
        for row in rows
    )


async def claim_instances(
    db: Statements,
    worker: str,
    *,
    limit: int,
    now: Moment,
    until: Moment,
    only: Sequence[str] | None,
    skip: str,
) -> tuple[KeptInstance, ...]:
    """Take instances; ``skip`` says in the database's words that those others are about to take are to be left to them."""
    numbers = await INSTANCES.take(db, worker, limit=limit, now=now, until=until, only=only, skip=skip)
    if not numbers:
        return ()
    these = places(len(numbers))
    taken = {row.number: row for row in map(instance_row, await db.fetch(_TAKEN + these, *numbers))}
    if any(row.instance.held_back for row in taken.values()):
        await db.execute(_RELEASE + places(len(numbers), first=2), now, *numbers)
        for row in taken.values():
            if row.instance.held_back:
                row.instance = replace(row.instance, held_back=False, due=now)
    return await _whole(db, [taken[number] for number in numbers])


async def keep_instance(
    db: Statements,
    instance: KeptInstance,
    *,
    state: str,
    taken_in: Sequence[str],
    holds: bool,
    now: Moment,
) -> KeptInstance:
    """Keep how an instance stands.

    Raises:
        LeaseLostError: Somebody else has it; nothing was written.
    """
    runs = instance.status is InstanceStatus.RUNNING
    said = await db.execute(
        _KEEP_AND_HOLD if holds and runs else _KEEP_AND_LET_GO,
        instance.status.value,
        instance.stage,
        instance.incidents,
        runs,
        holds,
        now,
        instance.due,
        instance.id,
        instance.revision,
    )
    if not count(said):
        raise lease_lost(f"process instance {instance.id}", instance.revision)
    [found] = await db.fetch(_FIND, instance.id)
    row = instance_row(found)
    waits = instance.waits if runs else ()
    await db.execute(_PUT_STATE, row.number, state)
    await replace_waits(db, row.number, row.instance.organization, waits, now)
    await take_in(db, row.number, taken_in if runs else None)
    triggers = (await left(db, [row.number]))[row.number]
    if triggers and row.instance.due != now:
        await db.execute(_MAKE_DUE, row.number, now)
        row.instance = replace(row.instance, due=now)
    return row.whole(text=instance.text, state=instance.state, waits=waits, triggers=triggers)


async def list_instances(
    db: Statements, which: InstanceFilter, *, limit: int, after: str | None
) -> tuple[KeptInstance, ...]:
    """Give instances, the latest first."""
    wanted = {
        "organization": which.organization,
        "process": which.process,
        "status": None if which.status is None else which.status.value,
        "correlation": which.correlation,
        "held_back": which.held_back,
    }
    also = () if which.has_incident is None else ("incidents > 0" if which.has_incident else "incidents = 0",)
    narrowed = (*within(which.since, which.before), holding(which.holding, _SEARCHED))
    rows = await INSTANCES.latest(
        db, COLUMNS, wanted=wanted, narrowed=narrowed, also=also, limit=limit, after=after
    )
    return tuple(instance_row(row).instance for row in rows)


async def prune(db: Statements, *, before: Moment, limit: int) -> int:
    """Forget what nobody needs any more; says how many instances that were."""
    gone = await INSTANCES.forget_ended(db, before=before, limit=limit)
    await PROCESS_TEXTS.prune(db, before=before, limit=limit)
    return gone
