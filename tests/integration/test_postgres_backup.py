"""Copies of an outbox on PostgreSQL: the same as those of a file, so that either can be restored into the other."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import asyncpg
import pytest
from tests.integration.test_sqlite_backup import PART, SHA256, fill
from tests.postgres_server import PostgresServer

from eilbote.errors import OutboxError
from eilbote.model.attempt import EventKind
from eilbote.model.status import EntryState
from eilbote.outbox.entry import Entry
from eilbote.outbox.store import EntryFilter, OutboxStore
from eilbote.store import backup as of_files
from eilbote.store import postgres_backup as of_servers
from eilbote.store.check import check
from eilbote.store.postgres_outbox import PostgresOutbox
from eilbote.store.schema import metadata
from eilbote.store.sqlite_outbox import SqliteOutbox
from eilbote.testing.outbox_exercises.scene import NOW, accept, at, new_entry, opened

pytestmark = pytest.mark.asyncio

_ALL = "SELECT * FROM {}"


class Octets:
    """A large part as it is sent."""

    dot_free = False

    def __init__(self, octets: bytes) -> None:
        self.size = len(octets)
        self._octets = octets

    def chunks(self) -> Iterator[bytes]:
        yield self._octets


class Place:
    """An outbox on the server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def outbox(self) -> PostgresOutbox:
        return PostgresOutbox(self.url)

    async def change(self, statement: str, *values: object) -> None:
        db = await asyncpg.connect(self.url)
        try:
            await db.execute(statement, *values)
        finally:
            await db.close()

    async def tables(self) -> list[str]:
        db = await asyncpg.connect(self.url)
        try:
            return [
                row[0]
                for row in await db.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ]
        finally:
            await db.close()

    async def rows(self, table: str) -> list[tuple[object, ...]]:
        db = await asyncpg.connect(self.url)
        try:
            return sorted((tuple(row) for row in await db.fetch(f"TABLE {table}")), key=repr)
        finally:
            await db.close()


@pytest.fixture
def live(postgres_database: str) -> Place:
    return Place(postgres_database)


@pytest.fixture
def again(postgres: PostgresServer) -> Iterator[Place]:
    name = postgres.new_database()
    yield Place(postgres.url(name))
    postgres.drop_database(name)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copies" / "monday"


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


async def filled(place: Place, *, part: bytes = PART) -> dict[str, int]:
    """Leave one entry in each state, one of them with a large part."""
    async with opened(place.outbox) as store:
        assert isinstance(store, PostgresOutbox)
        await store.blobs.put(Octets(part))
    return dict(await fill(place))  # type: ignore[arg-type] - all it uses is the outbox


async def entries(store: OutboxStore) -> list[Entry]:
    return await store.entries(EntryFilter(), limit=1000, newest_first=False)


@asynccontextmanager
async def copied_rows(path: Path) -> AsyncGenerator[Callable[[str], list[tuple[object, ...]]]]:
    with closing(sqlite3.connect(path / "eilbote.db")) as db:
        yield lambda table: sorted((tuple(row) for row in db.execute(_ALL.format(table))), key=repr)


# -- there and back ------------------------------------------------------------------------------------------------


async def test_a_copy_holds_every_row_of_every_table(live: Place, copy: Path) -> None:
    await filled(live)

    manifest = await of_servers.backup(live.url, copy, now=NOW)

    assert (manifest.entries, manifest.waiting, manifest.blobs) == (6, 4, (SHA256,))
    assert names(copy) == ["blobs", "eilbote.db", "manifest.json"]
    assert names(copy.parent) == ["monday"], "nothing unfinished is left"
    assert (copy / "blobs" / SHA256[:2] / SHA256).read_bytes() == PART
    assert (await check(copy / "eilbote.db", copy / "blobs")).faults == ()
    async with copied_rows(copy) as rows:
        for table in metadata.sorted_tables:
            assert rows(table.name) == await live.rows(table.name), table.name


async def test_a_restored_outbox_holds_what_may_have_been_sent(live: Place, copy: Path, again: Place) -> None:
    ids = await filled(live)
    await of_servers.backup(live.url, copy, now=NOW)

    restored = await of_servers.restore(copy, again.url, now=at(3600))

    assert (restored.held, restored.upgraded) == (3, False)
    async with opened(again.outbox) as store, opened(live.outbox) as original:
        states = {entry.id: entry.state for entry in await entries(store)}
        assert {name for name, entry in ids.items() if states[entry] is EntryState.HELD} == {
            *("queued", "deferred", "active", "held")
        }
        assert await store.couriers() == []
        assert await store.pauses() == []
        for entry in ids.values():
            assert await store.frozen(entry) == await original.frozen(entry)
            assert (await store.history(entry)).attempts == (await original.history(entry)).attempts
        assert isinstance(store, PostgresOutbox)
        part = await store.blobs.get(SHA256, size=len(PART), dot_free=False)
        assert b"".join(part.chunks()) == PART


async def test_a_restored_outbox_counts_on_behind_what_it_holds(
    live: Place, copy: Path, again: Place
) -> None:
    """The counters of lanes and events do not come with the rows; they would begin at 1 and meet what is there."""
    await filled(live)
    await of_servers.backup(live.url, copy, now=NOW)
    await of_servers.restore(copy, again.url, now=at(1))
    async with opened(again.outbox) as store:
        before = (await store.events())[-1].sequence
        (entry,) = await accept(store, new_entry("new", organization="another", accepted=at(2)))
        (event,) = await store.events(after=before)
    assert (event.entry, event.kind) == (entry, EventKind.SUBMITTED)


