"""Secrets in the database: every kind in one table, each encrypted with one of the keys of the ring.

Which key encrypts is written in the database, and whoever writes a secret holds that line for the length of the
transaction. So no secret is written with a key that a rotation has just left behind, whichever machine writes it, and
a key that was retired is certainly not needed.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import SecretKeyError
from eilbote.model.secret import Secret
from eilbote.store.cipher import Place, SecretKind, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eilbote.store.cipher import Key
    from eilbote.store.key_ring import KeyRing
    from eilbote.store.record_database import RecordDatabase, Statements

_CURRENT: Final = "SELECT value FROM meta WHERE key = 'secret_key'"
_HOLD_CURRENT: Final = "INSERT INTO meta (key, value) VALUES ('secret_key', $1) ON CONFLICT (key) DO UPDATE SET value = meta.value"
_SET_CURRENT: Final = (
    "INSERT INTO meta (key, value) VALUES ('secret_key', $1) ON CONFLICT (key) DO UPDATE SET value = $1"
)
_NEEDED: Final = "SELECT DISTINCT key_id FROM secret WHERE kind <> 'key'"
_IS_NEEDED: Final = "SELECT count(*) FROM secret WHERE key_id = $1 AND kind <> 'key'"
_CHECKS: Final = "SELECT owner, sealed FROM secret WHERE kind = 'key'"
_KEEP_CHECK: Final = (
    "INSERT INTO secret (kind, organization, owner, field, key_id, sealed) VALUES ('key', '', $1, 'check', $1, $2) "
    "ON CONFLICT (kind, organization, owner, field) DO NOTHING"
)
_PUT: Final = (
    "INSERT INTO secret (kind, organization, owner, field, key_id, sealed) VALUES ($1, $2, $3, $4, $5, $6)"
)
_DROP: Final = "DELETE FROM secret WHERE kind = $1 AND organization = $2 AND owner = $3"
_CHECK_TEXT: Final = Secret("eilbote")


class SecretRows:
    """Encrypts on the way in, and decrypts on the way out.

    Args:
        database: Where the rows are.
        ring: The keys.
    """

    __slots__ = ("_database", "ring")

    def __init__(self, database: RecordDatabase, ring: KeyRing) -> None:
        self._database = database
        self.ring = ring

    async def check(self) -> None:
        """See that every secret there is can be decrypted.

        Raises:
            SecretKeyError: A key is missing, malformed, or another one than it was.
            OutboxUnavailableError: The database does not answer.
        """
        await asyncio.to_thread(self.ring.known)
        needed, checks = await self._database.read(_needed_and_checks)
        for key_id in sorted(needed):
            key = self.ring.get(key_id)
            if key_id in checks and not is_same_key(key, checks[key_id]):
                raise SecretKeyError(
                    f"the key {key_id!r} in {self.ring.place} is not the one that stored secrets are encrypted with",
                    field=self.ring.place,
                    cause="Somebody has put another key under the same id",
                    remedy=f"Put the former line of {key_id!r} back there, from a copy or from the machine that has it",
                )

    async def prepare(self) -> None:
        """See that there is a key before a transaction begins in which secrets are written.

        Raises:
            SecretKeyError: There is none, and none can be made.
            OutboxUnavailableError: The database does not answer.
        """
        if await asyncio.to_thread(self.ring.known):
            return
        needed, _ = await self._database.read(_needed_and_checks)
        if needed:
            # Theirs is looked for only now: somebody may have made it, and written them, after the look at the ring. If it
            # is missing, a new one would hide that.
            await asyncio.to_thread(self.ring.get, min(needed))
            return
        await asyncio.to_thread(self.ring.make_first)

    async def put(self, db: Statements, of: Place, secrets: Mapping[str, Secret]) -> None:
        """Keep the secrets of one owner in place of all it had; after :meth:`prepare`, within a transaction.

        Args:
            db: Its connection.
            of: Whose; its field does not matter.
            secrets: By the names of their fields.

        Raises:
            SecretKeyError: The key that encrypts is missing.
        """
        await self.drop(db, of)
        if not secrets:
            return
        key = await self.hold_current(db)
        for name in sorted(secrets):
            place = replace(of, field=name)
            sealed = seal(key, place, secrets[name])
            await db.execute(_PUT, place.kind.value, place.organization, place.owner, name, key.id, sealed)

    async def drop(self, db: Statements, of: Place) -> None:
        """Forget the secrets of one owner."""
        await db.execute(_DROP, of.kind.value, of.organization, of.owner)

    async def hold_current(self, db: Statements) -> Key:
        """Give the key that encrypts; nobody changes which that is until the transaction ends.

        Raises:
            SecretKeyError: It is missing.
        """
        first = self.ring.first()
        await db.execute(_HOLD_CURRENT, first.id)
        current = cast("str", await db.fetchval(_CURRENT))
        key = self.ring.find(current)
        if key is None:
            if await db.fetchval(_IS_NEEDED, current):
                raise self.ring.missing(current)
            key = first  # the former is gone, and nothing is lost with it
            await db.execute(_SET_CURRENT, key.id)
        await keep_check(db, key)
        return key

    def unsealed(self, place: Place, key_id: str, sealed: bytes) -> Secret:
        """Decrypt what a row holds.

        Raises:
            SecretKeyError: Its key is missing, or does not open it.
        """
        return unseal(self.ring.get(key_id), place, sealed)

    def all_unsealed(self, of: Place, rows: Iterable[tuple[str, str, bytes]]) -> dict[str, Secret]:
        """Decrypt the secrets of one owner, from rows of field, key id and what is sealed.

        Raises:
            SecretKeyError: As :meth:`unsealed`.
        """
        return {name: self.unsealed(replace(of, field=name), key_id, sealed) for name, key_id, sealed in rows}


async def current_key(db: Statements) -> str | None:
    """Tell which key encrypts; ``None`` before the first secret."""
    return cast("str | None", await db.fetchval(_CURRENT))


async def set_current(db: Statements, key: Key) -> None:
    """Have a key encrypt from now on."""
    await db.execute(_SET_CURRENT, key.id)
    await keep_check(db, key)


async def keep_check(db: Statements, key: Key) -> None:
    """Keep what a key is recognised by."""
    await db.execute(_KEEP_CHECK, key.id, seal(key, _check_place(key.id), _CHECK_TEXT))


def is_same_key(key: Key, check: bytes) -> bool:
    """Tell whether a key is the one whose check was kept."""
    try:
        return unseal(key, _check_place(key.id), check) == _CHECK_TEXT
    except SecretKeyError:
        return False


async def _needed_and_checks(db: Statements) -> tuple[set[str], dict[str, bytes]]:
    needed = {cast("str", row[0]) for row in await db.fetch(_NEEDED)}
    checks = {cast("str", row[0]): cast("bytes", row[1]) for row in await db.fetch(_CHECKS)}
    return needed, checks


def _check_place(key_id: str) -> Place:
    return Place(kind=SecretKind.KEY, owner=key_id, field="check")
