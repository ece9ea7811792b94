"""Events, subscriptions to them, and who is told, beside the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_HAS_KEY = sa.text("key <> ''")
_WAITS = sa.text("done IS NULL")
_ALONE = sa.text("NOT gathered")


def upgrade() -> None:
    """Make the tables; nothing that is there is touched."""
    _subscriptions()
    _events()
    _tellings()


def _subscriptions() -> None:
    op.create_table(
        "notification_subscription",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False, comment="Empty for the host"),
        sa.Column("plain", sa.Text(), nullable=False, comment="JSON: what was said about it"),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="notification_subscription_pk"),
        comment="Who wants to be told of which events",
    )
    op.create_index("notification_subscription_organization", "notification_subscription", ["organization"])


def _events() -> None:
    op.create_table(
        "notification_event",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column(
            "rank", sa.SmallInteger(), nullable=False, comment="The severity's place from quiet to loud"
        ),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="What it is about; empty when it is told each time"
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False, comment="When it was raised the last time"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column(
            "earlier",
            sa.Integer(),
            nullable=False,
            comment="How often it was only counted before it was told again",
        ),
        sa.Column("told", sa.Integer(), nullable=False, comment="How many people are told"),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("people", sa.Text(), nullable=False, comment="JSON: whom it concerns in person"),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="notification_event_pk"),
        comment="What has happened",
    )
    op.create_index(
        "notification_event_key",
        "notification_event",
        ["organization", "kind", "key", "at"],
        sqlite_where=_HAS_KEY,
        postgresql_where=_HAS_KEY,
    )
    op.create_index("notification_event_at", "notification_event", ["at", "id"])
    op.create_index("notification_event_last", "notification_event", ["last"])
    op.create_table(
        "notification_repeat",
        sa.Column("id", sa.String(length=64), nullable=False, comment="Under which it was raised"),
        sa.Column("event", sa.String(length=64), nullable=False, comment="Which counts it"),
        sa.PrimaryKeyConstraint("id", name="notification_repeat_pk"),
        comment="What was only counted, so that it is counted once",
    )
    op.create_index("notification_repeat_event", "notification_repeat", ["event"])


def _tellings() -> None:
    op.create_table(
        "notification_telling",
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False, comment="On whose behalf they are told"),
        sa.Column(
            "subscription", sa.String(length=64), nullable=False, comment="Empty when it concerns that person"
        ),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("raised", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("gathered", sa.Boolean(), nullable=False, comment="Told with others in one message"),
        sa.Column("batch", sa.Text(), nullable=False, comment="The message; empty while that is not decided"),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=True, comment="When it was handed in or given up"),
        sa.Column("entry", sa.BigInteger(), nullable=True, comment="The message in the outbox"),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("event", "recipient", name="notification_telling_pk"),
        comment="Who is told of what",
    )
    for name, columns, where in (
        ("due", ["due"], _WAITS),
        ("batch", ["batch"], _WAITS),
        ("lately", ["raised", "recipient"], _ALONE),
        ("subscription", ["subscription"], _WAITS),
    ):
        op.create_index(
            f"notification_telling_{name}",
            "notification_telling",
            columns,
            sqlite_where=where,
            postgresql_where=where,
        )
