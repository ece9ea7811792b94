"""Texts of flows as rows, each once under its digest, for all versions and runs that say the same."""

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
_KNOWN: Final = "SELECT used FROM flow_text WHERE digest = $1"
_PUT: Final = "INSERT INTO flow_text (digest, text, used) VALUES ($1, $2, $3) ON CONFLICT (digest) DO UPDATE SET used = $3"
_READ: Final = "SELECT digest, text FROM flow_text WHERE digest IN "
_PRUNE: Final = (
    "DELETE FROM flow_text WHERE used < $1 AND digest IN (SELECT digest FROM flow_text AS old WHERE used < $1 "
    "AND NOT EXISTS (SELECT 1 FROM flow_run WHERE flow_run.digest = old.digest) "
    "AND NOT EXISTS (SELECT 1 FROM flow_version WHERE flow_version.digest = old.digest) LIMIT $2)"
)


async def keep_text(db: Statements, text: str, now: Moment) -> str:
    """Keep a text; gives its digest.

    When it was last used is written once an hour at most, or a thousand runs begun at once would wait for one row.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    used = cast("int | None", await db.fetchval(_KNOWN, digest))
    if used is None or used < later(now, -_HOUR):
        await db.execute(_PUT, digest, text, now)
    return digest


async def read_texts(db: Statements, digests: Iterable[str]) -> dict[str, str]:
    """Give texts by their digests; those that are missing are left out."""
    wanted = sorted(set(digests))
    if not wanted:
        return {}
    return dict(
        cast("tuple[str, str]", tuple(row)) for row in await db.fetch(_READ + places(len(wanted)), *wanted)
    )


async def prune_texts(db: Statements, *, before: Moment, limit: int) -> int:
    """Forget texts that nothing refers to; says how many.

    Somebody may be about to begin a run with a text whose use was noted an hour ago, in a transaction that cannot be seen
    yet. So a text is kept two hours longer than it must be.
    """
    return count(await db.execute(_PRUNE, later(before, -2 * _HOUR), limit))
