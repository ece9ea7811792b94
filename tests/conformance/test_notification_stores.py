"""Every store for notifications passes the same exercises."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.postgres_server import PostgresServer

from eilbote.store.memory_notifications import MemoryNotifications
from eilbote.store.notification_rows import NotificationRows
from eilbote.store.open_flows import share_database
from eilbote.testing.exercise_notification_store import NOTIFICATION_EXERCISES, Exercise, exercise_name

every_exercise = pytest.mark.parametrize("exercise", NOTIFICATION_EXERCISES, ids=exercise_name)


async def made(url: str) -> None:
    handle = share_database(url).handle()
    await handle.open()
    await handle.close()


@asynccontextmanager
async def handles(url: str) -> AsyncIterator[list[NotificationRows]]:
    """Give two handles, as two programs have them."""
    shared = [share_database(url) for _ in range(2)]
    found = [NotificationRows(one.handle()) for one in shared]
    try:
        yield found
    finally:
        for one in found:
            await one.close()


async def play(exercise: Exercise, url: str) -> None:
    async with handles(url) as found:
        turns = iter(range(1000))
        await exercise(lambda: found[next(turns) % 2])


@pytest.fixture(scope="module")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("made") / "eilbote.db"
    asyncio.run(made(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="module")
def made_database(postgres: PostgresServer) -> str:
    name = postgres.new_database()
    asyncio.run(made(postgres.url(name)))
    return name


@pytest.fixture
def database(postgres: PostgresServer, made_database: str) -> Iterator[str]:
    name = postgres.new_database(template=made_database)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.mark.asyncio
@every_exercise
async def test_memory(exercise: Exercise) -> None:
    store = MemoryNotifications()

    await exercise(lambda: store)


@pytest.mark.asyncio
@every_exercise
async def test_sqlite(exercise: Exercise, made_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "eilbote.db"
    shutil.copyfile(made_file, file)

    await play(exercise, f"sqlite:///{file}")


@pytest.mark.asyncio
@every_exercise
async def test_postgresql(exercise: Exercise, database: str) -> None:
    await play(exercise, database)
