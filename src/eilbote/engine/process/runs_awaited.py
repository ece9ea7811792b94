"""Runs of flows that instances wait for: who works here hears at once that one has ended, and wakes the instance.

What is forgotten by a crash is found by looking: an instance that waits for a run looks again by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.record.notice import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.model.attempt import Event
    from eilbote.record.notice import Notice

_REMEMBERED: Final = 4096
_ENDS: Final = frozenset({NoticeKind.RUN_ENDED, NoticeKind.RUN_FAILED})


class RunsAwaited:
    """A :class:`~eilbote.record.report.Report` that hears of runs.

    Args:
        nudge: Is called when an instance is to be woken.
    """

    def __init__(self, nudge: Callable[[], None]) -> None:
        self._nudge = nudge
        self._waiting: dict[str, str] = {}
        self._ended: dict[str, None] = {}

    def await_run(self, run: str, instance: str) -> None:
        """Note that an instance waits for a run."""
        self._waiting[run] = instance
        if len(self._waiting) > _REMEMBERED:
            del self._waiting[next(iter(self._waiting))]

    def happened(self, events: Sequence[Event]) -> None:
        """Hear what happened to entries, which is nothing to do with runs."""

    def noticed(self, notice: Notice) -> None:
        """Hear that a run has ended."""
        if notice.kind in _ENDS and (instance := self._waiting.pop(notice.run, None)) is not None:
            self._ended[instance] = None
            self._nudge()

    def take(self) -> Sequence[str]:
        """Give the instances that are to be woken."""
        taken = tuple(self._ended)
        self._ended.clear()
        return taken
