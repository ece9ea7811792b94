"""The tables of flows, their runs and their conversations; the rules of :mod:`eilbote.store.schema` hold here too.

What a run holds (``flow_state``) stands apart from how it stands (``flow_run``): taking a run, waking it and listing runs must not
rewrite or read megabytes. Texts are kept once, under their digest, for a thousand runs of one flow.
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

flow = draft_table("flow", comment="Flows by their names")
flow_text = text_table("flow", comment="What flows say; never changes")
flow_version = version_table("flow")

_RUNS = text("status = 'running'")
_HAS_ENDED = text("status <> 'running'")
_HAS_FAILURES = text("failed_nodes > 0")
_AWAITS_MAIL = text("awaits = 'mail'")

flow_run = Table(
    "flow_run",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("id", String(100), nullable=False),
    Column("organization", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("version", Integer, nullable=False, comment="0 for one that was not published"),
    Column("digest", String(64), nullable=False, comment="Of the text that it runs"),
    Column("session", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("cancelled", Boolean, nullable=False, server_default=text("false")),
    Column("awaits", String(16), nullable=False, server_default=""),
    Column("entry", ROW_NUMBER),
    Column("due", BigInteger),
    Column("began", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("worker", Text, comment="Who holds it"),
    Column("until", BigInteger, comment="How long"),
    Column(
        "failed_nodes",
        Integer,
        nullable=False,
        server_default="0",
        comment="In how many of its nodes something went wrong",
    ),
    UniqueConstraint("id"),
    comment="How runs stand",
    sqlite_autoincrement=True,  # a page of runs goes on behind the number of its last one
)
Index("flow_run_due", flow_run.c.due, flow_run.c.organization, sqlite_where=_RUNS, postgresql_where=_RUNS)
"""Who is next, and whose is it; when does something fall due."""
Index("flow_run_entry", flow_run.c.entry, sqlite_where=_AWAITS_MAIL, postgresql_where=_AWAITS_MAIL)
"""Who waits for this message?"""
Index("flow_run_session", flow_run.c.organization, flow_run.c.session)
"""Is there anybody in this conversation?"""
Index("flow_run_ended", flow_run.c.changed, sqlite_where=_HAS_ENDED, postgresql_where=_HAS_ENDED)
"""What can be forgotten?"""
Index(
    "flow_run_failures",
    flow_run.c.organization,
    flow_run.c.number,
    sqlite_where=_HAS_FAILURES,
    postgresql_where=_HAS_FAILURES,
)
"""Where did something go wrong, also where the run went on?"""
Index("flow_run_digest", flow_run.c.digest)
"""Does anybody need this text?"""

flow_state = Table(
    "flow_state",
    metadata,
    Column("run", ROW_NUMBER, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False, comment="JSON, as the interpreter writes it"),
    comment="What runs hold",
)

flow_context = Table(
    "flow_context",
    metadata,
    Column("organization", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text, nullable=False, comment="JSON"),
    Column("changed", BigInteger, nullable=False),
    PrimaryKeyConstraint("organization", "session", "key"),
    comment="What conversations keep, a row for each value",
)
Index("flow_context_changed", flow_context.c.changed)
"""What can be forgotten?"""

flow_late_result = Table(
    "flow_late_result",
    metadata,
    Column("entry", ROW_NUMBER, nullable=False),
    Column("run", ROW_NUMBER, nullable=False),
    Column("node", Text, nullable=False),
    Column("shelf", String(16), nullable=False),
    Column("key", Text, nullable=False),
    Column("shows_bcc", Boolean, nullable=False),
    Column("result", Text, comment="JSON; NULL until the message is settled"),
    Column(
        "given",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Whether who holds the run has it",
    ),
    PrimaryKeyConstraint("entry", "run"),
    sqlite_with_rowid=False,
    comment="Results of messages that runs did not wait for",
)
Index("flow_late_result_run", flow_late_result.c.run)
"""What has come for this run?"""
