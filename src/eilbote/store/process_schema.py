"""The tables of processes, communication routes and process instances; the rules of :mod:`eilbote.store.schema` hold here too.

They are cut as those of flows are (:mod:`eilbote.store.flow_schema`): what an instance holds stands apart from how it stands, and texts
are kept once. What it waits for are rows of their own, by which it is found; so is what has happened to it, until it has taken it in.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from eilbote.store.draft_schema import draft_table, text_table, version_table
from eilbote.store.schema_metadata import ROW_NUMBER, metadata

process = draft_table("process", comment="Processes by their names")
process_text = text_table("process", comment="Diagrams with their settings; never changes")
process_version = version_table("process")

_IS_MESSAGE = text("kind = 'message'")
_FIRES = text("due IS NOT NULL")

process_start = Table(
    "process_start",
    metadata,
    Column("organization", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("due", BigInteger),
    Column("turn", Integer, nullable=False, comment="How many times its timer has fired"),
    Column(
        "held_back",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Whether a restored copy says that it is due",
    ),
    PrimaryKeyConstraint("organization", "process", "element"),
    comment="What begins instances of the latest versions by itself",
)
Index(
    "process_start_message",
    process_start.c.message,
    process_start.c.organization,
    sqlite_where=_IS_MESSAGE,
    postgresql_where=_IS_MESSAGE,
)
"""What does this message begin?"""
Index("process_start_due", process_start.c.due, sqlite_where=_FIRES, postgresql_where=_FIRES)
"""What begins next?"""

process_route = Table(
    "process_route",
    metadata,
    Column("organization", Text, nullable=False),
    Column("message_name", Text, nullable=False),
    Column("text", Text, nullable=False, comment="YAML"),
    Column("changed", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    PrimaryKeyConstraint("organization", "message_name"),
    comment="Communication routes by the messages that go over them",
)

_RUNS = text("status = 'running'")
_HAS_ENDED = text("status <> 'running'")
_HAS_INCIDENT = text("incidents > 0")

process_instance = Table(
    "process_instance",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("id", String(100), nullable=False),
    Column("organization", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False, comment="Of the text that it runs"),
    Column("correlation", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("stage", Text, nullable=False, comment="What its last send-message event called its state"),
    Column("incidents", Integer, nullable=False, comment="How many are open"),
    Column("cancelled", Boolean, nullable=False, server_default=text("false")),
    Column(
        "held_back",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Restored from a copy, and not taken up since",
    ),
    Column(
        "woken",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Whether it was woken while somebody held it",
    ),
    Column("due", BigInteger),
    Column("began", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("worker", Text, comment="Who holds it"),
    Column("until", BigInteger, comment="How long"),
    UniqueConstraint("id"),
    comment="How instances stand",
    sqlite_autoincrement=True,  # a page of instances goes on behind the number of its last one
)
Index(
    "process_instance_due",
    process_instance.c.due,
    process_instance.c.organization,
    sqlite_where=_RUNS,
    postgresql_where=_RUNS,
)
"""Who is next, and whose is it; when does something fall due."""
Index("process_instance_correlation", process_instance.c.correlation, process_instance.c.organization)
"""Which instance belongs to this order?"""
Index(
    "process_instance_incidents",
    process_instance.c.number,
    sqlite_where=_HAS_INCIDENT,
    postgresql_where=_HAS_INCIDENT,
)
"""Where must somebody decide?"""
Index(
    "process_instance_ended", process_instance.c.changed, sqlite_where=_HAS_ENDED, postgresql_where=_HAS_ENDED
)
"""What can be forgotten?"""
Index("process_instance_digest", process_instance.c.digest)
"""Does anybody need this text?"""

process_state = Table(
    "process_state",
    metadata,
    Column("instance", ROW_NUMBER, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False, comment="JSON, as the interpreter writes it"),
    comment="What instances hold",
)

_IS_TASK = text("kind = 'task'")
_HAS_ENTRY = text("entry IS NOT NULL")

process_wait = Table(
    "process_wait",
    metadata,
    Column("instance", ROW_NUMBER, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("key", Text, nullable=False, comment="Instance, element and how many times it was there before"),
    Column("organization", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("correlation", Text, nullable=False),
    Column("entry", ROW_NUMBER, comment="The message in the outbox"),
    Column("due", BigInteger, comment="When a task is overdue"),
    Column("since", BigInteger, nullable=False),
    PrimaryKeyConstraint("instance", "kind", "key"),
    comment="What instances wait for",
)
Index(
    "process_wait_message",
    process_wait.c.name,
    process_wait.c.correlation,
    process_wait.c.organization,
    sqlite_where=_IS_MESSAGE,
    postgresql_where=_IS_MESSAGE,
)
"""Who waits for this message?"""
Index(
    "process_wait_task",
    process_wait.c.since,
    process_wait.c.instance,
    process_wait.c.key,
    sqlite_where=_IS_TASK,
    postgresql_where=_IS_TASK,
)
"""What is to be done, by all?"""
Index(
    "process_wait_own_task",
    process_wait.c.organization,
    process_wait.c.since,
    process_wait.c.instance,
    process_wait.c.key,
    sqlite_where=_IS_TASK,
    postgresql_where=_IS_TASK,
)
"""What is to be done, in one organization?"""
Index("process_wait_entry", process_wait.c.entry, sqlite_where=_HAS_ENTRY, postgresql_where=_HAS_ENTRY)
"""Who waits for this entry of the outbox?"""

_IS_NEW = text("data IS NOT NULL")

process_trigger = Table(
    "process_trigger",
    metadata,
    Column("instance", ROW_NUMBER, nullable=False),
    Column("number", Integer, nullable=False, comment="Its place among those of the instance"),
    Column("id", Text, nullable=False),
    Column("data", Text, comment="JSON; NULL when the instance has taken it in"),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("instance", "number"),
    UniqueConstraint("instance", "id"),
    comment="What has happened to instances, once each",
)
Index("process_trigger_new", process_trigger.c.instance, sqlite_where=_IS_NEW, postgresql_where=_IS_NEW)
"""What has it not taken in?"""
