"""Time is handed in, never reached for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """Where code learns the time."""

    def now(self) -> datetime:
        """Give the wall-clock time, aware of its time zone."""
        ...

    def monotonic(self) -> float:
        """Give seconds that never run backwards; only differences mean something."""
        ...
