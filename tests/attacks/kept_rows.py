"""What a database holds, table by table, so that an attack can be seen to have changed nothing."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection
from contextlib import closing
from pathlib import Path


def kept_rows(database: Path, *, but: Collection[str] = ()) -> Counter[str]:
    """Give every row of every table as text.

    Args:
        database: The file.
        but: Tables that are left out.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened, opened:
        names = [row[0] for row in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return Counter(
            f"{name} {row!r}"
            for name in names
            if name not in but
            for row in opened.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - the names are the database's own
        )


def changes(before: Counter[str], after: Counter[str]) -> list[str]:
    """Give what is in one and not in the other, cut to what a person reads."""
    return [f"- {row[:200]}" for row in before - after] + [f"+ {row[:200]}" for row in after - before]
