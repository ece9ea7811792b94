"""Flows, their runs and their conversations beside the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables; nothing that is there is touched."""
    op.create_table(
        "flow",
        sa.Column("organization", sa.Text(), nullable=False, comment="Empty for the host"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True, comment="The text that is worked on"),
        sa.Column(
            "published", sa.Integer(), nullable=False, comment="The latest version; 0 when there is none"
        ),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "name", name="flow_pk"),
        comment="Flows by their names",
    )
    op.create_table(
        "flow_text",
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 in hexadecimal"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "used",
            sa.BigInteger(),
            nullable=False,
            comment="When it was last begun or published, to the hour",
        ),
        sa.PrimaryKeyConstraint("digest", name="flow_text_pk"),
        comment="What flows say; never changes",
    )
    op.create_index("flow_text_used", "flow_text", ["used"], unique=False)
    op.create_table(
        "flow_version",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "name", "version", name="flow_version_pk"),
        comment="Published versions; they never change",
    )
    op.create_index("flow_version_digest", "flow_version", ["digest"], unique=False)
    op.create_table(
        "flow_run",
        sa.Column("number", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="0 for one that was not published"),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="Of the text that it runs"),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("cancelled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("awaits", sa.String(length=16), server_default="", nullable=False),
        sa.Column("entry", _ROW_NUMBER, nullable=True),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True, comment="Who holds it"),
        sa.Column("until", sa.BigInteger(), nullable=True, comment="How long"),
        sa.PrimaryKeyConstraint("number", name="flow_run_pk"),
        sa.UniqueConstraint("id", name="flow_run_id_unique"),
        comment="How runs stand",
        sqlite_autoincrement=True,
    )
    op.create_index("flow_run_digest", "flow_run", ["digest"], unique=False)
    op.create_index(
        "flow_run_due",
        "flow_run",
        ["due", "organization"],
        unique=False,
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index(
        "flow_run_ended",
        "flow_run",
        ["changed"],
        unique=False,
        sqlite_where=sa.text("status <> 'running'"),
        postgresql_where=sa.text("status <> 'running'"),
    )
    op.create_index(
        "flow_run_entry",
        "flow_run",
        ["entry"],
        unique=False,
        sqlite_where=sa.text("awaits = 'mail'"),
        postgresql_where=sa.text("awaits = 'mail'"),
    )
    op.create_index("flow_run_session", "flow_run", ["organization", "session"], unique=False)
    op.create_table(
        "flow_state",
        sa.Column("run", _ROW_NUMBER, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="JSON, as the interpreter writes it"),
        sa.PrimaryKeyConstraint("run", name="flow_state_pk"),
        comment="What runs hold",
    )
    op.create_table(
        "flow_context",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "session", "key", name="flow_context_pk"),
        comment="What conversations keep, a row for each value",
    )
    op.create_index("flow_context_changed", "flow_context", ["changed"], unique=False)
    op.create_table(
        "flow_late_result",
        sa.Column("entry", _ROW_NUMBER, nullable=False),
        sa.Column("run", _ROW_NUMBER, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("shelf", sa.String(length=16), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("shows_bcc", sa.Boolean(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True, comment="JSON; NULL until the message is settled"),
        sa.Column(
            "given",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether who holds the run has it",
        ),
        sa.PrimaryKeyConstraint("entry", "run", name="flow_late_result_pk"),
        comment="Results of messages that runs did not wait for",
        sqlite_with_rowid=False,
    )
    op.create_index("flow_late_result_run", "flow_late_result", ["run"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        # Each step of a run rewrites these rows: room in the page, and cleaning up after thousands and not after a fifth.
        for table in ("flow_run", "flow_state"):
            op.execute(
                f"ALTER TABLE {table} SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, "
                "autovacuum_vacuum_threshold = 5000)"
            )
