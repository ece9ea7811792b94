"""The exercises that every :class:`~eilbote.author.process.store.ProcessStore` passes, for whoever writes one.

They are used as those of flows are (:mod:`eilbote.testing.exercise_flow_store`)::

    @pytest.mark.asyncio
    @pytest.mark.parametrize("exercise", PROCESS_EXERCISES, ids=exercise_name)
    async def test_my_processes(exercise: Exercise, tmp_path: Path) -> None:
        await exercise(lambda: MyProcesses(tmp_path / "processes"))
"""

from __future__ import annotations

from typing import Final

from eilbote.testing.exercise_outbox_store import exercise_name
from eilbote.testing.process_exercises import awaiting, drafting, happening, holding, listing, routing
from eilbote.testing.process_exercises.scene import Exercise, Kept

__all__ = ["PROCESS_EXERCISES", "Exercise", "Kept", "exercise_name"]

PROCESS_EXERCISES: Final[tuple[Exercise, ...]] = (
    *drafting.EXERCISES,
    *routing.EXERCISES,
    *holding.EXERCISES,
    *happening.EXERCISES,
    *awaiting.EXERCISES,
    *listing.EXERCISES,
)
"""One for each rule."""
