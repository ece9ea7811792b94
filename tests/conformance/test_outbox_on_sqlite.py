"""The outbox on SQLite passes the exercises every store passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from eilbote.store.sqlite_outbox import SqliteOutbox
from eilbote.testing.exercise_outbox_store import OUTBOX_EXERCISES, Exercise, exercise_name


@pytest.mark.asyncio
@pytest.mark.parametrize("exercise", OUTBOX_EXERCISES, ids=exercise_name)
async def test_sqlite(exercise: Exercise, tmp_path: Path) -> None:
    await exercise(lambda: SqliteOutbox(tmp_path / "eilbote.db"))
