"""Large parts of messages as files, each kept once under the SHA-256 of its octets.

A part is written to a file of its own while it is made, flushed to the disk, and only then given its name; so a
name stands for whole octets or for nothing, whatever happens in between. What was kept before is not kept twice.

Two processes may work on one folder. Whoever keeps or sweeps holds the folder's lock for the moment in which a
name is given, found or deleted, so that nothing is swept that somebody is about to refer to.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import os
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from eilbote.errors import OutboxUnavailableError, UnreadableEntryError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from eilbote.model.message import OctetSource
    from eilbote.model.moment import Moment

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_PIECE = 64 * 1024
_UNFINISHED = ".part"
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class BlobFiles:
    """A :class:`~eilbote.outbox.store.BlobStore` of files in a folder.

    Args:
        folder: Where they lie; made when it is first needed, for its owner alone.
    """

    __slots__ = ("_folder",)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, source: OctetSource) -> str:
        """Keep octets; gives their SHA-256 in hexadecimal once they are on the disk.

        Raises:
            AttachmentError: The source cannot be read; nothing was kept.
            OutboxUnavailableError: There is no room, or the folder cannot be written; nothing was kept.
        """
        return await asyncio.to_thread(self._put, source)

    async def get(self, sha256: str, *, size: int, dot_free: bool) -> BlobFile:
        """Give the octets, to be read as often as needed.

        Raises:
            UnreadableEntryError: They are missing, or of another size.
            OutboxUnavailableError: The folder cannot be read for now.
        """
        return await asyncio.to_thread(self._get, sha256, size, dot_free)

    async def sweep(self, in_use: set[str], *, older_than: Moment) -> int:
        """Delete what nobody refers to and was put before a moment; gives the number.

        An entry refers to a part only after it was put: give a moment that is older than any submission under way.
        """
        return await asyncio.to_thread(self._sweep, in_use, older_than)

    # -- in a thread -------------------------------------------------------------------------------------------

    def _put(self, source: OctetSource) -> str:
        with _said_plainly(self._folder):
            incoming = self._made("incoming")
            handle, path = tempfile.mkstemp(_UNFINISHED, dir=incoming)
        unfinished = Path(path)
        try:
            with os.fdopen(handle, "wb", buffering=0) as file:
                digest = hashlib.sha256()
                for piece in source.chunks():  # its own errors are told as they are
                    digest.update(piece)
                    with _said_plainly(self._folder):
                        _write(file.fileno(), piece)
                sha256 = digest.hexdigest()
                with _said_plainly(self._folder):
                    self._name(unfinished, file.fileno(), sha256)
        finally:
            unfinished.unlink(missing_ok=True)
        return sha256

    def _name(self, unfinished: Path, handle: int, sha256: str) -> None:
        kept = self._path(sha256)
        folder = self._made(kept.parent.name)
        if not self._touched(kept):
            os.fsync(handle)
            with self._locked(fcntl.LOCK_SH):
                unfinished.rename(kept)
        _flush_folder(folder)  # for a known part too: whoever put it first may not have come to this yet

    def _touched(self, kept: Path) -> bool:
        """Make a part that is kept already as young as if it had been put now, so that no sweep takes it."""
        with self._locked(fcntl.LOCK_SH):
            try:
                os.utime(kept)
            except FileNotFoundError:
                return False
        return True

    def _get(self, sha256: str, size: int, dot_free: bool) -> BlobFile:  # noqa: FBT001 - private, called once
        if not _SHA256.match(sha256):
            raise UnreadableEntryError(
                "the entry refers to a part of the message by no SHA-256",
                cause="the entry is damaged",
                remedy="Restore the outbox from a backup, or cancel the entry and submit the message again",
            )
        path = self._path(sha256)
        with _said_plainly(self._folder):
            try:
                found = path.stat().st_size
            except FileNotFoundError:
                found = -1
        if found != size:
            raise _damaged(path, "it is missing" if found < 0 else f"it has {found:,} octets, not {size:,}")
        return BlobFile(path, sha256, size=size, dot_free=dot_free)

    def _sweep(self, in_use: set[str], older_than: Moment) -> int:
        deleted = 0
        with _said_plainly(self._folder):
            for path in sorted(self._folder.glob("*/*")):
                finished = _SHA256.match(path.name) is not None
                if path.name in in_use or not (finished or path.name.endswith(_UNFINISHED)):
                    continue
                with self._locked(fcntl.LOCK_EX):
                    try:
                        if path.stat().st_mtime_ns // 1_000_000 >= older_than:
                            continue
                        path.unlink()
                    except FileNotFoundError:  # another process sweeps as well
                        continue
                deleted += finished
        return deleted

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _made(self, name: str) -> Path:
        """Give a folder below ours; a new one is noted on the disk, or its files would be lost with it."""
        folder = self._folder / name
        if not folder.is_dir():
            for each in (self._folder, folder):
                each.mkdir(mode=0o700, parents=True, exist_ok=True)
                _flush_folder(each.parent)
        return folder

    @contextmanager
    def _locked(self, mode: int) -> Generator[None]:
        handle = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, mode)
            yield
        finally:
            os.close(handle)


class BlobFile:
    """A kept part: an :class:`~eilbote.model.message.OctetSource` that checks what it reads."""

    __slots__ = ("_path", "_sha256", "dot_free", "size")

    def __init__(self, path: Path, sha256: str, *, size: int, dot_free: bool) -> None:
        self._path = path
        self._sha256 = sha256
        self.size = size
        self.dot_free = dot_free

    def chunks(self) -> Iterator[bytes]:
        """Give the octets from the beginning; the last piece only when all were those that were put.

        So a damaged part breaks the transaction before the server has the whole message.

        Raises:
            UnreadableEntryError: They have changed since, or cannot be read.
        """
        digest = hashlib.sha256()
        held = b""
        try:
            with self._path.open("rb", buffering=0) as file:
                while piece := file.read(_PIECE):
                    if held:
                        yield held
                    digest.update(piece)
                    held = piece
        except OSError as fault:
            raise _damaged(self._path, f"it cannot be read: {fault.strerror}") from fault
        if digest.hexdigest() != self._sha256:
            raise _damaged(self._path, "its octets have changed since they were stored")
        yield held


def _write(handle: int, octets: bytes) -> None:
    rest = memoryview(octets)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _said_plainly(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as fault:
        _unavailable(fault, folder)


def _unavailable(fault: OSError, folder: Path) -> NoReturn:
    raise OutboxUnavailableError(
        f"the folder {str(folder)!r} for large parts of messages cannot be used",
        field="data_dir",
        cause=fault.strerror or str(fault),
        remedy="Make room on that disk, then submit the message again"
        if fault.errno in _NO_SPACE
        else "Check that this user may write there, or set EILBOTE_DATA_DIR to another folder",
    ) from fault


def _damaged(path: Path, cause: str) -> UnreadableEntryError:
    return UnreadableEntryError(
        f"the part of the message in {str(path)!r} is not what was stored",
        cause=cause,
        remedy="Restore the file from a backup, or cancel the entry and submit the message again",
    )
