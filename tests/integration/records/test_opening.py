"""What it costs to open records, and what closing leaves."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.integration.records.record_places import RecordPlace

from eilbote.errors import OutboxUnavailableError, SettingsError
from eilbote.store.key_ring import KeyRing
from eilbote.store.open_records import open_records
from eilbote.store.sqlite_records import SqliteDatabase, SqliteRecords
from eilbote.testing.records_exercises.scene import NOW, office, opened

pytestmark = pytest.mark.asyncio

_LOOK = """
import asyncio, pathlib, sys
from eilbote.store.key_ring import KeyRing
from eilbote.store.open_records import open_records

async def look(url, keys):
    records = open_records(url, key_ring=KeyRing(pathlib.Path(keys)))
    await records.open()
    assert await records.connections.find("", "office")
    assert await records.connections.revision()
    await records.close()

asyncio.run(look(*sys.argv[1:]))
print(*sorted({"sqlalchemy", "alembic", "cryptography", "asyncpg"} & set(sys.modules)))
"""


@pytest.mark.parametrize("password", ["", "secret"])
async def test_looking_needs_no_library_that_is_not_used(tmp_path: Path, password: str) -> None:
    """A command that reads one connection should not wait for those that make tables, or decrypt what is not there."""
    place = RecordPlace(f"sqlite:///{tmp_path}/eilbote.db", tmp_path)
    async with opened(place.records) as records:
        await records.connections.keep(office(password=password), now=NOW)

    ended = subprocess.run(  # noqa: ASYNC221 - nothing else is going on
        [sys.executable, "-c", _LOOK, place.url, tmp_path / "secret.keys"],
        check=True,
        capture_output=True,
        text=True,
    )

    assert ended.stdout.split() == (["cryptography"] if password else [])


async def test_what_is_written_is_on_the_disk(tmp_path: Path) -> None:
    """A refresh token must outlast the power: the log is flushed at every commit."""
    database = SqliteDatabase(tmp_path / "eilbote.db", busy_seconds=1, monotonic=lambda: 0.0)
    await database.open()
    assert await database.transact(lambda db: db.fetchval("PRAGMA synchronous")) == 2
    await database.close()


async def test_a_file_that_somebody_holds_is_waited_for_and_then_told(tmp_path: Path) -> None:
    seconds = iter(range(100))
    records = SqliteRecords(
        tmp_path / "eilbote.db",
        key_ring=KeyRing(tmp_path / "secret.keys"),
        busy_seconds=3,
        monotonic=lambda: float(next(seconds)),
    )
    async with opened(lambda: records):
        await records.connections.keep(office(), now=NOW)
        with closing(sqlite3.connect(tmp_path / "eilbote.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(
                OutboxUnavailableError, match=r"is locked after 3\.0 s of waiting; nothing was"
            ):
                await records.connections.keep(office(name="second"), now=NOW)
            assert await records.connections.find("", "office"), "reading waits for nobody"
            assert await records.connections.find("", "second") is None
        await records.connections.keep(office(name="second"), now=NOW)


async def test_a_file_that_was_deleted_is_told(tmp_path: Path) -> None:
    place = RecordPlace(f"sqlite:///{tmp_path}/eilbote.db", tmp_path)
    async with opened(place.records) as records:
        await records.connections.keep(office(), now=NOW)
        (tmp_path / "eilbote.db").rename(tmp_path / "elsewhere.db")
        with pytest.raises(OutboxUnavailableError, match="was deleted or replaced"):
            await records.connections.keep(office(name="second"), now=NOW)


async def test_a_url_of_something_else_is_refused(tmp_path: Path) -> None:
    for url in ("mysql://host/name", "sqlite://", ""):
        with pytest.raises(SettingsError):
            open_records(url, key_ring=KeyRing(tmp_path / "secret.keys"))
