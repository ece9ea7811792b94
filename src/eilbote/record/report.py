"""The port through which things that happened are told, and one that tells them to several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from eilbote.record.step import StepReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.attempt import Attempt, Event
    from eilbote.model.ids import EntryId
    from eilbote.record.notice import Notice
    from eilbote.record.step import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An attempt, and of what it was one.

    Attributes:
        entry: Of which entry.
        organization: On whose behalf.
        attempt: What was tried, and what became of it.
    """

    entry: EntryId
    organization: str
    attempt: Attempt


class Report(Protocol):
    """Hears what happened, once it is stored. Must be quick and must not raise: mail waits for it."""

    def happened(self, events: Sequence[Event]) -> None:
        """Hear events of entries and connections, in their order."""
        ...

    def noticed(self, notice: Notice) -> None:
        """Hear what a courier tells about itself."""
        ...


@runtime_checkable
class AttemptReport(Protocol):
    """A report that hears of attempts as well: how long each took, and what the server replied."""

    def tried(self, attempts: Sequence[Tried]) -> None:
        """Hear attempts that are written down, in no order. Must be quick and must not raise."""
        ...


class Reports:
    """Tells several; of attempts, and of work beside delivering, those who hear of them.

    Args:
        reports: Who hears everything.
    """

    __slots__ = ("_attempt_reports", "_reports", "_step_reports")

    def __init__(self, *reports: Report) -> None:
        self._reports = reports
        self._attempt_reports = [each for each in reports if isinstance(each, AttemptReport)]
        self._step_reports = [each for each in reports if isinstance(each, StepReport)]

    def happened(self, events: Sequence[Event]) -> None:
        """Tell events to everybody."""
        for report in self._reports:
            report.happened(events)

    def noticed(self, notice: Notice) -> None:
        """Tell a notice to everybody."""
        for report in self._reports:
            report.noticed(notice)

    def tried(self, attempts: Sequence[Tried]) -> None:
        """Tell attempts to those who hear of them."""
        for report in self._attempt_reports:
            report.tried(attempts)

    def stepped(self, step: Step) -> None:
        """Tell of work beside delivering to those who hear of it."""
        for report in self._step_reports:
            report.stepped(step)
