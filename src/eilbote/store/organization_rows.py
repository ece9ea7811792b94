"""Organizations as rows, and what goes with one that is forgotten; the same for both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.accounts.organization import Organization, Quota
from eilbote.model.moment import Moment
from eilbote.store.lost_race import lost_race
from eilbote.store.record_database import count
from eilbote.store.values import storable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.store.record_database import Statements

_COLUMNS: Final = "name, title, language, time_zone, is_enabled, messages_per_hour, messages_per_day, waiting, created, changed, revision"
_PAGE: Final = f"SELECT {_COLUMNS} FROM organization WHERE name > $1 ORDER BY name LIMIT $2"  # noqa: S608 - our own text
_ONE: Final = f"SELECT {_COLUMNS} FROM organization WHERE name = $1"  # noqa: S608 - as above
_ADD: Final = (
    f"INSERT INTO organization ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1) "  # noqa: S608 - as above
    "ON CONFLICT (name) DO NOTHING"
)
_CHANGE: Final = (
    "UPDATE organization SET title = $2, language = $3, time_zone = $4, is_enabled = $5, messages_per_hour = $6, "
    "messages_per_day = $7, waiting = $8, created = $9, changed = $10, revision = $11 + 1 WHERE name = $1 AND revision = $11"
)
_REVISION: Final = "SELECT revision FROM organization WHERE name = $1"
_DROP: Final = "DELETE FROM organization WHERE name = $1"
_DROP_SESSIONS: Final = (
    "DELETE FROM session WHERE user_id IN (SELECT id FROM app_user WHERE organization = $1)"
)
_DROP_LINKS: Final = (
    "DELETE FROM one_time_link WHERE user_id IN (SELECT id FROM app_user WHERE organization = $1)"
)
_DROP_USERS: Final = "DELETE FROM app_user WHERE organization = $1"
_DROP_KEYS: Final = "DELETE FROM api_key WHERE organization = $1"


async def page(db: Statements, *, limit: int, after: str) -> list[Organization]:
    """Give organizations in the order of their names."""
    return [_read(row) for row in await db.fetch(_PAGE, storable(after), limit)]


async def find(db: Statements, name: str) -> Organization | None:
    """Give one."""
    rows = await db.fetch(_ONE, storable(name))
    return _read(rows[0]) if rows else None


async def keep(db: Statements, one: Organization) -> None:
    """Keep one.

    Raises:
        ConflictError: The name is taken, or somebody was quicker.
    """
    said = (
        *(one.name, storable(one.title), one.language, one.time_zone, one.is_enabled),
        *(one.quota.messages_per_hour, one.quota.messages_per_day, one.quota.waiting),
        *(one.created, one.changed),
    )
    if not one.revision:
        if not count(await db.execute(_ADD, *said)):
            raise lost_race("organization", one.name, read=0, key="name")
    elif not count(await db.execute(_CHANGE, *said, one.revision)):
        found = cast("int | None", await db.fetchval(_REVISION, one.name))
        raise lost_race("organization", one.name, read=one.revision, found=found or 0, key="name")


async def drop(db: Statements, name: str) -> bool:
    """Forget one with its people and its keys; says whether there was one."""
    if not count(await db.execute(_DROP, storable(name))):
        return False
    for statement in (_DROP_SESSIONS, _DROP_LINKS, _DROP_USERS, _DROP_KEYS):
        await db.execute(statement, name)
    return True


def _read(row: Sequence[object]) -> Organization:
    name, title, language, time_zone, is_enabled, an_hour, a_day, waiting, created, changed, revision = cast(
        "tuple[str, str, str, str, bool, int, int, int, int, int, int]", tuple(row)
    )
    return Organization(
        name=name,
        title=title,
        language=language,
        time_zone=time_zone,
        is_enabled=bool(is_enabled),
        quota=Quota(messages_per_hour=an_hour, messages_per_day=a_day, waiting=waiting),
        created=Moment(created),
        changed=Moment(changed),
        revision=revision,
    )
