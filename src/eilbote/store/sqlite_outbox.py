"""The outbox on SQLite: no server, one file.

Everything that is written goes through the one :class:`~eilbote.store.writer.Writer` of this process and becomes
durable in groups; everything people ask is read beside it. Several processes may share the file: SQLite lets one
write at a time, and each entry's epoch says whose it is.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import OutboxUnavailableError
from eilbote.model.ids import CourierId, EntryId
from eilbote.model.moment import Moment
from eilbote.outbox.entry import Lane
from eilbote.outbox.store import ReadyLane
from eilbote.store import sqlite_reading as reading
from eilbote.store.nouns import found
from eilbote.store.presence import Presence
from eilbote.store.sqlite_accept import accept
from eilbote.store.sqlite_claim import Demand, claim, transmit
from eilbote.store.sqlite_expiry import Expiry, expired, give_up_expired
from eilbote.store.sqlite_file import octets_of, open_file
from eilbote.store.sqlite_reader import Readers
from eilbote.store.sqlite_session import SqliteSession
from eilbote.store.sqlite_settle import Ending, Poison, end_courier, poison, settle
from eilbote.store.sqlite_upkeep import (
    Beginning,
    Pruning,
    Resumption,
    Shift,
    Wishes,
    apply,
    beat,
    begin_courier,
    diversions,
    divert,
    note,
    pause,
    prune,
    resume,
    shift_waiting,
)
from eilbote.store.statements import named_sql
from eilbote.store.writer import Step, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from eilbote.model.attempt import Attempt, Event
    from eilbote.outbox.entry import Acceptance, Claim, Entry, History, NewEntry
    from eilbote.outbox.settlement import Settlement
    from eilbote.outbox.statistics import Span, Statistics
    from eilbote.outbox.store import EntryFilter, OutboxFigures, Pause, Wish

# Within a transaction: first what frees and ends, then what comes in, then what takes.
_SETTLE: Final = Step(work=settle, rank=0, patient=True)  # goes first: it may begin the transaction anew
_POISON: Final = Step(work=poison, rank=1, patient=True)
_TRANSMIT: Final = Step(work=transmit, rank=2, patient=True)
_ACCEPT: Final = Step(work=accept, rank=3)
_BEGIN: Final = Step(work=begin_courier, rank=4)
_BEAT: Final = Step(work=beat, rank=5)
_APPLY: Final = Step(work=apply, rank=6)
_CLAIM: Final = Step(work=claim, rank=7)
_END: Final = Step(work=end_courier, rank=8, patient=True)
_PAUSE: Final = Step(work=pause, rank=9)
_RESUME: Final = Step(work=resume, rank=10)
_NOTE: Final = Step(work=note, rank=10)
_SHIFT: Final = Step(work=shift_waiting, rank=11)
_DIVERT: Final = Step(work=divert, rank=12)
_PRUNE: Final = Step(work=prune, rank=13)
_GIVE_UP: Final = Step(work=give_up_expired, rank=14)

_COURIERS: Final = named_sql("sqlite", "couriers")
_READY: Final = named_sql("sqlite", "ready_lanes")
_NEXT_DUE: Final = named_sql("sqlite", "next_due")


class SqliteOutbox:
    """An :class:`~eilbote.outbox.store.OutboxStore` in a file.

    Args:
        path: The file; made when it is not there. The couriers' locks lie in ``couriers`` beside it, also
            when this is a link to it.
        busy_seconds: How long a submitter waits while the file is locked or full.
        monotonic: Tells seconds that never run backwards.
    """

    def __init__(
        self, path: Path, *, busy_seconds: float = 5.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._monotonic = monotonic
        # Where the file really is: who came by a link and who did not must find each other's locks.
        self._presence = Presence(path.resolve().parent / "couriers")
        self._running: tuple[Writer[SqliteSession], Readers] | None = None

    async def open(self) -> None:
        """Make ready."""
        if self._running is not None:
            return
        db = await asyncio.to_thread(open_file, self._path, busy_seconds=self._busy_seconds)
        session = SqliteSession(db, self._path)
        writer = Writer(session, busy_seconds=self._busy_seconds, monotonic=self._monotonic)
        self._running = writer, Readers(self._path, busy_seconds=self._busy_seconds)

    async def close(self) -> None:
        """Finish what was begun, then let go of everything."""
        if self._running is None:
            return
        writer, readers = self._running
        self._running = None
        await readers.close()
        await writer.close()
        self._presence.close()

    @property
    def _writer(self) -> Writer[SqliteSession]:
        return self._parts()[0]

    @property
    def _readers(self) -> Readers:
        return self._parts()[1]

    def _parts(self) -> tuple[Writer[SqliteSession], Readers]:
        if self._running is None:
            raise OutboxUnavailableError(f"the outbox {self._path} is not open", remedy="Open it first")
        return self._running

    # -- the first half of the sentence ----------------------------------------------------------------------

    async def accept(self, entries: Sequence[NewEntry]) -> list[Acceptance]:
        """Take entries, each with one result."""
        return await self._writer.do(_ACCEPT, entries)

    # -- the second half ----------------------------------------------------------------------------------------

    async def begin_courier(self, courier: CourierId, *, host: str, process: int, now: Moment) -> None:
        """Note a courier that is going to claim; its lock is held until it is ended."""
        self._presence.announce(courier)
        try:
            await self._writer.do(_BEGIN, Beginning(courier=courier, host=host, process=process, now=now))
        except BaseException:
            self._presence.end(courier)
            raise

    async def beat(self, courier: CourierId, *, now: Moment) -> bool:  # noqa: ARG002 - beats are counted, not timed
        """Say that a courier lives."""
        return await self._writer.do(_BEAT, courier)

    async def couriers(self) -> list[tuple[CourierId, int, bool]]:
        """Tell every courier that has not ended."""
        rows = await self._readers.read(lambda db: db.execute(_COURIERS).fetchall())
        return [(CourierId(name), beats, self._presence.is_gone(CourierId(name))) for name, beats in rows]

    async def end_courier(self, courier: CourierId, *, now: Moment) -> int:
        """Take back everything a courier holds, and forget the courier."""
        number = await self._writer.do(_END, Ending(courier=courier, now=now))
        self._presence.end(courier)
        return number

    async def ready_lanes(self, now: Moment) -> list[ReadyLane]:
        """Tell the lanes with something due."""
        (answer,) = await self._readers.read(lambda db: db.execute(_READY, (now,)).fetchone())
        lanes: dict[Lane, ReadyLane] = {}
        for organization, connection, urgency, due in sorted(
            json.loads(answer)
        ):  # the most urgent comes first
            lane = Lane(organization, connection)
            before = lanes.get(lane)
            lanes[lane] = ReadyLane(
                lane=lane,
                urgency=before.urgency if before else urgency,
                due=Moment(min(before.due, due) if before else due),
            )
        return list(lanes.values())

    async def next_due(self, now: Moment) -> Moment | None:
        """Tell when the next entry falls due after now."""
        (due,) = await self._readers.read(
            lambda db: cast("tuple[int | None]", db.execute(_NEXT_DUE, (now,)).fetchone())
        )
        return None if due is None else Moment(due)

    async def claim(self, courier: CourierId, lane: Lane, *, limit: int, now: Moment) -> list[Claim]:
        """Take due entries of a lane."""
        return await self._writer.do(_CLAIM, Demand(courier=courier, lane=lane, limit=limit, now=now))

    async def transmit(self, claims: Sequence[tuple[EntryId, int]]) -> list[bool]:
        """Note that the contents of these entries may go out from now on."""
        return await self._writer.do(_TRANSMIT, claims)

    async def settle(self, settlements: Sequence[Settlement]) -> list[bool]:
        """Write what became of claims; tried until it is written or the store is closed."""
        return await self._writer.do(_SETTLE, settlements)

    async def poison(self, entry: EntryId, epoch: int, *, reason: str, now: Moment) -> bool:
        """Hold a claimed entry that cannot be read, with the reason."""
        return await self._writer.do(_POISON, Poison(entry=entry, epoch=epoch, reason=reason, now=now))

    async def give_up_expired(self, *, limit: int, now: Moment) -> list[Event]:
        """Fail entries that wait and whose time is over; gives one event for each."""
        found = await self._readers.read(lambda db: expired(db, limit=limit, now=now))
        return await self._writer.do(_GIVE_UP, Expiry(entries=found, now=now)) if found else []

    async def shift_waiting(self, seconds: float, *, now: Moment, at_most: Moment) -> int:
        """Move the times of what waits."""
        return await self._writer.do(_SHIFT, Shift(seconds=seconds, now=now, at_most=at_most))

    async def pause(self, pause: Pause) -> None:
        """Note a pause."""
        await self._writer.do(_PAUSE, pause)

    async def note(self, event: Event) -> bool:
        """Tell something about an entry that was heard of later."""
        return await self._writer.do(_NOTE, event)

    async def resume(self, connection: str, *, now: Moment) -> bool:
        """End a pause; says whether there was one."""
        return await self._writer.do(_RESUME, Resumption(connection=connection, now=now))

    async def pauses(self) -> list[Pause]:
        """Tell every connection that is paused."""
        return await self._readers.read(reading.pauses)

    async def divert(self, connection: str, *, away_from: frozenset[str], now: Moment) -> int:  # noqa: ARG002 - the port's
        """Move what waits for a connection that takes no mail to another one."""
        found = await self._readers.read(lambda db: diversions(db, connection, away_from))
        return await self._writer.do(_DIVERT, found) if found else 0

    # -- people ------------------------------------------------------------------------------------------------

    async def apply(self, wish: Wish, entries: Sequence[EntryId], *, now: Moment) -> list[str | None]:
        """Do what somebody wants."""
        return await self._writer.do(_APPLY, Wishes(wish=wish, entries=entries, now=now))

    async def entries(
        self, which: EntryFilter, *, limit: int, after: EntryId | None = None, newest_first: bool = True
    ) -> list[Entry]:
        """List entries in the order of their ids, page by page."""
        return await self._readers.read(
            lambda db: reading.entries(db, which, limit=limit, after=after, newest_first=newest_first)
        )

    async def count(self, which: EntryFilter, *, at_most: int) -> int:
        """Count entries, and stop at a number."""
        return await self._readers.read(lambda db: reading.count(db, which, at_most=at_most))

    async def history(self, entry: EntryId) -> History:
        """Tell everything about an entry."""
        return found(await self._readers.read(lambda db: reading.history(db, entry)), entry)

    async def frozen(self, entry: EntryId) -> bytes:
        """Give what is to be sent, as it was accepted."""
        return found(await self._readers.read(lambda db: reading.frozen(db, entry)), entry)

    async def figures(self, now: Moment) -> OutboxFigures:
        """Count."""
        return await self._readers.read(lambda db: reading.figures(db, now))

    async def octets(self) -> int:
        """Tell how much room the file takes, with what SQLite keeps beside it until it is written there."""
        return await asyncio.to_thread(octets_of, self._path)

    async def statistics(self, span: Span) -> Statistics:
        """Count what was accepted in a span of time, and what waits."""
        return await self._readers.read(lambda db: reading.statistics(db, span))

    async def submitted_by_minute(self, organization: str, since: Moment) -> Mapping[int, int]:
        """Count what an organization has handed in, by minutes."""
        return await self._readers.read(lambda db: reading.submitted_by_minute(db, organization, since))

    async def waiting(self, organization: str) -> int:
        """Count the entries of an organization that are queued or deferred."""
        return await self._readers.read(lambda db: reading.waiting(db, organization))

    async def events(self, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Tell what happened, in order."""
        return await self._readers.read(lambda db: reading.events(db, after=after, limit=limit))

    async def newest_event(self) -> int:
        """Give the sequence of the last event."""
        return await self._readers.read(reading.newest_event)

    async def attempts_since(self, connection: str, moment: Moment) -> int:
        """Count the attempts through a connection."""
        return await self._readers.read(lambda db: reading.attempts_since(db, connection, moment))

    async def newest_attempts(self, connections: Sequence[str]) -> Mapping[str, Attempt]:
        """Give the latest attempt through each connection."""
        return await self._readers.read(lambda db: reading.newest_attempts(db, connections))

    async def prune(self, *, finished_before: Moment, limit: int) -> int:
        """Forget finished entries with everything about them."""
        return await self._writer.do(_PRUNE, Pruning(finished_before=finished_before, limit=limit))

    async def blobs_in_use(self) -> set[str]:
        """Tell the SHA-256 of every blob that an entry refers to."""
        return await self._readers.read(reading.blobs_in_use)
