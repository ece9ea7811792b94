"""Who holds what in memory, and how long: what the columns ``worker`` and ``until`` are in a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.model.moment import Moment


@dataclass(slots=True)
class MemoryLease:
    """Of one run or instance.

    Attributes:
        worker: Who holds it.
        until: How long.
    """

    worker: str | None = None
    until: Moment | None = None

    def is_over(self, now: Moment) -> bool:
        """Tell whether anybody may take it."""
        return self.worker is None or self.until is None or self.until <= now

    def begin(self, worker: str, until: Moment) -> None:
        """Take it."""
        self.worker, self.until = worker, until

    def end(self) -> None:
        """Let it go."""
        self.worker = self.until = None

    def free_from(self, due: Moment, now: Moment) -> Moment:
        """Tell when what is due then can be taken: not before the lease is over."""
        return due if self.until is None or self.is_over(now) else max(due, self.until)
