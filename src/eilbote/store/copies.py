"""What a copy of an outbox is: a folder that is the same whichever database the outbox is kept in.

``eilbote.db`` holds the tables as they stood at one moment, as an SQLite database; beside it lie the large parts that it
refers to, and ``manifest.json``, which is written last and says what must be there. A folder without it is no copy.

What was waiting when the copy was made has most likely been sent since. So a restored outbox holds it back: nothing
is sent twice behind anybody's back, and ``eilbote outbox release`` lets go what is still wanted. Runs of flows and
process instances have most likely gone on since, and asked for messages that the copy knows nothing of; they are held back as well,
until each is named. A timer that begins instances begins none for the times that have passed since.
"""

from __future__ import annotations

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
from eilbote.store.check import sha256_of
from eilbote.store.revision import REVISIONS
from eilbote.store.sqlite_faults import outbox_error
from eilbote.store.sqlite_file import migrating
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
class HeldBack:
    """What may have gone on since a copy was made.

    Attributes:
        entries: How many entries of the outbox, which may have been sent.
        runs: How many runs of flows.
        instances: How many process instances.
    """

    entries: int
    runs: int
    instances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored.

    Attributes:
        manifest: From what.
        held: How many entries are held back because they may have been sent since.
        held_runs: How many runs of flows are held back because they may have gone on since.
        held_instances: How many process instances are, for the same reason.
        upgraded: Whether the tables were of an older form.
    """

    manifest: Manifest
    held: int
    held_runs: int
    held_instances: int
    upgraded: bool


# -- making --------------------------------------------------------------------------------------------------------


@contextmanager
def unfinished_copy(target: Path) -> Generator[Path]:
    """Give a folder beside the target, to be filled and then handed to :func:`finish`; nothing of it stays otherwise.

    Raises:
        OutboxError: There is something at the target already.
        OutboxUnavailableError: It cannot be written there.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutboxError(
            f"{target} is there already",
            field="target",
            remedy="Name a folder that is not there yet, or is empty",
        )
    folder = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    with said_plainly(target):
        folder.mkdir(mode=0o700, parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def finish(folder: Path, target: Path, *, blobs: tuple[str, ...], now: Moment) -> Manifest:
    """Say in the folder what is in it, and make it the copy.

    Args:
        folder: Filled by now.
        target: Where the copy shall be.
        blobs: The large parts in it.
        now: The time the copy will say.
    """
    from eilbote.model.version import __version__

    database = folder / DATABASE
    with closing(sqlite3.connect(database)) as db:
        revision = cast("str", db.execute("SELECT version_num FROM alembic_version").fetchone()[0])
        count = db.execute("SELECT count(*), count(*) - count(finished) FROM entry").fetchone()
    entries, waiting = cast("tuple[int, int]", count)
    manifest = Manifest(
        format=_FORMAT,
        made=as_datetime(now).astimezone(UTC).isoformat(timespec="seconds"),
        made_by=__version__,
        revision=revision,
        database_sha256=sha256_of(database),
        entries=entries,
        waiting=waiting,
        blobs=blobs,
    )
    (folder / _MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    flush(folder)
    folder.rename(target)
    flush_one(target.parent)
    return manifest


def part_path(folder: Path, sha256: str) -> Path:
    """Tell where in a folder of large parts one of them lies."""
    return folder / sha256[:2] / sha256


def copy_part(source: Path, target: Path, sha256: str) -> bool:
    """Copy a large part from one folder to another; ``False`` when it is missing."""
    path = part_path(target, sha256)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        shutil.copyfile(part_path(source, sha256), path)
    except FileNotFoundError:
        return False
    path.chmod(0o600)
    return True


# -- the way back --------------------------------------------------------------------------------------------------


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


def examine(source: Path, manifest: Manifest) -> None:
    """See that everything is there as it was written.

    Raises:
        OutboxError: Something is missing or has changed.
    """
    wanted = {source / DATABASE: manifest.database_sha256}
    wanted |= {part_path(source / BLOBS, sha256): sha256 for sha256 in manifest.blobs}
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


def bring_up_to_date(source: Path, path: Path, manifest: Manifest, *, now: Moment) -> HeldBack:
    """Make of a copy's database the one to be used: of this program's form, with everything held that may have been sent.

    Args:
        source: The copy's folder.
        path: The file to make.
        manifest: What the copy says of itself.
        now: The time that the entries' events will say.

    Returns:
        What is held back.

    Raises:
        OutboxError: The database cannot be read.
    """
    shutil.copyfile(source / DATABASE, path)
    path.chmod(0o600)
    made = datetime.fromisoformat(manifest.made)
    reason = f"restored from the copy of {made:%Y-%m-%d %H:%M} UTC; it may have been sent since. Release it to send it"
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            with migrating(db) as connection:
                migrate.upgrade(connection)
                values = {"reason": reason, "now": now}
                db.execute(named_sql("sqlite", "restore_events"), values)
                held = HeldBack(
                    entries=db.execute(named_sql("sqlite", "restore_hold"), values).rowcount,
                    runs=db.execute(named_sql("sqlite", "restore_runs")).rowcount,
                    instances=db.execute(named_sql("sqlite", "restore_instances")).rowcount,
                )
                db.execute(named_sql("sqlite", "restore_starts"), values)
                told = f"restored from the copy of {made:%Y-%m-%d %H:%M} UTC; most likely told since"
                for each in ("restore_tellings", "restore_escalations"):
                    db.execute(named_sql("sqlite", each), {"reason": told, "now": now})
                again = f"restored from the copy of {made:%Y-%m-%d %H:%M} UTC; most likely delivered since"
                db.execute(named_sql("sqlite", "restore_deliveries"), {"reason": again, "now": now})
                # Whoever was signed out since the copy was made, or has used a link, does not come in with it again.
                db.execute("DELETE FROM session")
                db.execute("DELETE FROM one_time_link")
                db.execute("DELETE FROM courier")
                db.execute("DELETE FROM pause")
                db.execute("UPDATE meta SET value = ? WHERE key = 'database'", (secrets.token_hex(12),))
            return held
    except sqlite3.Error as error:
        raise outbox_error(error, str(path)) from error


# -- the disk --------------------------------------------------------------------------------------------------------


def flush(folder: Path) -> None:
    """Put a folder with everything in it on the disk."""
    for parent, _, names in os.walk(folder):
        for name in names:
            flush_one(Path(parent) / name)
        flush_one(Path(parent))


def flush_one(path: Path) -> None:
    """Put a file, or the list of files that a folder is, on the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def said_plainly(target: Path) -> Generator[None]:
    """Say what the disk refuses as an error of the outbox.

    Raises:
        OutboxUnavailableError: It refused something.
    """
    try:
        yield
    except OSError as error:
        raise OutboxUnavailableError(
            f"{target} cannot be written",
            cause=error.strerror or str(error),
            remedy="See that there is room and that this user may write there",
        ) from error
