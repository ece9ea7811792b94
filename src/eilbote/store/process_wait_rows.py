"""What instances wait for, as rows by which they are found; the same for both databases.

Keeping an instance replaces its rows; one that is wanted as before stays as it is, so that it tells since when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.author.process.kept import FoundWait, WaitKind
from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment
from eilbote.store.process_row import WAIT_COLUMNS, wait_of
from eilbote.store.record_database import count
from eilbote.store.row_groups import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eilbote.author.process.kept import KeptWait, WaitPlace
    from eilbote.store.record_database import Statements

_READ: Final = f"SELECT instance, {WAIT_COLUMNS} FROM process_wait WHERE instance IN "  # noqa: S608 - names of our own
_IN_ORDER: Final = " ORDER BY instance, kind, key"
_PUT: Final = (
    "INSERT INTO process_wait (instance, kind, key, organization, name, correlation, entry, due, since) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
    "ON CONFLICT (instance, kind, key) DO UPDATE SET name = $5, correlation = $6, entry = $7, due = $8"
)
_FORGET: Final = "DELETE FROM process_wait WHERE instance = $1 AND kind = $2 AND key = $3"
_FOUND: Final = (
    "SELECT w.organization, i.process, i.id, w.since, w.kind, w.key, w.name, w.correlation, w.entry, w.due FROM process_wait w "
    "JOIN process_instance i ON i.number = w.instance WHERE "
)
_BEHIND: Final = (
    "(w.since > {since} OR w.since = {since} AND (w.instance, w.key) > "
    "(COALESCE((SELECT number FROM process_instance WHERE id = {instance}), 0), {key}))"
)
"""An instance that was forgotten meanwhile stands before all others of its moment: better told twice than left out."""
_OLDEST_FIRST: Final = " ORDER BY w.since, w.instance, w.key LIMIT $1"
_AWAITED: Final = (
    "SELECT DISTINCT w.entry FROM process_wait w JOIN process_instance i ON i.number = w.instance "
    "WHERE w.entry > $1 AND NOT i.held_back ORDER BY w.entry LIMIT $2"
)
_WAKE: Final = (
    "UPDATE process_instance SET woken = (worker IS NOT NULL), "
    "due = CASE WHEN due IS NULL OR due > $1 THEN CAST($1 AS BIGINT) ELSE due END "
    "WHERE status = 'running' AND NOT held_back "
    "AND CASE WHEN worker IS NULL THEN due IS NULL OR due > $1 ELSE NOT woken END AND "
)
_WHO_AWAIT: Final = "number IN (SELECT instance FROM process_wait WHERE entry IN "


async def read_waits(
    db: Statements, numbers: Iterable[int], faults: dict[int, list[str]]
) -> dict[int, list[KeptWait]]:
    """Give what instances wait for.

    Args:
        db: The connection.
        numbers: Of the instances; at least one.
        faults: Where it is added what is damaged, of each.
    """
    found: dict[int, list[KeptWait]] = {number: [] for number in numbers}
    for row in await db.fetch(_READ + places(len(found)) + _IN_ORDER, *found):
        number = cast("int", row[0])
        found[number].append(wait_of(row[1:], faults.setdefault(number, [])))
    return found


async def replace_waits(
    db: Statements, number: int, organization: str, waits: Sequence[KeptWait], now: Moment
) -> None:
    """Replace what an instance waits for."""
    there = {(wait.kind, wait.key): wait for wait in (await read_waits(db, [number], {}))[number]}
    wanted = {(wait.kind, wait.key): wait for wait in waits}
    for kind, key in sorted(there.keys() - wanted.keys()):
        await db.execute(_FORGET, number, kind.value, key)
    for name, wait in wanted.items():
        if there.get(name) != wait:
            await db.execute(
                _PUT,
                number,
                wait.kind.value,
                wait.key,
                organization,
                wait.name,
                wait.correlation,
                wait.entry,
                wait.due,
                now,
            )


async def find_waits(
    db: Statements,
    *,
    kind: WaitKind,
    organization: str | None,
    name: str | None,
    correlation: str | None,
    limit: int,
    after: WaitPlace | None,
) -> tuple[FoundWait, ...]:
    """Give who waits for something, those that have waited longest first."""
    wanted = {"organization": organization, "name": name, "correlation": correlation}
    narrowed: dict[str, object] = {column: value for column, value in wanted.items() if value is not None}
    # The kind is written out: only so a database sees that an index on the rows of one kind will do.
    conditions = [f"w.kind = '{kind.value}'"]
    conditions += [f"w.{column} = ${place}" for place, column in enumerate(narrowed, start=2)]
    values = list(narrowed.values())
    if after is not None:
        since, instance, key = (f"${len(values) + place}" for place in (2, 3, 4))
        conditions.append(_BEHIND.format(since=since, instance=instance, key=key))
        values += [after.since, after.instance, after.key]
    sql = _FOUND + " AND ".join(conditions) + _OLDEST_FIRST
    return tuple(map(_found, await db.fetch(sql, limit, *values)))


def _found(row: Sequence[object]) -> FoundWait:
    organization, process, instance, since = cast("tuple[str, str, str, int]", tuple(row[:4]))
    return FoundWait(
        organization=organization,
        process=process,
        instance=instance,
        wait=wait_of(row[4:], []),
        since=Moment(since),
    )


async def awaited(db: Statements, *, limit: int, after: EntryId | None) -> tuple[EntryId, ...]:
    """Give messages that instances wait for."""
    rows = await db.fetch(_AWAITED, -1 if after is None else after, limit)
    return tuple(EntryId(cast("int", row[0])) for row in rows)


async def wake(db: Statements, entries: Sequence[EntryId], now: Moment) -> int:
    """Make due what waits for messages; says how many were not."""
    if not entries:
        return 0
    sql = f"{_WAKE}{_WHO_AWAIT}{places(len(entries), first=2)})"
    return count(await db.execute(sql, now, *entries))


async def wake_instances(db: Statements, names: Sequence[str], now: Moment) -> int:
    """Make instances due; says how many were not."""
    if not names:
        return 0
    return count(await db.execute(f"{_WAKE}id IN {places(len(names), first=2)}", now, *names))
