"""The tables of the outbox and of what is kept beside it, one description for SQLite and PostgreSQL.

Those of flows are described in :mod:`eilbote.store.flow_schema`, those of processes in :mod:`eilbote.store.process_schema`; whoever
needs all tables asks here.

Rules it keeps:

* What changes with every step of an entry (``entry``) stands apart from what never changes (``body``): rewriting a
  row with the octets in it halves the throughput.
* No foreign keys: a parent and its children are written by the same statement group and deleted by the same
  one, and every insert on the hot path would pay for the proof. ``eilbote db check`` looks for orphans instead.
* An index is paid for by every message; each says which question it answers.
* Moments are milliseconds since 1970 (:data:`~eilbote.model.moment.Moment`), words are the values of the enumerations.

A change here needs a revision in :mod:`eilbote.store.migrations`; a test compares both.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from eilbote.store import (
    account_schema,
    consent_schema,
    flow_schema,
    hook_schema,
    notification_schema,
    process_schema,
    question_schema,
)
from eilbote.store.schema_metadata import ROW_NUMBER, metadata

__all__ = [
    "account_schema",
    "attempt",
    "body",
    "consent_schema",
    "courier",
    "entry",
    "entry_blob",
    "event",
    "flow_schema",
    "hook_schema",
    "lane",
    "meta",
    "metadata",
    "notification_schema",
    "pause",
    "process_schema",
    "question_schema",
    "recipient",
    "secret",
    "setting_scope",
    "stored_connection",
    "token",
]

lane = Table(
    "lane",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("organization", Text, nullable=False),
    Column("connection", Text, nullable=False),
    UniqueConstraint("organization", "connection"),
    comment="What one organization sends through one connection",
)

_WAITS: Final = text("state IN ('queued', 'deferred')")

entry = Table(
    "entry",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True, autoincrement=False),
    Column("lane", ROW_NUMBER, nullable=False),
    Column("state", String(16), nullable=False),
    Column("urgency", SmallInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("transmitting", Boolean, nullable=False, server_default=text("false")),
    Column("courier", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("others_accepted", Boolean, nullable=False, server_default=text("false")),
    Column("accepted", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("finished", BigInteger),
    Column("organization", Text, nullable=False),
    Column("idempotency_key", Text),
    Column("digest", LargeBinary, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("connections", Text, nullable=False, comment="JSON: names in the order they are to be tried"),
    Column("on_in_doubt", String(16), nullable=False),
    Column("on_partial", String(16), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("sender", Text, nullable=False, server_default="", comment="The address that From names"),
    Column("attachments", Integer, nullable=False, server_default="0", comment="How many files it has"),
    comment="What changes with every step of a message",
)
Index(
    "entry_ready",
    entry.c.lane,
    entry.c.urgency,
    entry.c.due,
    entry.c.id,
    sqlite_where=_WAITS,
    postgresql_where=_WAITS,
)
"""Who is next in a lane; when does something fall due."""
Index(
    "entry_key",
    entry.c.organization,
    entry.c.idempotency_key,
    unique=True,
    sqlite_where=text("idempotency_key IS NOT NULL"),
    postgresql_where=text("idempotency_key IS NOT NULL"),
)
"""Was this key used before?"""
Index(
    "entry_claimed",
    entry.c.courier,
    sqlite_where=text("state = 'active'"),
    postgresql_where=text("state = 'active'"),
)
"""What does a courier hold?"""
Index(
    "entry_finished",
    entry.c.finished,
    sqlite_where=text("finished IS NOT NULL"),
    postgresql_where=text("finished IS NOT NULL"),
)
"""What can be forgotten?"""

body = Table(
    "body",
    metadata,
    Column("entry", ROW_NUMBER, primary_key=True, autoincrement=False),
    Column("frozen", LargeBinary, nullable=False, comment="Envelope and octets; large parts by reference"),
    Column("crc", BigInteger, nullable=False, comment="CRC-32 of the frozen octets when they were accepted"),
    comment="What is to be sent; never changes",
)

recipient = Table(
    "recipient",
    metadata,
    Column("entry", ROW_NUMBER, nullable=False),
    Column("number", Integer, nullable=False),
    Column("address", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("status", String(16), comment="NULL before the first attempt"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column(
        "in_doubt", Integer, nullable=False, server_default="0", comment="How many attempts ended in doubt"
    ),
    Column("reply_code", Integer, nullable=False, server_default="0"),
    Column("enhanced_status_code", Text, nullable=False, server_default=""),
    Column("text", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("entry", "number"),
    sqlite_with_rowid=False,
    comment="Who is to get it, and what became of it there",
)

attempt = Table(
    "attempt",
    metadata,
    Column("entry", ROW_NUMBER, nullable=False),
    Column("number", Integer, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("seconds", Float(53), nullable=False),
    Column("courier", Text, nullable=False),
    Column("connection", Text, nullable=False),
    Column("server", Text, nullable=False),
    Column("tls_version", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column(
        "outcomes",
        Text,
        nullable=False,
        comment="JSON: [number, status, reply code, enhanced code, text] each",
    ),
    Column("transcript", Text, nullable=False),
    PrimaryKeyConstraint("entry", "number"),
    sqlite_with_rowid=False,
    comment="What was tried; only ever added to",
)
Index("attempt_day", attempt.c.connection, attempt.c.started)
"""How many of today's limit are used up?"""

