"""The messages that what is worked here waits for: who hears first that one is settled, and what to look at next.

A courier of the same process tells at once what it has settled, so that nobody waits for the next look at the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.model.attempt import EventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.model.attempt import Event
    from eilbote.model.ids import EntryId
    from eilbote.record.notice import Notice

PAGE: Final = 500
"""Messages that are looked at in one go."""
_REMEMBERED: Final = 4096
_SETTLING: Final = frozenset(
    {EventKind.ACCEPTED, EventKind.FAILED, EventKind.GAVE_UP, EventKind.CANCELLED, EventKind.HELD}
)


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


def _remember(known: dict[EntryId, None], entry: EntryId) -> None:
    known[entry] = None
    if len(known) > _REMEMBERED:
        del known[next(iter(known))]
