"""What a server needs beside the outbox, and what people look for in its entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_HAS_SUBJECT = sa.text("subject <> ''")
_WAITS = sa.text("state = 'waiting'")
_HAS_ENDED = sa.text("ended IS NOT NULL")
_IS_HELD = sa.text("until IS NOT NULL")
_EXPIRES = sa.text("expires IS NOT NULL")

_REFUSAL = "the audit book is only ever added to"


def upgrade() -> None:
    """Make the tables and columns; of what is there nothing is lost."""
    _entry()
    _organizations_and_users()
    _sessions_and_links()
    _keys()
    _audit()
    _webhooks()
    _suppressions()


def _entry() -> None:
    """Say of an entry who its author is and how many files it has; of older ones that stays open."""
    op.add_column(
        "entry",
        sa.Column(
            "sender", sa.Text(), server_default="", nullable=False, comment="The address that From names"
        ),
    )
    op.add_column(
        "entry",
        sa.Column(
            "attachments", sa.Integer(), server_default="0", nullable=False, comment="How many files it has"
        ),
    )


def _organizations_and_users() -> None:
    op.create_table(
        "organization",
        sa.Column("name", _SORTED, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("messages_per_hour", sa.BigInteger(), nullable=False, comment="0 for as many as it likes"),
        sa.Column("messages_per_day", sa.BigInteger(), nullable=False, comment="The same"),
        sa.Column(
            "waiting", sa.BigInteger(), nullable=False, comment="Entries that are not finished; the same"
        ),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="organization_pk"),
        comment="Organizations that share the host",
    )
    op.create_table(
        "app_user",
        sa.Column("id", _SORTED, nullable=False),
        sa.Column("organization", sa.Text(), nullable=False, comment="Empty for the host"),
        sa.Column("address", sa.Text(), nullable=False, comment="As it was entered"),
        sa.Column("address_key", sa.Text(), nullable=False, comment="As it is compared"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False, comment="Argon2 hash; empty without one"),
        sa.Column(
            "subject", sa.Text(), nullable=False, comment="At an OpenID provider; empty when never from there"
        ),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("signed_in", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="app_user_pk"),
        comment="People",
    )
    op.create_index("app_user_address", "app_user", ["address_key"], unique=True)
    op.create_index(
        "app_user_subject",
        "app_user",
        ["subject"],
        unique=True,
        sqlite_where=_HAS_SUBJECT,
        postgresql_where=_HAS_SUBJECT,
    )
    op.create_index("app_user_organization", "app_user", ["organization", "id"])


def _sessions_and_links() -> None:
    op.create_table(
        "session",
        sa.Column(
            "digest", sa.String(length=64), nullable=False, comment="SHA-256 of the cookie, in hexadecimal"
        ),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="session_pk"),
        comment="Who is signed in, in which browser",
    )
    op.create_index("session_user", "session", ["user_id"])
    op.create_index("session_expires", "session", ["expires"])
    op.create_table(
        "one_time_link",
        sa.Column(
            "digest", sa.String(length=64), nullable=False, comment="SHA-256 of the token, in hexadecimal"
        ),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False, comment="Empty for the first administrator"),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="one_time_link_pk"),
        comment="Links that let somebody in once",
    )
    op.create_index("one_time_link_user", "one_time_link", ["user_id", "purpose"], unique=True)
    op.create_index("one_time_link_expires", "one_time_link", ["expires"])


def _keys() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", _SORTED, nullable=False),
        sa.Column("organization", sa.Text(), nullable=False, comment="Empty for the host"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("permissions", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("senders", sa.Text(), nullable=False, comment="JSON; empty for all"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the secret"),
        sa.Column("former_digest", sa.LargeBinary(), nullable=False, comment="That before the last rotation"),
        sa.Column("former_until", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.Column("is_revoked", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="api_key_pk"),
        comment="Keys by which programs say who they are",
    )
    op.create_index("api_key_organization", "api_key", ["organization", "id"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", _ROW_NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False, comment="JSON: everything that the hash covers"),
        sa.Column(
            "hash",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 over the hash before it and the deed",
        ),
        sa.PrimaryKeyConstraint("sequence", name="audit_pk"),
        comment="Who did what; only ever added to",
    )
    op.create_index("audit_organization", "audit", ["organization", "sequence"])
    op.create_index("audit_who", "audit", ["who", "sequence"])
    op.create_index("audit_thing", "audit", ["thing", "sequence"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
        )
        return
    for deed in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER audit_refuses_{deed} BEFORE {deed.upper()} ON audit "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )


def _webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", _SORTED, nullable=False),
        sa.Column("organization", sa.Text(), nullable=False, comment="Empty for the host"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False, comment="JSON: kinds, * at the end for anything"),
        sa.Column("everywhere", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("former_until", sa.BigInteger(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column(
            "since", sa.BigInteger(), nullable=True, comment="From when on it hears; NULL is as created"
        ),
        sa.Column("failures", sa.Integer(), nullable=False, comment="How many attempts in a row have failed"),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="webhook_pk"),
        comment="Who is told over HTTP of what; what they are signed with is a secret",
    )
    op.create_table(
        "hook_delivery",
        sa.Column("webhook", _SORTED, nullable=False),
        sa.Column("id", _SORTED, nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempted", sa.BigInteger(), nullable=True),
        sa.Column("seconds", sa.Float(53), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column(
            "ended",
            sa.BigInteger(),
            nullable=True,
            comment="When it was delivered or given up; NULL while it waits",
        ),
        sa.Column("worker", sa.Text(), nullable=True, comment="Who holds it"),
        sa.Column("until", sa.BigInteger(), nullable=True, comment="How long"),
        sa.PrimaryKeyConstraint("webhook", "id", name="hook_delivery_pk"),
        comment="Events on their way to webhooks",
    )
    op.create_index(
        "hook_delivery_due", "hook_delivery", ["due", "created"], sqlite_where=_WAITS, postgresql_where=_WAITS
    )
    op.create_index(
        "hook_delivery_held", "hook_delivery", ["until"], sqlite_where=_IS_HELD, postgresql_where=_IS_HELD
    )
    op.create_index("hook_delivery_log", "hook_delivery", ["webhook", "created", "id"])
    op.create_index(
        "hook_delivery_ended",
        "hook_delivery",
        ["ended"],
        sqlite_where=_HAS_ENDED,
        postgresql_where=_HAS_ENDED,
    )
    op.create_table(
        "hook_position",
        sa.Column("feed", sa.String(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", name="hook_position_pk"),
        comment="How far each feed was turned into deliveries",
    )


def _suppressions() -> None:
    op.create_table(
        "suppression",
        sa.Column(
            "organization", _SORTED, nullable=False, comment="Empty for the host, whose list counts for all"
        ),
        sa.Column("address", _SORTED, nullable=False, comment="As it is compared"),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=True, comment="The message it came of"),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organization", "address", name="suppression_pk"),
        comment="Who gets no mail from us",
    )
    op.create_index(
        "suppression_expires",
        "suppression",
        ["expires"],
        sqlite_where=_EXPIRES,
        postgresql_where=_EXPIRES,
    )
