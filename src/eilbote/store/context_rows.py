"""What conversations keep, as rows: one for each value, so that runs that change different ones never get in each other's way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, cast

from eilbote.store.record_database import count
from eilbote.store.row_groups import pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eilbote.model.moment import Moment
    from eilbote.store.record_database import Statements

Session: TypeAlias = tuple[str, str]
"""A conversation: of which organization, and its name."""

_READ: Final = (
    "SELECT c.organization, c.session, c.key, c.value FROM {} AS wanted CROSS JOIN flow_context AS c "
    "WHERE c.organization = wanted.column1 AND c.session = wanted.column2"
)
"""From those that are wanted to the rows: asked whether a row is one of them, SQLite looks at every row there is."""
_VALUE: Final = "SELECT value FROM flow_context WHERE organization = $1 AND session = $2 AND key = $3"
_PUT: Final = (
    "INSERT INTO flow_context (organization, session, key, value, changed) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (organization, session, key) DO UPDATE SET value = $4, changed = $5"
)
_FORGET: Final = "DELETE FROM flow_context WHERE organization = $1 AND session = $2"
_PRUNE: Final = (
    "DELETE FROM flow_context WHERE (organization, session) IN (SELECT organization, session FROM flow_context AS old "
    "WHERE changed < $1 "
    "AND NOT EXISTS (SELECT 1 FROM flow_run AS run WHERE run.organization = old.organization AND run.session = old.session) "
    "AND NOT EXISTS (SELECT 1 FROM flow_context AS new WHERE new.organization = old.organization "
    "AND new.session = old.session AND new.changed >= $1) LIMIT $2)"
)


async def read_contexts(db: Statements, sessions: Iterable[Session]) -> dict[Session, dict[str, str]]:
    """Give the values of conversations, as they are written."""
    wanted = sorted(set(sessions))
    found: dict[Session, dict[str, str]] = {session: {} for session in wanted}
    if wanted:
        values = [value for session in wanted for value in session]
        for row in await db.fetch(_READ.format(pairs(len(wanted))), *values):
            organization, session, key, value = cast("tuple[str, str, str, str]", tuple(row))
            found[organization, session][key] = value
    return found


async def read_value(db: Statements, session: Session, key: str) -> str | None:
    """Give one value, as it is written."""
    return cast("str | None", await db.fetchval(_VALUE, *session, key))


async def put_values(db: Statements, session: Session, values: Mapping[str, str], now: Moment) -> None:
    """Keep values; always in the same order, so that two who change the same never wait for each other in a ring."""
    for key in sorted(values):
        await db.execute(_PUT, *session, key, values[key], now)


async def forget_context(db: Statements, session: Session) -> bool:
    """Forget everything; says whether there was anything."""
    return bool(count(await db.execute(_FORGET, *session)))


async def prune_contexts(db: Statements, *, before: Moment, limit: int) -> int:
    """Forget conversations that no run belongs to any more and that nobody has changed since; says how many values."""
    return count(await db.execute(_PRUNE, before, limit))
