# ruff: noqa: ARG002 - the port hands in more than memory needs
"""An outbox in memory, for the tests of programs that submit: it keeps every rule but that it lasts.

What it holds is gone with the process, so it is no place for mail that matters. Its costs grow with what waits in it;
some ten thousand entries are no trouble.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.errors import OutboxUnavailableError
from eilbote.model.attempt import Attempt, Event, EventKind
from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment
from eilbote.outbox.entry import Acceptance, Claim, Entry, History, Lane
from eilbote.outbox.rescue import rescue
from eilbote.outbox.store import ReadyLane
from eilbote.outbox.untried import give_up
from eilbote.outbox.wishes import NO_SUCH_ENTRY, Grant, grant
from eilbote.store import memory_figures
from eilbote.store.memory_record import MemoryRecord
from eilbote.store.nouns import found

if TYPE_CHECKING:
    from eilbote.model.ids import CourierId
    from eilbote.outbox.entry import NewEntry
    from eilbote.outbox.settlement import Settlement
    from eilbote.outbox.statistics import Span, Statistics
    from eilbote.outbox.store import EntryFilter, OutboxFigures, Pause, Wish

_COUNTER_BITS: Final = 20  # the rest of an id is the millisecond of its acceptance


class MemoryOutbox:
    """An :class:`~eilbote.outbox.store.OutboxStore` that keeps everything in this process, and nothing longer.

    It may be opened several times, and keeps its contents when it is closed, so that a test can close and reopen it.
    """

    def __init__(self) -> None:
        self._openings = 0
        self._records: dict[EntryId, MemoryRecord] = {}
        self._waiting: dict[Lane, dict[EntryId, MemoryRecord]] = {}
        self._keys: dict[tuple[str, str], MemoryRecord] = {}
        self._couriers: dict[CourierId, int] = {}
        self._pauses: dict[str, Pause] = {}
        self._events: list[Event] = []
        self._last_id = 0
        self._last_event = 0

    async def open(self) -> None:
        """Make ready."""
        self._openings += 1

    async def close(self) -> None:
        """Take nothing any more, once each opening was closed; what is in it stays."""
        self._openings = max(0, self._openings - 1)

    # -- the first half of the sentence ------------------------------------------------------------------------

    async def accept(self, entries: Sequence[NewEntry]) -> list[Acceptance]:
        """See :meth:`OutboxStore.accept <eilbote.outbox.store.OutboxStore.accept>`."""
        self._check_open()
        return [self._accept(new) for new in entries]

    def _accept(self, new: NewEntry) -> Acceptance:
        key = None if new.idempotency_key is None else (new.organization, new.idempotency_key)
        older = self._keys.get(key) if key else None
        if older is None:
            self._last_id = max(self._last_id + 1, new.accepted << _COUNTER_BITS)
            record = MemoryRecord.of(new, EntryId(self._last_id))
            self._records[record.id] = record
            self._note(record)
            if key:
                self._keys[key] = record
            self._tell(_event(record, EventKind.SUBMITTED, new.accepted))
        else:
            record = older
        return Acceptance(
            id=record.id,
            is_new=older is None,
            is_same=record.new.digest == new.digest,
            state=record.state,
            message_id=record.new.message_id,
        )

    # -- the second half ------------------------------------------------------------------------------------

    async def begin_courier(self, courier: CourierId, *, host: str, process: int, now: Moment) -> None:
        """Note a courier that is going to claim."""
        self._check_open()
        self._couriers[courier] = 0

    async def beat(self, courier: CourierId, *, now: Moment) -> bool:
        """Say that a courier lives; ``False`` when it was ended."""
        self._check_open()
        if courier not in self._couriers:
            return False
        self._couriers[courier] += 1
        return True

    async def couriers(self) -> list[tuple[CourierId, int, bool]]:
        """Tell every courier that has not ended; none is certainly gone, for all live in this process."""
        self._check_open()
        return [(courier, beats, False) for courier, beats in self._couriers.items()]

    async def end_courier(self, courier: CourierId, *, now: Moment) -> int:
        """Take back everything a courier holds, and forget the courier; gives the number of entries."""
        self._check_open()
        self._couriers.pop(courier, None)
        held = [record for record in self._records.values() if record.courier == courier]
        for record in held:
            self._write(record, rescue(record.orphan(courier), now=now))
            record.epoch += 1
        return len(held)

    async def ready_lanes(self, now: Moment) -> list[ReadyLane]:
        """Tell the lanes with something due."""
        self._check_open()
        return memory_figures.ready_among(self._waiting, now)

    async def next_due(self, now: Moment) -> Moment | None:
        """Tell when the next entry falls due after now; ``None`` when none will."""
        self._check_open()
        return min((record.due for record in self._all_waiting() if record.due > now), default=None)

    async def claim(self, courier: CourierId, lane: Lane, *, limit: int, now: Moment) -> list[Claim]:
        """Take due entries of a lane, the urgent first, then the oldest due."""
        self._check_open()
        if courier not in self._couriers:
            return []
        due = (record for record in self._waiting.get(lane, {}).values() if record.due <= now)
        chosen = heapq.nsmallest(limit, due, key=lambda record: (record.new.urgency, record.due, record.id))
        claims = [record.claim(courier) for record in chosen]
        for record in chosen:
            self._note(record)
        return claims

    async def transmit(self, claims: Sequence[tuple[EntryId, int]]) -> list[bool]:
        """Note that the contents of these entries may go out from now on."""
        self._check_open()
        return [self._transmit(*claim) for claim in claims]

    def _transmit(self, entry: EntryId, epoch: int) -> bool:
        record = self._held(entry, epoch)
        if record is not None:
            record.transmitting = True
        return record is not None

    async def settle(self, settlements: Sequence[Settlement]) -> list[bool]:
        """Write what became of claims; ``False`` for a claim that is lost."""
        self._check_open()
        return [self._settle(settlement) for settlement in settlements]

    def _settle(self, settlement: Settlement) -> bool:
        record = self._held(settlement.id, settlement.epoch)
        if record is not None:
            self._write(record, settlement)
        return record is not None

    async def poison(self, entry: EntryId, epoch: int, *, reason: str, now: Moment) -> bool:
        """Hold a claimed entry that cannot be read, with the reason."""
        self._check_open()
        record = self._held(entry, epoch)
        if record is None:
            return False
        record.hold(reason, now)
        self._tell(_event(record, EventKind.POISONED, now, reason))
        return True

    async def give_up_expired(self, *, limit: int, now: Moment) -> list[Event]:
        """Fail entries that wait and whose time is over; gives one event for each."""
        self._check_open()
        expired = [record for record in self._all_waiting() if record.expires <= now][:limit]
        given_up = [give_up(record.expired(), now=now) for record in expired]
        for record, settlement in zip(expired, given_up, strict=True):
            self._write(record, settlement)
        return [event for settlement in given_up for event in settlement.events]

    async def shift_waiting(self, seconds: float, *, now: Moment, at_most: Moment) -> int:
        """Move the times of what waits after the wall clock was set."""
        self._check_open()
        return sum([record.shift(seconds, now=now, at_most=at_most) for record in self._all_waiting()])

    async def pause(self, pause: Pause) -> None:
        """Note a pause, in place of an earlier one of that connection."""
        self._check_open()
        if pause.connection not in self._pauses:
            kind, since = EventKind.CONNECTION_PAUSED, pause.since
            self._tell(Event(kind=kind, at=since, connection=pause.connection, text=pause.reason))
        self._pauses[pause.connection] = pause

    async def note(self, event: Event) -> bool:
        """Tell something about an entry that was heard of later."""
        self._check_open()
        if event.entry not in self._records:
            return False
        self._tell(event)
        return True

    async def resume(self, connection: str, *, now: Moment) -> bool:
        """End a pause; says whether there was one."""
        self._check_open()
        if self._pauses.pop(connection, None) is None:
            return False
        self._tell(Event(kind=EventKind.CONNECTION_RESUMED, at=now, connection=connection))
        return True

    async def pauses(self) -> list[Pause]:
        """Tell every connection that is paused."""
        self._check_open()
        return list(self._pauses.values())

    async def divert(self, connection: str, *, away_from: frozenset[str], now: Moment) -> int:
        """Move what waits for a connection that takes no mail to another one; gives the number of entries."""
        self._check_open()
        closed = away_from | {connection}
        diverted = 0
        for record in list(self._all_waiting()):
            others = [one for one in record.new.connections if one not in closed]
            if record.lane.connection == connection and others and not record.is_tied:
                self._forget(record)
                record.lane = Lane(record.lane.organization, others[0])
                self._note(record)
                diverted += 1
        return diverted

    # -- people ------------------------------------------------------------------------------------------------

    async def apply(self, wish: Wish, entries: Sequence[EntryId], *, now: Moment) -> list[str | None]:
        """Do what somebody wants; for each entry ``None``, or why its state does not allow it."""
        self._check_open()
        answers = {entry: self._apply(wish, entry, now) for entry in dict.fromkeys(entries)}
        return [answers[entry] for entry in entries]

    def _apply(self, wish: Wish, entry: EntryId, now: Moment) -> str | None:
        record = self._records.get(entry)
        if record is None:
            return NO_SUCH_ENTRY
        decided = grant(wish, record.standing(), now=now)
        if not isinstance(decided, Grant):
            return decided
        record.grant(decided, now)
        self._note(record)
        self._tell(_event(record, decided.event, now, decided.reason))
        return None

    async def entries(
        self, which: EntryFilter, *, limit: int, after: EntryId | None = None, newest_first: bool = True
    ) -> list[Entry]:
        """List entries in the order of their ids, page by page."""
        self._check_open()
        found: list[Entry] = []
        for number in sorted(self._records, reverse=newest_first):
            if len(found) == limit:
                break
            passed = after is not None and (number >= after if newest_first else number <= after)
            if not passed and self._records[number].matches(which):
                found.append(self._records[number].view())
        return found

    async def count(self, which: EntryFilter, *, at_most: int) -> int:
        """Count entries, and stop at a number."""
        return len(await self.entries(which, limit=at_most))

    async def history(self, entry: EntryId) -> History:
        """Tell everything about an entry."""
        record = self._record(entry)
        return History(
            entry=record.view(),
            attempts=tuple(record.attempts),
            events=tuple(event for event in self._events if event.entry == entry),
        )

    async def frozen(self, entry: EntryId) -> bytes:
        """Give what is to be sent, as it was accepted."""
        return self._record(entry).new.frozen

    async def figures(self, now: Moment) -> OutboxFigures:
        """Count."""
        return memory_figures.figures_of(self._counted(), now)

    async def octets(self) -> int:
        """Tell how much room everything takes: of memory, what is to be sent."""
        return sum(len(record.new.frozen) for record in self._counted())

    async def statistics(self, span: Span) -> Statistics:
        """Count what was accepted in a span of time, and what waits."""
        return memory_figures.statistics_in(self._counted(), span)

    async def submitted_by_minute(self, organization: str, since: Moment) -> Mapping[int, int]:
        """Count what an organization has handed in, by minutes."""
        return memory_figures.minutes_in(self._counted(), organization, since)

    async def waiting(self, organization: str) -> int:
        """Count the entries of an organization that are queued or deferred."""
        self._check_open()
        return sum(record.new.organization == organization for record in self._all_waiting())

    async def events(self, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Tell what happened, in order."""
        self._check_open()
        return [event for event in self._events if event.sequence > after][:limit]

    async def newest_event(self) -> int:
        """Give the sequence of the last event."""
        self._check_open()
        return self._last_event

    async def attempts_since(self, connection: str, moment: Moment) -> int:
        """Count the attempts through a connection."""
        return memory_figures.attempts_in(self._counted(), connection, moment)

    async def newest_attempts(self, connections: Sequence[str]) -> Mapping[str, Attempt]:
        """Give the latest attempt through each connection."""
        return memory_figures.newest_attempts_in(self._counted(), connections)

    async def prune(self, *, finished_before: Moment, limit: int) -> int:
        """Forget finished entries with everything about them; gives their number."""
        self._check_open()
        finished = [
            record
            for record in self._records.values()
            if record.finished is not None and record.finished < finished_before
        ][:limit]
        gone = {record.id for record in finished}
        for record in finished:
            del self._records[record.id]
            if record.new.idempotency_key is not None:
                del self._keys[record.new.organization, record.new.idempotency_key]
        old = [one.sequence for one in self._events if one.entry is None and one.at < finished_before]
        forgotten = set(old[:limit])
        self._events = [one for one in self._events if not (one.entry in gone or one.sequence in forgotten)]
        return len(gone)

    async def blobs_in_use(self) -> set[str]:
        """Tell the SHA-256 of every blob that an entry refers to."""
        self._check_open()
        return {blob for record in self._records.values() for blob in record.new.blobs}

    # -- within --------------------------------------------------------------------------------------------------

    def _counted(self) -> Iterable[MemoryRecord]:
        self._check_open()
        return self._records.values()

    def _check_open(self) -> None:
        if not self._openings:
            raise OutboxUnavailableError("The outbox is closed", remedy="Open it before it is used")

    def _record(self, entry: EntryId) -> MemoryRecord:
        self._check_open()
        return found(self._records.get(entry), entry)

    def _held(self, entry: EntryId, epoch: int) -> MemoryRecord | None:
        record = self._records.get(entry)
        return record if record is not None and record.is_held_under(epoch) else None

    def _write(self, record: MemoryRecord, settlement: Settlement) -> None:
        record.settle(settlement)
        self._note(record)
        for event in settlement.events:
            self._tell(event)

    def _note(self, record: MemoryRecord) -> None:
        """Put a record where those who claim look for it, or take it away from there."""
        if record.is_waiting:
            self._waiting.setdefault(record.lane, {})[record.id] = record
        else:
            self._forget(record)

    def _forget(self, record: MemoryRecord) -> None:
        """Take a record away from those who claim, and its lane with it when nothing else waits there."""
        waiting = self._waiting.get(record.lane, {})
        waiting.pop(record.id, None)
        if not waiting:
            self._waiting.pop(record.lane, None)

    def _all_waiting(self) -> Iterable[MemoryRecord]:
        return (record for waiting in self._waiting.values() for record in waiting.values())

    def _tell(self, event: Event) -> None:
        self._last_event += 1
        self._events.append(replace(event, sequence=self._last_event))


def _event(record: MemoryRecord, kind: EventKind, at: Moment, text: str = "") -> Event:
    return Event(
        kind=kind,
        at=at,
        entry=record.id,
        connection=record.lane.connection,
        organization=record.lane.organization,
        text=text,
    )
