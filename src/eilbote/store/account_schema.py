"""The tables of accounts and of the book of who did what; the rules of :mod:`eilbote.store.schema` hold here too.

The book is only ever added to: triggers, made with the tables, refuse to change or delete a record.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, text

from eilbote.store.schema_metadata import ROW_NUMBER, SORTED, metadata

organization = Table(
    "organization",
    metadata,
    Column("name", SORTED, primary_key=True),
    Column("title", Text, nullable=False),
    Column("language", String(35), nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("messages_per_hour", BigInteger, nullable=False, comment="0 for as many as it likes"),
    Column("messages_per_day", BigInteger, nullable=False, comment="The same"),
    Column("waiting", BigInteger, nullable=False, comment="Entries that are not finished; the same"),
    Column("created", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    comment="Organizations that share the host",
)

_HAS_SUBJECT = text("subject <> ''")

app_user = Table(
    "app_user",
    metadata,
    Column("id", SORTED, primary_key=True),
    Column("organization", Text, nullable=False, comment="Empty for the host"),
    Column("address", Text, nullable=False, comment="As it was entered"),
    Column("address_key", Text, nullable=False, comment="As it is compared"),
    Column("name", Text, nullable=False),
    Column("role", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("language", String(35), nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("password", Text, nullable=False, comment="Argon2 hash; empty without one"),
    Column("subject", Text, nullable=False, comment="At an OpenID provider; empty when never from there"),
    Column("created", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("signed_in", BigInteger),
    Column("revision", Integer, nullable=False),
    comment="People",
)
Index("app_user_address", app_user.c.address_key, unique=True)
"""Who signs in with this address? Nobody else has it."""
Index(
    "app_user_subject",
    app_user.c.subject,
    unique=True,
    sqlite_where=_HAS_SUBJECT,
    postgresql_where=_HAS_SUBJECT,
)
"""Who comes from that provider?"""
Index("app_user_organization", app_user.c.organization, app_user.c.id)
"""Who belongs to this organization?"""

session = Table(
    "session",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the cookie, in hexadecimal"),
    Column("user_id", Text, nullable=False),
    Column("csrf", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    comment="Who is signed in, in which browser",
)
Index("session_user", session.c.user_id)
"""Where is this user signed in?"""
Index("session_expires", session.c.expires)
"""What can be forgotten?"""

one_time_link = Table(
    "one_time_link",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the token, in hexadecimal"),
    Column("purpose", String(32), nullable=False),
    Column("user_id", Text, nullable=False, comment="Empty for the first administrator"),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    comment="Links that let somebody in once",
)
Index("one_time_link_user", one_time_link.c.user_id, one_time_link.c.purpose, unique=True)
"""Which link does this user have? At most one for each purpose."""
Index("one_time_link_expires", one_time_link.c.expires)
"""What can be forgotten?"""

api_key = Table(
    "api_key",
    metadata,
    Column("id", SORTED, primary_key=True),
    Column("organization", Text, nullable=False, comment="Empty for the host"),
    Column("name", Text, nullable=False),
    Column("permissions", Text, nullable=False, comment="JSON"),
    Column("senders", Text, nullable=False, comment="JSON; empty for all"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the secret"),
    Column("former_digest", LargeBinary, nullable=False, comment="That before the last rotation"),
    Column("former_until", BigInteger),
    Column("created_by", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("used", BigInteger),
    Column("is_revoked", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    comment="Keys by which programs say who they are",
)
Index("api_key_organization", api_key.c.organization, api_key.c.id)
"""Which keys has this organization?"""

audit = Table(
    "audit",
    metadata,
    Column("sequence", ROW_NUMBER, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("organization", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("thing", Text, nullable=False),
    Column("deed", Text, nullable=False, comment="JSON: everything that the hash covers"),
    Column("hash", String(64), nullable=False, comment="SHA-256 over the hash before it and the deed"),
    comment="Who did what; only ever added to",
)
Index("audit_organization", audit.c.organization, audit.c.sequence)
"""What happened in this organization?"""
Index("audit_who", audit.c.who, audit.c.sequence)
"""What did they do?"""
Index("audit_thing", audit.c.thing, audit.c.sequence)
"""What was done to this thing?"""
