"""Every outbox store passes the same exercises."""

from __future__ import annotations

import pytest

from eilbote.store.memory_outbox import MemoryOutbox
from eilbote.testing.exercise_outbox_store import OUTBOX_EXERCISES, Exercise, exercise_name

every_exercise = pytest.mark.parametrize("exercise", OUTBOX_EXERCISES, ids=exercise_name)


@pytest.mark.asyncio
@every_exercise
async def test_memory(exercise: Exercise) -> None:
    outbox = MemoryOutbox()

    await exercise(lambda: outbox)
