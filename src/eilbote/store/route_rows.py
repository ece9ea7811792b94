"""Communication routes as rows; the same for both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.author.process.route.route import StoredRoute
from eilbote.model.moment import Moment
from eilbote.store.draft_kinds import qualified
from eilbote.store.lost_race import lost_race
from eilbote.store.record_database import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.store.record_database import Statements

_READ: Final = "SELECT organization, message_name, text, changed, revision FROM process_route"
_ALL: Final = f"{_READ} ORDER BY message_name, organization"
_OF_ONE: Final = f"{_READ} WHERE organization = $1 ORDER BY message_name"
_FIND: Final = f"{_READ} WHERE organization = $1 AND message_name = $2"
_NEW: Final = (
    "INSERT INTO process_route (organization, message_name, text, changed, revision) VALUES ($1, $2, $3, $4, 1) "
    "ON CONFLICT (organization, message_name) DO NOTHING"
)
_CHANGE: Final = (
    "UPDATE process_route SET text = $3, changed = $4, revision = revision + 1 "
    "WHERE organization = $1 AND message_name = $2 AND revision = $5"
)
_DROP: Final = "DELETE FROM process_route WHERE organization = $1 AND message_name = $2"


async def read_routes(db: Statements, organization: str | None) -> tuple[StoredRoute, ...]:
    """Give all routes of one organization, or of all."""
    rows = await (db.fetch(_ALL) if organization is None else db.fetch(_OF_ONE, organization))
    return tuple(sorted(map(_route, rows), key=lambda route: (route.message_name, route.organization)))


async def find_route(db: Statements, organization: str, message_name: str) -> StoredRoute | None:
    """Give one."""
    rows = await db.fetch(_FIND, organization, message_name)
    return _route(rows[0]) if rows else None


async def keep_route(db: Statements, route: StoredRoute, now: Moment) -> StoredRoute:
    """Keep a route.

    Raises:
        ConflictError: Somebody was faster.
    """
    key = route.organization, route.message_name
    said = await (
        db.execute(_CHANGE, *key, route.text, now, route.revision)
        if route.revision
        else db.execute(_NEW, *key, route.text, now)
    )
    kept = await find_route(db, *key)
    if not count(said) or kept is None:
        raise lost_race(
            "route",
            qualified(*key),
            read=route.revision,
            found=kept.revision if kept else 0,
            key="message_name",
        )
    return kept


async def drop_route(db: Statements, organization: str, message_name: str) -> bool:
    """Forget a route; says whether there was one."""
    return bool(count(await db.execute(_DROP, organization, message_name)))


def _route(row: Sequence[object]) -> StoredRoute:
    organization, message_name, text, changed, revision = cast("tuple[str, str, str, int, int]", tuple(row))
    return StoredRoute(
        organization=organization,
        message_name=message_name,
        text=text,
        changed=Moment(changed),
        revision=revision,
    )
