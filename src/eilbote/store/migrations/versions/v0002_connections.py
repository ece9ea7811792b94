"""Connections, settings, tokens and their secrets beside the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; nothing of the outbox is touched."""
    op.create_table(
        "stored_connection",
        sa.Column("organization", sa.Text(), nullable=False, comment="Empty for the host"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "plain", sa.Text(), nullable=False, comment="JSON: what was said about it that is no secret"
        ),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "name", name="stored_connection_pk"),
        comment="Connections of the host and of organizations",
    )
    op.create_index(
        "stored_connection_default",
        "stored_connection",
        ["organization"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "setting_scope",
        sa.Column("organization", sa.Text(), nullable=False, comment="Empty for the host"),
        sa.Column("custom", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False, comment="JSON: values that are no secret"),
        sa.Column("locked", sa.Text(), nullable=False, comment="JSON: fields that others may not override"),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization", name="setting_scope_pk"),
        comment="What the host and organizations say about their e-mail",
    )
    op.create_table(
        "token",
        sa.Column("key", sa.Text(), nullable=False, comment="Digest of the credentials it was fetched with"),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("refreshed", sa.BigInteger(), nullable=True),
        sa.Column(
            "renewing",
            sa.BigInteger(),
            nullable=True,
            comment="When a request was begun that nobody has heard the end of",
        ),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("refusal", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name="token_pk"),
        comment="What is known of access tokens; the tokens themselves are secrets",
    )
    op.create_table(
        "secret",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column(
            "owner",
            sa.Text(),
            nullable=False,
            comment="Name of the connection, key of the token, id of the key",
        ),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False, comment="What it was encrypted with"),
        sa.Column(
            "sealed", sa.LargeBinary(), nullable=False, comment="Nonce, ciphertext and tag of AES-256-GCM"
        ),
        sa.PrimaryKeyConstraint("kind", "organization", "owner", "field", name="secret_pk"),
        comment="Every secret there is, encrypted",
    )
    op.create_index("secret_key", "secret", ["key_id"], unique=False)
