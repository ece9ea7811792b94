"""What becomes of an error that nobody has foreseen, where one draft must not end the work on all others."""

from __future__ import annotations

from eilbote.errors import DraftError


def unforeseen(error: Exception) -> DraftError:
    """Say that a draft could not be composed, for a reason that is most often the type of some value in it."""
    made = DraftError(
        "the draft could not be composed",
        cause=f"{type(error).__name__}: {error}",
        remedy="Check the types of its fields",
    )
    made.__cause__ = error
    return made
