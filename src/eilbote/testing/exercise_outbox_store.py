"""The exercises that every :class:`~eilbote.outbox.store.OutboxStore` passes, for whoever writes one.

Each exercise plays one rule on an outbox that is empty at first::

    @pytest.mark.asyncio
    @pytest.mark.parametrize("exercise", OUTBOX_EXERCISES, ids=exercise_name)
    async def test_my_store(exercise: Exercise, tmp_path: Path) -> None:
        await exercise(lambda: MyStore(tmp_path / "outbox"))

The function that an exercise is given makes handles on that one outbox, not yet opened: an exercise opens and closes
one, opens it again to see what was kept, and opens two at once to see that they do not get in each other's way. No
exercise waits for time to pass; every moment is handed to the store.
"""

from __future__ import annotations

from typing import Final

from eilbote.testing.outbox_exercises import (
    accepting,
    asking,
    claiming,
    counting,
    expiring,
    keeping,
    rescuing,
    searching,
    settling,
    wishing,
)
from eilbote.testing.outbox_exercises.scene import Exercise, Outbox

__all__ = ["OUTBOX_EXERCISES", "Exercise", "Outbox", "exercise_name"]

OUTBOX_EXERCISES: Final[tuple[Exercise, ...]] = (
    *accepting.EXERCISES,
    *claiming.EXERCISES,
    *settling.EXERCISES,
    *rescuing.EXERCISES,
    *expiring.EXERCISES,
    *wishing.EXERCISES,
    *asking.EXERCISES,
    *searching.EXERCISES,
    *counting.EXERCISES,
    *keeping.EXERCISES,
)
"""One for each rule."""


def exercise_name(exercise: Exercise) -> str:
    """Name an exercise by its rule, for the report of a test run."""
    return getattr(exercise, "__name__", str(exercise)).replace("_", " ")
