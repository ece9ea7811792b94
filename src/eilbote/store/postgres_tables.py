"""The outbox's tables on PostgreSQL: looked at when a database is opened, made in an empty one, and brought up to date."""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import text

from eilbote.errors import OutboxError, OutboxSchemaError
from eilbote.store.revision import check_revision

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from sqlalchemy import Connection, MetaData
    from sqlalchemy.ext.asyncio import AsyncConnection

    from eilbote.store.postgres_link import Db

_OLDEST: Final = 150000
_MAKING: Final = 1162889283
"""The lock under which tables are made or changed: of two programs that begin at once, the second finds them."""
_COLLATIONS: Final = ("pg_c_utf8", "und-x-icu")
"""What knows the letters of all languages, the best first; the database's own may know ASCII alone."""

_SERVER: Final = "SELECT current_setting('server_version_num')::int"
_ENCODING: Final = "SELECT current_setting('server_encoding')"
_REVISION_TABLE: Final = "SELECT to_regclass('alembic_version') IS NOT NULL"
_REVISION: Final = "SELECT version_num FROM alembic_version"
_TABLES: Final = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
_KNOWN_COLLATIONS: Final = "SELECT collname FROM pg_collation WHERE collname = ANY ($1::text[])"


async def check_tables(db: Db, where: str) -> bool:
    """See that the tables are those this program knows; ``False`` when the database is empty.

    Raises:
        OutboxSchemaError: They are of another form, or of something else.
        OutboxError: The server or the database cannot keep an outbox.
    """
    found = await revision_in(db, where)
    if found is not None:
        check_revision(found, where)
    return found is not None


async def revision_in(db: Db, where: str) -> str | None:
    """Tell of which form the tables are; ``None`` when the database is empty.

    Raises:
        OutboxSchemaError: They are of something else.
        OutboxError: The server or the database cannot keep an outbox.
    """
    if cast("int", await db.fetchval(_SERVER)) < _OLDEST:
        raise OutboxError(
            f"the server of {where} is too old", remedy=f"Use PostgreSQL {_OLDEST // 10000} or newer"
        )
    if await db.fetchval(_ENCODING) != "UTF8":
        raise OutboxError(
            f"the database {where} cannot hold every letter", remedy="Create it with ENCODING 'UTF8'"
        )
    if await db.fetchval(_REVISION_TABLE):
        found = await db.fetchval(_REVISION)
        if found is not None:
            return cast("str", found)
    if await db.fetchval(_TABLES):
        raise OutboxSchemaError(
            f"{where} is a database, but not an outbox of eilbote",
            remedy="Name another database in EILBOTE_DATABASE_URL",
        )
    return None


async def best_collation(db: Db) -> str | None:
    """Tell by which rules letters are compared without their case; ``None`` for the database's own."""
    known = {row[0] for row in await db.fetch(_KNOWN_COLLATIONS, list(_COLLATIONS))}
    return next((name for name in _COLLATIONS if name in known), None)


async def make_or_upgrade(connect: Callable[[], Awaitable[Db]]) -> None:
    """Make the tables in an empty database, or bring those of an older form up to date; all of it or nothing.

    Args:
        connect: Opens a connection of the driver's.
    """
    async with _lent(connect) as connection:
        await connection.run_sync(_make_or_upgrade)


async def differences(connect: Callable[[], Awaitable[Db]], *wanted: MetaData) -> list[str]:
    """Tell in what the tables differ from a description, a sentence each; an index of somebody's own is none.

    Args:
        connect: Opens a connection of the driver's.
        wanted: What the tables are to be.
    """
    from sqlalchemy import MetaData

    whole = MetaData()
    for part in wanted:
        for table in part.tables.values():
            table.to_metadata(whole)
    async with _lent(connect) as connection:
        return await connection.run_sync(lambda db: _differences(db, whole))


@asynccontextmanager
async def _lent(connect: Callable[[], Awaitable[Db]]) -> AsyncGenerator[AsyncConnection, None]:
    """Lend a connection to SQLAlchemy for one transaction."""
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


def _differences(connection: Connection, wanted: MetaData) -> list[str]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found: list[str] = []
    for one in cast("list[object]", compare_metadata(context, wanted)):
        # A change is a tuple that begins with what would have to be done, changes of one column are a list of them.
        for change in cast("list[tuple[object, ...]]", one if isinstance(one, list) else [one]):
            words = [getattr(part, "name", part) for part in change[1:]]
            said = f"{str(change[0]).replace('_', ' ')} {' '.join(str(word) for word in words if word)}"
            if not said.startswith("remove index"):
                found.append(f"missing is: {said}")
    return found


def _make_or_upgrade(connection: Connection) -> None:
    from eilbote.model.version import __version__
    from eilbote.store import migrate
    from eilbote.store.schema import meta

    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MAKING})
    is_new = migrate.revision_of(connection) is None
    migrate.upgrade(connection)
    if is_new:
        connection.execute(
            meta.insert(),
            [{"key": "database", "value": secrets.token_hex(12)}, {"key": "made_by", "value": __version__}],
        )
