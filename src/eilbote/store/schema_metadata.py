"""Where all tables are gathered, how their keys and indexes are called, and what a row's number is; the tables are elsewhere."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Integer, MetaData, Text

metadata: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_unique",
        "ix": "%(table_name)s_%(column_0_N_name)s",
    }
)

ROW_NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER names SQLite's own row number

SORTED: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""A name by which lists are in order: by code points, in whatever language a server sorts."""
