"""From a database's URL to the records in it; the driver is imported only for the one that is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.store.key_ring import ring_of
from eilbote.store.open_store import is_postgres, open_store, sqlite_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eilbote.settings.records import Records
    from eilbote.store.key_ring import KeyRing


def open_records(url: str, *, key_ring: KeyRing, busy_seconds: float = 5.0) -> Records:
    """Give what is kept beside the outbox of a database; it still has to be opened.

    Args:
        url: As :func:`~eilbote.store.open_store.open_store` takes it.
        key_ring: The keys for secrets.
        busy_seconds: How long to wait while nothing can be stored.

    Raises:
        SettingsError: The URL names no database eilbote can use.
    """
    if is_postgres(url):
        open_store(url)  # says it when the driver is missing
        from eilbote.store.postgres_records import PostgresRecords

        return PostgresRecords(url, key_ring=key_ring, busy_seconds=busy_seconds)
    if not url.startswith("sqlite:"):
        open_store(url)  # says which URLs there are
    from eilbote.store.sqlite_records import SqliteRecords

    return SqliteRecords(sqlite_path(url), key_ring=key_ring, busy_seconds=busy_seconds)


def records_of(
    url: str, *, data_dir: Path, environment: Mapping[str, str], busy_seconds: float = 5.0
) -> Records:
    """Give the records of a whole program: their keys come from its environment or its data folder.

    Raises:
        SettingsError: The URL names no database eilbote can use.
        SecretKeyError: The keys in the environment are malformed.
    """
    return open_records(url, key_ring=ring_of(environment, data_dir), busy_seconds=busy_seconds)
