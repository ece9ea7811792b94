"""Consents that wait, as rows; the same for both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.model.moment import Moment
from eilbote.oauth2.waiting_consent import WaitingConsent
from eilbote.store.cipher import Place, SecretKind
from eilbote.store.record_database import count
from eilbote.store.values import storable

if TYPE_CHECKING:
    from eilbote.store.record_database import RecordDatabase, Statements
    from eilbote.store.secret_rows import SecretRows

_PARCEL: Final = "parcel"
_COLUMNS: Final = "digest, session, connection, base, created, ends, ask_at, pause"
_KEEP: Final = f"INSERT INTO consent ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"  # noqa: S608 - our own text
_FIND: Final = (
    "SELECT c.digest, c.session, c.connection, c.base, c.created, c.ends, c.ask_at, c.pause, s.key_id, s.sealed "
    "FROM consent c JOIN secret s ON s.kind = 'consent' AND s.organization = '' AND s.owner = c.digest AND s.field = 'parcel' "
    "WHERE c.digest = $1"
)
_TAKE: Final = "DELETE FROM consent WHERE digest = $1"
_MAY_ASK: Final = "UPDATE consent SET ask_at = $2 + pause WHERE digest = $1 AND ask_at <= $2"
_SLOW_DOWN: Final = "UPDATE consent SET pause = pause + $2, ask_at = ask_at + $2 WHERE digest = $1"
_PRUNE: Final = "DELETE FROM consent WHERE ends <= $1"
_MAKE_ROOM: Final = (
    "DELETE FROM consent WHERE session = $1 AND digest NOT IN "
    "(SELECT digest FROM consent WHERE session = $1 ORDER BY created DESC, digest DESC LIMIT $2)"
)
_PRUNE_SECRETS: Final = (
    "DELETE FROM secret WHERE kind = 'consent' AND owner NOT IN (SELECT digest FROM consent)"
)


class ConsentRows:
    """A :class:`~eilbote.oauth2.waiting_consent.ConsentStore` in a database.

    Args:
        database: The database.
        secrets: Its secrets.
    """

    __slots__ = ("_database", "_secrets")

    def __init__(self, database: RecordDatabase, secrets: SecretRows) -> None:
        self._database = database
        self._secrets = secrets

    async def keep(self, consent: WaitingConsent, *, most: int) -> None:
        """See :meth:`ConsentStore.keep <eilbote.oauth2.waiting_consent.ConsentStore.keep>`."""
        await self._secrets.prepare()

        async def work(db: Statements) -> None:
            await db.execute(_PRUNE, consent.created)
            await db.execute(_MAKE_ROOM, consent.session, most - 1)
            await db.execute(
                _KEEP, consent.digest, consent.session, storable(consent.connection), consent.base, consent.created,
                consent.ends, consent.ask_at, consent.pause,
            )  # fmt: skip
            await self._secrets.put(db, _place(consent.digest), {_PARCEL: consent.parcel})
            await db.execute(_PRUNE_SECRETS)

        await self._database.transact(work)

    async def find(self, digest: str) -> WaitingConsent | None:
        """See :meth:`ConsentStore.find <eilbote.oauth2.waiting_consent.ConsentStore.find>`."""
        rows = await self._database.read(lambda db: db.fetch(_FIND, storable(digest)))
        if not rows:
            return None
        digest, session, connection, base, created, ends, ask_at, pause, key_id, sealed = cast(
            "tuple[str, str, str, int, int, int, int, int, str, bytes]", tuple(rows[0])
        )
        return WaitingConsent(
            digest=digest,
            session=session,
            connection=connection,
            base=base,
            created=Moment(created),
            ends=Moment(ends),
            ask_at=Moment(ask_at),
            pause=pause,
            parcel=self._secrets.unsealed(_place(digest), key_id, sealed),
        )

    async def take(self, digest: str) -> bool:
        """See :meth:`ConsentStore.take <eilbote.oauth2.waiting_consent.ConsentStore.take>`."""

        async def work(db: Statements) -> bool:
            await self._secrets.drop(db, _place(digest))
            return count(await db.execute(_TAKE, digest)) > 0

        return await self._database.transact(work)

    async def may_ask(self, digest: str, *, now: Moment) -> bool:
        """See :meth:`ConsentStore.may_ask <eilbote.oauth2.waiting_consent.ConsentStore.may_ask>`."""

        async def work(db: Statements) -> bool:
            return count(await db.execute(_MAY_ASK, digest, now)) > 0

        return await self._database.transact(work)

    async def slow_down(self, digest: str, *, by: int) -> None:
        """See :meth:`ConsentStore.slow_down <eilbote.oauth2.waiting_consent.ConsentStore.slow_down>`."""
        await self._database.transact(lambda db: db.execute(_SLOW_DOWN, digest, by))

    async def prune(self, *, now: Moment) -> int:
        """See :meth:`ConsentStore.prune <eilbote.oauth2.waiting_consent.ConsentStore.prune>`."""

        async def work(db: Statements) -> int:
            gone = count(await db.execute(_PRUNE, now))
            await db.execute(_PRUNE_SECRETS)
            return gone

        return await self._database.transact(work)


def _place(digest: str) -> Place:
    return Place(kind=SecretKind.CONSENT, owner=digest, field=_PARCEL)
