"""Everything that is kept beside the outbox passes the same exercises, wherever it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from eilbote.store.key_ring import KeyRing
from eilbote.store.memory_records import MemoryRecords
from eilbote.store.postgres_records import PostgresRecords
from eilbote.store.sqlite_records import SqliteRecords
from eilbote.testing.exercise_records import RECORDS_EXERCISES, Exercise, exercise_name

every_exercise = pytest.mark.parametrize("exercise", RECORDS_EXERCISES, ids=exercise_name)


@pytest.mark.asyncio
@every_exercise
async def test_memory(exercise: Exercise) -> None:
    records = MemoryRecords()

    await exercise(lambda: records)


@pytest.mark.asyncio
@every_exercise
async def test_sqlite(exercise: Exercise, tmp_path: Path) -> None:
    await exercise(lambda: SqliteRecords(tmp_path / "eilbote.db", key_ring=KeyRing(tmp_path / "secret.keys")))


@pytest.mark.asyncio
@every_exercise
async def test_postgresql(exercise: Exercise, postgres_database: str, tmp_path: Path) -> None:
    await exercise(lambda: PostgresRecords(postgres_database, key_ring=KeyRing(tmp_path / "secret.keys")))
