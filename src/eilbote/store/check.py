"""Looks an SQLite outbox over from end to end: the file itself, what refers to what, and the parts kept as files.

It reads only, in one view of the database, while others may go on writing. What it finds is said as sentences; what to
do about it is the caller's to say, for it depends on whether there is a backup.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast
from zlib import crc32

from sqlalchemy import ColumnElement, exists, func, select

from eilbote.model.ids import EntryId, entry_id_text
from eilbote.model.status import EntryState
from eilbote.store.schema import attempt, body, courier, entry, entry_blob, event, lane, recipient
from eilbote.store.sqlite_core import ask
from eilbote.store.sqlite_faults import no_outbox, outbox_error
from eilbote.store.sqlite_file import check_form, connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Column

_SHOWN: Final = 5
"""How many examples of one kind of fault are named."""
_PIECE: Final = 1024 * 1024

_CHILDREN: Final = (
    (body.c.entry, "body"),
    (recipient.c.entry, "recipient"),
    (attempt.c.entry, "attempt"),
    (event.c.entry, "event"),
    (entry_blob.c.entry, "reference to a large part"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What was looked at, and what is wrong with it.

    Attributes:
        entries: How many there are.
        blobs: How many large parts they refer to.
        faults: What is wrong, a sentence each; empty when all is well.
    """

    entries: int
    blobs: int
    faults: tuple[str, ...]


async def check(path: Path, blobs: Path) -> CheckReport:
    """Look at everything.

    Args:
        path: The database's file.
        blobs: The folder of large parts.

    Raises:
        OutboxSchemaError: It is of another form; upgrade it first.
        OutboxError: It cannot be read at all.
    """
    return await asyncio.to_thread(_check, path, blobs)


def _check(path: Path, blobs: Path) -> CheckReport:
    if not path.exists():
        raise no_outbox(path)
    try:
        with closing(connect(path)) as db:
            db.execute("PRAGMA query_only = ON")
            faults = integrity_faults(db)
            if faults:  # what is read from a damaged file says nothing
                return CheckReport(entries=0, blobs=0, faults=tuple(faults))
            check_form(db, path)
            db.execute("BEGIN")
            parts = [cast("str", row["sha256"]) for row in ask(db, select(entry_blob.c.sha256).distinct())]
            faults = [*_reference_faults(db), *_body_faults(db), *_blob_faults(blobs, parts)]
            (count,) = db.execute("SELECT count(*) FROM entry").fetchone()
    except sqlite3.Error as error:
        raise outbox_error(error, str(path)) from error
    return CheckReport(entries=count, blobs=len(parts), faults=tuple(faults))


def integrity_faults(db: sqlite3.Connection) -> list[str]:
    """Let SQLite look at every page and index."""
    try:
        said = [str(row[0]) for row in db.execute(f"PRAGMA integrity_check({_SHOWN})")]
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            raise
        said = [str(error)]
    return [f"the file is damaged: {fault}" for fault in said if fault != "ok"]


def _reference_faults(db: sqlite3.Connection) -> Iterator[str]:
    for column, what in _CHILDREN:
        found = _numbers(db, column, column.is_not(None) & ~exists().where(entry.c.id == column))
        if found:
            yield f"{what} without its entry: {found}"
    for table, what in ((body, "body"), (recipient, "recipient")):
        found = _numbers(db, entry.c.id, ~exists().where(table.c.entry == entry.c.id))
        if found:
            yield f"entry without a {what}: {found}"
    found = _numbers(db, entry.c.id, ~exists().where(lane.c.id == entry.c.lane))
    if found:
        yield f"entry in no lane: {found}"
    active = entry.c.state == EntryState.ACTIVE.value
    found = _numbers(db, entry.c.id, active & ~exists().where(courier.c.id == entry.c.courier))
    if found:
        yield f"entry in the hands of a courier nobody knows, never to be rescued: {found}"
    found = _numbers(db, entry.c.id, entry.c.state.not_in([state.value for state in EntryState]))
    if found:
        yield f"entry in a state nobody knows: {found}"


def _numbers(db: sqlite3.Connection, column: Column[Any], condition: ColumnElement[bool]) -> str:
    """Name some of the entries a condition holds for; nothing when it holds for none."""
    count = ask(db, select(func.count().label("number")).select_from(column.table).where(condition))
    number = cast("int", count[0]["number"])
    if not number:
        return ""
    rows = ask(db, select(column.label("number")).where(condition).order_by(column).limit(_SHOWN))
    return _named([cast("int", row["number"]) for row in rows], number)


def _named(numbers: list[int], count: int) -> str:
    shown = ", ".join(entry_id_text(EntryId(number)) for number in numbers)
    return shown if count <= len(numbers) else f"{shown} and {count - len(numbers):,} more"


def _body_faults(db: sqlite3.Connection) -> Iterator[str]:
    """Compare the octets of each message with the checksum that was taken when it was accepted."""
    changed = [
        number
        for number, frozen, crc in db.execute("SELECT entry, frozen, crc FROM body")
        if crc32(frozen) != crc
    ]
    if changed:
        yield f"the octets of the message have changed since it was accepted: {_named(changed[:_SHOWN], len(changed))}"


def _blob_faults(folder: Path, parts: list[str]) -> Iterator[str]:
    for sha256 in parts:
        path = folder / sha256[:2] / sha256
        try:
            if sha256_of(path) != sha256:
                yield f"the large part {path} has changed since it was stored"
        except FileNotFoundError:
            yield f"the large part {path} is missing"
        except OSError as error:
            yield f"the large part {path} cannot be read: {error.strerror}"


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
