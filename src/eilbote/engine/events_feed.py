"""What happens, to those who listen: the outbox's events as they come, from any place on, for many at once.

One look a moment at the newest number serves all who listen; who is at the same place as others shares what was read. Nobody is given a queue
that could fill up: who is slow reads on from where he is. There is a number of seats in all, for each organization and for each who asks, so that
nobody takes those of the others.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from eilbote.engine.waiting import first_of
from eilbote.errors import OutboxError, ThrottledError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from eilbote.model.attempt import Event
    from eilbote.outbox.store import OutboxStore

MOST_LISTENERS: Final = 200
MOST_OF_ORGANIZATION: Final = 60
MOST_OF_ONE: Final = 12
"""Of one person or key: some windows in some browsers."""
_PAGE: Final = 500
_LOOK_SECONDS: Final = 0.5
_AGAIN_SECONDS: Final = 10.0


class EventsFeed:
    """Tells what happens.

    Args:
        outbox: Gives the outbox, open.
        look_seconds: How often it is looked whether something is new, while somebody listens.
        most_listeners: How many may listen at a time.
        most_of_organization: Of these, of one organization.
        most_of_one: Of these, of one person or key.
    """

    def __init__(
        self,
        outbox: Callable[[], OutboxStore],
        *,
        look_seconds: float = _LOOK_SECONDS,
        most_listeners: int = MOST_LISTENERS,
        most_of_organization: int = MOST_OF_ORGANIZATION,
        most_of_one: int = MOST_OF_ONE,
    ) -> None:
        self._outbox = outbox
        self._look_seconds = look_seconds
        self._most = most_listeners
        self._most_of_organization = most_of_organization
        self._most_of_one = most_of_one
        self._seats: Counter[tuple[str, ...]] = Counter()
        self._listeners = 0
        self._newest = 0
        self._pages: dict[int, asyncio.Task[list[Event]]] = {}
        self._bell = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def listeners(self) -> int:
        """How many listen."""
        return self._listeners

    @property
    def seats(self) -> int:
        """How many are taken."""
        return self._seats[()]

    @contextmanager
    def seat(self, organization: str, who: str) -> Generator[None]:
        """Keep a place for somebody who wants to listen, while the block lasts.

        Args:
            organization: Whose it is; empty for the host.
            who: The person or key.

        Raises:
            ThrottledError: Too many have one: in all, of the organization, or of this one.
        """
        limits = {
            (): (self._most, "in all"),
            (organization,): (self._most_of_organization, "of this organization"),
            (organization, who): (self._most_of_one, "with this sign-in or key"),
        }
        for seat, (most, whose) in limits.items():
            if self._seats[seat] >= most:
                error = ThrottledError(
                    f"{self._seats[seat]} listen already",
                    cause=f"At most {most} may listen at a time {whose}",
                    remedy="Come back later, or ask for lists now and then",
                )
                error.retry_after = _AGAIN_SECONDS
                raise error
        self._seats.update(limits.keys())
        try:
            yield
        finally:
            self._seats.subtract(limits.keys())
            for seat in limits:
                if not self._seats[seat]:
                    del self._seats[seat]

    async def listen(
        self, *, after: int | None = None, seconds: float, until: asyncio.Event | None = None
    ) -> AsyncGenerator[Event]:
        """Give events in order, as they come, until the time is over or the feed is closed.

        Args:
            after: The sequence of the last one that was heard; from now on when ``None``.
            seconds: For how long.
            until: Ends it when it is set, such as when the server is told to stop.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        self._listeners += 1
        ends = asyncio.get_running_loop().time() + seconds
        try:
            position = await self._outbox().newest_event() if after is None else after
            if self._looking is None:
                self._looking = asyncio.create_task(self._look())
            stopping = until or asyncio.Event()
            while not (self._is_closed or stopping.is_set()) and asyncio.get_running_loop().time() < ends:
                bell = self._bell
                events = await self._page(position)
                for event in events:
                    position = event.sequence
                    yield event
                if not events:
                    try:
                        async with asyncio.timeout_at(ends):
                            await first_of(bell.wait(), stopping.wait())
                    except TimeoutError:
                        break
        finally:
            self._listeners -= 1
            if self._listeners == 0:
                self._stop_looking()

    def close(self) -> None:
        """Let everybody who listens come to an end, and nobody begin."""
        self._is_closed = True
        self._ring()
        self._stop_looking()

    async def _page(self, position: int) -> list[Event]:
        """Give what comes behind a place; all who are there at once wait for one reading."""
        reading = self._pages.get(position)
        if reading is None:
            reading = self._pages[position] = asyncio.create_task(self._read(position))
            reading.add_done_callback(lambda done: self._forget_unless_useful(position, done))
        return await asyncio.shield(reading)

    async def _read(self, position: int) -> list[Event]:
        return await self._outbox().events(after=position, limit=_PAGE)

    def _forget_unless_useful(self, position: int, reading: asyncio.Task[list[Event]]) -> None:
        is_useful = not reading.cancelled() and reading.exception() is None and bool(reading.result())
        if not is_useful and self._pages.get(position) is reading:
            del self._pages[position]

    async def _look(self) -> None:
        """Look whether something is new, and wake everybody who waits for it."""
        while True:
            try:
                newest = await self._outbox().newest_event()
            except OutboxError:  # who listens asks as well, and is told
                newest = -1
            if newest != self._newest:
                self._newest = newest
                self._pages.clear()
                self._ring()
            await asyncio.sleep(self._look_seconds)

    def _ring(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()

    def _stop_looking(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        self._pages.clear()
