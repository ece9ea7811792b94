"""Brings a database to the form this program knows, or makes a new one: the only user of Alembic.

Both happen in the transaction of the connection that is handed in, so that a crash in between leaves what was there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext

if TYPE_CHECKING:
    from sqlalchemy import Connection

REVISION_TABLE: Final = "alembic_version"
"""Where a database says of which form it is."""


def upgrade(connection: Connection, *, to: str = "head") -> None:
    """Bring a database up to date, or to the form of an older program; an empty one gets all tables."""
    command.upgrade(_config(connection), to)


def revision_of(connection: Connection) -> str | None:
    """Tell of which form a database is; ``None`` when it does not say."""
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "eilbote.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
