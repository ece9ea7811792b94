"""How bad something is that people are told of: the same five words for flows, system events and subscriptions."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Severity(StrEnum):
    """How bad it is."""

    INFORMATION = "information"
    SUCCESS = "success"
    """Good news; as loud as information."""
    WARNING = "warning"
    ERROR = "error"
    FATAL = "fatal"
    """Something has stopped and does not come back by itself."""

    @property
    def rank(self) -> int:
        """Its place from quiet to loud, for comparing."""
        return _RANKS[self]

    def is_at_least(self, other: Severity) -> bool:
        """Tell whether it is as bad as another, or worse."""
        return self.rank >= other.rank


_RANKS: Final = {
    Severity.INFORMATION: 0,
    Severity.SUCCESS: 0,
    Severity.WARNING: 1,
    Severity.ERROR: 2,
    Severity.FATAL: 3,
}
