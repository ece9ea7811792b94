"""A series of messages, made one by one while there is room for them, and their results in the order they come.

The bulk path. There is no task, no future and no timer for a message: a session with room takes the next one
from the source by an ordinary call, and its result waits in a queue for whoever iterates; one wake-up serves
all that has come since the last. When the reader falls behind, nothing more is taken from the source, so a
million messages cost the memory of a thousand.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator

    from eilbote.deliver.delivery import Delivery
    from eilbote.errors import EilboteError

_UNREAD_RESULTS = 1000
_RESUME_BELOW = 500
# How far an asynchronous source is read ahead of the sessions.
_READ_AHEAD = 64


class Line(Protocol):
    """Where a series queues; see :class:`eilbote.deliver.pool.Pool`."""

    def attach(self, source: Supply) -> None:
        """Begin to take from a series."""
        ...

    def detach(self, source: Supply) -> None:
        """Take nothing more from it."""
        ...

    def kick(self) -> None:
        """Look again: there may be something to take after :meth:`Supply.take` gave nothing."""
        ...


@runtime_checkable
class Several(Protocol):
    """A source that makes several messages at once for less than one after the other."""

    def take(self, most: int) -> list[Delivery]:
        """Give the next ones, at least one and at most so many; none at the end."""
        ...


class Supply:
    """One series under way.

    Args:
        source: Makes the messages; asked only when there is room. A delivery that has its receipt already is
            not sent and goes straight to the results, in its turn.
        line: Where it queues while it is read.
    """

    __slots__ = (
        "_ended",
        "_failure",
        "_held",
        "_line",
        "_reader",
        "_refusal",
        "_results",
        "_several",
        "_source",
        "_stalled",
        "_under_way",
    )

    def __init__(self, source: Iterator[Delivery], line: Line) -> None:
        self._source = source
        self._several = source.take if isinstance(source, Several) else None
        self._line = line
        self._held: Delivery | None = None
        self._results: deque[Delivery] = deque()
        self._reader: asyncio.Future[None] | None = None
        self._stalled = False
        self._under_way = 0
        self._ended = False
        self._failure: Exception | None = None
        self._refusal: EilboteError | None = None

    # -- for the pool -------------------------------------------------------------------------------------

    def take(self) -> Delivery | None:
        """Give the next message to send, or nothing for now."""
        delivery = self._held
        if delivery is not None:
            self._held = None
        elif (delivery := self._next()) is None:
            return None
        delivery.owner = self
        self._under_way += 1
        return delivery

    def take_several(self, most: int) -> list[Delivery]:
        """Give the next messages to send, at most so many; none for now."""
        taken: list[Delivery] = []
        several = self._several
        if several is None or self._refusal is not None:
            while len(taken) < most and (delivery := self.take()) is not None:
                taken.append(delivery)
            return taken
        if self._held is not None and (held := self.take()) is not None:
            taken.append(held)
        while len(taken) < most and not self._ended:
            if len(self._results) >= _UNREAD_RESULTS:
                self._stalled = True
                break
            self._sort(self._pull_several(several, most - len(taken)), taken)
        return taken

    def has_more(self) -> bool:
        """Say whether :meth:`take` would give something; makes one message ahead to know."""
        if self._held is None:
            self._held = self._next()
        return self._held is not None

    def settle(self, deliveries: list[Delivery]) -> None:
        """Take the results of deliveries that were taken from here."""
        self._under_way -= len(deliveries)
        self._results += deliveries
        if self._reader is not None:
            self._rouse()

    def refuse(self, error: EilboteError) -> None:
        """Give everything that was not taken yet this error, as it is read, without trying to send it."""
        self._refusal = error
        held, self._held = self._held, None
        if held is not None:
            held.error = error
            self._results.append(held)
        self._next()
        self._rouse()

    def _next(self) -> Delivery | None:
        while not self._ended:
            if len(self._results) >= _UNREAD_RESULTS:
                self._stalled = True
                return None
            delivery = self._pull()
            if delivery is None:
                return None
            if delivery.receipt is None:
                if self._refusal is None:
                    return delivery
                delivery.error = self._refusal
            self._results.append(delivery)
            self._rouse()
        return None

    def _pull(self) -> Delivery | None:
        """Ask the source; note its end, or what it raised, which the reader hears after all results."""
        try:
            return next(self._source)
        except StopIteration:
            self._end(None)
        except Exception as error:  # noqa: BLE001 - it belongs to the source's owner, who is the reader
            self._end(error)
        return None

    def _pull_several(self, several: Callable[[int], list[Delivery]], most: int) -> list[Delivery]:
        """Ask the source for several; as :meth:`_pull`."""
        try:
            given = several(most)
        except Exception as error:  # noqa: BLE001 - as there
            self._end(error)
            return []
        if not given:
            self._end(None)
        return given

    def _sort(self, given: list[Delivery], taken: list[Delivery]) -> None:
        """Add what is to be sent to the list, and what has its receipt already to the results."""
        before = len(self._results)
        for delivery in given:
            if delivery.receipt is None:
                delivery.owner = self
                taken.append(delivery)
            else:
                self._results.append(delivery)
        refused = len(self._results) - before
        self._under_way += len(given) - refused
        if refused:
            self._rouse()

    def _end(self, failure: Exception | None) -> None:
        self._ended = True
        self._failure = failure
        self._rouse()

    # -- for the reader -----------------------------------------------------------------------------------

    async def results(self) -> AsyncGenerator[Delivery, None]:
        """Give each message with its result, in the order the results come; nothing is sent before this is read.

        When the reader leaves early, nothing more is taken; what is under way goes on, and nobody hears of it.

        Raises:
            Exception: What the source raised, after the results of all that it had given.
        """
        results = self._results
        self._begin()
        try:
            while True:
                while results:
                    yield results.popleft()
                    if self._stalled and len(results) < _RESUME_BELOW:
                        self._stalled = False
                        self._line.kick()
                if self._ended and not self._under_way and self._held is None:
                    break
                self._reader = asyncio.get_running_loop().create_future()
                await self._reader
        finally:
            self._line.detach(self)
            self._abandon()
        if self._failure is not None:
            raise self._failure

    def _begin(self) -> None:
        self._line.attach(self)

    def _abandon(self) -> None:
        self._ended = True
        self._held = None
        self._results.clear()
        close = getattr(self._source, "close", None)
        if close is not None:
            close()

    def _rouse(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None and not reader.done():
            reader.set_result(None)


class AsyncSupply(Supply):
    """A series from an asynchronous source, read a little ahead of the sessions by one task.

    A source often has several messages ready at once. The line is told of them together, at the end of the
    wake-up: looking through all sessions for each message would cost more than the message's own commands.
    """

    __slots__ = ("_ahead", "_async_source", "_exhausted", "_news", "_pump", "_room")

    def __init__(self, source: AsyncIterator[Delivery], line: Line) -> None:
        super().__init__(iter(()), line)
        self._ahead: deque[Delivery] = deque()
        self._exhausted = False
        self._news: asyncio.Handle | None = None
        self._room: asyncio.Future[None] | None = None
        self._async_source = source
        self._pump: asyncio.Task[None] | None = None

    def _begin(self) -> None:
        self._pump = asyncio.get_running_loop().create_task(self._read())
        super()._begin()

    def _pull(self) -> Delivery | None:
        if self._ahead:
            delivery = self._ahead.popleft()
            if self._room is not None and not self._room.done():
                self._room.set_result(None)
            return delivery
        if self._exhausted:
            self._end(self._failure)
        return None

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            async for delivery in self._async_source:
                while len(self._ahead) >= _READ_AHEAD:
                    self._room = loop.create_future()
                    await self._room
                self._ahead.append(delivery)
                if self._news is None:
                    self._news = loop.call_soon(self._tell_line)
        except Exception as error:  # noqa: BLE001 - it belongs to the source's owner, who is the reader
            self._failure = error
        finally:
            close = getattr(self._async_source, "aclose", None)
            if close is not None:
                await close()
        self._exhausted = True
        self._line.kick()

    def _tell_line(self) -> None:
        self._news = None
        self._line.kick()

    def _abandon(self) -> None:
        super()._abandon()
        if self._news is not None:
            self._news.cancel()
            self._news = None
        if self._pump is not None:
            self._pump.cancel()
