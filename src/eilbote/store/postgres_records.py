"""Connections, settings, tokens and secrets in the outbox's PostgreSQL database."""

from __future__ import annotations

import asyncio
import hashlib
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final, TypeVar
from weakref import WeakValueDictionary

import asyncpg  # type: ignore[import-untyped]

from eilbote.errors import OutboxUnavailableError
from eilbote.store.postgres_faults import outbox_error
from eilbote.store.postgres_link import PostgresLink
from eilbote.store.postgres_tables import check_tables, make_or_upgrade
from eilbote.store.records import DatabaseRecords
from eilbote.store.token_locks import task_lock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from eilbote.store.key_ring import KeyRing
    from eilbote.store.postgres_link import Wire
    from eilbote.store.record_database import Statements

T = TypeVar("T")

_TALKERS: Final = 3
"""How many questions and transactions are under way at once, each on a connection of the pool: a server has only so many."""
_LOCKERS: Final = 5
"""How many connections beside the pool hold or await a lock at once; a token is rarely renewed."""
_PATIENCE: Final = "SET lock_timeout = '15s'"
"""Less than after what a server that does not answer is taken for lost."""
_NOTICE_THE_DEAD: Final = (
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
)
"""A machine that has lost its power lets go of nothing by itself; the server asks after it, and ends its session."""
_END_SECONDS: Final = 2.0
_LOCK: Final = "SELECT pg_advisory_lock($1)"
_DRIVER: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class PostgresRecords(DatabaseRecords):
    """:class:`~eilbote.settings.records.Records` in a PostgreSQL database.

    Args:
        url: As libpq reads it: ``postgresql://user:password@host/database``.
        key_ring: The keys for secrets.
        busy_seconds: How long to wait while the server cannot be used.
        monotonic: Tells seconds that never run backwards.
    """

    def __init__(
        self,
        url: str,
        *,
        key_ring: KeyRing,
        busy_seconds: float = 5.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(PostgresDatabase(url, busy_seconds=busy_seconds, monotonic=monotonic), key_ring)


class PostgresDatabase:
    """A :class:`~eilbote.store.record_database.RecordDatabase` on a PostgreSQL server.

    Args:
        url: As libpq reads it.
        busy_seconds: How long to wait while the server cannot be used.
        monotonic: Tells seconds that never run backwards.
    """

    def __init__(self, url: str, *, busy_seconds: float, monotonic: Callable[[], float]) -> None:
        self._link = PostgresLink(url, busy_seconds=busy_seconds, monotonic=monotonic)
        self._tasks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._talkers = asyncio.Semaphore(_TALKERS)
        self._lockers = asyncio.Semaphore(_LOCKERS)

    @property
    def where(self) -> str:
        """The database, for people."""
        return self._link.where

    async def open(self) -> None:
        """Make ready; an empty database gets the tables."""
        if self._link.is_open:
            return
        await self._link.open()
        try:
            if not await self._link.read(lambda db: check_tables(db, self._link.where)):
                await make_or_upgrade(self._link.connect)
        except BaseException:
            await self._link.close()
            raise

    async def close(self) -> None:
        """Finish what was begun, then let go of every connection."""
        await self._link.close()

    async def read(self, question: Callable[[Statements], Awaitable[T]]) -> T:
        """Ask something."""
        self._check_open()
        async with self._talkers:
            return await self._link.read(question)

    async def transact(self, work: Callable[[Statements], Awaitable[T]]) -> T:
        """Do something in a transaction, once."""
        self._check_open()
        async with self._talkers:
            return await self._link.transact(work)

    @asynccontextmanager
    async def exclusive(self, name: str) -> AsyncGenerator[None]:
        """Let one task in at a time, among all machines that use this database."""
        self._check_open()
        async with task_lock(self._tasks, name), self._lockers:
            wire = await self._locked(_number(name))
            try:
                yield
            finally:
                await _end(wire)  # and with the session the lock

    async def _locked(self, number: int) -> Wire:
        wire = await self._link.connect()
        try:
            await wire.execute(f"{_PATIENCE}; {_NOTICE_THE_DEAD}")
            while True:
                with suppress(asyncpg.LockNotAvailableError):
                    await wire.fetchval(_LOCK, number)
                    return wire
        except BaseException as error:
            wire.terminate()
            if isinstance(error, _DRIVER):
                raise outbox_error(error, self.where) from error
            raise

    def _check_open(self) -> None:
        if not self._link.is_open:
            raise OutboxUnavailableError("the records are closed", remedy="Open them again")


async def _end(wire: Wire) -> None:
    """End a session, politely if the server listens."""
    try:
        async with asyncio.timeout(_END_SECONDS):
            await wire.close()
    except BaseException as error:
        with suppress(*_DRIVER):
            wire.terminate()
        if not isinstance(error, (*_DRIVER, TimeoutError)):
            raise


def _number(name: str) -> int:
    """Give the number of a lock: a server knows locks by 64 bits."""
    return int.from_bytes(hashlib.sha256(b"eilbote lock " + name.encode()).digest()[:8], signed=True)
