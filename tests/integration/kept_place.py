"""A place for a store of flows or processes, with another one beside it to restore a copy into."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeVar

from eilbote.store import backup, check, postgres_backup, postgres_check
from eilbote.store.copies import Restored
from eilbote.store.open_flows import share_database
from eilbote.store.record_database import RecordDatabase
from eilbote.store.shared_database import SharedDatabase
from eilbote.testing.work_exercises.scene import NOW, at


class Closed(Protocol):
    async def close(self) -> None: ...


C = TypeVar("C", bound=Closed)


class OnSqlite:
    """A data folder, and another one to restore into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder / 'live' / 'eilbote.db'}"
        self.other = f"sqlite:///{folder / 'again' / 'eilbote.db'}"

    async def faults(self) -> tuple[str, ...]:
        live = self.folder / "live"
        return (await check.check(live / "eilbote.db", live / "blobs")).faults

    async def copy_and_restore(self) -> Restored:
        live = self.folder / "live"
        await backup.backup(live / "eilbote.db", live / "blobs", self.folder / "copy", now=NOW)
        return await backup.restore(self.folder / "copy", self.folder / "again", now=at(1))


class OnPostgresql:
    """A database, and another one to restore into, which is made when it is first asked for."""

    def __init__(self, folder: Path, url: str, make_other: Callable[[], str]) -> None:
        self.folder = folder
        self.url = url
        self._make_other = make_other

    @cached_property
    def other(self) -> str:
        return self._make_other()

    async def faults(self) -> tuple[str, ...]:
        return (await postgres_check.check(self.url)).faults

    async def copy_and_restore(self) -> Restored:
        await postgres_backup.backup(self.url, self.folder / "copy", now=NOW)
        return await postgres_backup.restore(self.folder / "copy", self.other, now=at(1))


Place = OnSqlite | OnPostgresql


@asynccontextmanager
async def opened(
    url: str, store_in: Callable[[SharedDatabase, str], C]
) -> AsyncGenerator[tuple[C, RecordDatabase], None]:
    """Open a store, and its database beside it."""
    shared = share_database(url)
    store, database = store_in(shared, url), shared.handle()
    try:
        yield store, database
    finally:
        await store.close()
        await database.close()


async def change(database: RecordDatabase, statement: str) -> None:
    """Do what a damaged disk or a curious hand may do."""
    await database.transact(lambda db: db.execute(statement))
