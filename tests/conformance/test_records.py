"""Everything that is kept beside the outbox passes the same exercises, wherever it is kept."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgres_server import PostgresServer

from eilbote.settings.records import Records
from eilbote.store.key_ring import KeyRing
from eilbote.store.lazy_records import LazyRecords
from eilbote.store.memory_records import MemoryRecords
from eilbote.store.postgres_records import PostgresRecords
from eilbote.store.sqlite_records import SqliteRecords
from eilbote.testing.exercise_records import RECORDS_EXERCISES, Exercise, exercise_name
from eilbote.testing.records_exercises.connecting import closed_records_say_so

every_exercise = pytest.mark.parametrize("exercise", RECORDS_EXERCISES, ids=exercise_name)


async def made(records: Records) -> None:
    await records.open()
    await records.close()


@pytest.fixture(scope="module")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that has the tables already, to be copied."""
    file = tmp_path_factory.mktemp("made") / "eilbote.db"
    asyncio.run(made(SqliteRecords(file, key_ring=KeyRing(text=""))))
    return file


@pytest.fixture(scope="module")
def made_database(postgres: PostgresServer) -> str:
    """The name of a database that has the tables already, to be copied."""
    name = postgres.new_database()
    asyncio.run(made(PostgresRecords(postgres.url(name), key_ring=KeyRing(text=""))))
    return name


@pytest.fixture
def database(postgres: PostgresServer, made_database: str) -> Iterator[str]:
    """The URL of a database in which nothing is kept."""
    name = postgres.new_database(template=made_database)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.mark.asyncio
@every_exercise
async def test_memory(exercise: Exercise) -> None:
    records = MemoryRecords()

    await exercise(lambda: records)


@pytest.mark.asyncio
@every_exercise
async def test_sqlite(exercise: Exercise, made_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "eilbote.db"
    shutil.copyfile(made_file, file)

    await exercise(lambda: SqliteRecords(file, key_ring=KeyRing(tmp_path / "secret.keys")))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "exercise", [one for one in RECORDS_EXERCISES if one is not closed_records_say_so], ids=exercise_name
)
async def test_sqlite_opened_late(exercise: Exercise, made_file: Path, tmp_path: Path) -> None:
    """In front of others that are opened by the first question, after they were closed as well."""
    file, keys = tmp_path / "eilbote.db", tmp_path / "secret.keys"
    shutil.copyfile(made_file, file)

    await exercise(lambda: LazyRecords(lambda: SqliteRecords(file, key_ring=KeyRing(keys))))


@pytest.mark.asyncio
@every_exercise
async def test_postgresql(exercise: Exercise, database: str, tmp_path: Path) -> None:
    await exercise(lambda: PostgresRecords(database, key_ring=KeyRing(tmp_path / "secret.keys")))
