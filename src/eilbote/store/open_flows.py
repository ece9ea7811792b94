"""From a database's URL to the flows, processes and webhooks in it, on connections that the records beside them use as well."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from eilbote.store.open_store import is_postgres, open_store, sqlite_path
from eilbote.store.row_locks import POSTGRESQL, SQLITE
from eilbote.store.shared_database import SharedDatabase

if TYPE_CHECKING:
    from eilbote.store.database_flows import DatabaseFlows
    from eilbote.store.database_processes import DatabaseProcesses
    from eilbote.store.key_ring import KeyRing
    from eilbote.store.record_database import RecordDatabase
    from eilbote.store.webhook_rows import WebhookRows


def share_database(url: str, *, busy_seconds: float = 5.0) -> SharedDatabase:
    """Give the database of a URL, to be shared by all in this process; nothing is opened yet, and no driver is loaded.

    Args:
        url: As :func:`~eilbote.store.open_store.open_store` takes it; what is wrong with it is told when it is opened.
        busy_seconds: How long to wait while nothing can be stored.
    """
    return SharedDatabase(lambda: _database(url, busy_seconds))


def flows_in(shared: SharedDatabase, url: str) -> DatabaseFlows:
    """Give the flows of a shared database; it is opened when they are first asked something.

    Args:
        shared: The database.
        url: Its URL.
    """
    from eilbote.store.database_flows import DatabaseFlows  # records share the database without them

    return DatabaseFlows(shared.handle(), POSTGRESQL if is_postgres(url) else SQLITE)


def processes_in(shared: SharedDatabase, url: str) -> DatabaseProcesses:
    """Give the processes of a shared database; it is opened when they are first asked something.

    Args:
        shared: The database.
        url: Its URL.
    """
    from eilbote.store.database_processes import DatabaseProcesses  # as above

    return DatabaseProcesses(shared.handle(), POSTGRESQL if is_postgres(url) else SQLITE)


def webhooks_in(shared: SharedDatabase, url: str, ring: KeyRing) -> WebhookRows:
    """Give the webhooks of a shared database; it is opened when they are first asked something.

    Args:
        shared: The database.
        url: Its URL.
        ring: The keys with which secrets are encrypted.
    """
    from eilbote.store.webhook_rows import WebhookRows  # as above

    return WebhookRows(shared.handle(), ring, POSTGRESQL if is_postgres(url) else SQLITE)


def _database(url: str, busy_seconds: float) -> RecordDatabase:
    if is_postgres(url):
        open_store(url)  # says it when the driver is missing
        from eilbote.store.postgres_records import PostgresDatabase

        return PostgresDatabase(url, busy_seconds=busy_seconds, monotonic=time.monotonic)
    if not url.startswith("sqlite:"):
        open_store(url)  # says which URLs there are
    from eilbote.store.sqlite_records import SqliteDatabase

    return SqliteDatabase(sqlite_path(url), busy_seconds=busy_seconds, monotonic=time.monotonic)
