"""The table of consents that people were sent away for; the rules of :mod:`eilbote.store.schema` hold here too."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from eilbote.store.schema_metadata import SORTED, metadata

consent = Table(
    "consent",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of what it is known by, in hexadecimal"),
    Column("session", String(64), nullable=False, comment="SHA-256 of the session that began it"),
    Column("connection", SORTED, nullable=False, comment="Its qualified name"),
    Column("base", Integer, nullable=False, comment="The connection's revision; 0 when there was none"),
    Column("created", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("ask_at", BigInteger, nullable=False, comment="Before this moment the provider is left alone"),
    Column("pause", BigInteger, nullable=False, comment="Milliseconds between two questions"),
    comment="Consents that somebody was sent away for; what they are made of is a secret",
)
Index("consent_ends", consent.c.ends)
"""What is over?"""
Index("consent_session", consent.c.session, consent.c.created)
"""What has this session begun?"""
