"""Records on a PostgreSQL server that others use at the same moment, or that stops."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import asyncpg
import pytest
from tests.integration.records.filled_records import USES
from tests.integration.records.record_places import RecordPlace
from tests.postgres_server import PostgresServer

from eilbote.errors import OutboxError, OutboxUnavailableError
from eilbote.model.secret import Secret
from eilbote.store.cipher import Place, SecretKind, seal
from eilbote.store.postgres_records import PostgresDatabase, PostgresRecords
from eilbote.store.record_database import Statements
from eilbote.store.secret_rows import SecretRows
from eilbote.testing.records_exercises.scene import KEY, NOW, office, opened, token_record

pytestmark = pytest.mark.asyncio

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
PUT = "INSERT INTO secret (kind, organization, owner, field, key_id, sealed) VALUES ('token', '', 'late', 'access_token', $1, $2)"


@pytest.fixture
def place(postgres_database: str, tmp_path: Path) -> RecordPlace:
    return RecordPlace(postgres_database, tmp_path)


async def somebody_waits(watcher: asyncpg.Connection, task: asyncio.Task[object]) -> None:
    """Wait until somebody waits for a lock on the server, or the task has ended without."""
    async with asyncio.timeout(20):
        while not task.done() and not await watcher.fetchval(WAITING):
            pass


async def test_a_rotation_waits_for_whoever_is_writing_with_the_former_key(place: RecordPlace) -> None:
    """He has looked which key encrypts, and has not committed: the rotation must see what he writes."""
    database = PostgresDatabase(place.url, busy_seconds=5, monotonic=time.monotonic)
    late = Place(kind=SecretKind.TOKEN, owner="late", field="access_token")
    secrets = SecretRows(database, place.ring)

    async with opened(place.records) as records:
        await records.connections.keep(office(), now=NOW)
        await database.open()
        watcher = await asyncpg.connect(place.url)

        async def write(db: Statements) -> asyncio.Task[object]:
            key = await secrets.hold_current(db)
            rotating: asyncio.Task[object] = asyncio.ensure_future(records.keys.rotate())
            await somebody_waits(watcher, rotating)
            assert not rotating.done(), "it waits"
            await db.execute(PUT, key.id, seal(key, late, Secret("of the last moment")))
            return rotating

        await (await database.transact(write))
        await watcher.close()
        await database.close()
        current, former = place.ring.known()
        assert await place.sql(USES) == [(current.id, 2)]
        assert await records.keys.retire(former.id)
        [[sealed]] = await place.sql("SELECT sealed FROM secret WHERE owner = 'late'")
        assert isinstance(sealed, bytes)
        assert secrets.unsealed(late, current.id, sealed).reveal() == "of the last moment"


async def test_who_waits_for_a_lock_hears_at_once_that_it_is_free(place: RecordPlace) -> None:
    """It is the server that waits; nobody asks it again and again."""
    async with opened(place.records) as one, opened(place.records) as two:
        watcher = await asyncpg.connect(place.url)

        async def renew() -> None:
            async with two.tokens.exclusive(KEY):
                await two.tokens.write(KEY, token_record("second"))

        async with one.tokens.exclusive(KEY):
            waiting: asyncio.Task[object] = asyncio.ensure_future(renew())
            await somebody_waits(watcher, waiting)
            await one.tokens.write(KEY, token_record("first"))
            assert not waiting.done()
        await waiting
        assert await one.tokens.read(KEY) == token_record("second")
        await watcher.close()


async def test_a_server_that_stops_while_a_token_is_renewed(
    place: RecordPlace, postgres: PostgresServer
) -> None:
    """What is written then is written when it is back; the lock is gone, and can be had again."""
    patient = PostgresRecords(place.url, key_ring=place.ring, busy_seconds=60)
    async with opened(lambda: patient) as records:
        async with records.tokens.exclusive(KEY):
            await records.tokens.write(KEY, token_record("before", "one"))
            await asyncio.to_thread(postgres.crash)
            writing = asyncio.ensure_future(records.tokens.write(KEY, token_record("after", "two")))
            await asyncio.sleep(0)
            await asyncio.to_thread(postgres.start)
            await writing
        async with records.tokens.exclusive(KEY):
            assert await records.tokens.read(KEY) == token_record("after", "two")


async def test_a_server_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    records = PostgresRecords(
        f"postgresql://nobody:hunter2@/nowhere?host={tmp_path}",
        key_ring=RecordPlace("", tmp_path).ring,
        busy_seconds=0,
    )
    with pytest.raises(OutboxError) as told:
        await records.open()
    assert "hunter2" not in str(told.value)
    with pytest.raises(OutboxUnavailableError, match="closed"):
        await records.tokens.forget()
    with pytest.raises(OutboxUnavailableError, match="closed"):
        async with records.tokens.exclusive(KEY):
            pass
