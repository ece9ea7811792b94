"""Alembic's environment: works on the connection it is handed, in the transaction that is open on it.

Run by Alembic, not imported. There is no way to run it without a database: SQL that was never tried is not offered.
"""

from __future__ import annotations

from alembic import context

from eilbote.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",  # SQLite alters a table by making it anew
    transactional_ddl=True,  # SQLite can, and whoever hands the connection in has begun a transaction
)
context.run_migrations()
