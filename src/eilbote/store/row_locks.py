"""How each of the two databases is told to lock rows, behind a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Locking:
    """Words behind a question.

    Attributes:
        lock: Others wait who want to change the rows that it gives.
        skip: Those that others have locked are left out.
    """

    lock: str = ""
    skip: str = ""


SQLITE: Final = Locking()
"""One at a time writes, so there is nothing to lock."""
POSTGRESQL: Final = Locking(lock=" FOR UPDATE", skip=" FOR UPDATE SKIP LOCKED")
