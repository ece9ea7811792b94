"""Copies of an SQLite outbox, made while it is in use, and the way back; what a copy is says :mod:`eilbote.store.copies`.

Secrets are copied as they lie in the database, encrypted; neither the keys nor ``connections.toml`` are copied.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, cast

from eilbote.errors import OutboxError
from eilbote.store.check import integrity_faults
from eilbote.store.copies import (
    BLOBS,
    DATABASE,
    Manifest,
    Restored,
    bring_up_to_date,
    copy_part,
    examine,
    finish,
    flush,
    flush_one,
    read_manifest,
    said_plainly,
    unfinished_copy,
)
from eilbote.store.revision import HEAD, REVISIONS, check_revision
from eilbote.store.sqlite_faults import no_outbox, outbox_error
from eilbote.store.sqlite_file import connect, revision_in

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.model.moment import Moment


async def backup(database: Path, blobs: Path, target: Path, *, now: Moment) -> Manifest:
    """Make a copy of an outbox, which may be in use.

    Args:
        database: Its file.
        blobs: The folder of its large parts.
        target: A folder that is not there yet, or is empty.
        now: The time the copy will say.

    Raises:
        OutboxError: The outbox is damaged or of a newer form, or the copy cannot be written; then there is none.
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
    with unfinished_copy(target) as folder:
        try:
            wanted = _copy_database(database, folder / DATABASE)
        except sqlite3.Error as error:
            raise outbox_error(error, str(database)) from error
        # What is missing belongs to an entry that was finished and forgotten meanwhile, or `eilbote db check` tells it.
        kept = tuple(sha256 for sha256 in wanted if copy_part(blobs, folder / BLOBS, sha256))
        return finish(folder, target, blobs=kept, now=now)


def _copy_database(database: Path, copy: Path) -> list[str]:
    """Copy the database; gives the large parts that the copy refers to."""
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
    with closing(connect(copy)) as db:
        found = revision_in(db, database)
        if found not in REVISIONS:  # an older one is brought up to date when it is restored
            check_revision(found, str(database))
        return [cast("str", row[0]) for row in db.execute("SELECT DISTINCT sha256 FROM entry_blob")]


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
    examine(source, manifest)
    with said_plainly(data_dir):
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = data_dir / f".restore.{secrets.token_hex(4)}.part"
        unfinished.mkdir(mode=0o700)
        try:
            (unfinished / BLOBS).mkdir(mode=0o700)
            for sha256 in manifest.blobs:
                copy_part(source / BLOBS, unfinished / BLOBS, sha256)
            held = bring_up_to_date(source, unfinished / DATABASE, manifest, now=now)
            flush(unfinished)
            (unfinished / BLOBS).rename(data_dir / BLOBS)
            (unfinished / DATABASE).rename(data_dir / DATABASE)  # last: from now on there is an outbox
            flush_one(data_dir)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return Restored(
        manifest=manifest,
        held=held.entries,
        held_runs=held.runs,
        held_instances=held.instances,
        upgraded=manifest.revision != HEAD,
    )