event = Table(
    "event",
    metadata,
    Column("sequence", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("entry", ROW_NUMBER),
    Column("recipients", Text, nullable=False, comment="JSON: numbers; empty for the entry as a whole"),
    Column("connection", Text, nullable=False),
    Column("organization", Text, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,  # a reader that has seen number n must never meet another event under n
    comment="What happened, in order",
)
Index("event_entry", event.c.entry)
"""What happened to this entry?"""

entry_blob = Table(
    "entry_blob",
    metadata,
    Column("entry", ROW_NUMBER, nullable=False),
    Column("sha256", String(64), nullable=False),
    PrimaryKeyConstraint("entry", "sha256"),
    sqlite_with_rowid=False,
    comment="Which large parts a message refers to",
)

courier = Table(
    "courier",
    metadata,
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("process", Integer, nullable=False),
    Column("beats", BigInteger, nullable=False, server_default="0"),
    Column("begun", BigInteger, nullable=False),
    comment="Who may claim",
)

pause = Table(
    "pause",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    comment="Connections that take no mail for now",
)

stored_connection = Table(
    "stored_connection",
    metadata,
    Column("organization", Text, nullable=False, comment="Empty for the host"),
    Column("name", Text, nullable=False),
    Column("plain", Text, nullable=False, comment="JSON: what was said about it that is no secret"),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    Column("is_default", Boolean, nullable=False, server_default=text("false")),
    Column("created", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("organization", "name"),
    comment="Connections of the host and of organizations",
)
Index(
    "stored_connection_default",
    stored_connection.c.organization,
    unique=True,
    sqlite_where=text("is_default"),
    postgresql_where=text("is_default"),
)
"""Which is the default? At most one of each organization is."""

setting_scope = Table(
    "setting_scope",
    metadata,
    Column("organization", Text, primary_key=True, comment="Empty for the host"),
    Column("custom", Boolean, nullable=False, server_default=text("true")),
    Column("plain", Text, nullable=False, comment="JSON: values that are no secret"),
    Column("locked", Text, nullable=False, comment="JSON: fields that others may not override"),
    Column("changed", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    comment="What the host and organizations say about their e-mail",
)

token = Table(
    "token",
    metadata,
    Column("key", Text, primary_key=True, comment="Digest of the credentials it was fetched with"),
    Column("expires", BigInteger),
    Column("refreshed", BigInteger),
    Column("renewing", BigInteger, comment="When a request was begun that nobody has heard the end of"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("retry_at", BigInteger),
    Column("refusal", Text, nullable=False, server_default=""),
    comment="What is known of access tokens; the tokens themselves are secrets",
)

secret = Table(
    "secret",
    metadata,
    Column("kind", String(16), nullable=False),
    Column("organization", Text, nullable=False),
    Column("owner", Text, nullable=False, comment="Name of the connection, key of the token, id of the key"),
    Column("field", Text, nullable=False),
    Column("key_id", Text, nullable=False, comment="What it was encrypted with"),
    Column("sealed", LargeBinary, nullable=False, comment="Nonce, ciphertext and tag of AES-256-GCM"),
    PrimaryKeyConstraint("kind", "organization", "owner", "field"),
    comment="Every secret there is, encrypted",
)
Index("secret_key", secret.c.key_id)
"""What is a key needed for?"""

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    comment="What is to be known of the database itself",
)
