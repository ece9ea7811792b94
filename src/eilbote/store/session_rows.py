"""Who is signed in, and links that let somebody in once, as rows; the same for both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.accounts.session import LinkPurpose, OneTimeLink, Session
from eilbote.model.moment import Moment
from eilbote.store.record_database import count
from eilbote.store.values import storable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.store.record_database import Statements

_COLUMNS: Final = "digest, user_id, csrf, created, seen, expires, address, agent"
_ONE: Final = f"SELECT {_COLUMNS} FROM session WHERE digest = $1"  # noqa: S608 - our own text
_OF: Final = f"SELECT {_COLUMNS} FROM session WHERE user_id = $1 ORDER BY created DESC, digest DESC"  # noqa: S608 - as above
_KEEP: Final = (
    f"INSERT INTO session ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "  # noqa: S608 - as above
    "ON CONFLICT (digest) DO UPDATE SET user_id = $2, csrf = $3, created = $4, seen = $5, expires = $6, address = $7, agent = $8"
)
_SEEN: Final = "UPDATE session SET seen = $2 WHERE digest = $1"
_DROP: Final = "DELETE FROM session WHERE digest = $1"
_DROP_ALL: Final = "DELETE FROM session WHERE user_id = $1 AND digest <> $2"
_PRUNE: Final = "DELETE FROM session WHERE expires <= $1 OR user_id NOT IN (SELECT id FROM app_user)"

LINK_COLUMNS: Final = "digest, purpose, user_id, created, expires"
_LINK: Final = f"SELECT {LINK_COLUMNS} FROM one_time_link WHERE digest = $1"  # noqa: S608 - as above
_LINK_OF: Final = f"SELECT {LINK_COLUMNS} FROM one_time_link WHERE user_id = $1 AND purpose = $2"  # noqa: S608 - as above
_TAKE_LINK: Final = f"DELETE FROM one_time_link WHERE digest = $1 RETURNING {LINK_COLUMNS}"  # noqa: S608 - as above
_CLEAR_LINK: Final = "DELETE FROM one_time_link WHERE digest = $1"
_KEEP_LINK: Final = (
    f"INSERT INTO one_time_link ({LINK_COLUMNS}) VALUES ($1, $2, $3, $4, $5) "  # noqa: S608 - as above
    "ON CONFLICT (user_id, purpose) DO UPDATE SET digest = $1, created = $4, expires = $5"
)
_DROP_LINKS: Final = "DELETE FROM one_time_link WHERE user_id = $1"
_PRUNE_LINKS: Final = "DELETE FROM one_time_link WHERE expires <= $1 OR (user_id <> '' AND user_id NOT IN (SELECT id FROM app_user))"


async def find(db: Statements, digest: str) -> Session | None:
    """Give one."""
    rows = await db.fetch(_ONE, storable(digest))
    return _read(rows[0]) if rows else None


async def of_user(db: Statements, user: str) -> list[Session]:
    """Give all of somebody, the latest first."""
    return [_read(row) for row in await db.fetch(_OF, storable(user))]


async def keep(db: Statements, one: Session) -> None:
    """Keep one, in place of what was kept under its digest."""
    times = one.created, one.seen, one.expires
    await db.execute(
        _KEEP, one.digest, one.user, one.csrf, *times, storable(one.address), storable(one.agent)
    )


async def seen(db: Statements, digest: str, at: Moment) -> None:
    """Note when one was used; one that was ended meanwhile stays ended."""
    await db.execute(_SEEN, storable(digest), at)


async def drop(db: Statements, digest: str) -> bool:
    """Forget one; says whether there was one."""
    return count(await db.execute(_DROP, storable(digest))) > 0


async def drop_all(db: Statements, user: str, *, but: str) -> int:
    """Forget all of somebody, but for one digest; gives their number."""
    return count(await db.execute(_DROP_ALL, storable(user), storable(but)))


async def keep_link(db: Statements, link: OneTimeLink) -> None:
    """Keep a link in place of others for the same."""
    await db.execute(_CLEAR_LINK, link.digest)
    await db.execute(_KEEP_LINK, link.digest, link.purpose.value, link.user, link.created, link.expires)


async def find_link(db: Statements, digest: str) -> OneTimeLink | None:
    """Look at a link."""
    return _first_link(await db.fetch(_LINK, storable(digest)))


async def find_link_of(db: Statements, user: str, purpose: LinkPurpose) -> OneTimeLink | None:
    """Look at the link of somebody for a purpose."""
    return _first_link(await db.fetch(_LINK_OF, storable(user), purpose.value))


async def take_link(db: Statements, digest: str) -> OneTimeLink | None:
    """Give a link and forget it, in one statement: of two who come with it one gets it."""
    return _first_link(await db.fetch(_TAKE_LINK, storable(digest)))


async def drop_links(db: Statements, user: str) -> int:
    """Forget all of somebody; gives their number."""
    return count(await db.execute(_DROP_LINKS, storable(user)))


async def prune(db: Statements, *, now: Moment) -> int:
    """Forget sessions and links that have expired, or were begun while their user went; gives their number."""
    return sum([count(await db.execute(statement, now)) for statement in (_PRUNE, _PRUNE_LINKS)])


def _read(row: Sequence[object]) -> Session:
    digest, user, csrf, created, seen, expires, address, agent = cast(
        "tuple[str, str, str, int, int, int, str, str]", tuple(row)
    )
    return Session(
        digest=digest,
        user=user,
        csrf=csrf,
        created=Moment(created),
        seen=Moment(seen),
        expires=Moment(expires),
        address=address,
        agent=agent,
    )


def _first_link(rows: Sequence[Sequence[object]]) -> OneTimeLink | None:
    return read_link(rows[0]) if rows else None


def read_link(row: Sequence[object]) -> OneTimeLink | None:
    """Read a row of :data:`LINK_COLUMNS`."""
    digest, purpose, user, created, expires = cast("tuple[str, str, str, int, int]", tuple(row))
    if purpose not in set(LinkPurpose):
        return None  # of a newer eilbote: it lets nobody in here
    return OneTimeLink(
        digest=digest,
        purpose=LinkPurpose(purpose),
        user=user,
        created=Moment(created),
        expires=Moment(expires),
    )
