"""What is worked on step by step, held under a lease, and ends: runs of flows and process instances, as rows.

Each has a table with the same columns for that (``number``, ``id``, ``organization``, ``status``, ``due``, ``changed``, ``revision``,
``worker``, ``until``); the same for both databases. Each method is a part of somebody's transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.model.moment import Moment
from eilbote.store.fair_share import fair_share
from eilbote.store.record_database import count
from eilbote.store.row_groups import places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.store.record_database import Statements

_LOOKED_AT: Final = 1000
"""How many of those that wait are looked at, so that organizations take turns."""
_IN_TURN: Final = " ORDER BY due IS NULL, due, number LIMIT $2"
_SOONEST_FIRST: Final = " ORDER BY due, number LIMIT $2"


class WorkRows:
    """The rows of one table.

    Args:
        table: Its name.
        children: Tables that belong to its rows, each with the column that has their numbers.
        named: Which can be taken by name, in SQL; ``$1`` is the time.
        takes: What taking one changes besides, in SQL.
    """

    def __init__(self, table: str, *, children: Mapping[str, str], named: str, takes: str = "") -> None:
        is_free = "status = 'running' AND (worker IS NULL OR until <= $1)"
        free = f"SELECT number, organization FROM {table} WHERE {is_free}"  # noqa: S608 - names of our own
        has_due = f"FROM {table} WHERE status = 'running' AND due IS NOT NULL"
        self._table = table
        self._due: Final = f"{free} AND due <= $1"
        self._named: Final = f"{free} AND ({named}) AND id IN "
        self._lock: Final = f"SELECT number FROM {table} WHERE {is_free} AND number IN "  # noqa: S608 - as above
        self._take: Final = (
            f"UPDATE {table} SET worker = $1, until = $2, revision = revision + 1{takes} WHERE number IN "  # noqa: S608 - as above
        )
        self._prolong: Final = f"UPDATE {table} SET until = $2 WHERE worker = $1 AND id IN "  # noqa: S608 - as above
        self._held: Final = f"SELECT id FROM {table} WHERE worker = $1 AND id IN "  # noqa: S608 - as above
        self._next_free: Final = (
            f"SELECT due {has_due} AND (worker IS NULL OR until <= $1) ORDER BY due LIMIT 1"
        )
        self._next_held: Final = (
            f"SELECT min(CASE WHEN until > due THEN until ELSE due END) {has_due} "
            "AND worker IS NOT NULL AND until > $1"
        )
        self._cancel: Final = (
            f"UPDATE {table} SET cancelled = true, due = $2 WHERE id = $1 AND status = 'running'"  # noqa: S608 - as above
        )
        self._ended: Final = (
            f"SELECT number FROM {table} WHERE status <> 'running' AND changed < $1 ORDER BY changed LIMIT $2"  # noqa: S608 - as above
        )
        self._forget: Final = tuple(
            f"DELETE FROM {each} WHERE {column} IN "  # noqa: S608 - as above
            for each, column in {**children, table: "number"}.items()
        )

    # -- holding -----------------------------------------------------------------------------------------------

    async def take(
        self,
        db: Statements,
        worker: str,
        *,
        limit: int,
        now: Moment,
        until: Moment,
        only: Sequence[str] | None,
        skip: str,
    ) -> list[int]:
        """Take some that nobody holds: organizations in turn, in each those that have waited longest first.

        Args:
            db: The connection.
            worker: Who takes them.
            limit: At most so many.
            now: The time.
            until: When the lease ends.
            only: Their ids, when it must be these.
            skip: Says in the database's words that those others are about to take are to be left to them.
        """
        waiting: list[tuple[int, str]] = await self._waiting(db, limit, now, only)
        numbers: list[int] = []
        while waiting and len(numbers) < limit:
            chosen = fair_share(waiting, limit - len(numbers))
            locked = await db.fetch(self._lock + places(len(chosen), first=2) + skip, now, *chosen)
            free = {row[0] for row in locked}
            numbers += [number for number in chosen if number in free]
            gone: set[int] = set(chosen)
            waiting = [(number, whose) for number, whose in waiting if number not in gone]
        if numbers:
            await db.execute(self._take + places(len(numbers), first=3), worker, until, *numbers)
        return numbers

    async def _waiting(
        self, db: Statements, limit: int, now: Moment, only: Sequence[str] | None
    ) -> list[tuple[int, str]]:
        """Give those that can be taken, the longest waiting first, each with its organization."""
        if only is not None:
            named = self._named + places(len(only), first=3)
            return _pairs(await db.fetch(named + _IN_TURN, now, len(only), *only))
        most = max(limit, _LOOKED_AT)
        found = _pairs(await db.fetch(self._due + _SOONEST_FIRST, now, most))
        if len(found) == most:  # those of one organization may hide the others
            known = sorted({whose for _, whose in found})
            others = f"{self._due} AND organization NOT IN {places(len(known), first=3)}"
            found += _pairs(await db.fetch(others + _SOONEST_FIRST, now, limit, *known))
        return found

    async def prolong(
        self, db: Statements, worker: str, names: Sequence[str], until: Moment
    ) -> tuple[str, ...]:
        """Hold some longer; gives the ids of those that are still held."""
        if not names:
            return ()
        await db.execute(self._prolong + places(len(names), first=3), worker, until, *names)
        rows = await db.fetch(self._held + places(len(names), first=2), worker, *names)
        held = {row[0] for row in rows}
        return tuple(name for name in dict.fromkeys(names) if name in held)

    async def next_due(self, db: Statements, now: Moment) -> Moment | None:
        """Tell when one is due that nobody holds then: its own time, or the end of a lease."""
        free = cast("int | None", await db.fetchval(self._next_free, now))
        held = cast(
            "int | None",
            await (
                db.fetchval(self._next_held, now)
                if free is None
                else db.fetchval(f"{self._next_held} AND due < $2", now, free)
            ),
        )
        found = [moment for moment in (free, held) if moment is not None]
        return Moment(min(found)) if found else None

    async def cancel(self, db: Statements, name: str, now: Moment) -> bool:
        """Call one back; says whether it had not ended yet."""
        return bool(count(await db.execute(self._cancel, name, now)))

    # -- many --------------------------------------------------------------------------------------------------

    async def latest(
        self,
        db: Statements,
        columns: str,
        *,
        wanted: Mapping[str, object],
        narrowed: Sequence[tuple[str, object]] = (),
        also: Sequence[str] = (),
        limit: int,
        after: str | None,
    ) -> Sequence[Sequence[object]]:
        """Give some, the latest first.

        Args:
            db: The connection.
            columns: What is wanted of each.
            wanted: Values that columns must have; ``None`` for any.
            narrowed: Conditions in SQL, ``{}`` in place of the one value of each; ``None`` for any.
            also: What must hold besides, in SQL.
            limit: At most so many.
            after: The id of the last one of the page before.
        """
        given: list[tuple[str, object]] = [(f"{column} = {{}}", value) for column, value in wanted.items()]
        given = [(condition, value) for condition, value in (*given, *narrowed) if value is not None]
        conditions = [condition.format(f"${place}") for place, (condition, _) in enumerate(given, start=2)]
        values = [value for _, value in given]
        if after is not None:
            conditions.append(f"number < (SELECT number FROM {self._table} WHERE id = ${len(values) + 2})")  # noqa: S608 - as above
            values.append(after)
        conditions += also
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return await db.fetch(
            f"SELECT {columns} FROM {self._table}{where} ORDER BY number DESC LIMIT $1",  # noqa: S608 - as above
            limit,
            *values,
        )

    async def forget_ended(self, db: Statements, *, before: Moment, limit: int) -> int:
        """Forget some that ended long ago, with all that belongs to them; says how many."""
        numbers = [row[0] for row in await db.fetch(self._ended, before, limit)]
        if numbers:
            these = places(len(numbers))
            for forget in self._forget:
                await db.execute(forget + these, *numbers)
        return len(numbers)


def within(since: Moment | None, before: Moment | None) -> tuple[tuple[str, object], ...]:
    """Give what narrows a list to those that were begun in a time."""
    return ("began >= {}", since), ("began < {}", before)


def holding(text: str, columns: Sequence[str]) -> tuple[str, object]:
    """Give what narrows a list to those that have a text in one of some columns, in any case of letters."""
    pattern = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    likes = " OR ".join(f"lower({column}) LIKE lower({{0}}) ESCAPE '!'" for column in columns)
    return f"({likes})", f"%{pattern}%" if text else None


def _pairs(rows: Sequence[Sequence[object]]) -> list[tuple[int, str]]:
    return [cast("tuple[int, str]", tuple(row)) for row in rows]
