"""Carries what waits for one connection: claims ahead, notes that a content may go out, sends, settles.

One runner belongs to one connection, so that one that is down, slow or paused delays no other. Its work comes in
*visits*: the connection's settings are read, a session is opened before anything is claimed (a server that is down
costs one attempt to connect, and no entry moves), then one long series of deliveries runs for as long as there is
work. Rules it keeps:

* Nothing is handed to a session before ``transmit`` has made durable that its content may go out.
* Not more than what sessions can have in flight, and a little to read ahead, is marked so: all of that is in
  doubt after a crash.
* Nothing is claimed or begun when the lease is over; each delivery carries the moment itself.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.deliver.delivery import Delivery
from eilbote.engine.hand import Hand
from eilbote.engine.series_source import undelivered
from eilbote.engine.thawing import thawed
from eilbote.engine.waiting import first_of
from eilbote.errors import DeliveryError, Durability, EilboteError, OutboxError, OutboxUnavailableError
from eilbote.model.moment import Moment, later
from eilbote.outbox.settle import settle
from eilbote.outbox.untried import REST_SECONDS, expire, put_back, rest, set_apart
from eilbote.record.notice import NoticeKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from eilbote.connections.connection import Connection
    from eilbote.connections.repository import ConnectionBook
    from eilbote.deliver.transport import Transport
    from eilbote.engine.settler import Settler
    from eilbote.engine.shift import Shift
    from eilbote.engine.site import Site
    from eilbote.engine.transports import Transports
    from eilbote.outbox.entry import Claim, Lane
    from eilbote.outbox.settlement import Settlement

_IN_FLIGHT_PER_SESSION: Final = 4
"""Two that a session with PIPELINING works on, and two to read ahead: with one, a session often had no next envelope to send
with a content, and what was written at once was a third smaller."""
_MOST_UNWRITTEN: Final = 1000
_SAME_MOMENT_SECONDS: Final = 0.001
_REVIEW_SECONDS: Final = 0.25
"""While messages flow, so often are the settings asked for: whoever moves a connection to another server sees hundreds of
messages a second still go to the old one."""
_NONE: Final[frozenset[str]] = frozenset()


class _Flight:
    """A claim on its way."""

    __slots__ = ("begun_at", "claim", "started")

    def __init__(self, claim: Claim, started: Moment) -> None:
        self.claim = claim
        self.started = started
        self.begun_at = 0.0  # monotonic


class LaneRunner:
    """Works for one connection.

    Args:
        name: The connection's.
        shift: The courier.
        settler: Writes results.
        site: Knows whether the server may be asked, and how hard.
        closed: Tells which connections take no mail for now.
        book: Where the connection's settings are.
        transports: The ways out.
    """

    def __init__(
        self,
        name: str,
        *,
        shift: Shift,
        settler: Settler,
        site: Site,
        closed: Callable[[], frozenset[str]],
        book: ConnectionBook,
        transports: Transports,
    ) -> None:
        self.name = name
        self._shift = shift
        self._settler = settler
        self._site = site
        self._closed = closed
        self._book = book
        self._transports = transports
        self._changed = asyncio.Event()
        self._hand = Hand(shift, self._changed)
        self._connection: Connection | None = None
        self._window = 1
        self._preparing = 0
        self._in_flight = 0
        self._unwritten = 0
        self._landed = 0  # since the last look
        self._looked_at = shift.clock.monotonic()
        self._busy_at = self._reviewed_at = self._looked_at
        self._now, self._now_at = shift.now(), self._looked_at
        self._is_over = False  # this visit
        self._is_stopping = False
        self._is_aborted = False

    # -- what the courier tells -----------------------------------------------------------------------------

    def offer(self, lanes: Iterable[Lane]) -> None:
        """Hear which lanes have something due."""
        self._hand.rota.offer(lanes)
        self._changed.set()

    def look(self) -> None:
        """Look at the time: some waits are over by now. Called several times a second."""
        now = self._shift.clock.monotonic()
        seconds = now - self._looked_at
        if seconds > 0:
            self._hand.expect(least=2 * self._window, per_second=self._landed / seconds)
            self._landed, self._looked_at = 0, now
        if self.is_idle:
            if self._connection is None or now - self._busy_at >= self._connection.limits.idle_seconds:
                self._is_over = True
        else:
            self._busy_at = now
        if self._shift.lease.is_over():
            self._is_over = True
        self._changed.set()

    async def review(self) -> None:
        """End the visit when the connection's settings have changed; the next one uses the new ones."""
        connection = self._connection
        if connection is None:
            return
        self._reviewed_at = self._shift.clock.monotonic()
        try:
            current = await self._book.get(self.name)
        except EilboteError:
            self._is_over = True
        else:
            if current is not connection and current.fingerprint() != connection.fingerprint():
                self._is_over = True
        self._changed.set()

    def stop(self) -> None:
        """Claim nothing more, and finish what is on its way."""
        self._is_stopping = self._is_over = True
        self._changed.set()

    def abort(self) -> None:
        """Hear that the sessions are being closed."""
        self._is_aborted = True
        self.stop()

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do and nothing under way."""
        return not (self._in_flight or self._preparing or self._unwritten or self._hand or self._hand.rota)

    @property
    def has_started(self) -> bool:
        """Whether anything of this connection is in this courier's hands."""
        return bool(self._in_flight or self._preparing or self._unwritten or self._hand)

    # -- visits -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until stopped."""
        try:
            while not self._is_stopping:
                if self._hand.rota and self._site.may_begin(self._shift.clock.monotonic()):
                    await self._visit()
                else:
                    self._changed.clear()
                    await self._changed.wait()
        finally:
            self._put_back(self._hand.close())

    async def _visit(self) -> None:
        self._is_over = self._is_stopping
        try:
            connection = await self._book.get(self.name)
        except EilboteError as error:
            self._site.fingerprint = ""
            self._site.failed(error, self._shift.clock.monotonic())
        else:
            await self._visit_with(connection)
        await self._tell_site()

    async def _visit_with(self, connection: Connection) -> None:
        limits = connection.limits
        in_flight = max(_IN_FLIGHT_PER_SESSION, connection.chunking_window + 1)
        self._window = limits.max_sessions * in_flight
        transport = self._transports.borrow(connection)
        try:
            await self._site.met(connection, self._shift)
            await transport.ready()
        except EilboteError as error:
            self._site.failed(error, self._shift.clock.monotonic())
        else:
            self._connection = connection
            await self._series(transport, connection)
        finally:
            self._connection = None
            await self._transports.give_back(connection)

    async def _tell_site(self) -> None:
        try:
            await self._site.write(self._shift)
        except OutboxError:
            return  # it is written at the next review

    async def _series(self, transport: Transport, connection: Connection) -> None:
        self._busy_at = self._shift.clock.monotonic()
        self._hand.reopen()
        filling = asyncio.get_running_loop().create_task(self._hand.fill())
        filling.add_done_callback(lambda _task: self._end_visit())
        try:
            async with aclosing(transport.deliver_all(self._source())) as results:
                async for delivery in results:
                    self._land(delivery, connection)
        finally:
            left = self._hand.close()
            await filling
            self._put_back([*left, *self._hand.close()])

    def _end_visit(self) -> None:
        self._is_over = True
        self._changed.set()

    # -- on the way out ---------------------------------------------------------------------------------------

    async def _source(self) -> AsyncIterator[Delivery]:
        while await self._has_work():
            if self._shift.clock.monotonic() - self._reviewed_at >= _REVIEW_SECONDS:
                await self.review()
                continue
            for delivery in await self._prepare(self._hand.take(self._room())):
                yield delivery

    async def _has_work(self) -> bool:
        """Wait until there is something to send and room for it; ``False`` when the visit is over."""
        while not self._is_over:
            if self._hand and self._room() > 0:
                return True
            self._changed.clear()
            pause = self._site.wait(self._shift.clock.monotonic()) if self._hand else 0.0
            if pause > 0.0 and self._in_flight < self._window:
                await first_of(self._shift.sleep(pause), self._changed.wait())
            else:
                await self._changed.wait()
        return False

    def _room(self) -> int:
        if self._settler.backlog >= _MOST_UNWRITTEN:
            return 0
        under_way = self._in_flight + self._preparing
        return min(self._window - under_way, self._site.room(self._shift.clock.monotonic(), under_way))

    async def _prepare(self, claims: list[Claim]) -> list[Delivery]:
        """Make deliveries of claims: thawed, not expired, and durably noted as on their way."""
        self._preparing = len(claims)
        try:
            now = self._shift.now()
            deliveries: list[Delivery] = []
            on_their_way: list[Claim] = []
            for claim in claims:
                delivery = await self._delivery(claim, now)
                if delivery is not None:
                    deliveries.append(delivery)
                    on_their_way.append(claim)
            if not deliveries:
                return []
            granted = await self._transmit(on_their_way)
        finally:
            self._preparing = 0
        begun_at, until = self._shift.clock.monotonic(), self._shift.lease.content_until
        ready: list[Delivery] = []
        for delivery, is_granted in zip(deliveries, granted, strict=True):
            if is_granted:
                delivery.not_after = until
                _flight_of(delivery).begun_at = begun_at
                ready.append(delivery)
        self._in_flight += len(ready)
        self._site.begun(len(ready), begun_at)
        return ready

    async def _delivery(self, claim: Claim, now: Moment) -> Delivery | None:
        if claim.expires <= now:
            is_certain = claim.expires <= now - self._shift.wall_clock.ahead(now)
            self._settle(expire(claim, now=now) if is_certain else rest(claim, now=now))
            return None
        try:
            envelope, message = await thawed(claim, self._shift.blobs, self._shift.rules.return_paths)
        except OutboxUnavailableError as error:
            self._settle(put_back(claim, now=now, reason=str(error), due=later(now, REST_SECONDS)))
        except EilboteError as error:
            self._settle(set_apart(claim, now=now, reason=str(error)))
        except Exception as error:  # noqa: BLE001 - one entry that cannot be read must not stop the others
            self._settle(set_apart(claim, now=now, reason=f"its content {_unforeseen(error)}"))
        else:
            return Delivery(envelope, message, context=_Flight(claim, now))
        return None

    async def _transmit(self, claims: list[Claim]) -> list[bool]:
        try:
            return await self._shift.store.transmit([(claim.id, claim.epoch) for claim in claims])
        except OutboxError as error:
            self._shift.notice(NoticeKind.OUTBOX_UNAVAILABLE, str(error), connection=self.name)
            self._put_back(claims)
            return [False] * len(claims)

    # -- on the way back --------------------------------------------------------------------------------------

    def _land(self, delivery: Delivery, connection: Connection) -> None:
        """Decide what a result makes of its entry, and what it says about the server."""
        flight, shift = _flight_of(delivery), self._shift
        claim, monotonic = flight.claim, shift.clock.monotonic()
        now = self._wall_clock(monotonic)
        self._in_flight -= 1
        self._landed += 1
        self._changed.set()
        is_certain = delivery.receipt is None and not _is_in_doubt(delivery)
        was_asked = not is_certain or delivery.attempts > 0
        if is_certain and (self._is_aborted or (self._is_stopping and not was_asked)):
            self._settle(put_back(claim, now=now, due=claim.accepted))
            return
        receipt = delivery.receipt or undelivered(delivery)
        pauses = self._site.heard(
            receipt,
            monotonic,
            begun_at=flight.begun_at,
            on_their_way=self._in_flight + 1,
        )
        # Who was not even asked stood behind a server that could not be reached; that ends the series.
        self._is_over = self._is_over or pauses or not was_asked
        closed = _NONE
        if not receipt.ok:
            closed = self._closed()
            ahead = shift.wall_clock.ahead(now)
            if ahead:  # nothing is given up by a clock that is not believed
                claim = replace(claim, expires=Moment(claim.expires + ahead))
        try:
            settlement = settle(
                claim,
                receipt,
                policy=connection.retry,
                now=now,
                started=flight.started,
                courier=shift.courier,
                random=shift.random,
                closed=closed,
            )
        except Exception as error:  # noqa: BLE001 - sent again and again, it would reach its recipients each time
            settlement = set_apart(
                claim, now=now, reason=f"its result, {receipt.reply!r}, {_unforeseen(error)}"
            )
        self._settle(settlement)

    def _wall_clock(self, monotonic: float) -> Moment:
        """Give the wall-clock time, asked once for all results of a moment: asking takes as long as a result."""
        if monotonic - self._now_at > _SAME_MOMENT_SECONDS:
            self._now, self._now_at = self._shift.now(), monotonic
        return self._now

    def _put_back(self, claims: list[Claim]) -> None:
        """Give claims back, of which certainly nothing was sent, to the place in the queue they came from."""
        now = self._shift.now()
        for claim in claims:
            self._settle(put_back(claim, now=now, due=claim.accepted))

    def _settle(self, settlement: Settlement) -> None:
        self._unwritten += 1
        self._settler.put(settlement, self._written)

    def _written(self) -> None:
        self._unwritten -= 1


def _unforeseen(error: Exception) -> str:
    return f"led to an unforeseen {type(error).__name__}: {error}. Please report this"


def _is_in_doubt(delivery: Delivery) -> bool:
    """Whether the server may have taken it, although nobody could write a receipt."""
    error = delivery.error
    return isinstance(error, DeliveryError) and error.durability is Durability.IN_DOUBT


def _flight_of(delivery: Delivery) -> _Flight:
    flight = delivery.context
    assert isinstance(flight, _Flight)  # noqa: S101 - nothing else is put there
    return flight
