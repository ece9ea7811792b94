"""The outbox's tables on PostgreSQL: looked at when a database is opened, made in an empty one, and brought up to date."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import text

from eilbote.errors import OutboxError, OutboxSchemaError
from eilbote.store.revision import check_revision

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy import Connection

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
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_make_or_upgrade)
    finally:
        await engine.dispose()


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
