"""What an attempt, or somebody's wish, makes of an entry: decided here as a value, written by the store as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.model.attempt import Attempt, Event
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.model.status import EntryState
    from eilbote.outbox.entry import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The next state of a claimed entry, all of it, for one transaction.

    Attributes:
        id: The entry.
        epoch: The claim's fencing token; when it is no longer the entry's, nothing is written.
        state: deferred, held, done, or queued when nothing was tried.
        due: When it may be claimed again; of a done entry, when it was settled.
        lane: Where it waits next: the one it was claimed from, or another connection's of the same organization.
        reason: Why it waits or is held; empty when done.
        attempt: What was tried; ``None`` when nothing was. Its outcomes become the recipients' statuses; an
            outcome in_doubt adds to the recipient's count of doubts.
        given_up: Numbers of recipients that fail without having been part of the attempt, or in spite of a
            deferred outcome in it.
        events: What to tell, in order.
    """

    id: EntryId
    epoch: int
    state: EntryState
    due: Moment
    lane: Lane
    reason: str = ""
    attempt: Attempt | None = None
    given_up: tuple[int, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def connection(self) -> str:
        """The connection it waits for next."""
        return self.lane.connection
