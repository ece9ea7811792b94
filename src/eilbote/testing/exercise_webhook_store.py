"""The exercises that every :class:`~eilbote.record.webhook_store.WebhookStore` passes, for whoever writes one.

They are played as those of :mod:`eilbote.testing.exercise_account_store` are.
"""

from __future__ import annotations

from typing import Final

from eilbote.testing.exercise_outbox_store import exercise_name
from eilbote.testing.hook_exercises import delivering, hooking
from eilbote.testing.hook_exercises.scene import Exercise, Kept

__all__ = ["WEBHOOK_EXERCISES", "Exercise", "Kept", "exercise_name"]

WEBHOOK_EXERCISES: Final[tuple[Exercise, ...]] = (*hooking.EXERCISES, *delivering.EXERCISES)
"""One for each rule."""
