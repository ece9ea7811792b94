"""How SQLite goes about what is asked of accounts, webhooks and suppressed addresses: by an index, whatever there is.

The statements are those of the exercises: whatever a store asks of its database there is written down, and explained afterwards.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import TypeVar

import pytest

from eilbote.store.account_rows import AccountRows
from eilbote.store.key_ring import ring_of
from eilbote.store.open_flows import share_database
from eilbote.store.record_database import RecordDatabase, Statements
from eilbote.store.row_locks import SQLITE
from eilbote.store.suppression_rows import SuppressionRows
from eilbote.store.webhook_rows import WebhookRows
from eilbote.testing.exercise_account_store import ACCOUNT_EXERCISES
from eilbote.testing.exercise_suppression_store import SUPPRESSION_EXERCISES
from eilbote.testing.exercise_webhook_store import WEBHOOK_EXERCISES

pytestmark = pytest.mark.asyncio

T = TypeVar("T")

LARGE = re.compile(
    r"SCAN (app_user|session|one_time_link|api_key|audit|hook_delivery|webhook|w|suppression)\b(?! USING .*INDEX)"
)
ON_PURPOSE = (
    "DELETE FROM session WHERE expires <= $1 OR",  # once an hour, and with it those whose user is gone
    "DELETE FROM one_time_link WHERE expires <= $1 OR",  # the same
    "FROM audit ORDER BY sequence DESC LIMIT 1",  # one record, from the end on
)


class Noted:
    """Statements on a connection, each written down."""

    def __init__(self, db: Statements, said: set[str]) -> None:
        self._db = db
        self._said = said

    async def fetch(self, sql: str, /, *values: object) -> Sequence[Sequence[object]]:
        self._said.add(sql)
        return await self._db.fetch(sql, *values)

    async def fetchval(self, sql: str, /, *values: object) -> object:
        self._said.add(sql)
        return await self._db.fetchval(sql, *values)

    async def execute(self, sql: str, /, *values: object) -> str:
        self._said.add(sql)
        return await self._db.execute(sql, *values)


class NotingDatabase:
    """A database on which every statement is written down."""

    def __init__(self, database: RecordDatabase, said: set[str]) -> None:
        self._database = database
        self._said = said

    @property
    def where(self) -> str:
        return self._database.where

    async def open(self) -> None:
        await self._database.open()

    async def close(self) -> None:
        await self._database.close()

    async def read(self, question: Callable[[Statements], Awaitable[T]]) -> T:
        async def noted(db: Statements) -> T:
            return await question(Noted(db, self._said))

        return await self._database.read(noted)

    async def transact(self, work: Callable[[Statements], Awaitable[T]]) -> T:
        async def noted(db: Statements) -> T:
            return await work(Noted(db, self._said))

        return await self._database.transact(noted)

    def exclusive(self, name: str) -> AbstractAsyncContextManager[None]:
        return self._database.exclusive(name)


@asynccontextmanager
async def database(file: Path, said: set[str]) -> AsyncGenerator[NotingDatabase]:
    handle = share_database(f"sqlite:///{file}").handle()
    await handle.open()
    try:
        yield NotingDatabase(handle, said)
    finally:
        await handle.close()


async def everything_said(folder: Path) -> set[str]:
    """Play every exercise, each in a file of its own; gives the statements."""
    said: set[str] = set()
    made = folder / "made.db"
    async with database(made, said):
        pass
    ring = ring_of({}, folder)
    plays: list[Callable[[NotingDatabase], Awaitable[None]]] = [
        *(lambda db, play=play: play(lambda: AccountRows(db)) for play in ACCOUNT_EXERCISES),
        *(lambda db, play=play: play(lambda: WebhookRows(db, ring, SQLITE)) for play in WEBHOOK_EXERCISES),
        *(lambda db, play=play: play(lambda: SuppressionRows(db)) for play in SUPPRESSION_EXERCISES),
    ]
    for number, play in enumerate(plays):
        file = folder / f"{number}.db"
        shutil.copyfile(made, file)
        async with database(file, said) as db:
            await play(db)
    return said


def plan(db: sqlite3.Connection, sql: str) -> list[str]:
    places = dict.fromkeys(re.findall(r"\$(\d+)", sql), 1)
    return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", places)]


@pytest.mark.timeout(180)
async def test_nothing_looks_at_all_there_is_but_on_purpose(tmp_path: Path) -> None:
    said = await everything_said(tmp_path)
    assert len(said) > 60
    with closing(sqlite3.connect(tmp_path / "made.db")) as db:
        found = {sql: [step for step in plan(db, sql) if LARGE.search(step)] for sql in said}

    scans = {sql: steps for sql, steps in found.items() if steps}
    assert {sql: steps for sql, steps in scans.items() if not any(each in sql for each in ON_PURPOSE)} == {}


async def test_looking_at_all_there_is_would_be_seen(tmp_path: Path) -> None:
    async with database(tmp_path / "made.db", set()):
        pass
    with closing(sqlite3.connect(tmp_path / "made.db")) as db:
        steps = plan(db, "SELECT id FROM app_user WHERE name = $1")

    assert [step for step in steps if LARGE.search(step)]
