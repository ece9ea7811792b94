"""Every store of flows passes the same exercises."""

from __future__ import annotations

import pytest
from tests.conformance.kept_handles import handles

from eilbote.store.memory_flows import MemoryFlows
from eilbote.store.open_flows import flows_in, share_database
from eilbote.testing.exercise_flow_store import FLOW_EXERCISES, Exercise, exercise_name

pytestmark = pytest.mark.asyncio
every_exercise = pytest.mark.parametrize("exercise", FLOW_EXERCISES, ids=exercise_name)


@every_exercise
async def test_memory(exercise: Exercise) -> None:
    flows = MemoryFlows()

    await exercise(lambda: flows)


@every_exercise
async def test_sqlite(exercise: Exercise, empty_file: str) -> None:
    async with handles(lambda: flows_in(share_database(empty_file), empty_file)) as kept:
        await exercise(kept)


@every_exercise
async def test_postgresql(exercise: Exercise, empty_database: str) -> None:
    async with handles(lambda: flows_in(share_database(empty_database), empty_database)) as kept:
        await exercise(kept)
