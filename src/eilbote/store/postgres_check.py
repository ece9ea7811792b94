"""Looks an outbox on PostgreSQL over: its tables, what refers to what, every message, and every large part.

It reads only, in one view of the database, while others may go on writing. Whether the server's own files are whole, the
server knows (``pg_amcheck``, data checksums); everything that can be asked in SQL is asked here.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Final, cast
from zlib import crc32

from eilbote.errors import OutboxError
from eilbote.store import postgres_schema, schema
from eilbote.store.account_check import account_faults
from eilbote.store.check import ODDITIES, PARTS, CheckReport, octets_have_changed
from eilbote.store.flow_check import flow_faults
from eilbote.store.notification_check import notification_faults
from eilbote.store.postgres_link import PostgresLink
from eilbote.store.postgres_tables import check_tables, differences
from eilbote.store.process_check import process_faults
from eilbote.store.statements import named_sql

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from eilbote.store.postgres_link import Db

_BUSY_SECONDS: Final = 5.0
_PAGE: Final = 100
_PIECE: Final = named_sql("postgresql", "blob_piece")
_SIZE: Final = named_sql("postgresql", "blob_size")
_BODIES: Final = "SELECT entry, frozen, crc FROM body WHERE entry > $1 ORDER BY entry LIMIT $2"
_COUNT: Final = "SELECT count(*) FROM entry"
_LOST_PIECES: Final = (
    "SELECT count(DISTINCT sha256) FROM blob_piece AS piece "
    "WHERE NOT EXISTS (SELECT FROM blob WHERE blob.sha256 = piece.sha256)"
)


async def check(url: str) -> CheckReport:
    """Look at everything.

    Args:
        url: The database.

    Raises:
        OutboxSchemaError: It is of another form; upgrade it first.
        OutboxError: There is no outbox, or it cannot be read at all.
    """
    link = PostgresLink(url, busy_seconds=_BUSY_SECONDS, monotonic=time.monotonic)
    await link.open()
    try:
        if not await link.read(lambda db: check_tables(db, link.where)):
            raise no_outbox(link.where)
        wanted = (schema.metadata, postgres_schema.metadata)
        drift = [
            f"the tables differ from those of this form: {one}"
            for one in await differences(link.connect, *wanted)
        ]
        if drift:  # what is asked of other tables says nothing
            return CheckReport(entries=0, blobs=0, faults=tuple(drift))
        return await link.look(_look)
    finally:
        await link.close()


def no_outbox(where: str) -> OutboxError:
    """Say that a database is empty."""
    return OutboxError(
        f"there is no outbox in {where}",
        field="database_url",
        cause="The database is empty",
        remedy="Name its database with EILBOTE_DATABASE_URL; one is made when the first message is queued",
    )


async def _look(db: Db) -> CheckReport:
    wanted = [cast("str", row[0]) for row in await db.fetch(PARTS)]
    faults = [
        fault
        for kind in (_reference_faults(db), _body_faults(db), _blob_faults(db, wanted))
        async for fault in kind
    ]
    faults += await flow_faults(db)
    faults += await notification_faults(db)
    faults += await process_faults(db)
    faults += await account_faults(db)
    return CheckReport(
        entries=cast("int", await db.fetchval(_COUNT)), blobs=len(wanted), faults=tuple(faults)
    )


async def _reference_faults(db: Db) -> AsyncGenerator[str, None]:
    for oddity in ODDITIES:
        count = cast("int", await db.fetchval(oddity.count().text))
        if count:
            yield oddity.told([cast("int", row[0]) for row in await db.fetch(oddity.examples().text)], count)


async def _body_faults(db: Db) -> AsyncGenerator[str, None]:
    """Compare the octets of each message with the checksum that was taken when it was accepted."""
    changed: list[int] = []
    after = -1
    while page := cast("list[tuple[int, bytes, int]]", await db.fetch(_BODIES, after, _PAGE)):
        changed += [entry for entry, frozen, crc in page if crc32(frozen) != crc]
        after = page[-1][0]
    if changed:
        yield octets_have_changed(changed)


async def _blob_faults(db: Db, parts: list[str]) -> AsyncGenerator[str, None]:
    for sha256 in parts:
        size = cast("int | None", await db.fetchval(_SIZE, sha256))
        if size is None:
            yield f"the large part {sha256} is missing"
            continue
        digest, number = hashlib.sha256(), 0
        while octets := cast("bytes | None", await db.fetchval(_PIECE, sha256, number)):
            digest.update(octets)
            number += 1
        if digest.hexdigest() != sha256:
            yield f"the large part {sha256} has changed since it was stored"
    lost = cast("int", await db.fetchval(_LOST_PIECES))
    if lost:
        yield f"pieces of {lost:,} large parts that are not there"
