"""Looks what became of the messages that runs wait for, and wakes the runs whose messages are settled.

A run that waits lies in the database and costs nothing. What it waits for is looked at a page at a time; a courier of the same
process tells at once what it has settled, so that nobody waits for the next look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.engine.flow_mail import reverse_path
from eilbote.engine.flow_mail_result import forgotten, is_settled, settled
from eilbote.errors import EntryNotFoundError, FlowError
from eilbote.model.attempt import EventKind
from eilbote.model.ids import entry_id_text
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.author.flow.step import Outcome
    from eilbote.author.flow.store import FlowStore, LateResult
    from eilbote.model.attempt import Event
    from eilbote.model.data import Data
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.outbox.store import OutboxStore
    from eilbote.record.notice import Notice

PAGE: Final = 500
"""Messages that are looked at in one go."""
_REMEMBERED: Final = 4096
_SETTLING: Final = frozenset(
    {EventKind.ACCEPTED, EventKind.FAILED, EventKind.GAVE_UP, EventKind.CANCELLED, EventKind.HELD}
)


class FlowWatch:
    """What one worker knows of the messages that runs wait for.

    Args:
        store: Where runs are kept.
        outbox: Where messages are.
        now: Tells the time.
    """

    def __init__(
        self, store: FlowStore, outbox: Callable[[], OutboxStore], *, now: Callable[[], Moment]
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._now = now
        self._after: EntryId | None = None

    async def look(self) -> bool:
        """Look at the next page; says whether there may be more to look at right now.

        Raises:
            OutboxError: The database does not answer.
        """
        page = await self._store.awaited(limit=PAGE, after=self._after)
        self._after = page[-1] if len(page) == PAGE else None
        if page:
            await self.look_at(page)
        return self._after is not None

    async def look_at(self, entries: Sequence[EntryId]) -> int:
        """Look at some messages; says how many runs were woken or got a late result.

        Raises:
            OutboxError: The database does not answer.
        """
        found = await self._outbox().entries(EntryFilter(ids=tuple(entries)), limit=len(entries))
        waiting = {entry.id for entry in found if not is_settled(entry)}
        over = [entry for entry in entries if entry not in waiting]
        if not over:
            return 0
        woken = await self._store.wake(over, now=self._now())
        wanted = await self._store.late_results(over)
        for late in wanted:
            await self._keep(late)
        return woken + len(wanted)

    async def _keep(self, late: LateResult) -> None:
        try:
            history = await self._outbox().history(late.entry)
        except EntryNotFoundError:
            outcome = forgotten(entry_id_text(late.entry))
        else:
            path = await reverse_path(self._outbox(), late.entry)
            outcome = settled(history, reverse_path=path, shows_bcc=late.shows_bcc)
        try:
            await self._store.keep_late(late, late_result(outcome, node=late.node), now=self._now())
        except FlowError:  # so many recipients that it cannot be kept
            await self._store.keep_late(late, _in_short(outcome), now=self._now())


class Heard:
    """A :class:`~eilbote.record.report.Report` that tells a worker which messages a courier of its process has settled.

    Args:
        tell: Is told their ids.
    """

    def __init__(self, tell: Callable[[Sequence[EntryId]], None]) -> None:
        self._tell = tell

    def happened(self, events: Sequence[Event]) -> None:
        """Hear what happened to entries."""
        entries = [event.entry for event in events if event.entry is not None and event.kind in _SETTLING]
        if entries:
            self._tell(entries)

    def noticed(self, notice: Notice) -> None:
        """Hear what a courier tells of itself, which is nothing to do with runs."""


class Awaiting:
    """The messages that runs of this process wait for, and those that were settled a moment ago, in either order."""

    def __init__(self) -> None:
        self._awaited: dict[EntryId, None] = {}
        self._settled: dict[EntryId, None] = {}
        self._due: dict[EntryId, None] = {}

    def parked(self, entry: EntryId) -> bool:
        """Hear that a run waits for a message; says whether that has been settled already."""
        if entry in self._settled:
            self._due[entry] = None
            return True
        _remember(self._awaited, entry)
        return False

    def settled(self, entries: Sequence[EntryId]) -> bool:
        """Hear that messages are settled; says whether a run waits for one of them."""
        for entry in entries:
            _remember(self._settled, entry)
            if entry in self._awaited:
                del self._awaited[entry]
                self._due[entry] = None
        return bool(self._due)

    def take(self) -> Sequence[EntryId]:
        """Give those that are to be looked at now, a page at most."""
        taken = list(self._due)[:PAGE]
        for entry in taken:
            del self._due[entry]
        return taken


def late_result(outcome: Outcome, *, node: str) -> dict[str, Data]:
    """Give what is kept of a message that a run did not wait for: the same that its node would have kept."""
    result: dict[str, Data] = dict(outcome.result)
    if outcome.error is not None:
        result = {"status": "failed", **result, "error": {**outcome.error, "node": node}}
    return result


def _in_short(outcome: Outcome) -> Mapping[str, Data]:
    kept = ("id", "status", "messageId", "attempts", "server", "response")
    return {name: outcome.result[name] for name in kept if name in outcome.result}


def _remember(known: dict[EntryId, None], entry: EntryId) -> None:
    known[entry] = None
    if len(known) > _REMEMBERED:
        del known[next(iter(known))]
