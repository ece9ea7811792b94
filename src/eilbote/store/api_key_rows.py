"""API keys as rows; the same for both databases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from eilbote.accounts.api_key import ApiKey
from eilbote.accounts.role import Permission
from eilbote.model.moment import Moment
from eilbote.store.connection_rows import damaged
from eilbote.store.lost_race import lost_race
from eilbote.store.record_database import count
from eilbote.store.row_page import fetch_page, pages_of
from eilbote.store.values import storable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.store.record_database import Statements

_COLUMNS: Final = (
    "id, organization, name, permissions, senders, digest, former_digest, former_until, created_by, created, expires, used, "
    "is_revoked, revision"
)
_READ: Final = f"SELECT {_COLUMNS} FROM api_key"  # noqa: S608 - our own text
_PAGES: Final = pages_of(_READ)
_ONE: Final = f"{_READ} WHERE id = $1"
_ADD: Final = (
    f"INSERT INTO api_key ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1) "  # noqa: S608 - as above
    "ON CONFLICT (id) DO NOTHING"
)
_CHANGE: Final = (
    "UPDATE api_key SET organization = $2, name = $3, permissions = $4, senders = $5, digest = $6, former_digest = $7, "
    "former_until = $8, created_by = $9, created = $10, expires = $11, used = $12, is_revoked = $13, revision = $14 + 1 "
    "WHERE id = $1 AND revision = $14"
)
_REVISION: Final = "SELECT revision FROM api_key WHERE id = $1"
_USED: Final = "UPDATE api_key SET used = $2 WHERE id = $1"
_DROP: Final = "DELETE FROM api_key WHERE id = $1"


async def page(db: Statements, organization: str | None, *, limit: int, after: str) -> list[ApiKey]:
    """Give keys in the order of their ids; of all organizations when ``None``."""
    rows = await fetch_page(db, _PAGES, organization, limit=limit, after=after)
    return [_read(row) for row in rows]


async def find(db: Statements, id_: str) -> ApiKey | None:
    """Give one."""
    rows = await db.fetch(_ONE, storable(id_))
    return _read(rows[0]) if rows else None


async def keep(db: Statements, key: ApiKey) -> None:
    """Keep one.

    Raises:
        ConflictError: The id is taken, or somebody was quicker.
    """
    said = (
        *(key.id, key.organization, storable(key.name), json.dumps(sorted(key.permissions)), json.dumps(key.senders)),
        *(key.digest, key.former_digest, key.former_until, key.created_by, key.created, key.expires, key.used, key.is_revoked),
    )  # fmt: skip
    if not key.revision:
        if not count(await db.execute(_ADD, *said)):
            raise lost_race("API key", key.id, read=0)
    elif not count(await db.execute(_CHANGE, *said, key.revision)):
        found = cast("int | None", await db.fetchval(_REVISION, key.id))
        raise lost_race("API key", key.id, read=key.revision, found=found or 0)


async def used(db: Statements, id_: str, at: Moment) -> None:
    """Note when one was used."""
    await db.execute(_USED, storable(id_), at)


async def drop(db: Statements, id_: str) -> bool:
    """Forget one; says whether there was one."""
    return count(await db.execute(_DROP, storable(id_))) > 0


def _read(row: Sequence[object]) -> ApiKey:
    id_, organization, name, permissions, senders, digest, former_digest, *rest = cast(
        "tuple[str, str, str, str, str, bytes, bytes, object]", tuple(row)
    )
    former_until, created_by, created, expires, last_used, is_revoked, revision = cast(
        "tuple[int | None, str, int, int | None, int | None, bool, int]", tuple(rest)
    )
    known = set(Permission)
    return ApiKey(
        id=id_,
        organization=organization,
        name=name,
        # A permission that this eilbote does not know allows nothing here.
        permissions=frozenset(Permission(one) for one in _words(permissions, id_) if one in known),
        senders=tuple(_words(senders, id_)),
        digest=bytes(digest),
        former_digest=bytes(former_digest),
        former_until=_moment(former_until),
        created_by=created_by,
        created=Moment(created),
        expires=_moment(expires),
        used=_moment(last_used),
        is_revoked=bool(is_revoked),
        revision=revision,
    )


def _moment(number: int | None) -> Moment | None:
    return None if number is None else Moment(number)


def _words(text: str, id_: str) -> list[str]:
    """Read a list of words. One that is damaged must not become an empty list, which would allow every sender."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in cast("list[object]", found)):
        raise damaged(f"the API key {id_!r}")
    return cast("list[str]", found)
