"""Counters of what happened since the process began.

They only grow, so that whoever reads them twice knows the rate. Counted is what was told: each event once, after it
was stored.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.attempt import Event, EventKind
    from eilbote.record.notice import Notice, NoticeKind


@dataclass(slots=True)
class Metrics:
    """A :class:`~eilbote.record.report.Report` that counts.

    Attributes:
        events: How often each kind of event happened, by kind and connection; an event about several recipients
            counts once.
        recipients: How many recipients each kind of event concerned, by kind and connection; an event about an
            entry as a whole counts as one.
        notices: How often couriers told each kind of notice.
        entries: How many entries those notices concerned.
    """

    events: Counter[tuple[EventKind, str]] = field(default_factory=Counter[tuple["EventKind", str]])
    recipients: Counter[tuple[EventKind, str]] = field(default_factory=Counter[tuple["EventKind", str]])
    notices: Counter[NoticeKind] = field(default_factory=Counter["NoticeKind"])
    entries: Counter[NoticeKind] = field(default_factory=Counter["NoticeKind"])

    def happened(self, events: Sequence[Event]) -> None:
        """Count events."""
        for event in events:
            key = (event.kind, event.connection)
            self.events[key] += 1
            self.recipients[key] += len(event.recipients) or 1

    def noticed(self, notice: Notice) -> None:
        """Count a notice."""
        self.notices[notice.kind] += 1
        self.entries[notice.kind] += notice.count

    def total(self, kind: EventKind) -> int:
        """Give how often a kind of event happened over all connections."""
        return sum(count for (each, _), count in self.events.items() if each is kind)
