"""Suppressed addresses in a database; the same statements for SQLite and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.accounts.organization import HOST
from eilbote.model.ids import EntryId
from eilbote.model.moment import Moment
from eilbote.record.suppression import Suppression, SuppressionReason
from eilbote.store.account_faults import address_key
from eilbote.store.record_database import count
from eilbote.store.row_groups import places
from eilbote.store.values import storable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from eilbote.store.record_database import RecordDatabase, Statements

_COLUMNS: Final = "organization, address, reason, detail, entry, created, expires"
_READ: Final = f"SELECT {_COLUMNS} FROM suppression"  # noqa: S608 - our own text
_HOLDS: Final = (
    f"{_READ} WHERE organization IN ($1, $2) AND (expires IS NULL OR expires > $3) AND address IN "
)
_ANY: Final = "SELECT 1 FROM suppression LIMIT 1"
_ADD: Final = (
    f"INSERT INTO suppression ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7) "  # noqa: S608 - as above
    "ON CONFLICT (organization, address) DO NOTHING"
)
_CHANGE: Final = (
    "UPDATE suppression SET reason = $3, detail = $4, entry = $5, created = $6, expires = $7 "
    "WHERE organization = $1 AND address = $2"
)
_REMOVE: Final = "DELETE FROM suppression WHERE organization = $1 AND address = $2"
_PRUNE: Final = "DELETE FROM suppression WHERE expires <= $1"
_AT_ONCE: Final = 500
_LONGEST_PART: Final = 1000
_LIKE: Final = str.maketrans({"!": "!!", "_": "!_", "%": "!%"})


class SuppressionRows:
    """A :class:`~eilbote.record.suppression.SuppressionStore` in a database.

    Args:
        database: The database; opened and closed by this.
    """

    __slots__ = ("_database",)

    def __init__(self, database: RecordDatabase) -> None:
        self._database = database

    async def close(self) -> None:
        """Let go of the database; what was begun is finished first."""
        await self._database.close()

    async def suppressed(
        self, organization: str, addresses: Collection[str], *, now: Moment
    ) -> Sequence[Suppression]:
        """Give what holds for any of some addresses."""
        keys = sorted({storable(address_key(each)) for each in addresses})

        async def question(db: Statements) -> list[Suppression]:
            found: list[Suppression] = []
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                rows = await db.fetch(
                    _HOLDS + places(len(some), first=4), HOST, storable(organization), now, *some
                )
                found += map(_read, rows)
            return found

        found = await self._database.read(question) if keys else []
        return sorted(found, key=lambda one: (one.organization, one.address))

    async def any(self) -> bool:
        """Tell whether there is any at all."""
        return await self._database.read(lambda db: db.fetchval(_ANY)) is not None

    async def add(self, suppressions: Sequence[Suppression]) -> int:
        """Keep them, in place of what was kept for the same address."""
        wanted = {(one.organization, storable(address_key(one.address))): one for one in suppressions}

        async def work(db: Statements) -> int:
            # In one order, so that two who add the same never wait for each other in a ring.
            return sum([await _add(db, key, wanted[key]) for key in sorted(wanted)])

        return await self._database.transact(work)

    async def remove(self, organization: str, address: str) -> bool:
        """Forget one."""
        of, key = storable(organization), storable(address_key(address))
        return count(await self._database.transact(lambda db: db.execute(_REMOVE, of, key))) > 0

    async def list(
        self,
        organization: str | None = None,
        *,
        address: str = "",
        limit: int = 100,
        after: tuple[str, str] = ("", ""),
    ) -> Sequence[Suppression]:
        """Give them in the order of organization and address, behind one of them."""
        part = storable(address_key(address))
        if len(part) > _LONGEST_PART:
            return []  # no address is so long
        where = "(organization, address) > ($1, $2)"
        values: list[object] = [storable(after[0]), storable(address_key(after[1])), limit]
        if organization is not None:
            values.append(storable(organization))
            where += f" AND organization = ${len(values)}"
        if part:
            values.append(f"%{part.translate(_LIKE)}%")
            where += f" AND address LIKE ${len(values)} ESCAPE '!'"
        statement = f"{_READ} WHERE {where} ORDER BY organization, address LIMIT $3"
        return [_read(row) for row in await self._database.read(lambda db: db.fetch(statement, *values))]

    async def prune(self, *, now: Moment) -> int:
        """Forget those that have expired."""
        return count(await self._database.transact(lambda db: db.execute(_PRUNE, now)))


async def _add(db: Statements, key: tuple[str, str], one: Suppression) -> bool:
    said = one.reason.value, storable(one.detail), one.entry, one.created, one.expires
    if count(await db.execute(_ADD, *key, *said)):
        return True
    await db.execute(_CHANGE, *key, *said)
    return False


def _read(row: Sequence[object]) -> Suppression:
    organization, address, reason, detail, entry, created, expires = cast(
        "tuple[str, str, str, str, int | None, int, int | None]", tuple(row)
    )
    return Suppression(
        organization=organization,
        address=address,
        # Whatever the reason was that a newer eilbote had: they get nothing.
        reason=SuppressionReason(reason) if reason in set(SuppressionReason) else SuppressionReason.MANUAL,
        detail=detail,
        entry=None if entry is None else EntryId(entry),
        created=Moment(created),
        expires=None if expires is None else Moment(expires),
    )
