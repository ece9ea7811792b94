"""The sessions of one connection: opened as work demands, reused while they live, closed when they are spent.

What to do is decided in :mod:`eilbote.deliver.pool_plan`; this is the shell that does it. Deciding happens when
something changes (work arrives, a session opens, breaks or falls idle), and never for each message: a session
with room takes the next message by an ordinary call.

Rules it keeps:

* A site that cannot be reached fails everything that waits with one error, after one attempt; after two if it
  has served before.
* A message of which nothing was sent moves to another session unseen; one whose content had begun and was
  certainly not taken is tried in one more session; one in doubt is never sent again from here.
* Sessions are never shared between connections: a pool belongs to one set of settings.
"""

from __future__ import annotations

import asyncio
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from eilbote.deliver.backlog import Backlog
from eilbote.deliver.lookouts import Lookouts
from eilbote.deliver.pool_faults import closed, unforeseen
from eilbote.deliver.pool_plan import Allowance, Perseverance, PoolView, needs_check, plan
from eilbote.deliver.pooled_session import Session, by_load
from eilbote.deliver.throttle import Throttle
from eilbote.errors import DeliveryError, DeliveryTimeoutError, EilboteError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from eilbote.connections.limits import Limits
    from eilbote.deliver.backlog import Source
    from eilbote.deliver.client import Client
    from eilbote.deliver.delivery import Delivery, Owner
    from eilbote.deliver.pooled_session import OpenSession
    from eilbote.model.clock import Clock

_SESSIONS_PER_MESSAGE: Final = 2


