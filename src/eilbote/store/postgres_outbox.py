"""The outbox on PostgreSQL: for several machines, or where there is a server already.

Submitters that come at the same time share a transaction, and so do couriers that settle; each statement does the work
of hundreds of rows. Several programs take from one queue without waiting for each other (``FOR UPDATE SKIP LOCKED``), and
each entry's epoch says whose it is.

Whether a courier on another machine has ended cannot be known here, for a connection that is lost says nothing about
the process behind it: such a courier is gone when its beats have stood still for a lease.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar, cast

from eilbote.errors import OutboxUnavailableError
from eilbote.model.ids import CourierId, EntryId
from eilbote.model.moment import Moment
from eilbote.outbox.entry import Lane
from eilbote.outbox.store import ReadyLane
from eilbote.store import postgres_reading as reading
from eilbote.store import postgres_upkeep as upkeep
from eilbote.store.blob_rows import BlobRows
from eilbote.store.gathering import Gathering
from eilbote.store.nouns import found
from eilbote.store.postgres_accept import accept, first_lane, is_kept
from eilbote.store.postgres_claim import claim, give_back_unheard, is_claimed, transmit
from eilbote.store.postgres_link import PostgresLink
from eilbote.store.postgres_rows import columns, count
from eilbote.store.postgres_settle import end_courier, give_up_expired, has_ended, is_over, poison, settle
from eilbote.store.postgres_tables import best_collation, check_tables, make_or_upgrade, revision_in
from eilbote.store.revision import HEAD, REVISIONS, check_revision
from eilbote.store.statements import named_sql
from eilbote.store.values import storable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from eilbote.model.attempt import Attempt, Event
    from eilbote.outbox.entry import Acceptance, Claim, Entry, History, NewEntry
    from eilbote.outbox.settlement import Settlement
    from eilbote.outbox.statistics import Span, Statistics
    from eilbote.outbox.store import EntryFilter, OutboxFigures, Pause, Wish
    from eilbote.store.postgres_link import Db, Transaction

T = TypeVar("T")

_ACCEPT_GROUPS, _ACCEPT_SIZE = 2, 200
_SETTLE_GROUPS, _SETTLE_SIZE = 2, 200
_TRANSMIT_GROUPS, _TRANSMIT_SIZE = 1, 500

_LANES: Final = named_sql("postgresql", "lanes")
_BEGIN: Final = named_sql("postgresql", "courier_begin")
_BEAT: Final = named_sql("postgresql", "courier_beat")
_COURIERS: Final = named_sql("postgresql", "couriers")
_READY: Final = named_sql("postgresql", "ready_lanes")
_NEXT_DUE: Final = named_sql("postgresql", "next_due")


class PostgresOutbox:
    """An :class:`~eilbote.outbox.store.OutboxStore` in a PostgreSQL database.

    Args:
        url: As libpq reads it: ``postgresql://user:password@host/database``.
        busy_seconds: How long a submitter waits while the server cannot be used.
        monotonic: Tells seconds that never run backwards.
    """

    def __init__(
        self, url: str, *, busy_seconds: float = 5.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._link = PostgresLink(url, busy_seconds=busy_seconds, monotonic=monotonic)
        self._lanes: dict[Lane, int] = {}
        self._heard: dict[CourierId, set[EntryId]] = {}
        self._unheard: set[CourierId] = set()
        self._fold = reading.folding(None)
        self._accepting = Gathering(self._accept_group, groups=_ACCEPT_GROUPS, size=_ACCEPT_SIZE, weigh=len)
        self._settling = Gathering(self._settle_group, groups=_SETTLE_GROUPS, size=_SETTLE_SIZE, weigh=len)
        self._transmitting = Gathering(
            self._transmit_group, groups=_TRANSMIT_GROUPS, size=_TRANSMIT_SIZE, weigh=len
        )

    @property
    def blobs(self) -> BlobRows:
        """Where large parts of messages are kept beside it, for every machine that uses it."""
        return BlobRows(self._link)

    async def open(self) -> None:
        """Make ready; an empty database gets the tables."""
        if self._link.is_open:
            return
        await self._link.open()
        try:
            if not await self._link.read(lambda db: check_tables(db, self._link.where)):
                await make_or_upgrade(self._link.connect)
            self._fold = reading.folding(await self._link.read(best_collation))
        except BaseException:
            await self._link.close()
            raise

    async def upgrade(self) -> str | None:
        """Bring the tables to the form this program knows, while it is closed; gives the form they were of.

        Raises:
            OutboxSchemaError: They are newer than this program, or of something else.
            OutboxError: The server cannot be used.
        """
        await self._link.open()
        try:
            found = await self._link.read(lambda db: revision_in(db, self._link.where))
            if found is not None and found not in REVISIONS:
                check_revision(found, self._link.where)
            if found != HEAD:
                await make_or_upgrade(self._link.connect)
        finally:
            await self._link.close()
        return found

    async def close(self) -> None:
        """Finish what was begun, then let go of everything."""
        self._link.announce_close()
        for gathering in (self._accepting, self._transmitting, self._settling):
            await gathering.finish()
        await self._link.close()

    # -- the first half of the sentence ----------------------------------------------------------------------

    async def accept(self, entries: Sequence[NewEntry]) -> list[Acceptance]:
        """Take entries, each with one result."""
        self._check_open()
        return await self._accepting.do(entries) if entries else []

    async def _accept_group(self, calls: Sequence[Sequence[NewEntry]]) -> list[list[Acceptance]]:
        await self._know_lanes({first_lane(entry) for call in calls for entry in call})
        return await self._link.transact(lambda db: accept(db, calls, self._lanes), proof=is_kept)

    async def _know_lanes(self, lanes: Iterable[Lane]) -> None:
        """See that lanes have numbers; made before the transaction that uses them, so that what is known is kept."""
        unknown = sorted((lane.organization, lane.connection) for lane in lanes if lane not in self._lanes)
        if unknown:
            rows = await self._link.transact(lambda db: db.fetch(_LANES, *columns(unknown, 2)))
            for organization, connection, number in cast("list[tuple[str, str, int]]", rows):
                self._lanes[Lane(organization, connection)] = number

    # -- the second half ----------------------------------------------------------------------------------------

    async def begin_courier(self, courier: CourierId, *, host: str, process: int, now: Moment) -> None:
        """Note a courier that is going to claim."""
        self._check_open()
        await self._link.transact(lambda db: db.execute(_BEGIN, courier, storable(host), process, now))

    async def beat(self, courier: CourierId, *, now: Moment) -> bool:  # noqa: ARG002 - beats are counted, not timed
        """Say that a courier lives."""
        self._check_open()
        return count(await self._link.transact(lambda db: db.execute(_BEAT, courier))) == 1

    async def couriers(self) -> list[tuple[CourierId, int, bool]]:
        """Tell every courier that has not ended; of none it is certain that it is gone."""
        self._check_open()
        rows = cast("list[tuple[str, int]]", await self._link.read(lambda db: db.fetch(_COURIERS)))
        return [(CourierId(name), beats, False) for name, beats in rows]

    async def end_courier(self, courier: CourierId, *, now: Moment) -> int:
        """Take back everything a courier holds, and forget the courier."""
        self._check_open()
        number = await self._link.transact(
            lambda db: end_courier(db, courier, now=now),
            patient=True,
            proof=lambda db, _: has_ended(db, courier),
        )
        self._heard.pop(courier, None)
        self._unheard.discard(courier)
        return number

    async def ready_lanes(self, now: Moment) -> list[ReadyLane]:
        """Tell the lanes with something due."""
        self._check_open()
        rows = await self._link.read(lambda db: db.fetch(_READY, now))
        return [
            ReadyLane(lane=Lane(organization, connection), urgency=urgency, due=Moment(due))
            for organization, connection, urgency, due in cast("list[tuple[str, str, int, int]]", rows)
        ]

    async def next_due(self, now: Moment) -> Moment | None:
        """Tell when the next entry falls due after now."""
        self._check_open()
        due = cast("int | None", await self._link.read(lambda db: db.fetchval(_NEXT_DUE, now)))
        return None if due is None else Moment(due)

    async def claim(self, courier: CourierId, lane: Lane, *, limit: int, now: Moment) -> list[Claim]:
        """Take due entries of a lane."""
        self._check_open()
        await self._know_lanes([lane])
        number = self._lanes[lane]
        heard = self._heard.setdefault(courier, set())
        if courier in self._unheard:
            await self._link.transact(lambda db: give_back_unheard(db, courier, list(heard)))
            self._unheard.discard(courier)
        try:
            claims = await self._link.transact(
                lambda db: claim(db, courier, lane, number, limit=limit, now=now),
                proof=lambda db, claims: is_claimed(db, courier, claims),
            )
        except BaseException:
            self._unheard.add(courier)  # it may have been given some all the same
            raise
        heard.update(one.id for one in claims)
        return claims

    async def transmit(self, claims: Sequence[tuple[EntryId, int]]) -> list[bool]:
        """Note that the contents of these entries may go out from now on."""
        self._check_open()
        return await self._transmitting.do(claims) if claims else []

    async def _transmit_group(self, calls: Sequence[Sequence[tuple[EntryId, int]]]) -> list[list[bool]]:
        return await self._link.repeat(lambda db: transmit(db, calls))

    async def settle(self, settlements: Sequence[Settlement]) -> list[bool]:
        """Write what became of claims; tried until it is written or the store is closed."""
        self._check_open()
        return await self._settling.do(settlements) if settlements else []

    async def _settle_group(self, calls: Sequence[Sequence[Settlement]]) -> list[list[bool]]:
        claims = [(one.id, one.epoch) for call in calls for one in call]
        written = await self._link.transact(
            lambda db: settle(db, calls), patient=True, proof=lambda db, _: is_over(db, claims)
        )
        self._forget(entry for entry, _ in claims)
        return written

    async def poison(self, entry: EntryId, epoch: int, *, reason: str, now: Moment) -> bool:
        """Hold a claimed entry that cannot be read, with the reason."""
        self._check_open()
        held = await self._link.transact(
            lambda db: poison(db, entry, epoch, reason=reason, now=now),
            patient=True,
            proof=lambda db, _: is_over(db, [(entry, epoch)]),
        )
        self._forget([entry])
        return held

    def _forget(self, entries: Iterable[EntryId]) -> None:
        gone = set(entries)
        for heard in self._heard.values():
            heard.difference_update(gone)

    async def give_up_expired(self, *, limit: int, now: Moment) -> list[Event]:
        """Fail entries that wait and whose time is over; gives one event for each."""
        return await self._write(lambda db: give_up_expired(db, limit=limit, now=now))

    async def shift_waiting(self, seconds: float, *, now: Moment, at_most: Moment) -> int:
        """Move the times of what waits."""
        return await self._write(lambda db: upkeep.shift_waiting(db, seconds, now=now, at_most=at_most))

    async def pause(self, pause: Pause) -> None:
        """Note a pause."""
        await self._write(lambda db: upkeep.pause(db, pause))

    async def note(self, event: Event) -> bool:
        """Tell something about an entry that was heard of later."""
        return await self._write(lambda db: upkeep.note(db, event))

    async def resume(self, connection: str, *, now: Moment) -> bool:
        """End a pause; says whether there was one."""
        return await self._write(lambda db: upkeep.resume(db, connection, now=now))

    async def pauses(self) -> list[Pause]:
        """Tell every connection that is paused."""
        return await self._read(reading.pauses)

    async def divert(self, connection: str, *, away_from: frozenset[str], now: Moment) -> int:  # noqa: ARG002 - the port's
        """Move what waits for a connection that takes no mail to another one."""
        return await self._write(lambda db: upkeep.divert(db, connection, away_from=away_from))

    # -- people ------------------------------------------------------------------------------------------------

    async def apply(self, wish: Wish, entries: Sequence[EntryId], *, now: Moment) -> list[str | None]:
        """Do what somebody wants."""
        return await self._write(lambda db: upkeep.apply(db, wish, entries, now=now))

    async def entries(
        self, which: EntryFilter, *, limit: int, after: EntryId | None = None, newest_first: bool = True
    ) -> list[Entry]:
        """List entries in the order of their ids, page by page."""
        self._check_open()
        return await self._link.look(
            lambda db: reading.entries(
                db, which, limit=limit, after=after, newest_first=newest_first, fold=self._fold
            )
        )

    async def count(self, which: EntryFilter, *, at_most: int) -> int:
        """Count entries, and stop at a number."""
        return await self._read(lambda db: reading.count(db, which, at_most=at_most, fold=self._fold))

    async def history(self, entry: EntryId) -> History:
        """Tell everything about an entry."""
        self._check_open()
        return found(await self._link.look(lambda db: reading.history(db, entry)), entry)

    async def frozen(self, entry: EntryId) -> bytes:
        """Give what is to be sent, as it was accepted."""
        return found(await self._read(lambda db: reading.frozen(db, entry)), entry)

    async def figures(self, now: Moment) -> OutboxFigures:
        """Count."""
        self._check_open()
        return await self._link.look(lambda db: reading.figures(db, now))

    async def octets(self) -> int:
        """Tell how much room the database takes, indexes included."""
        return await self._read(reading.octets)

    async def statistics(self, span: Span) -> Statistics:
        """Count what was accepted in a span of time, and what waits."""
        self._check_open()
        return await self._link.look(lambda db: reading.statistics(db, span))

    async def submitted_by_minute(self, organization: str, since: Moment) -> Mapping[int, int]:
        """Count what an organization has handed in, by minutes."""
        return await self._read(lambda db: reading.submitted_by_minute(db, organization, since))

    async def waiting(self, organization: str) -> int:
        """Count the entries of an organization that are queued or deferred."""
        return await self._read(lambda db: reading.waiting(db, organization))

    async def events(self, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Tell what happened, in order."""
        return await self._read(lambda db: reading.events(db, after=after, limit=limit))

    async def newest_event(self) -> int:
        """Give the sequence of the last event."""
        return await self._read(reading.newest_event)

    async def attempts_since(self, connection: str, moment: Moment) -> int:
        """Count the attempts through a connection."""
        return await self._read(lambda db: reading.attempts_since(db, connection, moment))

    async def newest_attempts(self, connections: Sequence[str]) -> Mapping[str, Attempt]:
        """Give the latest attempt through each connection."""
        return await self._read(lambda db: reading.newest_attempts(db, connections))

    async def prune(self, *, finished_before: Moment, limit: int) -> int:
        """Forget finished entries with everything about them."""
        return await self._write(lambda db: upkeep.prune(db, finished_before=finished_before, limit=limit))

    async def blobs_in_use(self) -> set[str]:
        """Tell the SHA-256 of every blob that an entry refers to."""
        return await self._read(reading.blobs_in_use)

    # -- within --------------------------------------------------------------------------------------------------

    async def _read(self, question: Callable[[Db], Awaitable[T]]) -> T:
        self._check_open()
        return await self._link.read(question)

    async def _write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        self._check_open()
        return await self._link.transact(work)

    def _check_open(self) -> None:
        if not self._link.is_open:
            raise OutboxUnavailableError(f"the outbox {self._link.where} is not open", remedy="Open it first")
