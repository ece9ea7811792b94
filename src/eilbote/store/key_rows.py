"""Which key encrypts, what is encrypted with which, and the change from one key to the next.

A rotation is a few steps, each durable before the next one begins:

1. a new key stands first in the ring;
2. the database says that it encrypts;
3. the secrets are encrypted anew, some at a time.

Whatever is written meanwhile is written with the new key, and the former one opens the rest until the end. A rotation
that was killed is finished by the next one: it finds a key that does not encrypt yet, or secrets of former keys.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import SecretKeyError, SettingsError
from eilbote.model.kinds import shown
from eilbote.settings.records import KeptKey, Rotation
from eilbote.store.cipher import Place, SecretKind, seal
from eilbote.store.connection_rows import note_change
from eilbote.store.secret_rows import current_key, set_current

if TYPE_CHECKING:
    from eilbote.store.cipher import Key
    from eilbote.store.record_database import RecordDatabase, Statements
    from eilbote.store.secret_rows import SecretRows

_AT_ONCE: Final = 50
"""How many secrets a transaction encrypts anew: others wait for it a few milliseconds."""

_USES: Final = "SELECT key_id, count(*) FROM secret WHERE kind <> 'key' GROUP BY key_id"
_FORMER: Final = (
    "SELECT kind, organization, owner, field, key_id, sealed FROM secret WHERE kind <> 'key' AND key_id <> $1 "
    "ORDER BY kind, organization, owner, field LIMIT $2"
)
_SEAL_ANEW: Final = (
    "UPDATE secret SET key_id = $5, sealed = $6 "
    "WHERE kind = $1 AND organization = $2 AND owner = $3 AND field = $4 AND sealed = $7"
)
_FORGET_CHECK: Final = "DELETE FROM secret WHERE kind = 'key' AND key_id = $1"
_FORGET_CURRENT: Final = "DELETE FROM meta WHERE key = 'secret_key' AND value = $1"
_OF_KEY: Final = (
    "SELECT kind, organization, owner, field, sealed FROM secret WHERE key_id = $1 AND kind <> 'key'"
)
_FORGET: Final = "DELETE FROM secret WHERE kind = $1 AND organization = $2 AND owner = $3 AND field = $4"


class KeyRows:
    """A :class:`~eilbote.settings.records.KeyKeeper` of a database and a ring.

    Args:
        database: The database.
        secrets: Its secrets.
    """

    __slots__ = ("_database", "_ring", "_secrets")

    def __init__(self, database: RecordDatabase, secrets: SecretRows) -> None:
        self._database = database
        self._secrets = secrets
        self._ring = secrets.ring

    async def keys(self) -> tuple[KeptKey, ...]:
        """See :meth:`KeyKeeper.keys <eilbote.settings.records.KeyKeeper.keys>`."""
        current, uses = await self._database.read(_current_and_uses)
        # After the database: a key that is made meanwhile is then seen without its secrets, and no secrets without their key.
        known = [key.id for key in await asyncio.to_thread(self._ring.known)]
        every = [
            *known,
            *sorted({*uses, *([current] if current is not None else [])} - set(known)),
        ]
        kept = [
            KeptKey(
                id=key_id,
                place=self._ring.place if key_id in known else "",
                secrets=uses.get(key_id, 0),
                encrypts=key_id == current,
            )
            for key_id in every
        ]
        return tuple(sorted(kept, key=lambda key: not key.encrypts))

    async def rotate(self) -> Rotation:
        """See :meth:`KeyKeeper.rotate <eilbote.settings.records.KeyKeeper.rotate>`."""
        await self._secrets.check()
        await self._secrets.prepare()
        before, uses = await self._database.read(_current_and_uses)
        key = held = await self._database.transact(self._secrets.hold_current)
        resumed = before is not None and bool(set(uses) - {held.id})
        if before is not None and not resumed:
            first = await asyncio.to_thread(self._ring.first)
            resumed = first.id != held.id and not self._ring.is_handed_in
            new = await asyncio.to_thread(self._ring.make_next, held.id)
            key = await self._database.transact(lambda db: self._put_to_use(db, new, instead_of=held))
        secrets = 0
        while done := await self._seal_some(key):
            secrets += done
        former = tuple(one.id for one in await asyncio.to_thread(self._ring.known) if one.id != key.id)
        return Rotation(
            key_id=key.id, place=self._ring.place, secrets=secrets, former=former, resumed=resumed
        )

    async def _put_to_use(self, db: Statements, key: Key, *, instead_of: Key) -> Key:
        """Have a key encrypt from now on; gives the one that does, if somebody else has changed it meanwhile."""
        held = await self._secrets.hold_current(db)
        if held.id != instead_of.id:
            return held
        await set_current(db, key)
        return key

    async def _seal_some(self, key: Key) -> int:
        async def work(db: Statements) -> int:
            if await current_key(db) != key.id:
                return 0  # somebody else has gone on to yet another key, and does the rest
            rows = [tuple(row) for row in await db.fetch(_FORMER, key.id, _AT_ONCE)]
            for row in rows:
                kind, organization, owner, field, key_id, sealed = cast(
                    "tuple[str, str, str, str, str, bytes]", row
                )
                place = Place(kind=SecretKind(kind), organization=organization, owner=owner, field=field)
                secret = self._secrets.unsealed(place, key_id, sealed)
                # Whoever has changed it since it was read has written it with the new key.
                await db.execute(
                    _SEAL_ANEW, kind, organization, owner, field, key.id, seal(key, place, secret), sealed
                )
            return len(rows)

        return await self._database.transact(work)

    async def retire(self, key_id: str) -> bool:
        """See :meth:`KeyKeeper.retire <eilbote.settings.records.KeyKeeper.retire>`."""
        known = [key.id for key in await asyncio.to_thread(self._ring.known)]
        if key_id not in known:
            raise _unknown(key_id, known)

        async def work(db: Statements) -> None:
            held = await self._secrets.hold_current(db)  # nobody writes a secret until this is over
            current, uses = await _current_and_uses(db)
            if key_id in {held.id, current}:
                raise SettingsError(
                    f"{shown(key_id)} is the key that encrypts",
                    field="key_id",
                    remedy="Run `eilbote keys rotate` first",
                )
            if uses.get(key_id):
                raise SettingsError(
                    f"{shown(key_id)} is needed: {uses[key_id]} secrets are encrypted with it",
                    field="key_id",
                    remedy="Run `eilbote keys rotate` first, to its end",
                )
            await db.execute(_FORGET_CHECK, key_id)

        await self._database.transact(work)
        return await asyncio.to_thread(self._ring.remove, key_id)

    async def abandon(self, key_id: str) -> int:
        """See :meth:`KeyKeeper.abandon <eilbote.settings.records.KeyKeeper.abandon>`."""
        await asyncio.to_thread(self._ring.known)
        return await self._database.transact(lambda db: self._abandon(db, key_id))

    async def _abandon(self, db: Statements, key_id: str) -> int:
        rows = [tuple(row) for row in await db.fetch(_OF_KEY, key_id)]
        if not rows:
            raise SettingsError(
                f"no secret is encrypted with a key called {shown(key_id)}",
                field="key_id",
                remedy="`eilbote keys list` tells the keys",
            )
        lost = [
            place for place, sealed in map(_place_and_sealed, rows) if not self._opens(place, key_id, sealed)
        ]
        if not lost:
            raise SettingsError(
                f"the key {shown(key_id)} is not lost: it is in {self._ring.place}, and opens everything",
                field="key_id",
                remedy="Only secrets that cannot be decrypted any more can be given up",
            )
        await note_change(db)
        for place in lost:
            await db.execute(_FORGET, place.kind.value, place.organization, place.owner, place.field)
        if len(lost) == len(rows):  # nothing is left by which the key could be recognised, or missed
            await db.execute(_FORGET_CHECK, key_id)
            await db.execute(_FORGET_CURRENT, key_id)
        return len(lost)

    def _opens(self, place: Place, key_id: str, sealed: bytes) -> bool:
        try:
            self._secrets.unsealed(place, key_id, sealed)
        except SecretKeyError:
            return False
        return True


def _place_and_sealed(row: tuple[object, ...]) -> tuple[Place, bytes]:
    kind, organization, owner, field, sealed = cast("tuple[str, str, str, str, bytes]", row)
    return Place(kind=SecretKind(kind), organization=organization, owner=owner, field=field), sealed


async def _current_and_uses(db: Statements) -> tuple[str | None, dict[str, int]]:
    rows = await db.fetch(_USES)
    return await current_key(db), {cast("str", row[0]): cast("int", row[1]) for row in rows}


def _unknown(key_id: str, known: list[str]) -> SettingsError:
    return SettingsError(
        f"there is no key called {shown(key_id)}",
        field="key_id",
        remedy=f"There are {', '.join(known)}" if known else "There is no key yet",
    )
