"""The outbox's tables on a real PostgreSQL: made once, refused when they are others', and read by their keys."""

from __future__ import annotations

import asyncio
import re
import time

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from tests.postgres_server import PostgresServer

from eilbote.errors import OutboxError, OutboxSchemaError
from eilbote.outbox.store import EntryFilter
from eilbote.store import migrate, postgres_schema, schema
from eilbote.store.postgres_link import Db, PostgresLink
from eilbote.store.postgres_outbox import PostgresOutbox
from eilbote.store.revision import HEAD
from eilbote.store.statements import named_sql
from eilbote.store.upgrade import Upgrade, upgrade_database
from eilbote.testing.outbox_exercises.scene import (
    accept,
    new_entry,
    opened,
)

pytestmark = pytest.mark.asyncio

_SETTLE_VALUES = "('{1}', '{done}', '{1}', '{1}', '{1}', '{x}', '{1}', '{t}', '{0}'" + ", '{1}'" * 19 + ")"


async def run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def made(url: str) -> None:
    async with opened(lambda: PostgresOutbox(url)):
        pass


async def test_an_empty_database_gets_the_tables_of_the_newest_form(postgres_database: str) -> None:
    def difference(connection: Connection) -> list[object]:
        wanted = MetaData()
        for part in (schema.metadata, postgres_schema.metadata):
            for table in part.tables.values():
                table.to_metadata(wanted)
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), wanted))

    await made(postgres_database)
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(postgres_database), poolclass=NullPool
    )
    async with engine.connect() as connection:
        assert await connection.run_sync(difference) == []
        assert await connection.run_sync(migrate.revision_of) == HEAD
    await engine.dispose()


async def test_two_that_open_an_empty_database_at_once_make_its_tables_once(postgres_database: str) -> None:
    async with (
        asyncio.timeout(30),
        asyncio.TaskGroup() as tasks,
    ):
        for _ in range(3):
            tasks.create_task(made(postgres_database))

    connection = await asyncpg.connect(postgres_database)
    assert await connection.fetchval("SELECT count(*) FROM meta WHERE key = 'database'") == 1
    await connection.close()


async def test_a_database_made_by_a_newer_eilbote_is_refused(postgres_database: str) -> None:
    await made(postgres_database)
    await run(postgres_database, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(OutboxSchemaError, match="newer eilbote"):
        await PostgresOutbox(postgres_database).open()


async def test_upgrading_says_what_was_found(postgres_database: str) -> None:
    url = postgres_database.replace("postgresql:", "postgresql+asyncpg:")

    assert await upgrade_database(url) == Upgrade(found=None, now=HEAD)
    assert not (await upgrade_database(url)).changed
    await run(postgres_database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(OutboxSchemaError, match="newer eilbote"):
        await upgrade_database(url)


async def test_a_database_of_something_else_is_left_alone(postgres_database: str) -> None:
    await run(postgres_database, "CREATE TABLE customer (id int)")

    with pytest.raises(OutboxSchemaError, match="not an outbox"):
        await PostgresOutbox(postgres_database).open()


async def test_a_database_that_cannot_hold_every_letter_is_refused(postgres: PostgresServer) -> None:
    postgres.psql(
        "CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C' LOCALE_PROVIDER libc"
    )

    with pytest.raises(OutboxError, match="ENCODING 'UTF8'"):
        await PostgresOutbox(postgres.url("ascii")).open()
    postgres.drop_database("ascii")


async def test_letters_have_two_cases_in_a_database_that_knows_only_ascii(postgres: PostgresServer) -> None:
    postgres.psql("CREATE DATABASE plain TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER libc")
    async with opened(lambda: PostgresOutbox(postgres.url("plain"))) as store:
        await accept(store, new_entry(subject="Große Grüße"))

        for part in ("GRÜSSE", "grüße", "GROSSE"):
            assert len(await store.entries(EntryFilter(subject=part), limit=9)) == 1, part
    postgres.drop_database("plain")


@pytest.mark.parametrize(
    "name,values",
    [
        ("claim", "('courier-1', 1, 9000000000000, 50)"),
        ("transmit", "('{1}', '{1}')"),
        ("claims_held", "('{1}', '{1}')"),
        ("settle", _SETTLE_VALUES),
        ("claims_of_courier", "('courier-1')"),
        ("wish_standing", "('{1}')"),
    ],
    ids=lambda value: value if value.isidentifier() else "",
)  # fmt: skip
async def test_no_step_is_planned_to_read_a_whole_table(
    postgres_database: str, name: str, values: str
) -> None:
    """Not even while it is small: the server keeps the plan when it has grown."""
    async with opened(lambda: PostgresOutbox(postgres_database)) as store:
        await accept(store, *(new_entry(f"n{number}", recipients=2) for number in range(20)))
    await run(postgres_database, "ANALYZE")
    link = PostgresLink(postgres_database, busy_seconds=0, monotonic=time.monotonic)
    await link.open()
    try:
        plan = await link.transact(lambda db: _plan(db, name, values))
    finally:
        await link.close()

    assert not re.search(r"Seq Scan on (entry|recipient|body|attempt)\b", plan), plan


@pytest.mark.parametrize("name,values", [("ready_lanes", "(9000000000000)"), ("next_due", "(0)")])
async def test_what_is_ready_is_asked_of_the_ready_index(
    postgres_database: str, name: str, values: str
) -> None:
    """Or the cost would grow with what waits."""
    async with opened(lambda: PostgresOutbox(postgres_database)) as store:
        await accept(store, *(new_entry(f"n{number}") for number in range(2000)))
    connection = await asyncpg.connect(postgres_database)
    await connection.execute("ANALYZE")
    plan = await _plan(connection, name, values)
    await connection.close()

    assert "entry_ready" in plan, plan


async def _plan(db: Db, name: str, values: str) -> str:
    await db.execute(f"PREPARE {name} AS {named_sql('postgresql', name)}")
    return "\n".join(str(row[0]) for row in await db.fetch(f"EXPLAIN EXECUTE {name}{values}"))
