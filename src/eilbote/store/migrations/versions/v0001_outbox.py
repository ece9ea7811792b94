"""The outbox as it was first released."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "attempt",
        sa.Column("entry", _ROW_NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(precision=53), nullable=False),
        sa.Column("courier", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("tls_version", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column(
            "outcomes",
            sa.Text(),
            nullable=False,
            comment="JSON: [number, status, reply code, enhanced code, text] each",
        ),
        sa.Column("transcript", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry", "number", name="attempt_pk"),
        comment="What was tried; only ever added to",
        sqlite_with_rowid=False,
    )
    op.create_index("attempt_day", "attempt", ["connection", "started"], unique=False)
    op.create_table(
        "body",
        sa.Column("entry", _ROW_NUMBER, autoincrement=False, nullable=False),
        sa.Column(
            "frozen",
            sa.LargeBinary(),
            nullable=False,
            comment="Envelope and octets; large parts by reference",
        ),
        sa.Column(
            "crc",
            sa.BigInteger(),
            nullable=False,
            comment="CRC-32 of the frozen octets when they were accepted",
        ),
        sa.PrimaryKeyConstraint("entry", name="body_pk"),
        comment="What is to be sent; never changes",
    )
    op.create_table(
        "courier",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("beats", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("begun", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="courier_pk"),
        comment="Who may claim",
    )
    op.create_table(
        "entry",
        sa.Column("id", _ROW_NUMBER, autoincrement=False, nullable=False),
        sa.Column("lane", _ROW_NUMBER, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("transmitting", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("courier", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("others_accepted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("finished", sa.BigInteger(), nullable=True),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column(
            "connections", sa.Text(), nullable=False, comment="JSON: names in the order they are to be tried"
        ),
        sa.Column("on_in_doubt", sa.String(length=16), nullable=False),
        sa.Column("on_partial", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="entry_pk"),
        comment="What changes with every step of a message",
    )
    op.create_index(
        "entry_claimed",
        "entry",
        ["courier"],
        unique=False,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_index(
        "entry_finished",
        "entry",
        ["finished"],
        unique=False,
        sqlite_where=sa.text("finished IS NOT NULL"),
        postgresql_where=sa.text("finished IS NOT NULL"),
    )
    op.create_index(
        "entry_key",
        "entry",
        ["organization", "idempotency_key"],
        unique=True,
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )
    op.create_index(
        "entry_ready",
        "entry",
        ["lane", "urgency", "due", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'deferred')"),
        postgresql_where=sa.text("state IN ('queued', 'deferred')"),
    )
    op.create_table(
        "entry_blob",
        sa.Column("entry", _ROW_NUMBER, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("entry", "sha256", name="entry_blob_pk"),
        comment="Which large parts a message refers to",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event",
        sa.Column("sequence", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("entry", _ROW_NUMBER, nullable=True),
        sa.Column(
            "recipients", sa.Text(), nullable=False, comment="JSON: numbers; empty for the entry as a whole"
        ),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="event_pk"),
        comment="What happened, in order",
        sqlite_autoincrement=True,
    )
    op.create_index("event_entry", "event", ["entry"], unique=False)
    op.create_table(
        "lane",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="lane_pk"),
        sa.UniqueConstraint("organization", "connection", name="lane_organization_connection_unique"),
        comment="What one organization sends through one connection",
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="meta_pk"),
        comment="What is to be known of the database itself",
    )
    op.create_table(
        "pause",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("connection", name="pause_pk"),
        comment="Connections that take no mail for now",
    )
    op.create_table(
        "recipient",
        sa.Column("entry", _ROW_NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=True, comment="NULL before the first attempt"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "in_doubt",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="How many attempts ended in doubt",
        ),
        sa.Column("reply_code", sa.Integer(), server_default="0", nullable=False),
        sa.Column("enhanced_status_code", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("entry", "number", name="recipient_pk"),
        comment="Who is to get it, and what became of it there",
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        _upgrade_postgresql()


def _upgrade_postgresql() -> None:
    """Make what only PostgreSQL needs: large parts as rows, a counter for the numbers of entries, and habits of a queue."""
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column(
            "put", sa.BigInteger(), nullable=False, comment="When somebody last put it, by the server's clock"
        ),
        sa.PrimaryKeyConstraint("sha256", name="blob_pk"),
        comment="Large parts of messages",
    )
    op.create_table(
        "blob_piece",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False, comment="1 MiB; the last piece what is left"),
        sa.PrimaryKeyConstraint("sha256", "number", name="blob_piece_pk"),
        comment="Their octets, piece by piece",
    )
    # An entry's number is its millisecond, followed by 20 bits of this.
    op.execute("CREATE SEQUENCE entry_counter CYCLE")
    # Octets in transfer encoding: trying to compress them costs more than it gains, and a small message stays in its row.
    op.execute("ALTER TABLE body ALTER COLUMN frozen SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE body SET (toast_tuple_target = 8160)")
    op.execute("ALTER TABLE blob_piece ALTER COLUMN octets SET STORAGE EXTERNAL")
    # Each message rewrites its row a few times; room in the page, and cleaning up after thousands and not after a fifth.
    op.execute(
        "ALTER TABLE entry SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000)"
    )
