"""Connections, settings, tokens and secrets in the outbox's SQLite file, on connections and threads of their own.

They share the file with the outbox, and not its writer: whoever sends mail through a token must not wait for a group of
five hundred submissions to be gathered, and a command that only changes a connection needs no outbox.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

from eilbote.errors import OutboxUnavailableError
from eilbote.store.records import DatabaseRecords
from eilbote.store.sqlite_faults import fault_of, outbox_error
from eilbote.store.sqlite_file import connect, open_file
from eilbote.store.sqlite_session import SqliteSession
from eilbote.store.token_locks import TokenLocks
from eilbote.store.writer import Fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path
    from typing import Any

    from eilbote.store.key_ring import KeyRing
    from eilbote.store.record_database import Statements

T = TypeVar("T")

_FIRST_PAUSE, _LAST_PAUSE = 0.002, 0.1
_LOCKS: Final = "tokens"


class SqliteRecords(DatabaseRecords):
    """:class:`~eilbote.settings.records.Records` in an SQLite file.

    Args:
        path: The outbox's file; made with its folder when it is not there yet.
        key_ring: The keys for secrets.
        busy_seconds: How long to wait while somebody else writes, or the disk cannot take it.
        monotonic: Tells seconds that never run backwards.
    """

    def __init__(
        self,
        path: Path,
        *,
        key_ring: KeyRing,
        busy_seconds: float = 5.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(SqliteDatabase(path, busy_seconds=busy_seconds, monotonic=monotonic), key_ring)


_REFUSED: Final = (sqlite3.Error, UnicodeEncodeError, OverflowError)
"""What the driver raises; the last two for texts that are no Unicode, and numbers of more than 64 bits."""


class SqliteStatements:
    """The records' statements on a connection of the driver's; nothing here ever waits for another task."""

    __slots__ = ("_db",)

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    async def fetch(self, sql: str, /, *values: object) -> Sequence[Sequence[object]]:
        """Run a statement; gives its rows."""
        return self._run(sql, values).fetchall()

    async def fetchval(self, sql: str, /, *values: object) -> object:
        """Run a statement; gives the first value of its first row."""
        row = self._run(sql, values).fetchone()
        return None if row is None else row[0]

    async def execute(self, sql: str, /, *values: object) -> str:
        """Run a statement; gives words of which the last is how many rows were changed."""
        return f"changed {self._run(sql, values).rowcount}"

    def _run(self, sql: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        # SQLite takes $1 for a name, and by names the driver is given values.
        return self._db.execute(sql, {str(number): value for number, value in enumerate(values, start=1)})


class SqliteDatabase:
    """A :class:`~eilbote.store.record_database.RecordDatabase` in an SQLite file.

    Args:
        path: The file.
        busy_seconds: How long to wait while somebody else writes, or the disk cannot take it.
        monotonic: Tells seconds that never run backwards.
    """

    def __init__(self, path: Path, *, busy_seconds: float, monotonic: Callable[[], float]) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._monotonic = monotonic
        self._locks = TokenLocks(path.resolve().parent / _LOCKS)  # one file by two names has one folder
        self._closing = threading.Event()
        self._reader: tuple[ThreadPoolExecutor, sqlite3.Connection] | None = None
        self._writer: tuple[ThreadPoolExecutor, SqliteSession] | None = None

    @property
    def where(self) -> str:
        """The database, for people."""
        return str(self._path)

    async def open(self) -> None:
        """Make ready; a file that is not there yet is made."""
        if self._writer is not None:
            return
        self._closing.clear()
        session, reader = await asyncio.to_thread(self._open)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="eilbote-records-writer"), session
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="eilbote-records-reader"), reader

    def _open(self) -> tuple[SqliteSession, sqlite3.Connection]:
        db = open_file(self._path, busy_seconds=self._busy_seconds, look_seconds=0)
        try:
            reader = connect(self._path, busy_seconds=self._busy_seconds)
            reader.execute("PRAGMA query_only = ON")
        except BaseException as error:
            db.close()
            if isinstance(error, sqlite3.Error):
                raise outbox_error(error, self.where) from error
            raise
        return SqliteSession(db, self._path), reader

    async def close(self) -> None:
        """Finish what was begun, then let go of the file."""
        self._closing.set()
        writer, self._writer = self._writer, None
        reader, self._reader = self._reader, None
        for each in (writer, reader):
            if each is not None:
                threads, connection = each
                await asyncio.to_thread(threads.shutdown)
                connection.close()

    async def read(self, question: Callable[[Statements], Awaitable[T]]) -> T:
        """Ask something of one moment."""
        if self._reader is None:
            raise _closed()
        threads, db = self._reader
        return await asyncio.get_running_loop().run_in_executor(threads, self._read, db, question)

    def _read(self, db: sqlite3.Connection, question: Callable[[Statements], Awaitable[T]]) -> T:
        try:
            db.execute("BEGIN")
            try:
                return at_once(question(SqliteStatements(db)))
            finally:
                db.execute("ROLLBACK")
        except _REFUSED as error:
            raise outbox_error(error, self.where) from error

    async def transact(self, work: Callable[[Statements], Awaitable[T]]) -> T:
        """Do something in a transaction, once."""
        if self._writer is None:
            raise _closed()
        threads, session = self._writer
        return await asyncio.get_running_loop().run_in_executor(threads, self._transact, session, work)

    def _transact(self, session: SqliteSession, work: Callable[[Statements], Awaitable[T]]) -> T:
        began = self._monotonic()
        pause = _FIRST_PAUSE
        while True:
            last = self._closing.is_set()
            try:
                session.begin()
                result = at_once(work(SqliteStatements(session.db)))
                session.commit()
            except _REFUSED as error:
                session.rollback()
                waited = self._monotonic() - began
                if fault_of(error) in {Fault.OWN, Fault.LASTING}:
                    raise outbox_error(error, self.where) from error
                if last or waited >= self._busy_seconds:
                    raise outbox_error(error, self.where, waited=waited) from error
            except BaseException:
                session.rollback()
                raise
            else:
                return result
            self._closing.wait(pause)
            pause = min(2 * pause, _LAST_PAUSE)

    def exclusive(self, name: str) -> AbstractAsyncContextManager[None]:
        """Let one task in at a time, among all processes that use this file."""
        return self._locks.held(name)


def at_once(work: Awaitable[T]) -> T:
    """Do what is written for both databases: what waits for a server there has its answer here at once."""
    steps: Coroutine[Any, Any, T] = work  # type: ignore[assignment]  # each of ours is an `async def`
    try:
        steps.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise RuntimeError("a statement on SQLite waited for another task")


def _closed() -> OutboxUnavailableError:
    return OutboxUnavailableError("the records are closed", remedy="Open them again")
