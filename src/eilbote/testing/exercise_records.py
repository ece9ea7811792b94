"""The exercises that all :class:`~eilbote.settings.records.Records` pass, for whoever writes some.

Each exercise plays one rule on records that are empty at first::

    @pytest.mark.asyncio
    @pytest.mark.parametrize("exercise", RECORDS_EXERCISES, ids=exercise_name)
    async def test_my_records(exercise: Exercise, tmp_path: Path) -> None:
        await exercise(lambda: MyRecords(tmp_path / "records"))

The function that an exercise is given makes handles on those records, not yet opened: an exercise opens and closes one,
opens it again to see what was kept, and opens two at once to see that they do not get in each other's way.
"""

from __future__ import annotations

from typing import Final

from eilbote.testing.exercise_outbox_store import exercise_name
from eilbote.testing.records_exercises import connecting, consenting, renewing, setting
from eilbote.testing.records_exercises.scene import Exercise, Kept

__all__ = ["RECORDS_EXERCISES", "Exercise", "Kept", "exercise_name"]

RECORDS_EXERCISES: Final[tuple[Exercise, ...]] = (
    *connecting.EXERCISES,
    *setting.EXERCISES,
    *renewing.EXERCISES,
    *consenting.EXERCISES,
)
"""One for each rule."""
