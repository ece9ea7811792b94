"""The exercises that every :class:`~eilbote.record.suppression.SuppressionStore` passes, for whoever writes one.

They are played as those of :mod:`eilbote.testing.exercise_account_store` are.
"""

from __future__ import annotations

from typing import Final

from eilbote.testing.exercise_outbox_store import exercise_name
from eilbote.testing.hook_exercises.suppressing import EXERCISES, Exercise, Kept

__all__ = ["SUPPRESSION_EXERCISES", "Exercise", "Kept", "exercise_name"]

SUPPRESSION_EXERCISES: Final[tuple[Exercise, ...]] = EXERCISES
"""One for each rule."""