async def test_an_outbox_moves_from_a_file_to_a_server_and_back(tmp_path: Path, again: Place) -> None:
    file = SqliteOutbox(tmp_path / "live" / "eilbote.db")
    blobs = tmp_path / "live" / "blobs"
    (blobs / SHA256[:2]).mkdir(parents=True)
    (blobs / SHA256[:2] / SHA256).write_bytes(PART)

    class File:
        def outbox(self) -> SqliteOutbox:
            return file

    await fill(File())  # type: ignore[arg-type] - as above
    await of_files.backup(tmp_path / "live" / "eilbote.db", blobs, tmp_path / "there", now=NOW)
    await of_servers.restore(tmp_path / "there", again.url, now=at(60))
    await of_servers.backup(again.url, tmp_path / "back", now=at(60))
    await of_files.restore(tmp_path / "back", tmp_path / "new", now=at(120))

    report = await check(tmp_path / "new" / "eilbote.db", tmp_path / "new" / "blobs")
    assert (report.faults, report.entries, report.blobs) == ((), 6, 1)
    async with (
        opened(lambda: SqliteOutbox(tmp_path / "new" / "eilbote.db")) as new,
        opened(lambda: file) as old,
    ):
        for one, other in zip(await entries(new), await entries(old), strict=True):
            assert (one.id, one.subject, one.recipients) == (other.id, other.subject, other.recipients)
            assert await new.frozen(one.id) == await old.frozen(one.id)


async def test_more_than_a_page_and_large_parts_of_many_pieces(live: Place, copy: Path, again: Place) -> None:
    part = bytes(range(256)) * (10 * 1024) + b"and a rest"
    sha256 = hashlib.sha256(part).hexdigest()
    async with opened(live.outbox) as store:
        assert isinstance(store, PostgresOutbox)
        await store.blobs.put(Octets(part))
        for begin in range(0, 2500, 500):
            await accept(
                store, *(new_entry(f"n{begin + n}", recipients=2, blobs=(sha256,)) for n in range(500))
            )
    manifest = await of_servers.backup(live.url, copy, now=NOW)
    assert (manifest.entries, manifest.blobs) == (2500, (sha256,))
    restored = await of_servers.restore(copy, again.url, now=NOW)
    assert restored.held == 2500
    assert await again.rows("recipient") == await live.rows("recipient")
    assert await again.rows("body") == await live.rows("body")
    async with opened(again.outbox) as store:
        assert isinstance(store, PostgresOutbox)
        assert b"".join((await store.blobs.get(sha256, size=len(part), dot_free=False)).chunks()) == part


# -- in use ----------------------------------------------------------------------------------------------------------


async def test_what_is_accepted_meanwhile_is_in_the_copy_whole_or_not_at_all(live: Place, copy: Path) -> None:
    """Every table is read at another moment, and all of them say what was there at the first."""
    async with opened(live.outbox) as store:
        await accept(store, *(new_entry(f"old{number}") for number in range(300)))
        stop = asyncio.Event()

        async def submit() -> None:
            number = 0
            while not stop.is_set():
                await accept(store, new_entry(f"new{number}", recipients=3))
                number += 1

        submitting = asyncio.create_task(submit())
        manifests = [
            await of_servers.backup(live.url, copy.with_name(f"{number}"), now=NOW) for number in range(3)
        ]
        stop.set()
        await submitting
    assert manifests[0].entries < manifests[-1].entries
    for number in range(3):
        report = await check(copy.with_name(f"{number}") / "eilbote.db", copy / "blobs")
        assert report.faults == ()


# -- refused ---------------------------------------------------------------------------------------------------------


async def test_an_outbox_that_is_used_is_not_overwritten(live: Place, copy: Path, again: Place) -> None:
    await filled(live)
    await of_servers.backup(live.url, copy, now=NOW)
    async with opened(again.outbox) as store:
        await accept(store, new_entry("mine"))
    with pytest.raises(OutboxError, match="there is an outbox in"):
        await of_servers.restore(copy, again.url, now=NOW)
    async with opened(again.outbox) as store:
        assert [entry.subject for entry in await entries(store)] == ["Subject mine"]


async def test_one_that_was_opened_and_never_used_is_no_outbox_yet(
    live: Place, copy: Path, again: Place
) -> None:
    await filled(live)
    await of_servers.backup(live.url, copy, now=NOW)
    async with opened(again.outbox):
        pass
    assert (await of_servers.restore(copy, again.url, now=NOW)).held == 3


async def test_an_empty_database_has_nothing_to_copy(live: Place, copy: Path) -> None:
    with pytest.raises(OutboxError, match="there is no outbox in"):
        await of_servers.backup(live.url, copy, now=NOW)
    assert names(copy) == []
    assert await live.tables() == []


async def test_a_copy_that_was_touched_is_not_restored(live: Place, copy: Path, again: Place) -> None:
    await filled(live)
    await of_servers.backup(live.url, copy, now=NOW)
    (copy / "blobs" / SHA256[:2] / SHA256).write_bytes(b"something else")
    with pytest.raises(OutboxError, match="is damaged"):
        await of_servers.restore(copy, again.url, now=NOW)
    assert await again.tables() == []


async def test_a_part_that_is_missing_keeps_nothing_else_out_of_the_copy(live: Place, copy: Path) -> None:
    await filled(live)
    await live.change("DELETE FROM blob_piece")
    manifest = await of_servers.backup(live.url, copy, now=NOW)
    assert (manifest.entries, manifest.blobs) == (6, ())
