"""From a database's URL to the store that speaks to it; the driver is imported only for the one that is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from eilbote.errors import SettingsError
from eilbote.store.blob_files import BlobFiles

if TYPE_CHECKING:
    from eilbote.outbox.store import BlobStore, OutboxStore

_FIELD = "EILBOTE_DATABASE_URL"
_POSTGRESQL = frozenset({"postgresql", "postgres"})


def open_store(url: str, *, busy_seconds: float = 5.0) -> OutboxStore:
    """Give the store of a database; it still has to be opened.

    Args:
        url: ``sqlite:///absolute/path`` with a fourth slash or ``sqlite:///relative/path``, as SQLAlchemy writes them; or
            ``postgresql://user:password@host/database``, as libpq reads it.
        busy_seconds: How long a submitter waits while nothing can be stored.

    Raises:
        SettingsError: The URL names no database eilbote can use.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        from eilbote.store.sqlite_outbox import SqliteOutbox

        return SqliteOutbox(sqlite_path(url), busy_seconds=busy_seconds)
    if is_postgres(url):
        return _postgres(url, busy_seconds=busy_seconds)
    raise SettingsError(
        f"{scheme or 'nothing'} is no database eilbote can use",
        field=_FIELD,
        remedy="Give sqlite:////var/lib/eilbote/eilbote.db or postgresql://user@host/name",
    )


def is_postgres(url: str) -> bool:
    """Tell whether a URL names a PostgreSQL database; SQLAlchemy's driver after a plus sign does not matter."""
    return urlsplit(url).scheme.partition("+")[0] in _POSTGRESQL


def _postgres(url: str, *, busy_seconds: float) -> OutboxStore:
    try:
        from eilbote.store.postgres_outbox import PostgresOutbox
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "asyncpg":
            raise
        raise SettingsError(
            "PostgreSQL needs a driver that is not installed",
            field=_FIELD,
            remedy="Run: pip install 'eilbote[postgres]'",
        ) from missing
    return PostgresOutbox(url, busy_seconds=busy_seconds)


def open_blobs(store: OutboxStore, folder: Path) -> BlobStore:
    """Give the place for large parts of messages that belongs to a store: the same database, or else a folder."""
    beside: BlobStore | None = getattr(store, "blobs", None)
    return beside if beside is not None else BlobFiles(folder)


def is_in_memory(store: OutboxStore) -> bool:
    """Tell whether a store is eilbote's own in memory, so that what is kept beside it belongs in memory as well."""
    from eilbote.store.memory_outbox import MemoryOutbox

    return isinstance(store, MemoryOutbox)


def sqlite_path(url: str) -> Path:
    """Read the file's path from a URL.

    Raises:
        SettingsError: It names none.
    """
    parts = urlsplit(url)
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or not path or path == ":memory:" or parts.query or parts.fragment:
        raise SettingsError(
            "the URL of an SQLite database names a file, and nothing else",
            field=_FIELD,
            remedy="Give three slashes and the path, for instance sqlite:////var/lib/eilbote/eilbote.db",
        )
    return Path(path)
