"""Large parts of messages as rows of a PostgreSQL database, each kept once under the SHA-256 of its octets.

For several machines that share one outbox. The octets lie in pieces of 1 MiB, so that neither side ever holds a large
part whole: what is put is first spooled to a file while it is made, which gives its SHA-256, and what is got is spooled
to a file from which it can be read as often as needed. A part is written in one transaction: there are whole parts or
none.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
import weakref
from typing import TYPE_CHECKING, Final, NoReturn, cast

from eilbote.errors import OutboxUnavailableError, UnreadableEntryError
from eilbote.store.postgres_rows import count
from eilbote.store.statements import named_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.model.message import OctetSource
    from eilbote.model.moment import Moment
    from eilbote.store.postgres_link import Db, PostgresLink

_PUT: Final = named_sql("postgresql", "blob_put")
_PIECE_PUT: Final = named_sql("postgresql", "blob_piece_put")
_PIECE: Final = named_sql("postgresql", "blob_piece")
_SIZE: Final = named_sql("postgresql", "blob_size")
_SWEEP: Final = named_sql("postgresql", "blob_sweep")

_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")
_PIECE_OCTETS: Final = 1024 * 1024
_READ_OCTETS: Final = 64 * 1024


class BlobRows:
    """A :class:`~eilbote.outbox.store.BlobStore` in the outbox's own database.

    Args:
        link: The outbox's connections; open while the outbox is.
    """

    __slots__ = ("_link",)

    def __init__(self, link: PostgresLink) -> None:
        self._link = link

    async def put(self, source: OctetSource) -> str:
        """Keep octets; gives their SHA-256 in hexadecimal once the database has them.

        Raises:
            AttachmentError: The source cannot be read; nothing was kept.
            OutboxUnavailableError: The database cannot be used, or there is no room to spool; nothing was kept.
        """
        spool = await asyncio.to_thread(_spooled, source)
        await self._link.transact(lambda db: _put(db, spool))
        return spool.sha256

    async def get(self, sha256: str, *, size: int, dot_free: bool) -> Spool:
        """Give the octets, to be read as often as needed.

        Raises:
            UnreadableEntryError: They are missing, of another size, or not those that were put.
            OutboxUnavailableError: The database cannot be used, or there is no room to spool.
        """
        if not _SHA256.match(sha256):
            _refuse(sha256[:16], "the entry refers to it by no SHA-256")
        found = cast("int | None", await self._link.read(lambda db: db.fetchval(_SIZE, sha256)))
        if found != size:
            _refuse(sha256, "it is missing" if found is None else f"it has {found:,} octets, not {size:,}")
        spool = Spool(dot_free=dot_free)
        for number in range(-(-size // _PIECE_OCTETS)):
            await asyncio.to_thread(spool.append, await self._piece(sha256, number))
        if spool.sha256 != sha256:
            _refuse(sha256, "its octets have changed since they were stored")
        return spool

    async def _piece(self, sha256: str, number: int) -> bytes:
        return (
            cast("bytes | None", await self._link.read(lambda db: db.fetchval(_PIECE, sha256, number))) or b""
        )

    async def sweep(self, in_use: set[str], *, older_than: Moment) -> int:
        """Delete what nobody refers to and was put before a moment; gives the number.

        An entry refers to a part only after it was put: give a moment that is older than any submission under way.
        """
        return count(await self._link.transact(lambda db: db.execute(_SWEEP, list(in_use), older_than)))


class Spool:
    """Octets in a file without a name: an :class:`~eilbote.model.message.OctetSource` that is gone when nobody has it."""

    __slots__ = ("__weakref__", "_digest", "_file", "dot_free", "size")

    def __init__(self, *, dot_free: bool) -> None:
        self.dot_free = dot_free
        self.size = 0
        self._digest = hashlib.sha256()
        try:
            handle, path = tempfile.mkstemp(prefix="eilbote-", suffix=".spool")
            os.unlink(path)  # noqa: PTH108 - it has no name from here on, and its octets last as long as the handle
        except OSError as fault:
            _no_room(fault)
        self._file = handle
        weakref.finalize(self, os.close, handle)

    @property
    def sha256(self) -> str:
        """Of the octets so far."""
        return self._digest.hexdigest()

    def append(self, octets: bytes) -> None:
        """Add octets.

        Raises:
            OutboxUnavailableError: There is no room for them.
        """
        self._digest.update(octets)
        rest = memoryview(octets)
        try:
            while rest:
                written = os.pwrite(self._file, rest, self.size)
                self.size += written
                rest = rest[written:]
        except OSError as fault:
            _no_room(fault)

    def piece(self, number: int) -> bytes:
        """Give the octets of one row."""
        return os.pread(self._file, _PIECE_OCTETS, number * _PIECE_OCTETS)

    def chunks(self) -> Iterator[bytes]:
        """Give the octets from the beginning, each call anew."""
        place = 0
        while octets := os.pread(self._file, _READ_OCTETS, place):
            place += len(octets)
            yield octets


def _spooled(source: OctetSource) -> Spool:
    spool = Spool(dot_free=source.dot_free)
    for octets in source.chunks():  # its own errors are told as they are
        spool.append(octets)
    return spool


async def _put(db: Db, spool: Spool) -> None:
    """Write a part; one that is there already is made as young as if it were new, so that no sweep takes it."""
    if not await db.fetchval(_PUT, spool.sha256, spool.size):
        return
    for number in range(-(-spool.size // _PIECE_OCTETS)):
        octets = await asyncio.to_thread(spool.piece, number)
        await db.execute(_PIECE_PUT, spool.sha256, number, octets)


def _refuse(sha256: str, cause: str) -> NoReturn:
    raise UnreadableEntryError(
        f"the part {sha256} of the message is not what was stored",
        cause=cause,
        remedy="Restore the database from a backup, or cancel the entry and submit the message again",
    )


def _no_room(fault: OSError) -> NoReturn:
    raise OutboxUnavailableError(
        f"the folder {tempfile.gettempdir()!r} for temporary files cannot be used",
        field="TMPDIR",
        cause=fault.strerror or str(fault),
        remedy="Make room on that disk, or set TMPDIR to another folder",
    ) from fault
