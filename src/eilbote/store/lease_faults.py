"""What is said to whoever works on something that somebody else has by now, in memory as in the databases."""

from __future__ import annotations

from eilbote.errors import LeaseLostError


def lease_lost(what: str, revision: int) -> LeaseLostError:
    """Say that somebody else has taken it.

    Args:
        what: Such as ``run 4711``.
        revision: The one that was read.
    """
    return LeaseLostError(
        f"somebody else works on the {what} by now; nothing was kept",
        field="revision",
        cause=f"It was read at revision {revision}, and has been taken or kept since",
        remedy="Let it go: whoever has it goes on where it was last kept",
    )
