"""The port through which things that happened are told, and one that tells them to several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.attempt import Event
    from eilbote.record.notice import Notice


class Report(Protocol):
    """Hears what happened, once it is stored. Must be quick and must not raise: mail waits for it."""

    def happened(self, events: Sequence[Event]) -> None:
        """Hear events of entries and connections, in their order."""
        ...

    def noticed(self, notice: Notice) -> None:
        """Hear what a courier tells about itself."""
        ...


class Reports:
    """Tells several.

    Args:
        reports: Who hears everything.
    """

    __slots__ = ("_reports",)

    def __init__(self, *reports: Report) -> None:
        self._reports = reports

    def happened(self, events: Sequence[Event]) -> None:
        """Tell events to everybody."""
        for report in self._reports:
            report.happened(events)

    def noticed(self, notice: Notice) -> None:
        """Tell a notice to everybody."""
        for report in self._reports:
            report.noticed(notice)
