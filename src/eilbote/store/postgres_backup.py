"""Copies of an outbox on PostgreSQL, and the way back; what a copy is says :mod:`eilbote.store.copies`.

The copy is the same as that of an outbox in a file: tables in an SQLite database, large parts as files. So either can be
restored into the other, which is also how an outbox moves from a file to a server, or from one version of the server to another.

It is read in one view of the database (``REPEATABLE READ READ ONLY``), page by page along the keys, while everybody goes on
working. It is written with ``COPY``, in one transaction.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import Boolean, LargeBinary

from eilbote.errors import OutboxError
from eilbote.store.blob_files import BlobFiles
from eilbote.store.blob_rows import BlobRows
from eilbote.store.copies import (
    BLOBS,
    DATABASE,
    Manifest,
    Restored,
    bring_up_to_date,
    examine,
    finish,
    part_path,
    read_manifest,
    said_plainly,
    unfinished_copy,
)
from eilbote.store.postgres_check import no_outbox
from eilbote.store.postgres_link import PostgresLink
from eilbote.store.postgres_tables import check_tables, make_or_upgrade
from eilbote.store.revision import HEAD
from eilbote.store.schema import metadata
from eilbote.store.sqlite_faults import outbox_error
from eilbote.store.sqlite_file import make_tables, migrating
from eilbote.store.statements import named_sql

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from sqlalchemy import Table

    from eilbote.model.moment import Moment
    from eilbote.store.postgres_link import Db, Transaction

_PIECE: Final = named_sql("postgresql", "blob_piece")
_PAGE_ROWS: Final = 1000
_PAGE_OF_OCTETS: Final = 100
"""Rows of a table with octets in it that are held at a time."""
_LARGE: Final = frozenset(
    {
        *("flow", "flow_text", "flow_state", "flow_context", "flow_late_result"),
        *("process", "process_text", "process_state", "process_trigger", "process_route"),
    }
)
"""Tables with texts that may have megabytes each; nearly all have a few thousand octets."""
_BUSY_SECONDS: Final = 5.0


async def backup(url: str, target: Path, *, now: Moment) -> Manifest:
    """Make a copy of an outbox, which may be in use.

    Args:
        url: Its database.
        target: A folder that is not there yet, or is empty.
        now: The time the copy will say.

    Raises:
        OutboxError: There is no outbox, or one of another form, or the copy cannot be written; then there is none.
    """
    link = PostgresLink(url, busy_seconds=_BUSY_SECONDS, monotonic=time.monotonic)
    await link.open()
    try:
        with unfinished_copy(target) as folder:
            if not await link.read(lambda db: check_tables(db, link.where)):
                raise no_outbox(link.where)
            kept = await link.look(lambda db: _copy(db, folder))
            return await asyncio.to_thread(finish, folder, target, blobs=kept, now=now)
    finally:
        await link.close()


async def restore(source: Path, url: str, *, now: Moment) -> Restored:
    """Make an outbox of a copy.

    Args:
        source: The copy's folder.
        url: The database; there must be nothing in it yet.
        now: The time that the entries' events will say.

    Raises:
        OutboxError: The folder holds no copy, or a damaged one, or there is an outbox already, of which nothing is changed.
    """
    manifest = await asyncio.to_thread(read_manifest, source)
    link = PostgresLink(url, busy_seconds=_BUSY_SECONDS, monotonic=time.monotonic)
    await link.open()
    try:
        if await link.read(lambda db: check_tables(db, link.where)):
            await link.look(lambda db: _refuse_what_is_used(db, link.where))
        await asyncio.to_thread(examine, source, manifest)
        with said_plainly(Path(tempfile.gettempdir())), tempfile.TemporaryDirectory() as temporary:
            path = Path(temporary) / DATABASE
            held = await asyncio.to_thread(bring_up_to_date, source, path, manifest, now=now)
            await make_or_upgrade(link.connect)
            parts, rows = BlobFiles(source / BLOBS), BlobRows(link)
            for sha256 in manifest.blobs:
                size = part_path(source / BLOBS, sha256).stat().st_size
                await rows.put(await parts.get(sha256, size=size, dot_free=False))
            with closing(sqlite3.connect(path)) as copy:
                await link.transact(lambda db: _fill(db, copy, link.where))
    finally:
        await link.close()
    return Restored(
        manifest=manifest,
        held=held.entries,
        held_runs=held.runs,
        held_instances=held.instances,
        upgraded=manifest.revision != HEAD,
    )


# -- making --------------------------------------------------------------------------------------------------------


async def _copy(db: Db, folder: Path) -> tuple[str, ...]:
    """Copy everything; gives the large parts that were copied. Begins anew when it is called again."""
    path = folder / DATABASE
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            with migrating(copy) as connection:
                make_tables(connection)
                for table in metadata.sorted_tables:
                    copy.execute(f"DELETE FROM {table.name}")  # noqa: S608 - one of our own tables
                    async for page in _pages(db, table):
                        copy.executemany(_insert(table), page)
            wanted = [
                row[0] for row in copy.execute("SELECT DISTINCT sha256 FROM entry_blob ORDER BY sha256")
            ]
    except sqlite3.Error as error:
        raise outbox_error(error, str(path)) from error
    # What is missing belongs to an entry that is damaged, which `eilbote db check` tells.
    return tuple([sha256 for sha256 in wanted if await _copy_part(db, folder / BLOBS, sha256)])


async def _pages(db: Db, table: Table) -> AsyncGenerator[Sequence[Sequence[object]], None]:
    """Read a table along its key, so that no more than a page of it is ever held."""
    keys = [column.name for column in table.primary_key]
    places = [table.columns.keys().index(name) for name in keys]
    most = _page_rows(table)
    after: list[object] = []
    while True:
        beyond = ", ".join(f"${number + 1}" for number in range(len(after)))
        page = await db.fetch(
            f"SELECT {_names(table)} FROM {table.name}"  # noqa: S608 - names of our own
            + (f" WHERE ({', '.join(keys)}) > ({beyond})" if after else "")
            + f" ORDER BY {', '.join(keys)} LIMIT {most}",
            *after,
        )
        if page:
            yield [tuple(row) for row in page]
        if len(page) < most:
            return
        after = [page[-1][place] for place in places]


def _page_rows(table: Table) -> int:
    has_octets = table.name in _LARGE or any(isinstance(column.type, LargeBinary) for column in table.columns)
    return _PAGE_OF_OCTETS if has_octets else _PAGE_ROWS


def _names(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)


def _insert(table: Table) -> str:
    values = ", ".join("?" * len(table.columns))
    return f"INSERT INTO {table.name} ({_names(table)}) VALUES ({values})"  # noqa: S608 - names of our own


async def _copy_part(db: Db, blobs: Path, sha256: str) -> bool:
    path = part_path(blobs, sha256)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = 0
    with path.open("wb") as file:
        path.chmod(0o600)
        while octets := cast("bytes | None", await db.fetchval(_PIECE, sha256, number)):
            file.write(octets)
            number += 1
    if number == 0:
        path.unlink()
    return number > 0


# -- the way back --------------------------------------------------------------------------------------------------


async def _refuse_what_is_used(db: Db, where: str) -> None:
    for table in metadata.sorted_tables:
        if table.name != "meta" and await db.fetchval(f"SELECT EXISTS (SELECT FROM {table.name})"):  # noqa: S608 - as above
            raise OutboxError(
                f"there is an outbox in {where} already",
                field="database_url",
                cause=f"Its table {table.name} is not empty",
                remedy="Make another database, and name it in EILBOTE_DATABASE_URL",
            )


async def _fill(db: Transaction, copy: sqlite3.Connection, where: str) -> None:
    """Write what is in a copy, and have every counter go on behind it."""
    # Nobody comes in between: who opens the outbox meanwhile waits, and finds it whole.
    names = ", ".join(table.name for table in metadata.sorted_tables)
    await db.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
    await _refuse_what_is_used(db, where)
    await db.execute("DELETE FROM meta")
    for table in metadata.sorted_tables:
        truths = [isinstance(column.type, Boolean) for column in table.columns]
        rows = copy.execute(f"SELECT {_names(table)} FROM {table.name}")  # noqa: S608 - as above
        while page := rows.fetchmany(_page_rows(table)):
            await db.load(
                table.name,
                list(table.columns.keys()),
                [
                    [bool(one) if truth else one for truth, one in zip(truths, row, strict=True)]
                    for row in page
                ],
            )
    for name, column in (
        ("lane", "id"),
        ("event", "sequence"),
        ("flow_run", "number"),
        ("process_instance", "number"),
    ):
        await db.execute(
            f"SELECT setval(pg_get_serial_sequence('{name}', '{column}'), max({column})) FROM {name}"  # noqa: S608 - as above
        )
