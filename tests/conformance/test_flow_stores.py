"""Every store of flows passes the same exercises."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.postgres_server import PostgresServer

from eilbote.store.database_flows import DatabaseFlows
from eilbote.store.memory_flows import MemoryFlows
from eilbote.store.open_flows import flows_in, share_database
from eilbote.testing.exercise_flow_store import FLOW_EXERCISES, Exercise, exercise_name

pytestmark = pytest.mark.asyncio
every_exercise = pytest.mark.parametrize("exercise", FLOW_EXERCISES, ids=exercise_name)


def opened(url: str) -> DatabaseFlows:
    return flows_in(share_database(url), url)


async def make(url: str) -> None:
    flows = opened(url)
    await flows.open()
    await flows.close()


@asynccontextmanager
async def handles(url: str) -> AsyncGenerator[Callable[[], DatabaseFlows], None]:
    """Give handles on one database, each with connections of its own, as processes have them; they are closed in the end."""
    given: list[DatabaseFlows] = []

    def another() -> DatabaseFlows:
        given.append(opened(url))
        return given[-1]

    try:
        yield another
    finally:
        for flows in given:
            await flows.close()


@pytest.fixture(scope="module")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that has the tables already, to be copied."""
    file = tmp_path_factory.mktemp("made") / "eilbote.db"
    asyncio.run(make(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="module")
def made_database(postgres: PostgresServer) -> str:
    """The name of a database that has the tables already, to be copied."""
    name = postgres.new_database()
    asyncio.run(make(postgres.url(name)))
    return name


@pytest.fixture
def database(postgres: PostgresServer, made_database: str) -> Iterator[str]:
    """The URL of a database in which nothing is kept."""
    name = postgres.new_database(template=made_database)
    yield postgres.url(name)
    postgres.drop_database(name)


@every_exercise
async def test_memory(exercise: Exercise) -> None:
    flows = MemoryFlows()

    await exercise(lambda: flows)


@every_exercise
async def test_sqlite(exercise: Exercise, made_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "eilbote.db"
    shutil.copyfile(made_file, file)

    async with handles(f"sqlite:///{file}") as kept:
        await exercise(kept)


@every_exercise
async def test_postgresql(exercise: Exercise, database: str) -> None:
    async with handles(database) as kept:
        await exercise(kept)
