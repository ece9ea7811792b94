"""Brings the database of a URL to the form this program knows: what ``eilbote db upgrade`` does."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.store import migrate
from eilbote.store.open_store import is_postgres, open_store, sqlite_path
from eilbote.store.revision import HEAD, REVISIONS, check_revision
from eilbote.store.sqlite_faults import no_outbox, outbox_error
from eilbote.store.sqlite_file import connect, migrating, revision_in

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What was done.

    Attributes:
        found: Of which form the database was; ``None`` when it did not say.
        now: Of which form it is.
    """

    found: str | None
    now: str

    @property
    def changed(self) -> bool:
        """Whether there was anything to do."""
        return self.found != self.now


async def upgrade_database(url: str) -> Upgrade:
    """Bring an outbox up to date; nothing is changed when it fails.

    Args:
        url: As :func:`~eilbote.store.open_store.open_store` takes it.

    Raises:
        SettingsError: The URL names no such database.
        OutboxSchemaError: It is newer than this program, or no outbox.
        OutboxError: There is none, or it cannot be written.
    """
    if is_postgres(url):
        open_store(url)  # says it when the driver is missing
        from eilbote.store.postgres_outbox import PostgresOutbox

        return Upgrade(found=await PostgresOutbox(url).upgrade(), now=HEAD)
    return await asyncio.to_thread(_upgrade_file, sqlite_path(url))


def _upgrade_file(path: Path) -> Upgrade:
    if not path.exists():
        raise no_outbox(path)
    try:
        with closing(connect(path, busy_seconds=5.0)) as db, migrating(db) as connection:
            found = revision_in(db, path)
            if found is not None and found not in REVISIONS:
                check_revision(found, str(path))
            migrate.upgrade(connection)
    except sqlite3.Error as error:
        raise outbox_error(error, str(path)) from error
    return Upgrade(found=found, now=HEAD)
