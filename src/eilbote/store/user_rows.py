"""People as rows; the same for both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.accounts.role import Role
from eilbote.accounts.user import User, UserState
from eilbote.model.moment import Moment
from eilbote.store.account_faults import (
    address_key,
    address_taken,
    subject_taken,
)
from eilbote.store.connection_rows import damaged
from eilbote.store.lost_race import check_race
from eilbote.store.record_database import count
from eilbote.store.row_page import fetch_page, pages_of
from eilbote.store.values import storable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.store.record_database import Statements

ONE_BY_ONE: Final = "INSERT INTO meta (key, value) VALUES ('accounts', '1') ON CONFLICT (key) DO UPDATE SET value = meta.value"
"""Whoever changes a user waits here for the one before: of two that take one address, the second is told."""
COLUMNS: Final = "id, organization, address, name, role, state, language, time_zone, password, subject, created, changed, signed_in, revision"
_READ: Final = f"SELECT {COLUMNS} FROM app_user"  # noqa: S608 - our own text
_PAGES: Final = pages_of(_READ)
_ONE: Final = f"{_READ} WHERE id = $1"
_AT: Final = f"{_READ} WHERE address_key = $1"
_OF_SUBJECT: Final = f"{_READ} WHERE subject = $1 AND subject <> ''"
_ADD: Final = (
    f"INSERT INTO app_user ({COLUMNS}, address_key) "  # noqa: S608 - as above
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14)"
)
_CHANGE: Final = (
    "UPDATE app_user SET organization = $2, address = $3, name = $4, role = $5, state = $6, language = $7, time_zone = $8, "
    "password = $9, subject = $10, created = $11, changed = $12, signed_in = $13, address_key = $14, revision = revision + 1 "
    "WHERE id = $1"
)
_REVISION: Final = "SELECT revision FROM app_user WHERE id = $1"
_ADDRESS_OF: Final = "SELECT id FROM app_user WHERE address_key = $1"
_SUBJECT_OF: Final = "SELECT id FROM app_user WHERE subject = $1 AND subject <> ''"
_DROP: Final = "DELETE FROM app_user WHERE id = $1"
_DROP_SESSIONS: Final = "DELETE FROM session WHERE user_id = $1"
_DROP_LINKS: Final = "DELETE FROM one_time_link WHERE user_id = $1"
_COUNT: Final = "SELECT count(*) FROM app_user"
_COUNT_OF: Final = "SELECT count(*) FROM app_user WHERE organization = $1"


async def page(db: Statements, organization: str | None, *, limit: int, after: str) -> list[User]:
    """Give users in the order of their ids; of all organizations when ``None``.

    Raises:
        SettingsError: One is damaged.
    """
    rows = await fetch_page(db, _PAGES, organization, limit=limit, after=after)
    return [read(row) for row in rows]


async def find(db: Statements, id_: str) -> User | None:
    """Give one."""
    return _first(await db.fetch(_ONE, storable(id_)))


async def at_address(db: Statements, address: str) -> User | None:
    """Give the one with an address."""
    return _first(await db.fetch(_AT, storable(address_key(address))))


async def of_subject(db: Statements, subject: str) -> User | None:
    """Give the one whom a provider knows by a subject."""
    return _first(await db.fetch(_OF_SUBJECT, storable(subject)))


async def keep(db: Statements, user: User) -> None:
    """Keep one.

    Raises:
        ConflictError: Id, address or subject are taken, or somebody was quicker.
    """
    await db.execute(ONE_BY_ONE)
    known = cast("int | None", await db.fetchval(_REVISION, user.id))
    check_race("user", user.id, read=user.revision, found=known)
    key, subject = storable(address_key(user.address)), storable(user.subject)
    if await db.fetchval(_ADDRESS_OF, key) not in {None, user.id}:
        raise address_taken(user.address)
    if await db.fetchval(_SUBJECT_OF, subject) not in {None, user.id}:
        raise subject_taken()
    await db.execute(
        _CHANGE if user.revision else _ADD,
        *(user.id, user.organization, storable(user.address), storable(user.name), user.role.value, user.state.value),
        *(user.language, user.time_zone, user.password, subject, user.created, user.changed, user.signed_in, key),
    )  # fmt: skip


async def drop(db: Statements, id_: str) -> bool:
    """Forget one with their sessions and links; says whether there was one."""
    for statement in (_DROP_SESSIONS, _DROP_LINKS):
        await db.execute(statement, storable(id_))
    return count(await db.execute(_DROP, storable(id_))) > 0


async def count_users(db: Statements, organization: str | None) -> int:
    """Count them."""
    found = await (
        db.fetchval(_COUNT) if organization is None else db.fetchval(_COUNT_OF, storable(organization))
    )
    return cast("int", found)


def _first(rows: Sequence[Sequence[object]]) -> User | None:
    return read(rows[0]) if rows else None


def read(row: Sequence[object]) -> User:
    """Read a row of :data:`COLUMNS`.

    Raises:
        SettingsError: It is damaged.
    """
    id_, organization, address, name, role, state, language, time_zone, password, subject, *rest = cast(
        "tuple[str, str, str, str, str, str, str, str, str, str, int, int, int | None, int]", tuple(row)
    )
    created, changed, signed_in, revision = cast("tuple[int, int, int | None, int]", tuple(rest))
    try:
        stands, may = UserState(state), Role(role)
    except ValueError as fault:
        raise damaged(f"the user {id_!r}") from fault
    return User(
        id=id_,
        organization=organization,
        address=address,
        name=name,
        role=may,
        state=stands,
        language=language,
        time_zone=time_zone,
        password=password,
        subject=subject,
        created=Moment(created),
        changed=Moment(changed),
        signed_in=None if signed_in is None else Moment(signed_in),
        revision=revision,
    )
