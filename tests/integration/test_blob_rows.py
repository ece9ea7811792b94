"""Large parts of messages in a PostgreSQL database: whole or absent, kept once, never swept from under an entry."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import os
import tempfile
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from eilbote.compose.file_source import MemorySource
from eilbote.errors import OutboxUnavailableError, UnreadableEntryError
from eilbote.model.moment import Moment
from eilbote.store.blob_rows import BlobRows, Spool
from eilbote.store.postgres_outbox import PostgresOutbox
from eilbote.testing.outbox_exercises.scene import accept, new_entry

pytestmark = pytest.mark.asyncio

LONG_AGO, FAR_AHEAD = Moment(0), Moment(1 << 50)
MIB = 1024 * 1024


class Octets:
    """A source that makes its octets while they are read."""

    dot_free = True

    def __init__(self, size: int) -> None:
        self.size = size
        self._block = os.urandom(8192)

    def chunks(self) -> Iterator[bytes]:
        for begin in range(0, self.size, len(self._block)):
            yield self._block[: self.size - begin]


@pytest_asyncio.fixture
async def store(postgres_database: str) -> AsyncIterator[PostgresOutbox]:
    outbox = PostgresOutbox(postgres_database)
    await outbox.open()
    yield outbox
    await outbox.close()


@pytest.fixture
def blobs(store: PostgresOutbox) -> BlobRows:
    return store.blobs


async def count(url: str, table: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - a name from this file
    finally:
        await connection.close()


@pytest.mark.parametrize("size", [1, MIB - 1, MIB, MIB + 1, 5 * MIB // 2])
async def test_what_was_put_is_given_back_as_often_as_needed(blobs: BlobRows, size: int) -> None:
    source = Octets(size)
    octets = b"".join(source.chunks())

    sha256 = await blobs.put(source)
    kept = await blobs.get(sha256, size=size, dot_free=True)

    assert sha256 == hashlib.sha256(octets).hexdigest()
    assert (kept.size, kept.dot_free) == (size, True)
    assert b"".join(kept.chunks()) == b"".join(kept.chunks()) == octets
    assert max(map(len, kept.chunks())) <= 64 * 1024


async def test_equal_octets_are_kept_once_even_when_put_at_the_same_time(
    blobs: BlobRows, postgres_database: str
) -> None:
    octets = os.urandom(3 * MIB)

    names = await asyncio.gather(*(blobs.put(MemorySource(octets)) for _ in range(4)))

    assert len(set(names)) == 1
    assert await count(postgres_database, "blob") == 1
    assert await count(postgres_database, "blob_piece") == 5


async def test_another_program_reads_what_this_one_put(blobs: BlobRows, postgres_database: str) -> None:
    sha256 = await blobs.put(MemorySource(b"octets"))
    other = PostgresOutbox(postgres_database)
    await other.open()

    kept = await other.blobs.get(sha256, size=10, dot_free=True)

    assert b"".join(kept.chunks()) == b"".join(MemorySource(b"octets").chunks())
    await other.close()


async def test_a_part_that_is_missing_or_of_another_size_is_refused(blobs: BlobRows) -> None:
    sha256 = await blobs.put(MemorySource(b"octets"))

    with pytest.raises(UnreadableEntryError, match="it has 10 octets, not 11"):
        await blobs.get(sha256, size=11, dot_free=True)
    with pytest.raises(UnreadableEntryError, match="missing"):
        await blobs.get("0" * 64, size=10, dot_free=True)
    with pytest.raises(UnreadableEntryError, match="no SHA-256"):
        await blobs.get("../../etc/passwd", size=10, dot_free=True)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE blob_piece SET octets = set_byte(octets, 5, 255 - get_byte(octets, 5)) WHERE number = 1",
        "DELETE FROM blob_piece WHERE number = 1",
        "UPDATE blob_piece SET number = -number",
    ],
)
async def test_octets_that_have_changed_are_not_given(
    blobs: BlobRows, postgres_database: str, damage: str
) -> None:
    sha256 = await blobs.put(source := Octets(2 * MIB))
    connection = await asyncpg.connect(postgres_database)
    await connection.execute(damage)
    await connection.close()

    with pytest.raises(UnreadableEntryError, match="have changed"):
        await blobs.get(sha256, size=source.size, dot_free=True)


async def test_only_what_is_old_and_unused_is_swept(
    store: PostgresOutbox, blobs: BlobRows, postgres_database: str
) -> None:
    named, referred, forgotten = [await blobs.put(Octets(1000 + number)) for number in range(3)]
    await accept(store, new_entry(blobs=(referred,)))

    assert await blobs.sweep({named}, older_than=LONG_AGO) == 0
    assert await blobs.sweep({named}, older_than=FAR_AHEAD) == 1
    assert await count(postgres_database, "blob_piece") == 2
    with pytest.raises(UnreadableEntryError):
        await blobs.get(forgotten, size=1002, dot_free=True)
    assert (await blobs.get(referred, size=1001, dot_free=True)).size == 1001


async def test_a_part_that_is_put_again_is_young_again(blobs: BlobRows, postgres_database: str) -> None:
    await blobs.put(MemorySource(b"octets"))
    connection = await asyncpg.connect(postgres_database)
    await connection.execute("UPDATE blob SET put = 1000")
    await blobs.put(MemorySource(b"octets"))

    assert await blobs.sweep(set(), older_than=Moment(2000)) == 0
    assert await connection.fetchval("SELECT put FROM blob") > 2000
    await connection.close()


class Vanishing:
    """A source that fails half-way."""

    dot_free, size = True, 100

    def chunks(self) -> Iterator[bytes]:
        yield b"half"
        raise OSError("gone")


async def test_of_a_source_that_fails_nothing_is_kept(blobs: BlobRows, postgres_database: str) -> None:
    with pytest.raises(OSError, match="gone"):
        await blobs.put(Vanishing())

    assert await count(postgres_database, "blob") == 0


async def test_a_large_part_is_never_in_memory_as_a_whole(blobs: BlobRows) -> None:
    source = Octets(24 * MIB)
    tracemalloc.start()
    sha256 = await blobs.put(source)
    kept = await blobs.get(sha256, size=source.size, dot_free=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sum(map(len, kept.chunks())) == source.size
    assert peak < 8 * MIB


async def test_a_spool_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    handles = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - handles are no files of a folder
    spool = Spool(dot_free=True)
    spool.append(b"octets")

    assert b"".join(spool.chunks()) == b"octets"
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - in an async test, and as quick
    del spool
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == handles  # noqa: PTH208 - handles are no files of a folder


async def test_without_room_to_spool_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blobs: BlobRows
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))

    with pytest.raises(OutboxUnavailableError, match="TMPDIR"):
        await blobs.put(MemorySource(b"octets"))
