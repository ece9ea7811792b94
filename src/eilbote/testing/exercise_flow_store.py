"""The exercises that every :class:`~eilbote.author.flow.store.FlowStore` passes, for whoever writes one.

Each exercise plays one rule on a store that is empty at first::

    @pytest.mark.asyncio
    @pytest.mark.parametrize("exercise", FLOW_EXERCISES, ids=exercise_name)
    async def test_my_flows(exercise: Exercise, tmp_path: Path) -> None:
        await exercise(lambda: MyFlows(tmp_path / "flows"))

The function that an exercise is given makes handles on that one store, as several processes would have them; whoever gives them
closes them. No exercise waits for time to pass; every moment is handed to the store.
"""

from __future__ import annotations

from typing import Final

from eilbote.testing.exercise_outbox_store import exercise_name
from eilbote.testing.flows_exercises import awaiting, conversing, drafting, holding, listing
from eilbote.testing.flows_exercises.scene import Exercise, Kept

__all__ = ["FLOW_EXERCISES", "Exercise", "Kept", "exercise_name"]

FLOW_EXERCISES: Final[tuple[Exercise, ...]] = (
    *drafting.EXERCISES,
    *holding.EXERCISES,
    *conversing.EXERCISES,
    *awaiting.EXERCISES,
    *listing.EXERCISES,
)
"""One for each rule."""
