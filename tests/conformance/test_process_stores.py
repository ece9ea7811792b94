"""Every store of processes passes the same exercises."""

from __future__ import annotations

import pytest
from tests.conformance.kept_handles import handles

from eilbote.store.memory_processes import MemoryProcesses
from eilbote.store.open_flows import processes_in, share_database
from eilbote.testing.exercise_process_store import PROCESS_EXERCISES, Exercise, exercise_name

pytestmark = pytest.mark.asyncio
every_exercise = pytest.mark.parametrize("exercise", PROCESS_EXERCISES, ids=exercise_name)


@every_exercise
async def test_memory(exercise: Exercise) -> None:
    processes = MemoryProcesses()

    await exercise(lambda: processes)


@every_exercise
async def test_sqlite(exercise: Exercise, empty_file: str) -> None:
    async with handles(lambda: processes_in(share_database(empty_file), empty_file)) as kept:
        await exercise(kept)


@every_exercise
async def test_postgresql(exercise: Exercise, empty_database: str) -> None:
    async with handles(lambda: processes_in(share_database(empty_database), empty_database)) as kept:
        await exercise(kept)
