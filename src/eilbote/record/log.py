"""Every event and notice as one line of the log, through the standard library's :mod:`logging`.

The logger is ``eilbote``. A line is a row of ``name=value`` pairs, the same names in the same order for every kind::

    event=deferred entry=1kd8p3v4a0003 connection=office organization=acme recipients=0,2 text="451 4.7.1 Greylisted"

=============  =====================================================================================================
``event``      the kind: one of :class:`~eilbote.model.attempt.EventKind`
``notice``     in place of ``event``, what a courier tells of itself: :class:`~eilbote.record.notice.NoticeKind`
``entry``      the entry's id, as ``eilbote outbox show`` takes it
``connection`` the connection's name
``organization``  on whose behalf
``flow``       the flow's name
``run``        the run's id, as ``eilbote flow show`` takes it
``process``    the process's name
``instance``   the process instance's id, as ``eilbote process show`` takes it
``recipients`` numbers of the recipients concerned, counted from 0; left out when it is the entry as a whole
``courier``    which courier tells it
``count``      how many entries it concerns; of a run or an instance that has ended, the nodes or elements it has come to
``text``       why, in words
=============  =====================================================================================================

What is empty is left out. Values with blanks, quotes or control characters are written as JSON strings, so that
nothing a server says can end a line or look like another pair. Addresses and subjects are never logged. The
record carries the same as a mapping, ``record.eilbote``, for formatters that write JSON.
"""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Final

from eilbote.model.attempt import EventKind
from eilbote.model.ids import entry_id_text
from eilbote.record.notice import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.model.attempt import Event
    from eilbote.record.notice import Notice

_PLAIN = re.compile(r"[!#-<>-~]+\Z")  # visible ASCII without quote and equals sign

EVENT_LEVELS: Final[Mapping[EventKind, int]] = {
    EventKind.SUBMITTED: logging.INFO,
    EventKind.ACCEPTED: logging.INFO,
    EventKind.DEFERRED: logging.INFO,
    EventKind.FAILED: logging.WARNING,
    EventKind.GAVE_UP: logging.WARNING,
    EventKind.IN_DOUBT: logging.WARNING,
    EventKind.HELD: logging.WARNING,
    EventKind.RELEASED: logging.INFO,
    EventKind.CANCELLED: logging.INFO,
    EventKind.RETRIED: logging.INFO,
    EventKind.RESCUED: logging.INFO,
    EventKind.POISONED: logging.ERROR,
    EventKind.BOUNCED: logging.WARNING,
    EventKind.CONNECTION_PAUSED: logging.ERROR,
    EventKind.CONNECTION_RESUMED: logging.WARNING,
}
"""How loud each event is; what somebody has to look at is an error."""

NOTICE_LEVELS: Final[Mapping[NoticeKind, int]] = {
    NoticeKind.COURIER_STARTED: logging.INFO,
    NoticeKind.COURIER_STOPPING: logging.INFO,
    NoticeKind.COURIER_STOPPED: logging.INFO,
    NoticeKind.LEASE_LOST: logging.WARNING,
    NoticeKind.LATE_RESULT: logging.WARNING,
    NoticeKind.COURIER_RESCUED: logging.WARNING,
    NoticeKind.CLOCK_SET: logging.WARNING,
    NoticeKind.OUTBOX_UNAVAILABLE: logging.ERROR,
    NoticeKind.OUTBOX_AVAILABLE: logging.WARNING,
    NoticeKind.ENTRIES_DIVERTED: logging.WARNING,
    NoticeKind.ENTRIES_PRUNED: logging.INFO,
    NoticeKind.RUN_BEGAN: logging.INFO,
    NoticeKind.RUN_ENDED: logging.INFO,
    NoticeKind.RUN_FAILED: logging.WARNING,
    NoticeKind.RUN_STEP_FAILED: logging.WARNING,
    NoticeKind.FILE_LEFT_OUT: logging.WARNING,
    NoticeKind.RUN_LEASE_LOST: logging.WARNING,
    NoticeKind.INSTANCE_BEGAN: logging.INFO,
    NoticeKind.INSTANCE_ENDED: logging.INFO,
    NoticeKind.INSTANCE_FAILED: logging.WARNING,
    NoticeKind.INSTANCE_INCIDENT: logging.WARNING,
    NoticeKind.INSTANCE_LEASE_LOST: logging.WARNING,
    NoticeKind.TRIGGER_DROPPED: logging.WARNING,
    NoticeKind.START_FAILED: logging.WARNING,
    NoticeKind.TASK_UNTOLD: logging.WARNING,
    NoticeKind.NOTIFICATION_WAITS: logging.WARNING,
    NoticeKind.NOTIFICATION_LOST: logging.ERROR,
    NoticeKind.UNFORESEEN: logging.ERROR,
}
"""How loud each notice is."""


class EventLog:
    """A :class:`~eilbote.record.report.Report` that writes the log.

    Args:
        logger: Where to; the logger ``eilbote`` when ``None``.
    """

    __slots__ = ("_logger",)

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger("eilbote")

    def happened(self, events: Sequence[Event]) -> None:
        """Write a line for each event."""
        logger = self._logger
        for event in events:
            level = EVENT_LEVELS[event.kind]
            if logger.isEnabledFor(level):
                self._write(level, fields_of_event(event))

    def noticed(self, notice: Notice) -> None:
        """Write a line."""
        level = NOTICE_LEVELS[notice.kind]
        if self._logger.isEnabledFor(level):
            self._write(level, fields_of_notice(notice))

    def _write(self, level: int, fields: Mapping[str, str]) -> None:
        self._logger.log(level, "%s", line_of(fields), extra={"eilbote": fields})


def fields_of_event(event: Event) -> dict[str, str]:
    """Give an event's pairs, the empty ones left out."""
    return _without_empty(
        event=event.kind.value,
        entry="" if event.entry is None else entry_id_text(event.entry),
        connection=event.connection,
        organization=event.organization,
        recipients=",".join(map(str, event.recipients)),
        text=event.text,
    )


def fields_of_notice(notice: Notice) -> dict[str, str]:
    """Give a notice's pairs, the empty ones left out."""
    return _without_empty(
        notice=notice.kind.value,
        entry="" if notice.entry is None else entry_id_text(notice.entry),
        connection=notice.connection,
        organization=notice.organization,
        flow=notice.flow,
        run=notice.run,
        process=notice.process,
        instance=notice.instance,
        courier=notice.courier,
        count=str(notice.count or ""),
        text=notice.text,
    )


def line_of(fields: Mapping[str, str]) -> str:
    """Write pairs as one line that nobody can forge another one into."""
    return " ".join(f"{name}={_shown(value)}" for name, value in fields.items())


def _shown(value: str) -> str:
    return value if _PLAIN.match(value) else json.dumps(value)


def _without_empty(**fields: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}
