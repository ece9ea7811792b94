"""Readers on SQLite: connections of their own in threads of their own, beside the writer.

A reader sees what was committed when it began, and nobody waits for it. A question is one short transaction, so that
the log can be carried over into the file between questions.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from eilbote.errors import OutboxUnavailableError
from eilbote.store.sqlite_faults import fault_of, outbox_error
from eilbote.store.sqlite_file import connect
from eilbote.store.writer import Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from eilbote.store.queries import Question, Statement

T = TypeVar("T")

_THREADS: Final = 2


def ask(db: sqlite3.Connection, question: Question) -> list[dict[str, Any]]:
    """Ask something; gives rows by the names of their columns, none of which may be octets.

    They are in its order if it has a limit. The rows come as one JSON array: row by row, the driver would wait for the interpreter's lock at each of them.
    """
    columns = ", ".join(question.names)
    rows = f"WITH asked ({columns}) AS ({question.text})"
    try:
        ((answer,),) = db.execute(
            f"{rows} SELECT json_group_array(json_array({columns})) FROM asked",  # noqa: S608 - of the program's own
            question.values,
        )
    except sqlite3.OperationalError as error:
        if fault_of(error) is not Fault.OWN:
            raise
        return _ask_slowly(db, question)
    return [dict(zip(question.names, values, strict=True)) for values in json.loads(answer)]


def _ask_slowly(db: sqlite3.Connection, question: Question) -> list[dict[str, Any]]:
    """Ask row by row, where damage has put octets in place of a text, which JSON cannot hold."""
    rows = db.execute(question.text, question.values).fetchall()
    return [dict(zip(question.names, map(_text, row), strict=True)) for row in rows]


def _text(value: object) -> object:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def ask_octets(db: sqlite3.Connection, question: Question) -> bytes | None:
    """Ask for the octets in the first column of the first row; ``None`` when there is no row."""
    row = db.execute(question.text, question.values).fetchone()
    return None if row is None else cast("bytes", row[0])


def tell(db: sqlite3.Connection, statement: Statement) -> None:
    """Change something."""
    db.execute(statement.text, statement.values)


class Readers:
    """Threads that read.

    Args:
        path: The database's file.
        busy_seconds: How long a reader waits for a lock; readers rarely meet one.
    """

    __slots__ = ("_busy_seconds", "_closed", "_connections", "_mine", "_path", "_threads")

    def __init__(self, path: Path, *, busy_seconds: float) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="eilbote-reader")
        self._mine = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._closed = False

    async def read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Ask something in a transaction of its own.

        Raises:
            OutboxError: It cannot be read.
        """
        if self._closed:
            raise OutboxUnavailableError("the outbox is closed", remedy="Open it again")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, question)

    async def close(self) -> None:
        """Finish what was asked, then let go of the file."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def _read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        try:
            db: sqlite3.Connection = self._connection()
            db.execute("BEGIN")
            try:
                return question(db)
            finally:
                db.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise outbox_error(error, str(self._path)) from error

    def _connection(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._mine, "db", None)
        if db is None:
            db = connect(self._path, busy_seconds=self._busy_seconds)
            db.execute("PRAGMA query_only = ON")
            db.create_function("casefold", 1, str.casefold, deterministic=True)
            self._connections.append(db)
            self._mine.db = db
        return db
