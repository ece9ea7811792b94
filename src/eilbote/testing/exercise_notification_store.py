"""The exercises that every :class:`~eilbote.author.notification.store.NotificationStore` passes, for whoever writes one.

Each exercise plays one rule on a store that is empty at first::

    @pytest.mark.asyncio
    @pytest.mark.parametrize("exercise", NOTIFICATION_EXERCISES, ids=exercise_name)
    async def test_my_store(exercise: Exercise) -> None:
        store = MyStore()
        await exercise(lambda: store)
"""

from __future__ import annotations

from typing import Final

from eilbote.testing.exercise_outbox_store import exercise_name
from eilbote.testing.notification_exercises import escalating, raising, telling
from eilbote.testing.notification_exercises.scene import Exercise, Kept

__all__ = ["NOTIFICATION_EXERCISES", "Exercise", "Kept", "exercise_name"]

NOTIFICATION_EXERCISES: Final[tuple[Exercise, ...]] = (
    *raising.EXERCISES,
    *telling.EXERCISES,
    *escalating.EXERCISES,
)
"""One for each rule."""
