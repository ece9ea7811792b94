"""The named SQL of the hot path, and how one statement does the work of many rows.

Each file in ``sql/`` is one statement that runs as it stands, for one row. Where it says ``VALUES (?, …)``, the
group is repeated for as many rows as there are. Why not ``executemany``: the driver gives the interpreter's lock
away and takes it back at every row, and beside a busy event loop each taking back may wait for a whole switch
interval; 500 rows in one step wait once. Measured beside a busy thread: 86 rows a second against 12,000. What is
read comes for the same reason as one JSON array of all rows.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_GROUP: Final = re.compile(r"VALUES (\([^()]*\))")
_COMMENT: Final = re.compile(r"^--[^\n]*\n", re.MULTILINE)
_MOST: Final = 256
"""How many rows a step takes at most."""
_DIGITS: Final = 3
"""How many binary digits of a step's size are not zero at most: so 28 texts of each statement do for all numbers of rows,
each prepared once, and most groups take one step or two."""


@cache
def named_sql(dialect: str, name: str) -> str:
    """Read one statement of ``sql/``, without its comment."""
    text = files("eilbote.store").joinpath("sql", dialect, f"{name}.sql").read_text(encoding="utf-8")
    return _COMMENT.sub("", text).strip()


class RowStatement:
    """A statement of the SQLite hot path that works on many rows at a step.

    Args:
        name: The file's name in ``sql/sqlite``, without its ending.
    """

    __slots__ = ("_head", "_one", "_tail", "_texts")

    def __init__(self, name: str) -> None:
        text = named_sql("sqlite", name)
        group = _GROUP.search(text)
        if group is None:
            raise ValueError(f"{name}.sql has no VALUES group to repeat")
        self._head, self._one, self._tail = text[: group.start(1)], group[1], text[group.end(1) :]
        self._texts: dict[int, str] = {}

    def run(self, db: sqlite3.Connection, rows: Sequence[Sequence[object]]) -> int:
        """Write rows; gives how many were changed, where the statement does not begin with WITH.

        Of those that do, the driver does not know it.
        """
        return sum(step.rowcount for step in self._steps(db, rows))

    def read(self, db: sqlite3.Connection, rows: Sequence[Sequence[object]]) -> list[list[object]]:
        """Ask about rows; gives every answer."""
        return list(chain.from_iterable(json.loads(step.fetchone()[0]) for step in self._steps(db, rows)))

    def read_octets(
        self, db: sqlite3.Connection, rows: Sequence[Sequence[object]]
    ) -> Iterator[tuple[list[list[object]], bytes]]:
        """Ask about rows; gives answers step by step, each with the octets that the statement gives as well."""
        for step in self._steps(db, rows):
            answers, octets = step.fetchone()
            yield json.loads(answers), octets or b""

    def _steps(self, db: sqlite3.Connection, rows: Sequence[Sequence[object]]) -> Iterator[sqlite3.Cursor]:
        begin = 0
        while rest := len(rows) - begin:
            size = _step(rest)
            part = rows if size == len(rows) else rows[begin : begin + size]
            yield db.execute(self._text(size), list(chain.from_iterable(part)))
            begin += size

    def _text(self, size: int) -> str:
        text = self._texts.get(size)
        if text is None:
            text = self._texts[size] = self._head + ", ".join([self._one] * size) + self._tail
        return text


def _step(rest: int) -> int:
    """Give how many of the rows that are left go into the next step."""
    if rest >= _MOST:
        return _MOST
    zeros = max(0, rest.bit_length() - _DIGITS)
    return rest >> zeros << zeros
