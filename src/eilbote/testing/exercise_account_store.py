"""The exercises that every :class:`~eilbote.accounts.store.AccountStore` passes, for whoever writes one.

Each exercise plays one rule on a store that is empty at first::

    @pytest.mark.asyncio
    @pytest.mark.parametrize("exercise", ACCOUNT_EXERCISES, ids=exercise_name)
    async def test_my_store(exercise: Exercise) -> None:
        store = MyStore()
        await exercise(lambda: store)
"""

from __future__ import annotations

from typing import Final

from eilbote.testing.account_exercises import entering, joining, writing
from eilbote.testing.account_exercises.scene import Exercise, Kept
from eilbote.testing.exercise_outbox_store import exercise_name

__all__ = ["ACCOUNT_EXERCISES", "Exercise", "Kept", "exercise_name"]

ACCOUNT_EXERCISES: Final[tuple[Exercise, ...]] = (
    *joining.EXERCISES,
    *entering.EXERCISES,
    *writing.EXERCISES,
)
"""One for each rule."""
