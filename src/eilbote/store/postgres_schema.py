"""What the outbox has on PostgreSQL besides the tables of :mod:`eilbote.store.schema`.

SQLite needs none of it: there large parts are files beside the database, and one writer at a time counts the entries.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, String, Table

from eilbote.store.schema import metadata as shared

metadata: Final = MetaData(naming_convention=shared.naming_convention)

blob = Table(
    "blob",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("put", BigInteger, nullable=False, comment="When somebody last put it, by the server's clock"),
    comment="Large parts of messages",
)

blob_piece = Table(
    "blob_piece",
    metadata,
    Column("sha256", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("octets", LargeBinary, nullable=False, comment="1 MiB; the last piece what is left"),
    PrimaryKeyConstraint("sha256", "number"),
    comment="Their octets, piece by piece",
)
