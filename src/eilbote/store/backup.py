"""Copies of an SQLite outbox, made while it is in use, and the way back.

A copy is a folder: ``eilbote.db`` as it stood at one moment, the large parts it refers to, and ``manifest.json``, which
is written last and says what must be there. A folder without it is no copy.

What was waiting when the copy was made has most likely been sent since. So a restored outbox holds it back: nothing
is sent twice behind anybody's back, and ``eilbote outbox release`` lets go what is still wanted.

Connections with their passwords are not copied.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import OutboxError, OutboxUnavailableError
from eilbote.model.moment import Moment, as_datetime
from eilbote.store import migrate
from eilbote.store.check import integrity_faults, sha256_of
from eilbote.store.revision import HEAD, REVISIONS, check_revision
from eilbote.store.sqlite_faults import no_outbox, outbox_error
from eilbote.store.sqlite_file import connect, migrating, revision_in
from eilbote.store.statements import named_sql

if TYPE_CHECKING:
    from collections.abc import Generator

DATABASE: Final = "eilbote.db"
BLOBS: Final = "blobs"
_MANIFEST: Final = "manifest.json"
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a copy holds.

    Attributes:
        format: Of the folder; 1.
        made: When, ISO 8601.
        made_by: By which version of eilbote.
        revision: Of which form the tables are.
        database_sha256: Of ``eilbote.db``.
        entries: How many it holds.
        waiting: How many of them were not finished.
        blobs: The large parts in it, by SHA-256.
    """

    format: int
    made: str
    made_by: str
    revision: str
    database_sha256: str
    entries: int
    waiting: int
    blobs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored.

    Attributes:
        manifest: From what.
        held: How many entries are held back because they may have been sent since.
        upgraded: Whether the tables were of an older form.
    """

    manifest: Manifest
    held: int
    upgraded: bool


async def backup(database: Path, blobs: Path, target: Path, *, now: Moment) -> Manifest:
    """Make a copy of an outbox, which may be in use.

    Args:
        database: Its file.
        blobs: The folder of its large parts.
        target: A folder that is not there yet, or is empty.
        now: The time the copy will say.

    Raises:
        OutboxError: The outbox is damaged or of another form, or the copy cannot be written; then there is none.
    """
    return await asyncio.to_thread(_backup, database, blobs, target, now)


async def restore(source: Path, data_dir: Path, *, now: Moment) -> Restored:
    """Make an outbox of a copy.

    Args:
        source: The copy's folder.
        data_dir: Where the outbox shall be; there must be none yet.
        now: The time that the entries' events will say.

    Raises:
        OutboxError: The folder holds no copy, or a damaged one, or there is an outbox already; nothing is changed.
    """
    return await asyncio.to_thread(_restore, source, data_dir, now)


# -- making --------------------------------------------------------------------------------------------------------


def _backup(database: Path, blobs: Path, target: Path, now: Moment) -> Manifest:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutboxError(
            f"{target} is there already",
            field="target",
            remedy="Name a folder that is not there yet, or is empty",
        )
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    with _said_plainly(target):
        unfinished.mkdir(mode=0o700, parents=True)
        try:
            manifest = _copy(database, blobs, unfinished, now)
            (unfinished / _MANIFEST).write_text(
                json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8"
            )
            _flush(unfinished)
            unfinished.rename(target)
            _flush_one(target.parent)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return manifest


def _copy(database: Path, blobs: Path, folder: Path, now: Moment) -> Manifest:
    from eilbote.model.version import __version__

    copy = folder / DATABASE
    try:
        _copy_database(database, copy)
        with closing(connect(copy)) as db:
            revision = revision_in(db, database)
            check_revision(revision, str(database))
            count = db.execute("SELECT count(*), count(*) - count(finished) FROM entry").fetchone()
            entries, waiting = cast("tuple[int, int]", count)
            wanted = [cast("str", row[0]) for row in db.execute("SELECT DISTINCT sha256 FROM entry_blob")]
    except sqlite3.Error as error:
        raise outbox_error(error, str(database)) from error
    # What is missing belongs to an entry that was finished and forgotten meanwhile, or `eilbote db check` tells it.
    kept = tuple(sha256 for sha256 in wanted if _copy_part(blobs, folder / BLOBS, sha256))
    return Manifest(
        format=_FORMAT,
        made=as_datetime(now).astimezone(UTC).isoformat(timespec="seconds"),
        made_by=__version__,
        revision=HEAD,
        database_sha256=sha256_of(copy),
        entries=entries,
        waiting=waiting,
        blobs=kept,
    )


def _copy_database(database: Path, copy: Path) -> None:
    if not database.exists():
        raise no_outbox(database)
    with closing(connect(database)) as live, closing(sqlite3.connect(copy, isolation_level=None)) as db:
        live.backup(db)  # in one step: one view of it, and writers go on meanwhile
        db.execute("PRAGMA journal_mode = DELETE")  # one file, complete in itself
        faults = integrity_faults(db)
        if faults:
            raise OutboxError(
                f"the outbox {database} is damaged; no copy was made",
                cause="; ".join(faults),
                remedy="Restore the last good copy with `eilbote db restore`",
            )
    copy.chmod(0o600)


def _copy_part(source: Path, target: Path, sha256: str) -> bool:
    path = target / sha256[:2] / sha256
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        shutil.copyfile(source / sha256[:2] / sha256, path)
    except FileNotFoundError:
        return False
    path.chmod(0o600)
    return True


# -- the way back --------------------------------------------------------------------------------------------------


def _restore(source: Path, data_dir: Path, now: Moment) -> Restored:
    manifest = read_manifest(source)
    there = [name for name in (DATABASE, BLOBS) if (data_dir / name).exists()]
    if there:
        raise OutboxError(
            f"there is an outbox in {data_dir} already ({', '.join(there)})",
            field="data_dir",
            remedy="Move it away, or name another folder with EILBOTE_DATA_DIR",
        )
    _examine(source, manifest)
    with _said_plainly(data_dir):
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = data_dir / f".restore.{secrets.token_hex(4)}.part"
        unfinished.mkdir(mode=0o700)
        try:
            shutil.copyfile(source / DATABASE, unfinished / DATABASE)
            (unfinished / DATABASE).chmod(0o600)
            (unfinished / BLOBS).mkdir(mode=0o700)
            for sha256 in manifest.blobs:
                _copy_part(source / BLOBS, unfinished / BLOBS, sha256)
            held = _hold_back(unfinished / DATABASE, manifest, now)
            _flush(unfinished)
            (unfinished / BLOBS).rename(data_dir / BLOBS)
            (unfinished / DATABASE).rename(data_dir / DATABASE)  # last: from now on there is an outbox
            _flush_one(data_dir)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return Restored(manifest=manifest, held=held, upgraded=manifest.revision != HEAD)


def read_manifest(source: Path) -> Manifest:
    """Read what a copy says of itself.

    Raises:
        OutboxError: The folder holds no copy, or one this program does not know.
    """
    try:
        said = json.loads((source / _MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(**said | {"blobs": tuple(said["blobs"])})
    except FileNotFoundError as error:
        raise OutboxError(
            f"{source} holds no copy of an outbox",
            field="source",
            cause=f"There is no {_MANIFEST} in it",
            remedy="Name a folder that `eilbote db backup` has made",
        ) from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise OutboxError(
            f"{source / _MANIFEST} cannot be read",
            field="source",
            cause=str(error),
            remedy="Use another copy",
        ) from error
    if manifest.format != _FORMAT or manifest.revision not in REVISIONS:
        raise OutboxError(
            f"{source} was made by eilbote {manifest.made_by}, which this program is too old for",
            field="source",
            remedy="Install that version of eilbote",
        )
    return manifest


def _examine(source: Path, manifest: Manifest) -> None:
    """See that everything is there as it was written."""
    wanted = {source / DATABASE: manifest.database_sha256}
    wanted |= {source / BLOBS / sha256[:2] / sha256: sha256 for sha256 in manifest.blobs}
    for path, sha256 in wanted.items():
        try:
            whole = sha256_of(path) == sha256
        except OSError:
            whole = False
        if not whole:
            raise OutboxError(
                f"the copy {source} is damaged",
                field="source",
                cause=f"{path} is missing or has changed since it was made",
                remedy="Use another copy",
            )


def _hold_back(path: Path, manifest: Manifest, now: Moment) -> int:
    """Bring the copy to this program's form, and hold everything that may have been sent since it was made."""
    made = datetime.fromisoformat(manifest.made)
    reason = f"restored from the copy of {made:%Y-%m-%d %H:%M} UTC; it may have been sent since. Release it to send it"
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            with migrating(db) as connection:
                migrate.upgrade(connection)
                values = {"reason": reason, "now": now}
                db.execute(named_sql("sqlite", "restore_events"), values)
                held = db.execute(named_sql("sqlite", "restore_hold"), values).rowcount
                db.execute("DELETE FROM courier")
                db.execute("DELETE FROM pause")
                db.execute("UPDATE meta SET value = ? WHERE key = 'database'", (secrets.token_hex(12),))
            return held
    except sqlite3.Error as error:
        raise outbox_error(error, str(path)) from error


# -- the disk --------------------------------------------------------------------------------------------------------


def _flush(folder: Path) -> None:
    """Put a folder with everything in it on the disk."""
    for parent, _, names in os.walk(folder):
        for name in names:
            _flush_one(Path(parent) / name)
        _flush_one(Path(parent))


def _flush_one(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _said_plainly(target: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise OutboxUnavailableError(
            f"{target} cannot be written",
            cause=error.strerror or str(error),
            remedy="See that there is room and that this user may write there",
        ) from error
