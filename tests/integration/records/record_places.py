"""Where records are kept in a test: a folder with an SQLite file in it, or a PostgreSQL database with a folder for the keys."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from eilbote.store.key_ring import KeyRing
from eilbote.store.open_records import open_records

if TYPE_CHECKING:
    from eilbote.settings.records import Records


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """A place for records.

    Attributes:
        url: The database.
        folder: Where the file of keys lies.
    """

    url: str
    folder: Path

    @property
    def ring(self) -> KeyRing:
        """The keys in the folder, read by somebody new."""
        return KeyRing(self.folder / "secret.keys")

    def records(self, ring: KeyRing | None = None) -> Records:
        """Give a handle, not yet opened."""
        return open_records(self.url, key_ring=self.ring if ring is None else ring)

    async def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Do something to the database that eilbote does not know of."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.folder / "eilbote.db")) as db, db:
                return [tuple(row) for row in db.execute(statement)]
        connection = await asyncpg.connect(self.url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()
