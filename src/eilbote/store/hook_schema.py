"""The tables of webhooks, of their deliveries, and of suppressed addresses; the rules of :mod:`eilbote.store.schema` hold here too."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from eilbote.store.schema_metadata import SORTED, metadata

webhook = Table(
    "webhook",
    metadata,
    Column("id", SORTED, primary_key=True),
    Column("organization", Text, nullable=False, comment="Empty for the host"),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False, comment="JSON: kinds, * at the end for anything"),
    Column("everywhere", Boolean, nullable=False),
    Column("description", Text, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("former_until", BigInteger),
    Column("created", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("since", BigInteger, comment="From when on it hears; NULL is as created"),
    Column("failures", Integer, nullable=False, comment="How many attempts in a row have failed"),
    Column("failing_since", BigInteger),
    Column("revision", Integer, nullable=False),
    comment="Who is told over HTTP of what; what they are signed with is a secret",
)

_WAITS = text("state = 'waiting'")
_HAS_ENDED = text("ended IS NOT NULL")
_IS_HELD = text("until IS NOT NULL")

hook_delivery = Table(
    "hook_delivery",
    metadata,
    Column("webhook", SORTED, nullable=False),
    Column("id", SORTED, nullable=False),
    Column("organization", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempted", BigInteger),
    Column("seconds", Float(53), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("ended", BigInteger, comment="When it was delivered or given up; NULL while it waits"),
    Column("worker", Text, comment="Who holds it"),
    Column("until", BigInteger, comment="How long"),
    PrimaryKeyConstraint("webhook", "id"),
    comment="Events on their way to webhooks",
)
Index(
    "hook_delivery_due",
    hook_delivery.c.due,
    hook_delivery.c.created,
    sqlite_where=_WAITS,
    postgresql_where=_WAITS,
)
"""What falls due?"""
Index(
    "hook_delivery_held",
    hook_delivery.c.until,
    sqlite_where=_IS_HELD,
    postgresql_where=_IS_HELD,
)
"""When does somebody let go?"""
Index("hook_delivery_log", hook_delivery.c.webhook, hook_delivery.c.created, hook_delivery.c.id)
"""What was this webhook told lately?"""
Index("hook_delivery_ended", hook_delivery.c.ended, sqlite_where=_HAS_ENDED, postgresql_where=_HAS_ENDED)
"""What can be forgotten?"""

hook_position = Table(
    "hook_position",
    metadata,
    Column("feed", String(32), primary_key=True),
    Column("position", BigInteger, nullable=False),
    comment="How far each feed was turned into deliveries",
)

_EXPIRES = text("expires IS NOT NULL")

suppression = Table(
    "suppression",
    metadata,
    Column("organization", SORTED, nullable=False, comment="Empty for the host, whose list counts for all"),
    Column("address", SORTED, nullable=False, comment="As it is compared"),
    Column("reason", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("entry", BigInteger, comment="The message it came of"),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
    PrimaryKeyConstraint("organization", "address"),
    comment="Who gets no mail from us",
)
Index("suppression_expires", suppression.c.expires, sqlite_where=_EXPIRES, postgresql_where=_EXPIRES)
"""What can be forgotten?"""