class Pool:
    """Sessions to one server, under one set of settings.

    Args:
        open_session: Opens one.
        limits: How hard to press.
        clock: Tells how long sessions are idle and how old.
    """

    def __init__(self, open_session: OpenSession, limits: Limits, *, clock: Clock) -> None:
        self._open_session = open_session
        self._limits = limits
        self._clock = clock
        self._backlog = Backlog()
        self._sessions: dict[Client, Session] = {}
        self._allowance = Allowance(limits.max_sessions)
        self._perseverance = Perseverance()
        self._throttle = Throttle(limits.messages_per_second)
        self._is_limited = not self._throttle.idle
        self._forsaken = 0  # messages under way that nobody waits for
        self._opening = 0
        self._closing = 0
        self._opened = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._openers: set[asyncio.Task[None]] = set()
        self._lookouts = Lookouts()
        self._quiet: asyncio.Future[None] | None = None
        self._review_due: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = float("inf")
        self._closed = False

    # -- work comes in ------------------------------------------------------------------------------------

    def put(self, delivery: Delivery) -> None:
        """Send one message; its owner hears the result."""
        if self._closed:
            delivery.error = closed()
            self._settle(delivery.owner, [delivery])
            return
        self._backlog.put(delivery)
        self.kick()

    def withdraw(self, delivery: Delivery) -> None:
        """Stop waiting for a message; one that is on its way already goes on, and nobody hears of it."""
        if not self._backlog.remove(delivery) and delivery.owner is not None:
            delivery.owner = None
            self._forsaken += 1

    def attach(self, source: Source) -> None:
        """Send a series; it hears its results itself."""
        if self._closed:
            source.refuse(closed())
            return
        self._backlog.attach(source)
        self.kick()

    def detach(self, source: Source) -> None:
        """Take nothing more from a series."""
        self._backlog.detach(source)

    async def ready(self) -> Client:
        """Give a session, to see what the server offers; opens one when there is none.

        Raises:
            DeliveryError: None could be opened.
        """
        if self._closed:
            raise closed()
        client = self.any_session()
        if client is not None:
            return client
        self._review_soon()
        return await self._lookouts.first()

    @property
    def open_sessions(self) -> int:
        """How many sessions are open."""
        return len(self._sessions)

    def any_session(self) -> Client | None:
        """Give a session that is open, if there is one."""
        return next(iter(self._sessions), None)

    def kick(self) -> None:
        """Give work to sessions that have room: first to those that do nothing."""
        for session in sorted(self._sessions.values(), key=by_load):
            if not self._backlog.waiting():
                break
            if needs_check(session.view(), self._clock.monotonic()):
                session.checking = True
                self._start(self._check(session))
            elif not session.checking:
                self._feed(session)
        self._review_soon()

    # -- work goes out ------------------------------------------------------------------------------------

    def _feed(self, session: Session) -> bool:
        """Give a session what it has room for; say whether it got anything."""
        client, limits, before = session.client, self._limits, session.submitted
        if self._clock.monotonic() - session.opened_at >= limits.max_age_seconds:
            return False
        # Each delivery takes one place, also one that is settled at once because the server cannot take it.
        most = min(client.room, limits.max_messages_per_session - before)
        if most < 1:
            return False
        if self._is_limited:
            for delivery in self._at_the_rate(most):
                self._submit(session, [delivery])
        elif taken := self._backlog.take_several(most):
            self._submit(session, taken)
        return session.submitted > before

    def _submit(self, session: Session, deliveries: list[Delivery]) -> None:
        session.submitted += len(deliveries)
        try:
            session.client.submit_several(deliveries)
        except Exception as error:
            first, *others = deliveries  # none of them was taken
            first.error = error if isinstance(error, EilboteError) else unforeseen(error)
            self._settle(first.owner, [first])
            self._backlog.put_back(others)
            raise

    def _at_the_rate(self, most: int) -> Iterator[Delivery]:
        for _ in range(most):
            if (wait := self._throttle.wait(self._clock.monotonic())) > 0.0:
                self._wake_in(wait)
                break
            if (delivery := self._backlog.take()) is None:
                break
            yield delivery
            self._throttle.spend(self._clock.monotonic())  # once it has been begun

    def _on_done(self, client: Client, deliveries: list[Delivery]) -> None:  # noqa: ARG002 - the client's word
        if len(deliveries) == 1 and (only := deliveries[0].owner) is not None:
            only.settle(deliveries)
        else:  # most of a wake-up belong to one series
            for owner, theirs in groupby(deliveries, attrgetter("owner")):
                self._settle(owner, list(theirs))

    def _on_room(self, client: Client) -> None:
        session = self._sessions.get(client)
        if session is None:
            return
        if not self._feed(session) and client.in_flight == 0:
            session.idle_since = self._clock.monotonic()
            self._review_soon()
        elif len(self._sessions) < self._limits.max_sessions and self._may_grow():
            self._review_soon()

    def _settle(self, owner: Owner | None, deliveries: list[Delivery]) -> None:
        if owner is None:
            self._forsaken -= len(deliveries)
        else:
            owner.settle(deliveries)

    def _may_grow(self) -> bool:
        taken = len(self._sessions) + self._closing
        if self._opening or taken >= self._limits.max_sessions:
            return False
        return taken < self._allowance.sessions(self._clock.monotonic())

    # -- deciding -----------------------------------------------------------------------------------------

    def _review_soon(self) -> None:
        if self._review_due is None:
            self._review_due = asyncio.get_running_loop().call_soon(self._review)

    def _review(self) -> None:
        self._review_due = None
        now = self._clock.monotonic()
        waiting = 0 if self._closed else self._backlog.waiting()
        if not self._sessions:
            waiting = max(waiting, len(self._lookouts))
        elif self._throttle.wait(now) > 0.0:
            waiting = 0  # more sessions would not make it faster
        by_number = {session.number: session for session in self._sessions.values()}
        decided = plan(
            PoolView(
                sessions=[session.view() for session in by_number.values()],
                opening=self._opening + sum(session.checking for session in by_number.values()),
                closing=self._closing,
                waiting=waiting,
                allowed=self._allowance.sessions(now),
                not_before=self._perseverance.not_before,
            ),
            self._limits,
            now,
        )
        for number in decided.retire:
            self._retire(by_number[number])
        for _ in range(decided.open):
            self._opening += 1
            task = self._start(self._open())
            self._openers.add(task)
            task.add_done_callback(self._openers.discard)
        if decided.wake_at is not None:
            self._wake_in(decided.wake_at - now)
        if self._quiet is not None and not self._anybody_waits():
            self._quiet.set_result(None)
            self._quiet = None

    def _wake_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time() + max(seconds, 0.0)
        if self._timer is not None:
            if at >= self._timer_at:
                return
            self._timer.cancel()
        self._timer, self._timer_at = loop.call_at(at, self._on_timer), at

    def _on_timer(self) -> None:
        self._timer = None
        self.kick()

    # -- sessions come and go -----------------------------------------------------------------------------

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _open(self) -> None:
        try:
            client = await self._open_session(
                on_done=self._on_done, on_room=self._on_room, on_lost=self._on_lost
            )
        except EilboteError as error:
            self._not_opened(error)
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for this session
            self._not_opened(unforeseen(error))
            return
        finally:
            self._opening -= 1
        self._opened += 1
        session = Session(client, self._opened, self._clock.monotonic())
        self._sessions[client] = session
        self._lookouts.see(client)
        try:
            self._feed(session)
        except Exception as error:  # noqa: BLE001 - a session that cannot be fed must not hold messages for ever
            del self._sessions[client]
            client.abort()
            self._not_opened(unforeseen(error))
        self._review_soon()

    def _not_opened(self, error: EilboteError) -> None:
        now = self._clock.monotonic()
        if self._sessions:
            self._allowance.refused(len(self._sessions), now)
        elif self._perseverance.gives_up(error, now):
            self._refuse_waiting(error)
        self._review_soon()

    def _refuse_waiting(self, error: EilboteError) -> None:
        self._lookouts.refuse(error)
        for delivery in self._backlog.refuse(error):
            self._settle(delivery.owner, [delivery])

    def _on_lost(self, client: Client, error: DeliveryError) -> None:
        session = self._sessions.pop(client, None)
        returned = client.unsent()
        if session is None and not returned:
            return
        if client.delivered:
            self._perseverance.served()
        # Whoever has waited for a deadline once is not made to wait for it again.
        most = 1 if isinstance(error, DeliveryTimeoutError) else _SESSIONS_PER_MESSAGE
        again: list[Delivery] = []
        for delivery in returned:
            if delivery.attempts < most and delivery.owner is not None:
                again.append(delivery)
            else:
                delivery.error = error
                self._settle(delivery.owner, [delivery])
        self._backlog.put_back(again)
        broken = bool(returned) and self._allowance.lost(delivered=client.delivered)
        if broken and not self._sessions:
            self._refuse_waiting(error)
        elif self._closed:
            self._refuse_waiting(closed())
        self.kick()

    async def _check(self, session: Session) -> None:
        alive = await session.client.check()
        session.checking = False
        if session.client not in self._sessions:
            return
        session.idle_since = self._clock.monotonic()
        if alive:
            self._feed(session)
        else:
            del self._sessions[session.client]
            session.client.abort()
        self._review_soon()

    def _retire(self, session: Session) -> None:
        del self._sessions[session.client]
        if session.client.delivered:
            self._perseverance.served()
        self._closing += 1
        self._start(self._quit(session.client))

    async def _quit(self, client: Client) -> None:
        try:
            await client.quit()
        finally:
            self._closing -= 1
            self._review_soon()

    # -- the end ------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Refuse what waits, let what is under way finish, say goodbye to the server."""
        self._shut()
        try:
            for task in self._openers:
                task.cancel()
            if self._anybody_waits():
                self._quiet = asyncio.get_running_loop().create_future()
                await self._quiet
            for session in list(self._sessions.values()):
                if session.client.in_flight == 0:
                    self._retire(session)
            await self._settle_tasks()
        finally:
            await self.abort()

    async def abort(self) -> None:
        """Close everything now; what is under way may be in doubt."""
        self._shut()
        for client in list(self._sessions):
            client.abort()
        self._sessions.clear()
        for task in self._tasks:
            task.cancel()
        await self._settle_tasks()
        for handle in (self._review_due, self._timer):
            if handle is not None:
                handle.cancel()
        self._review_due = self._timer = None

    def _anybody_waits(self) -> bool:
        return sum(client.in_flight for client in self._sessions) > self._forsaken

    async def _settle_tasks(self) -> None:
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _shut(self) -> None:
        if not self._closed:
            self._closed = True
            self._refuse_waiting(closed())
