"""Every outbox store passes the same exercises."""

from __future__ import annotations

from pathlib import Path

import pytest

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


@pytest.mark.asyncio
@every_exercise
async def test_postgresql(exercise: Exercise, postgres_database: str) -> None:
    await exercise(lambda: PostgresOutbox(postgres_database))
