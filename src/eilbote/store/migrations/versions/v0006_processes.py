"""Processes, communication routes and process instances beside the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_RUNS = sa.text("status = 'running'")
_HAS_ENDED = sa.text("status <> 'running'")
_HAS_INCIDENT = sa.text("incidents > 0")
_FIRES = sa.text("due IS NOT NULL")
_IS_MESSAGE = sa.text("kind = 'message'")
_IS_TASK = sa.text("kind = 'task'")
_HAS_ENTRY = sa.text("entry IS NOT NULL")
_IS_NEW = sa.text("data IS NOT NULL")


def upgrade() -> None:
    """Make the tables; nothing that is there is touched."""
    _processes()
    _instances()
    _waits_and_triggers()
    if op.get_bind().dialect.name == "postgresql":
        # Each step of an instance rewrites these rows: room in the page, and cleaning up after thousands and not after a fifth.
        for table in ("process_instance", "process_state", "process_wait"):
            op.execute(
                f"ALTER TABLE {table} SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, "
                "autovacuum_vacuum_threshold = 5000)"
            )


def _processes() -> None:
    op.create_table(
        "process",
        sa.Column("organization", sa.Text(), nullable=False, comment="Empty for the host"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True, comment="The text that is worked on"),
        sa.Column(
            "published", sa.Integer(), nullable=False, comment="The latest version; 0 when there is none"
        ),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "name", name="process_pk"),
        comment="Processes by their names",
    )
    op.create_table(
        "process_text",
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 in hexadecimal"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "used",
            sa.BigInteger(),
            nullable=False,
            comment="When it was last begun or published, to the hour",
        ),
        sa.PrimaryKeyConstraint("digest", name="process_text_pk"),
        comment="Diagrams with their settings; never changes",
    )
    op.create_index("process_text_used", "process_text", ["used"])
    op.create_table(
        "process_version",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "name", "version", name="process_version_pk"),
        comment="Published versions; they never change",
    )
    op.create_index("process_version_digest", "process_version", ["digest"])
    op.create_table(
        "process_start",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False, comment="How many times its timer has fired"),
        sa.Column(
            "held_back",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether a restored copy says that it is due",
        ),
        sa.PrimaryKeyConstraint("organization", "process", "element", name="process_start_pk"),
        comment="What begins instances of the latest versions by itself",
    )
    op.create_index(
        "process_start_due", "process_start", ["due"], sqlite_where=_FIRES, postgresql_where=_FIRES
    )
    op.create_index(
        "process_start_message",
        "process_start",
        ["message", "organization"],
        sqlite_where=_IS_MESSAGE,
        postgresql_where=_IS_MESSAGE,
    )
    op.create_table(
        "process_route",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("message_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="YAML"),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "message_name", name="process_route_pk"),
        comment="Communication routes by the messages that go over them",
    )


def _instances() -> None:
    op.create_table(
        "process_instance",
        sa.Column("number", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="Of the text that it runs"),
        sa.Column("correlation", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column(
            "stage", sa.Text(), nullable=False, comment="What its last send-message event called its state"
        ),
        sa.Column("incidents", sa.Integer(), nullable=False, comment="How many are open"),
        sa.Column("cancelled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "held_back",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Restored from a copy, and not taken up since",
        ),
        sa.Column(
            "woken",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether it was woken while somebody held it",
        ),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True, comment="Who holds it"),
        sa.Column("until", sa.BigInteger(), nullable=True, comment="How long"),
        sa.PrimaryKeyConstraint("number", name="process_instance_pk"),
        sa.UniqueConstraint("id", name="process_instance_id_unique"),
        comment="How instances stand",
        sqlite_autoincrement=True,
    )
    op.create_index("process_instance_correlation", "process_instance", ["correlation", "organization"])
    op.create_index("process_instance_digest", "process_instance", ["digest"])
    op.create_index(
        "process_instance_due",
        "process_instance",
        ["due", "organization"],
        sqlite_where=_RUNS,
        postgresql_where=_RUNS,
    )
    op.create_index(
        "process_instance_ended",
        "process_instance",
        ["changed"],
        sqlite_where=_HAS_ENDED,
        postgresql_where=_HAS_ENDED,
    )
    op.create_index(
        "process_instance_incidents",
        "process_instance",
        ["number"],
        sqlite_where=_HAS_INCIDENT,
        postgresql_where=_HAS_INCIDENT,
    )
    op.create_table(
        "process_state",
        sa.Column("instance", _ROW_NUMBER, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="JSON, as the interpreter writes it"),
        sa.PrimaryKeyConstraint("instance", name="process_state_pk"),
        comment="What instances hold",
    )


def _waits_and_triggers() -> None:
    op.create_table(
        "process_wait",
        sa.Column("instance", _ROW_NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column(
            "key",
            sa.Text(),
            nullable=False,
            comment="Instance, element and how many times it was there before",
        ),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("correlation", sa.Text(), nullable=False),
        sa.Column("entry", _ROW_NUMBER, nullable=True, comment="The message in the outbox"),
        sa.Column("due", sa.BigInteger(), nullable=True, comment="When a task is overdue"),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("instance", "kind", "key", name="process_wait_pk"),
        comment="What instances wait for",
    )
    op.create_index(
        "process_wait_entry", "process_wait", ["entry"], sqlite_where=_HAS_ENTRY, postgresql_where=_HAS_ENTRY
    )
    op.create_index(
        "process_wait_message",
        "process_wait",
        ["name", "correlation", "organization"],
        sqlite_where=_IS_MESSAGE,
        postgresql_where=_IS_MESSAGE,
    )
    op.create_index(
        "process_wait_own_task",
        "process_wait",
        ["organization", "since", "instance", "key"],
        sqlite_where=_IS_TASK,
        postgresql_where=_IS_TASK,
    )
    op.create_index(
        "process_wait_task",
        "process_wait",
        ["since", "instance", "key"],
        sqlite_where=_IS_TASK,
        postgresql_where=_IS_TASK,
    )
    op.create_table(
        "process_trigger",
        sa.Column("instance", _ROW_NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="Its place among those of the instance"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=True, comment="JSON; NULL when the instance has taken it in"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("instance", "number", name="process_trigger_pk"),
        sa.UniqueConstraint("instance", "id", name="process_trigger_instance_id_unique"),
        comment="What has happened to instances, once each",
    )
    op.create_index(
        "process_trigger_new", "process_trigger", ["instance"], sqlite_where=_IS_NEW, postgresql_where=_IS_NEW
    )
