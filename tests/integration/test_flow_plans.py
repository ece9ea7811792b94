"""How the statements of flows and processes are gone about: by an index, so that what is asked again and again costs what it gives."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeVar

import pytest

from eilbote.store.database_flows import DatabaseFlows
from eilbote.store.database_processes import DatabaseProcesses
from eilbote.store.open_flows import share_database
from eilbote.store.record_database import RecordDatabase, Statements
from eilbote.store.row_locks import SQLITE, Locking
from eilbote.testing.exercise_flow_store import FLOW_EXERCISES
from eilbote.testing.exercise_process_store import PROCESS_EXERCISES
from eilbote.testing.flows_exercises import listing

pytestmark = pytest.mark.asyncio

T = TypeVar("T")
Store = DatabaseFlows | DatabaseProcesses
LOOKS_AT_ALL = re.compile(r"SCAN (flow|process)_\w+|SCAN (?!.*USING)(old|run|r|l|v|t|s|w|i|each)\b")
ON_PURPOSE = (
    "ORDER BY number DESC",  # a list, read from its end as far as it is wanted
    "FROM flow ORDER BY name",  # all flows are asked for
    "FROM process ORDER BY name",
    "FROM process_route ORDER BY message_name",
)


class Explaining:
    """Statements that note how each of them is gone about."""

    def __init__(self, db: Statements, scans: set[str]) -> None:
        self._db = db
        self._scans = scans

    async def fetch(self, sql: str, /, *values: object) -> Sequence[Sequence[object]]:
        await self._note(sql, values)
        return await self._db.fetch(sql, *values)

    async def fetchval(self, sql: str, /, *values: object) -> object:
        await self._note(sql, values)
        return await self._db.fetchval(sql, *values)

    async def execute(self, sql: str, /, *values: object) -> str:
        await self._note(sql, values)
        return await self._db.execute(sql, *values)

    async def _note(self, sql: str, values: tuple[object, ...]) -> None:
        for row in await self._db.fetch(f"EXPLAIN QUERY PLAN {sql}", *values):
            if LOOKS_AT_ALL.search(str(row[3])) and not any(each in sql for each in ON_PURPOSE):
                self._scans.add(f"{row[3]}: {sql}")


class Explained:
    """A database all of whose statements are explained."""

    def __init__(self, database: RecordDatabase, scans: set[str]) -> None:
        self._database = database
        self._scans = scans
        self.where = database.where

    async def open(self) -> None:
        await self._database.open()

    async def close(self) -> None:
        await self._database.close()

    async def read(self, question: Callable[[Statements], Awaitable[T]]) -> T:
        async def explained(db: Statements) -> T:
            return await question(Explaining(db, self._scans))

        return await self._database.read(explained)

    async def transact(self, work: Callable[[Statements], Awaitable[T]]) -> T:
        async def explained(db: Statements) -> T:
            return await work(Explaining(db, self._scans))

        return await self._database.transact(explained)

    def exclusive(self, name: str) -> AbstractAsyncContextManager[None]:
        return self._database.exclusive(name)


@pytest.mark.parametrize(
    "make, exercises", [(DatabaseFlows, FLOW_EXERCISES), (DatabaseProcesses, PROCESS_EXERCISES)]
)
async def test_no_statement_looks_at_all_there_is(
    tmp_path: Path,
    make: Callable[[RecordDatabase, Locking], Store],
    exercises: Sequence[Callable[[Callable[[], Store]], Awaitable[None]]],
) -> None:
    scans: set[str] = set()
    for number, exercise in enumerate(exercises):
        shared = share_database(f"sqlite:///{tmp_path / str(number)}.db")
        store = make(Explained(shared.handle(), scans), SQLITE)
        await exercise(lambda store=store: store)  # type: ignore[misc]
        await store.close()

    assert scans == set()


async def test_looking_at_all_there_is_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.integration.test_flow_plans.ON_PURPOSE", ())
    scans: set[str] = set()
    flows = DatabaseFlows(
        Explained(share_database(f"sqlite:///{tmp_path / 'eilbote.db'}").handle(), scans), SQLITE
    )
    await listing.runs_are_listed_page_by_page(lambda: flows)
    await flows.close()

    assert scans
