"""Counters of what happened since the process began.

They only grow, so that whoever reads them twice knows the rate. Counted is what was told: each event once, after it
was stored.

How many figures there are is bounded, whatever organizations call their connections and whatever codes their servers
reply: behind the first thousands, connections are counted together, and codes by their class.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eilbote.record.step import StepKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.attempt import Event, EventKind
    from eilbote.record.notice import Notice, NoticeKind
    from eilbote.record.report import Tried
    from eilbote.record.step import Step

DURATION_BOUNDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds up to which durations are counted together: from a server next door to one that answers after the last time-out."""
MOST_CONNECTIONS: Final = 5_000
MOST_REPLIES: Final = 20_000
OTHERS: Final = "(others)"
"""The name under which connections beyond :data:`MOST_CONNECTIONS` are counted; no connection is called so."""


@dataclass(slots=True)
class Durations:
    """How long something took, counted in the classes of :data:`DURATION_BOUNDS`.

    Attributes:
        counts: How many fell into each class, the last for what took longer than all bounds.
        seconds: All of them together.
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(DURATION_BOUNDS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(DURATION_BOUNDS, seconds)] += 1
        self.seconds += seconds


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
        messages: How many messages came to each of these, by kind of event and organization.
        deliveries: How long attempts took, by connection.
        refreshes: How often access tokens were asked for, by whether one came.
        replies: What servers replied about recipients, by connection and reply code; 0 where there was no reply.
    """

    events: Counter[tuple[EventKind, str]] = field(default_factory=Counter[tuple["EventKind", str]])
    recipients: Counter[tuple[EventKind, str]] = field(default_factory=Counter[tuple["EventKind", str]])
    notices: Counter[NoticeKind] = field(default_factory=Counter["NoticeKind"])
    entries: Counter[NoticeKind] = field(default_factory=Counter["NoticeKind"])
    messages: Counter[tuple[EventKind, str]] = field(default_factory=Counter[tuple["EventKind", str]])
    deliveries: defaultdict[str, Durations] = field(default_factory=lambda: defaultdict(Durations))
    replies: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])

    refreshes: Counter[bool] = field(default_factory=Counter[bool])
    _named: set[str] = field(default_factory=set[str], repr=False)

    def happened(self, events: Sequence[Event]) -> None:
        """Count events."""
        for event in events:
            connection = event.connection
            key = (event.kind, connection if connection in self._named else self._name(connection))
            self.events[key] += 1
            self.recipients[key] += len(event.recipients) or 1
            if event.entry is not None:
                self.messages[event.kind, event.organization] += 1

    def noticed(self, notice: Notice) -> None:
        """Count a notice."""
        self.notices[notice.kind] += 1
        self.entries[notice.kind] += notice.count

    def tried(self, attempts: Sequence[Tried]) -> None:
        """Count attempts."""
        for each in attempts:
            attempt = each.attempt
            connection = self._name(attempt.connection)
            self.deliveries[connection].add(attempt.seconds)
            for outcome in attempt.outcomes:
                code = outcome.reply_code
                if len(self.replies) >= MOST_REPLIES and (connection, code) not in self.replies:
                    code -= code % 100
                self.replies[connection, code] += 1

    def stepped(self, step: Step) -> None:
        """Count tokens that were asked for."""
        if step.kind is StepKind.TOKEN_REFRESH:
            self.refreshes[step.is_well] += 1

    def total(self, kind: EventKind) -> int:
        """Give how often a kind of event happened over all connections."""
        return sum(count for (each, _), count in self.events.items() if each is kind)

    def _name(self, connection: str) -> str:
        """Give the name under which a connection is counted."""
        if connection not in self._named:
            if len(self._named) >= MOST_CONNECTIONS:
                return OTHERS
            self._named.add(connection)
        return connection
