"""The tables that flows and processes have in the same shape: drafts, published versions, and texts, each kept once."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from eilbote.store.schema_metadata import metadata


def draft_table(noun: str, *, comment: str) -> Table:
    """Describe the table of what is drafted.

    Args:
        noun: The table's name.
        comment: What is in it.
    """
    return Table(
        noun,
        metadata,
        Column("organization", Text, nullable=False, comment="Empty for the host"),
        Column("name", Text, nullable=False),
        Column("draft", Text, comment="The text that is worked on"),
        Column("published", Integer, nullable=False, comment="The latest version; 0 when there is none"),
        Column("changed", BigInteger, nullable=False),
        Column("revision", Integer, nullable=False),
        PrimaryKeyConstraint("organization", "name"),
        comment=comment,
    )


def text_table(noun: str, *, comment: str) -> Table:
    """Describe the table of texts, ``<noun>_text``; its index says what can be forgotten."""
    table = Table(
        f"{noun}_text",
        metadata,
        Column("digest", String(64), primary_key=True, comment="SHA-256 in hexadecimal"),
        Column("text", Text, nullable=False),
        Column(
            "used", BigInteger, nullable=False, comment="When it was last begun or published, to the hour"
        ),
        comment=comment,
    )
    Index(f"{noun}_text_used", table.c.used)
    return table


def version_table(noun: str) -> Table:
    """Describe the table of versions, ``<noun>_version``; its index says whether anybody needs a text."""
    table = Table(
        f"{noun}_version",
        metadata,
        Column("organization", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("published", BigInteger, nullable=False),
        PrimaryKeyConstraint("organization", "name", "version"),
        comment="Published versions; they never change",
    )
    Index(f"{noun}_version_digest", table.c.digest)
    return table
