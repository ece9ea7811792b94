"""Texts as rows, each once under its digest, for all versions and runs that say the same; of flows, and of processes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, cast

from eilbote.model.moment import later
from eilbote.store.record_database import count
from eilbote.store.row_groups import places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.model.moment import Moment
    from eilbote.store.record_database import Statements

_HOUR: Final = 3600.0


class TextRows:
    """The texts of one table.

    Args:
        table: Its name.
        users: Tables that refer to texts by their digests.

    Attributes:
        table: Its name.
    """

    def __init__(self, table: str, *, users: tuple[str, ...]) -> None:
        self.table: Final = table
        unused = " ".join(
            f"AND NOT EXISTS (SELECT 1 FROM {user} WHERE {user}.digest = old.digest)"  # noqa: S608 - names of our own
            for user in users
        )
        self._known: Final = f"SELECT used FROM {table} WHERE digest = $1"  # noqa: S608 - as above
        self._put: Final = (
            f"INSERT INTO {table} (digest, text, used) VALUES ($1, $2, $3) "  # noqa: S608 - as above
            "ON CONFLICT (digest) DO UPDATE SET used = $3"
        )
        self._read: Final = f"SELECT digest, text FROM {table} WHERE digest IN "  # noqa: S608 - as above
        self._prune: Final = (
            f"DELETE FROM {table} WHERE used < $1 AND digest IN "  # noqa: S608 - as above
            f"(SELECT digest FROM {table} AS old WHERE used < $1 {unused} LIMIT $2)"
        )

    async def keep(self, db: Statements, text: str, now: Moment) -> str:
        """Keep a text; gives its digest.

        When it was last used is written once an hour at most, or a thousand runs begun at once would wait for one row.
        """
        digest = hashlib.sha256(text.encode()).hexdigest()
        used = cast("int | None", await db.fetchval(self._known, digest))
        if used is None or used < later(now, -_HOUR):
            await db.execute(self._put, digest, text, now)
        return digest

    async def read(self, db: Statements, digests: Iterable[str]) -> dict[str, str]:
        """Give texts by their digests; those that are missing are left out."""
        wanted = sorted(set(digests))
        if not wanted:
            return {}
        rows = await db.fetch(self._read + places(len(wanted)), *wanted)
        return dict(cast("tuple[str, str]", tuple(row)) for row in rows)

    async def prune(self, db: Statements, *, before: Moment, limit: int) -> int:
        """Forget texts that nothing refers to; says how many.

        Somebody may be about to begin a run with a text whose use was noted an hour ago, in a transaction that cannot be seen
        yet. So a text is kept two hours longer than it must be.
        """
        return count(await db.execute(self._prune, later(before, -2 * _HOUR), limit))


FLOW_TEXTS: Final = TextRows("flow_text", users=("flow_run", "flow_version"))
PROCESS_TEXTS: Final = TextRows("process_text", users=("process_instance", "process_version"))
