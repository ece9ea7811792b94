"""The tables of notifications; the rules of :mod:`eilbote.store.schema` hold here too."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from eilbote.store.schema_metadata import metadata

notification_subscription = Table(
    "notification_subscription",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("organization", Text, nullable=False, comment="Empty for the host"),
    Column("plain", Text, nullable=False, comment="JSON: what was said about it"),
    Column("revision", Integer, nullable=False),
    comment="Who wants to be told of which events",
)
Index("notification_subscription_organization", notification_subscription.c.organization)
"""Who may want an event of this organization?"""

_HAS_KEY = text("key <> ''")
_WAITS = text("done IS NULL")
_ALONE = text("NOT gathered")

notification_event = Table(
    "notification_event",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("organization", Text, nullable=False),
    Column("kind", String(100), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("rank", SmallInteger, nullable=False, comment="The severity's place from quiet to loud"),
    Column("key", Text, nullable=False, comment="What it is about; empty when it is told each time"),
    Column("at", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False, comment="When it was raised the last time"),
    Column("count", Integer, nullable=False),
    Column(
        "earlier", Integer, nullable=False, comment="How often it was only counted before it was told again"
    ),
    Column("told", Integer, nullable=False, comment="How many people are told"),
    Column("summary", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("data", Text, nullable=False, comment="JSON"),
    Column("people", Text, nullable=False, comment="JSON: whom it concerns in person"),
    Column("language", Text, nullable=False),
    Column("source", Text, nullable=False),
    comment="What has happened",
)
Index(
    "notification_event_key",
    notification_event.c.organization,
    notification_event.c.kind,
    notification_event.c.key,
    notification_event.c.at,
    sqlite_where=_HAS_KEY,
    postgresql_where=_HAS_KEY,
)
"""When was the same told last?"""
Index("notification_event_at", notification_event.c.at, notification_event.c.id)
"""What has happened lately?"""
Index("notification_event_last", notification_event.c.last)
"""What can be forgotten?"""

notification_repeat = Table(
    "notification_repeat",
    metadata,
    Column("id", String(64), primary_key=True, comment="Under which it was raised"),
    Column("event", String(64), nullable=False, comment="Which counts it"),
    comment="What was only counted, so that it is counted once",
)
Index("notification_repeat_event", notification_repeat.c.event)
"""What is forgotten with an event?"""

notification_telling = Table(
    "notification_telling",
    metadata,
    Column("event", String(64), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("organization", Text, nullable=False, comment="On whose behalf they are told"),
    Column("subscription", String(64), nullable=False, comment="Empty when it concerns that person"),
    Column("language", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("raised", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("gathered", Boolean, nullable=False, comment="Told with others in one message"),
    Column("batch", Text, nullable=False, comment="The message; empty while that is not decided"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("done", BigInteger, comment="When it was handed in or given up"),
    Column("entry", BigInteger, comment="The message in the outbox"),
    Column("reason", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("event", "recipient"),
    comment="Who is told of what",
)
Index("notification_telling_due", notification_telling.c.due, sqlite_where=_WAITS, postgresql_where=_WAITS)
"""What falls due?"""
Index(
    "notification_telling_batch", notification_telling.c.batch, sqlite_where=_WAITS, postgresql_where=_WAITS
)
"""What belongs to this message?"""
Index(
    "notification_telling_lately",
    notification_telling.c.raised,
    notification_telling.c.recipient,
    sqlite_where=_ALONE,
    postgresql_where=_ALONE,
)
"""How much has everybody been told within the last hour?"""
Index(
    "notification_telling_subscription",
    notification_telling.c.subscription,
    sqlite_where=_WAITS,
    postgresql_where=_WAITS,
)
"""What is still to be told because of this subscription?"""

_WAS_RAISED = text("raised <> ''")

notification_escalation = Table(
    "notification_escalation",
    metadata,
    Column("event", String(64), nullable=False),
    Column("subscription", String(64), nullable=False, comment="By whose wish"),
    Column("step", SmallInteger, nullable=False, comment="Which of its steps, from 0"),
    Column("due", BigInteger, nullable=False),
    Column("done", BigInteger, comment="When it was taken or ended"),
    Column(
        "raised", String(64), nullable=False, server_default="", comment="The event that told the next ones"
    ),
    Column("reason", Text, nullable=False, server_default="", comment="Why it was not taken"),
    PrimaryKeyConstraint("event", "subscription", "step"),
    comment="Who is told next unless somebody acknowledges an event",
)
Index(
    "notification_escalation_due",
    notification_escalation.c.due,
    sqlite_where=_WAITS,
    postgresql_where=_WAITS,
)
"""Which step falls due?"""
Index(
    "notification_escalation_raised",
    notification_escalation.c.raised,
    sqlite_where=_WAS_RAISED,
    postgresql_where=_WAS_RAISED,
)
"""What is this event about?"""
Index(
    "notification_escalation_subscription",
    notification_escalation.c.subscription,
    sqlite_where=_WAITS,
    postgresql_where=_WAITS,
)
"""Which steps wait because of this subscription?"""

notification_acknowledgement = Table(
    "notification_acknowledgement",
    metadata,
    Column("event", String(64), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False, comment="Who looks after it"),
    Column("note", Text, nullable=False, server_default=""),
    comment="What somebody looks after",
)
