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
from typing import TYPE_CHECKING, Final, cast
from zlib import crc32

from eilbote.model.ids import EntryId, entry_id_text
from eilbote.model.status import EntryState
from eilbote.store.account_check import account_faults
from eilbote.store.flow_check import flow_faults
from eilbote.store.notification_check import notification_faults
from eilbote.store.process_check import process_faults
from eilbote.store.queries import Question
from eilbote.store.sqlite_faults import no_outbox, outbox_error
from eilbote.store.sqlite_file import check_form, connect
from eilbote.store.sqlite_reader import ask
from eilbote.store.sqlite_records import SqliteStatements, at_once

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_SHOWN: Final = 5
"""How many examples of one kind of fault are named."""
_PIECE: Final = 1024 * 1024

_CHILDREN: Final = {
    "body": "body",
    "recipient": "recipient",
    "attempt": "attempt",
    "event": "event",
    "entry_blob": "reference to a large part",
}
PARTS: Final = "SELECT DISTINCT sha256 FROM entry_blob ORDER BY sha256"
"""Asks for the large parts that messages refer to."""


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
            parts = [cast("str", row[0]) for row in db.execute(PARTS)]
            faults = [*_reference_faults(db), *_body_faults(db), *_blob_faults(blobs, parts)]
            faults += at_once(flow_faults(SqliteStatements(db)))
            faults += at_once(notification_faults(SqliteStatements(db)))
            faults += at_once(process_faults(SqliteStatements(db)))
            faults += at_once(account_faults(SqliteStatements(db)))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """Something that must hold for no row.

    Attributes:
        what: What is wrong with the entries it holds for.
        table: Where it is looked for.
        column: Where their numbers are.
        condition: What must not hold, in SQL.
    """

    what: str
    table: str
    column: str
    condition: str

    def count(self) -> Question:
        """Ask how many there are."""
        return Question(f"SELECT count(*) FROM {self.table} WHERE {self.condition}", (), ("number",))  # noqa: S608 - written here

    def examples(self) -> Question:
        """Ask for some of them."""
        rows = f"SELECT {self.column} AS number FROM {self.table} WHERE {self.condition}"  # noqa: S608 - written here
        return Question(f"{rows} ORDER BY {self.column} LIMIT {_SHOWN}", (), ("number",))

    def told(self, numbers: Sequence[int], count: int) -> str:
        """Say it."""
        return f"{self.what}: {named(numbers, count)}"


_STATES: Final = ", ".join(f"'{state.value}'" for state in EntryState)

ODDITIES: Final = (
    *(
        Oddity(
            what=f"{what} without its entry",
            table=table,
            column="entry",
            condition=f"entry IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entry AS its WHERE its.id = {table}.entry)",  # noqa: S608 - written here
        )
        for table, what in _CHILDREN.items()
    ),
    *(
        Oddity(
            what=f"entry without a {table}",
            table="entry",
            column="id",
            condition=f"NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.entry = entry.id)",  # noqa: S608 - written here
        )
        for table in ("body", "recipient")
    ),
    Oddity(
        what="entry in no lane",
        table="entry",
        column="id",
        condition="NOT EXISTS (SELECT 1 FROM lane WHERE lane.id = entry.lane)",
    ),
    Oddity(
        what="entry in the hands of a courier nobody knows, never to be rescued",
        table="entry",
        column="id",
        condition="state = 'active' AND NOT EXISTS (SELECT 1 FROM courier WHERE courier.id = entry.courier)",
    ),
    Oddity(
        what="entry in a state nobody knows",
        table="entry",
        column="id",
        condition=f"state NOT IN ({_STATES})",
    ),
)
"""What is asked of the tables, whichever database they are in."""


def _reference_faults(db: sqlite3.Connection) -> Iterator[str]:
    for oddity in ODDITIES:
        [counted] = ask(db, oddity.count())
        count = cast("int", counted["number"])
        if count:
            yield oddity.told([cast("int", row["number"]) for row in ask(db, oddity.examples())], count)


def named(numbers: Sequence[int], count: int) -> str:
    """Name some entries of many."""
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
        yield octets_have_changed(changed)


def octets_have_changed(numbers: Sequence[int]) -> str:
    """Say of which entries the octets are not those that were accepted."""
    shown = named(numbers[:_SHOWN], len(numbers))
    return f"the octets of the message have changed since it was accepted: {shown}"


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
