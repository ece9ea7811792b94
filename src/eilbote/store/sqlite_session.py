"""The writer's connection to SQLite: transactions, and what is worth remembering between them."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Final

from eilbote.errors import OutboxUnavailableError
from eilbote.outbox.entry import Lane
from eilbote.store.sqlite_faults import fault_of, outbox_error
from eilbote.store.sqlite_file import connect
from eilbote.store.statements import named_sql
from eilbote.store.writer import Fault

if TYPE_CHECKING:
    from pathlib import Path

_LANES: Final = named_sql("sqlite", "lanes")
_LANE_OF: Final = named_sql("sqlite", "lane_of")
_NEW_LANE: Final = named_sql("sqlite", "new_lane")
_NEWEST: Final = named_sql("sqlite", "newest_entry")
_MILLISECOND: Final = 20
"""An entry's number is its millisecond, followed by this many bits of counting."""


class SqliteSession:
    """A :class:`~eilbote.store.writer.Session` on an open outbox.

    Args:
        db: Its connection, from now on used by the writer alone.
        path: Its file.
    """

    __slots__ = ("_broken", "_file", "_lanes", "_names", "_path", "db")

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self.db = db
        self._path = path
        self._file = _identity(path)
        self._broken = False
        self._lanes: dict[tuple[str, str], int] = {}  # not by Lane: its hash is a function of Python's
        self._names: dict[int, Lane] = {}

    # -- transactions -----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a transaction that may write.

        Raises:
            OutboxUnavailableError: The file was deleted or replaced: what is written now would be lost.
        """
        if _identity(self._path) != self._file:
            raise OutboxUnavailableError(
                f"the outbox {self._path} was deleted or replaced while it was in use; nothing was stored",
                remedy="Put the file back, then start eilbote again",
            )
        if self._broken:
            self.db.close()
            self.db = connect(self._path)
            self._broken = False
        self.db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make it durable."""
        self.db.execute("COMMIT")

    def rollback(self) -> None:
        """Forget it."""
        self._lanes.clear()  # some may have been made in this transaction
        self._names.clear()
        try:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
        except sqlite3.Error:
            self._broken = True

    def begin_anew(self) -> None:
        """Forget what was written in this transaction, and begin another one."""
        self.rollback()
        self.begin()

    def close(self) -> None:
        """Let go of the file; the last one to do so carries the log over into it."""
        self.db.close()

    def fault(self, error: Exception) -> Fault:
        """Sort an exception."""
        return fault_of(error)

    def complaint(self, error: Exception, *, waited: float | None) -> Exception:
        """Say it as an error of the outbox."""
        return outbox_error(error, str(self._path), waited=waited)

    # -- lanes and numbers --------------------------------------------------------------------------------------

    def lane_number(self, lane: Lane) -> int:
        """Give a lane's number; a new lane gets one."""
        number = self.known_lane(lane)
        if number is None:
            inserted = self.db.execute(_NEW_LANE, (lane.organization, lane.connection)).lastrowid
            assert inserted is not None  # noqa: S101 - an INSERT that did not fail has a row number
            number = self._remember(inserted, lane)
        return number

    def known_lane(self, lane: Lane) -> int | None:
        """Give a lane's number; ``None`` when nothing was ever sent through it."""
        number = self._lanes.get((lane.organization, lane.connection))
        if number is None:
            row = self.db.execute(_LANE_OF, (lane.organization, lane.connection)).fetchone()
            number = None if row is None else self._remember(row[0], lane)
        return number

    def lane(self, number: int) -> Lane:
        """Give the lane of a number."""
        if number not in self._names:
            for one, organization, connection in self.db.execute(_LANES).fetchall():
                self._remember(one, Lane(organization, connection))
        return self._names[number]

    def _remember(self, number: int, lane: Lane) -> int:
        self._lanes[lane.organization, lane.connection] = number
        self._names[number] = lane
        return number

    def next_entry(self, now: int) -> int:
        """Give the number of the next new entry: larger than all, and of its time if the clock was not set back."""
        (newest,) = self.db.execute(_NEWEST).fetchone()
        return max((newest or 0) + 1, now << _MILLISECOND)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - at every transaction: a Path takes twice the time
    except OSError:
        return None
    return status.st_dev, status.st_ino
