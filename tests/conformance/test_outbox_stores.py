"""Every outbox store passes the same exercises."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgres_server import PostgresServer

from eilbote.store.memory_outbox import MemoryOutbox
from eilbote.store.postgres_outbox import PostgresOutbox
from eilbote.store.sqlite_outbox import SqliteOutbox
from eilbote.testing.exercise_outbox_store import OUTBOX_EXERCISES, Exercise, exercise_name

every_exercise = pytest.mark.parametrize("exercise", OUTBOX_EXERCISES, ids=exercise_name)


@pytest.mark.asyncio
@every_exercise
async def test_memory(exercise: Exercise) -> None:
    outbox = MemoryOutbox()

    await exercise(lambda: outbox)


@pytest.mark.asyncio
@every_exercise
async def test_sqlite(exercise: Exercise, tmp_path: Path) -> None:
    await exercise(lambda: SqliteOutbox(tmp_path / "outbox.db"))


@pytest.fixture(scope="module")
def made_database(postgres: PostgresServer) -> str:
    """The name of a database that has the tables already, to be copied."""

    async def make() -> None:
        store = PostgresOutbox(postgres.url(name))
        await store.open()
        await store.close()

    name = postgres.new_database()
    asyncio.run(make())
    return name


@pytest.fixture
def outbox_database(postgres: PostgresServer, made_database: str) -> Iterator[str]:
    """The URL of an empty outbox."""
    name = postgres.new_database(template=made_database)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.mark.asyncio
@every_exercise
async def test_postgresql(exercise: Exercise, outbox_database: str) -> None:
    await exercise(lambda: PostgresOutbox(outbox_database))
