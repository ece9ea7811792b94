"""Consents wait where every process of a server finds them, and events for somebody to acknowledge them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_WAITS = sa.text("done IS NULL")
_WAS_RAISED = sa.text("raised <> ''")
_SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables; what waited in the memory of a process is begun again."""
    _consents()
    _escalations()


def _consents() -> None:
    op.create_table(
        "consent",
        sa.Column(
            "digest",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 of what it is known by, in hexadecimal",
        ),
        sa.Column(
            "session", sa.String(length=64), nullable=False, comment="SHA-256 of the session that began it"
        ),
        sa.Column("connection", _SORTED, nullable=False, comment="Its qualified name"),
        sa.Column(
            "base", sa.Integer(), nullable=False, comment="The connection's revision; 0 when there was none"
        ),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column(
            "ask_at", sa.BigInteger(), nullable=False, comment="Before this moment the provider is left alone"
        ),
        sa.Column("pause", sa.BigInteger(), nullable=False, comment="Milliseconds between two questions"),
        sa.PrimaryKeyConstraint("digest", name="consent_pk"),
        comment="Consents that somebody was sent away for; what they are made of is a secret",
    )
    op.create_index("consent_ends", "consent", ["ends"])
    op.create_index("consent_session", "consent", ["session", "created"])


def _escalations() -> None:
    op.create_table(
        "notification_escalation",
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("subscription", sa.String(length=64), nullable=False, comment="By whose wish"),
        sa.Column("step", sa.SmallInteger(), nullable=False, comment="Which of its steps, from 0"),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=True, comment="When it was taken or ended"),
        sa.Column(
            "raised",
            sa.String(length=64),
            server_default="",
            nullable=False,
            comment="The event that told the next ones",
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False, comment="Why it was not taken"),
        sa.PrimaryKeyConstraint("event", "subscription", "step", name="notification_escalation_pk"),
        comment="Who is told next unless somebody acknowledges an event",
    )
    for column, where in (("due", _WAITS), ("raised", _WAS_RAISED), ("subscription", _WAITS)):
        op.create_index(
            f"notification_escalation_{column}",
            "notification_escalation",
            [column],
            sqlite_where=where,
            postgresql_where=where,
        )
    op.create_table(
        "notification_acknowledgement",
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False, comment="Who looks after it"),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("event", name="notification_acknowledgement_pk"),
        comment="What somebody looks after",
    )
