"""Every store of suppressed addresses passes the same exercises."""

from __future__ import annotations

import pytest
from tests.conformance.kept_handles import handles

from eilbote.store.memory_suppressions import MemorySuppressions
from eilbote.store.open_flows import share_database
from eilbote.store.suppression_rows import SuppressionRows
from eilbote.testing.exercise_suppression_store import SUPPRESSION_EXERCISES, Exercise, exercise_name

pytestmark = pytest.mark.asyncio
every_exercise = pytest.mark.parametrize("exercise", SUPPRESSION_EXERCISES, ids=exercise_name)


@every_exercise
async def test_memory(exercise: Exercise) -> None:
    suppressions = MemorySuppressions()

    await exercise(lambda: suppressions)


@every_exercise
async def test_sqlite(exercise: Exercise, empty_file: str) -> None:
    async with handles(lambda: SuppressionRows(share_database(empty_file).handle())) as kept:
        await exercise(kept)


@every_exercise
async def test_postgresql(exercise: Exercise, empty_database: str) -> None:
    async with handles(lambda: SuppressionRows(share_database(empty_database).handle())) as kept:
        await exercise(kept)
