"""One database for all in a process who keep something beside the outbox: opened when the first of them asks, closed by the last.

A file of SQLite's must not be opened twice in a process and closed once in between (:mod:`eilbote.store.sqlite_file`), and a
server has only so many connections. So records and flows each hold a handle on the same database.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from eilbote.store.record_database import RecordDatabase, Statements

T = TypeVar("T")


class SharedDatabase:
    """A database that is open while anybody has a handle on it open.

    Args:
        make: Makes it; called when the first handle is opened, and again when all were closed and another one is opened.
    """

    def __init__(self, make: Callable[[], RecordDatabase]) -> None:
        self._make = make
        self._database: RecordDatabase | None = None
        self._handles = 0
        self._lock: asyncio.Lock | None = None

    def handle(self) -> DatabaseHandle:
        """Give a handle, not opened yet."""
        return DatabaseHandle(self)

    async def enter(self) -> RecordDatabase:
        """Count a handle as open; gives the database, open."""
        async with self._turn():
            database = self._database
            if database is None:
                database = self._make()
                await database.open()
                self._database = database
            self._handles += 1
            return database

    async def leave(self) -> None:
        """Count a handle as closed; with the last one the database is closed."""
        async with self._turn():
            self._handles -= 1
            if self._handles == 0:
                database, self._database = self._database, None
                if database is not None:
                    await database.close()

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        while True:
            lock = self._lock = self._lock or asyncio.Lock()
            async with lock:
                if lock is not self._lock:
                    continue  # closed while this one waited, and others have begun anew
                try:
                    yield
                finally:
                    if not self._handles:
                        self._lock = None  # whoever opens it next may be in another event loop
                return


class DatabaseHandle:
    """A :class:`~eilbote.store.record_database.RecordDatabase` that shares another one, and opens it at the first question.

    Args:
        shared: The database.
    """

    def __init__(self, shared: SharedDatabase) -> None:
        self._shared = shared
        self._database: RecordDatabase | None = None
        self._entering: asyncio.Lock | None = None

    @property
    def where(self) -> str:
        """The database, for people."""
        return self._database.where if self._database is not None else "the database"

    async def open(self) -> None:
        """Make ready now, to hear of a fault at once."""
        await self._opened()

    async def close(self) -> None:
        """Let go of the database; the next question opens it again."""
        database, self._database, self._entering = self._database, None, None
        if database is not None:
            await self._shared.leave()

    async def read(self, question: Callable[[Statements], Awaitable[T]]) -> T:
        """Ask something."""
        return await (await self._opened()).read(question)

    async def transact(self, work: Callable[[Statements], Awaitable[T]]) -> T:
        """Do something in a transaction, once."""
        return await (await self._opened()).transact(work)

    def exclusive(self, name: str) -> AbstractAsyncContextManager[None]:
        """Let one task in at a time, among all that use this database."""
        return self._exclusive(name)

    @asynccontextmanager
    async def _exclusive(self, name: str) -> AsyncGenerator[None]:
        async with (await self._opened()).exclusive(name):
            yield

    async def _opened(self) -> RecordDatabase:
        if self._database is not None:
            return self._database
        if self._entering is None:
            self._entering = asyncio.Lock()
        async with self._entering:
            if self._database is None:
                self._database = await self._shared.enter()
            return self._database
