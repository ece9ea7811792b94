"""An outbox of the first form: told to be upgraded, and nothing of it is lost by that."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from eilbote.errors import OutboxSchemaError
from eilbote.outbox.store import EntryFilter, OutboxStore
from eilbote.store import migrate
from eilbote.store.key_ring import KeyRing
from eilbote.store.open_records import open_records
from eilbote.store.open_store import open_store
from eilbote.store.revision import HEAD
from eilbote.store.schema import metadata
from eilbote.store.sqlite_file import APPLICATION_ID, connect, migrating
from eilbote.store.upgrade import Upgrade, upgrade_database
from eilbote.testing.outbox_exercises.scene import accept, new_entry
from eilbote.testing.records_exercises.scene import NOW, office, opened

pytestmark = pytest.mark.asyncio

FIRST_TABLES = {
    "attempt",
    "body",
    "courier",
    "entry",
    "entry_blob",
    "event",
    "lane",
    "meta",
    "pause",
    "recipient",
}
NEW_TABLES = tuple(sorted(set(metadata.tables) - FIRST_TABLES))
NEW_COLUMNS = ("sender", "attachments")
"""Of entries; empty in older ones."""


async def filled(store: OutboxStore) -> tuple[object, ...]:
    """Keep two messages; gives what is known of them."""
    await store.open()
    try:
        new = new_entry("one", key="k"), new_entry("two", organization="acme")
        await accept(store, *(replace(each, sender="", attachments=0) for each in new))
        return await everything(store)
    finally:
        await store.close()


async def everything(store: OutboxStore) -> tuple[object, ...]:
    entries = await store.entries(EntryFilter(), limit=9)
    return (
        [await store.history(entry.id) for entry in entries],
        [await store.frozen(entry.id) for entry in entries],
        await store.events(),
    )


async def see_the_upgrade(url: str, folder: Path, before: tuple[object, ...]) -> None:
    records = open_records(url, key_ring=KeyRing(folder / "secret.keys"))
    for closed in (open_store(url), records):
        with pytest.raises(OutboxSchemaError, match=r"older form \(0001.*eilbote db upgrade"):
            await closed.open()

    assert await upgrade_database(url) == Upgrade(found="0001", now=HEAD)
    assert not (await upgrade_database(url)).changed

    store = open_store(url)
    await store.open()
    assert await everything(store) == before
    await store.close()
    async with opened(lambda: records) as opened_records:
        kept = await opened_records.connections.keep(office(), now=NOW)
        assert await opened_records.connections.connections() == (kept,)


async def test_on_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "eilbote.db"
    before = await filled(open_store(f"sqlite:///{path}"))
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as db:
        db.execute("PRAGMA page_size = 8192")
    with closing(connect(old)) as db, migrating(db) as connection:
        migrate.upgrade(connection, to="0001")
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    with closing(sqlite3.connect(old)) as db, db:
        db.execute(f"ATTACH '{path}' AS new")
        tables = [
            name
            for (name,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")
            if name not in {"alembic_version", "sqlite_sequence"}
        ]
        assert not set(NEW_TABLES) & set(tables), "the first form knows nothing of them"
        for name in tables:
            columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({name})"))
            db.execute(f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM new.{name}")  # noqa: S608 - names of tables

    await see_the_upgrade(f"sqlite:///{old}", tmp_path, before)


async def test_on_postgresql(postgres_database: str, tmp_path: Path) -> None:
    """Its later tables and columns are all that an outbox has more than the first form."""
    before = await filled(open_store(postgres_database))
    engine = create_async_engine(
        postgres_database.replace("postgresql:", "postgresql+asyncpg:"), poolclass=NullPool
    )
    async with engine.begin() as connection:
        for name in NEW_TABLES:
            await connection.execute(text(f"DROP TABLE {name}"))
        await connection.execute(text("DROP FUNCTION audit_refuses"))
        for name in NEW_COLUMNS:
            await connection.execute(text(f"ALTER TABLE entry DROP COLUMN {name}"))
        await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    await engine.dispose()

    await see_the_upgrade(postgres_database, tmp_path, before)


async def test_runs_that_ended_before_say_how_many_nodes_failed(tmp_path: Path) -> None:
    """A run that is damaged, or of which nothing went wrong, keeps nobody from that."""
    path = tmp_path / "old.db"
    error = {"code": "connect"}
    states = (
        {"trail": [["a", 1, "next", error], ["b", 2, "next"], ["c", 3, "", error]]},
        {"trail": [["a", 1, "next"]]},
        {"trail": 7},
    )
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA page_size = 8192")
    with closing(connect(path)) as db:
        with migrating(db) as connection:
            migrate.upgrade(connection, to="0008")
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        for number, state in enumerate(states, start=1):
            db.execute(
                "INSERT INTO flow_run (number, id, organization, flow, version, digest, session, author, status, began, "
                "changed, revision) VALUES (?, ?, '', 'f', 1, '', 's', '', 'done', 1, 1, 1)",
                (number, f"r{number}"),
            )
            db.execute("INSERT INTO flow_state (run, state) VALUES (?, ?)", (number, json.dumps(state)))

    assert (await upgrade_database(f"sqlite:///{path}")).changed

    with closing(sqlite3.connect(path)) as db:
        assert dict(db.execute("SELECT id, failed_nodes FROM flow_run")) == {"r1": 2, "r2": 0, "r3": 0}
