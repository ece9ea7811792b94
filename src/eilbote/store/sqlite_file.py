"""The outbox's SQLite file: how it is made, opened and looked over before anybody relies on it.

* WAL, so that readers and the one writer do not wait for each other; ``synchronous=FULL``, so that a commit is on the
  disk when it returns. With group commit that costs 5 to 15 %, and ``NORMAL`` would lose the last commits with the power.
* Pages of 8 KiB: several bodies share one, which is twice as fast as the usual 4 KiB; larger ones are not faster where
  keys come in no order, for each dirties a page of its index.
* Opening looks for damage for at most a second (``PRAGMA quick_check``), however large the file is; all of it is
  looked at by ``eilbote db check``. The octets of a message carry a checksum of their own.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eilbote.errors import OutboxError, OutboxSchemaError, OutboxUnavailableError
from eilbote.store.revision import check_revision
from eilbote.store.sqlite_faults import MEND, outbox_error

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy import Connection

APPLICATION_ID: Final = 0x45494C42
"""``EILB``: says in the file's header whose it is."""
_OLDEST_SQLITE: Final = (3, 33)  # UPDATE … FROM
_PAGE_OCTETS: Final = 8 * 1024
_LOOK_SECONDS: Final = 1.0
_BUSY_MILLISECONDS: Final = 50
"""How long SQLite itself waits for a lock; whoever calls decides about another try."""
_STATEMENTS: Final = 512
"""How many prepared statements a connection keeps: all of the hot path."""
_WAL_PAGES: Final = 2000
"""After how many pages the log is carried over into the file: 16 MiB."""
_WAL_OCTETS: Final = 64 * 1024 * 1024


def octets_of(path: Path) -> int:
    """Tell how much room a database takes, with its log and the index of that; 0 for one that is not there."""
    found = 0
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            found += Path(f"{path}{suffix}").stat().st_size
    return found


def connect(path: Path, *, busy_seconds: float = _BUSY_MILLISECONDS / 1000) -> sqlite3.Connection:
    """Open a connection without implicit transactions, to be used in one thread at a time."""
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_STATEMENTS,
    )
    try:
        db.execute("PRAGMA synchronous = FULL")
        db.execute(
            "PRAGMA secure_delete = FAST"
        )  # a deleted message is overwritten where that costs no writing
        db.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
        db.execute(f"PRAGMA journal_size_limit = {_WAL_OCTETS}")
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute("PRAGMA cache_size = -32768")
    except BaseException:
        db.close()
        raise
    return db


def open_file(path: Path, *, busy_seconds: float, look_seconds: float = _LOOK_SECONDS) -> sqlite3.Connection:
    """Open the outbox for writing; one that is not there yet is made.

    Args:
        path: Its file.
        busy_seconds: How long to wait for who holds it.
        look_seconds: How long to look for damage; 0 where somebody else in this process does.

    Raises:
        OutboxSchemaError: It is of another form, or not an outbox at all.
        OutboxUnavailableError: It cannot be opened or written for now.
        OutboxError: It is damaged.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise OutboxError(
            f"SQLite {sqlite3.sqlite_version} is too old; {'.'.join(map(str, _OLDEST_SQLITE))} or newer is needed",
            remedy="Use a Python that was built with a newer SQLite",
        )
    try:
        _make_file(path)
        db = connect(path, busy_seconds=busy_seconds)
    except (OSError, sqlite3.Error) as error:
        raise _cannot_open(path, error) from error
    try:
        _make_ready(db, path, look_seconds)
    except BaseException as error:
        db.close()
        if isinstance(error, sqlite3.Error):
            raise outbox_error(error, str(path)) from error
        raise
    return db


def _cannot_open(path: Path, error: Exception) -> Exception:
    said = outbox_error(error, str(path))
    if said is not error:
        return said
    return OutboxUnavailableError(
        f"the outbox {path} cannot be opened",
        cause=(error.strerror if isinstance(error, OSError) else None) or str(error),
        remedy="See that its folder exists and may be written to, or name another with EILBOTE_DATA_DIR",
    )


def _make_file(path: Path) -> None:
    """See that there is a file, for its owner alone: SQLite would make it readable for everybody.

    The file itself is never opened here. Whoever closes a file gives up all locks that this process has on it (POSIX), those
    of other connections included; others then take its log for left over. It is made under another name and gets its own when
    it is closed.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        return
    descriptor, unnamed = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # with rights 0600
    os.close(descriptor)
    try:
        os.link(unnamed, path)
    except FileExistsError:
        pass  # somebody else has made it meanwhile
    finally:
        Path(unnamed).unlink()


def _make_ready(db: sqlite3.Connection, path: Path, look_seconds: float) -> None:
    if _is_empty(db):
        db.execute(f"PRAGMA page_size = {_PAGE_OCTETS}")  # before the first page is written
        db.execute("PRAGMA journal_mode = WAL")
        with migrating(db) as connection:
            make_tables(connection)
    else:
        check_form(db, path)
        db.execute("PRAGMA journal_mode = WAL")
        if look_seconds > 0:
            look_over(db, path, seconds=look_seconds)
    db.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")


def _is_empty(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master").fetchone() is None


def make_tables(connection: Connection) -> None:
    """Make every table in a database that has none; nothing happens when another process was quicker."""
    from eilbote.model.version import __version__
    from eilbote.store import migrate
    from eilbote.store.schema import meta

    if migrate.revision_of(connection) is not None:
        return
    migrate.upgrade(connection)
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(
        meta.insert(),
        [{"key": "database", "value": secrets.token_hex(12)}, {"key": "made_by", "value": __version__}],
    )


def _begin_to_write(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def migrating(db: sqlite3.Connection) -> Generator[Connection]:
    """Lend a connection to SQLAlchemy for one transaction, which writes from its beginning.

    Raises:
        sqlite3.Error: As the driver said it; nothing was changed.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", creator=lambda: db, poolclass=StaticPool, pool_reset_on_return=None)
    event.listen(engine, "begin", _begin_to_write)
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise error.orig from error
        raise


def check_form(db: sqlite3.Connection, path: Path) -> None:
    """See that the tables are those this program knows.

    Raises:
        OutboxSchemaError: They are not.
    """
    check_revision(revision_in(db, path), str(path))


def revision_in(db: sqlite3.Connection, path: Path) -> str | None:
    """Read of which form the tables are; ``None`` when they do not say.

    Raises:
        OutboxSchemaError: They are not of an outbox.
    """
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "alembic_version" not in tables:
        if db.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
            raise OutboxSchemaError(
                f"{path} is a database, but not an outbox of eilbote",
                remedy="Name another file or folder with EILBOTE_DATABASE_URL or EILBOTE_DATA_DIR",
            )
        return None
    found = db.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if found is None else str(found[0])


def look_over(db: sqlite3.Connection, path: Path, *, seconds: float | None) -> None:
    """Look for damage, for as long as is given.

    Args:
        db: The connection.
        path: Its file, for people.
        seconds: When to stop looking; ``None`` looks at everything.

    Raises:
        OutboxError: There is some.
    """
    end = None if seconds is None else time.monotonic() + seconds
    db.set_progress_handler(lambda: end is not None and time.monotonic() > end, 10_000)
    try:
        faults = [str(fault) for (fault,) in db.execute("PRAGMA quick_check(5)") if fault != "ok"]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        faults = []  # nothing was found in the time there was
    finally:
        db.set_progress_handler(None, 0)
    if faults:
        raise OutboxError(f"the outbox {path} is damaged", cause="; ".join(faults), remedy=MEND)
