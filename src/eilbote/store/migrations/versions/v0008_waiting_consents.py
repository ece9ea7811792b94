"""Consents that people were sent away for wait where every process of a server finds them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables; what waited in the memory of a process is begun again."""
    _consents()


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
