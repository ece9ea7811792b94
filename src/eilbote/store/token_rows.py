"""Access tokens and what is known of them, as rows; the same for both databases."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, cast

from eilbote.model.moment import Moment
from eilbote.oauth2.token import Token, TokenRecord
from eilbote.store.cipher import Place, SecretKind
from eilbote.store.record_database import count
from eilbote.store.values import storable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from eilbote.model.secret import Secret
    from eilbote.oauth2.token import TokenKey
    from eilbote.store.record_database import RecordDatabase, Statements
    from eilbote.store.secret_rows import SecretRows

_ACCESS, _REFRESH = "access_token", "refresh_token"

_READ: Final = (
    "SELECT t.expires, t.refreshed, t.renewing, t.failures, t.retry_at, t.refusal, s.field, s.key_id, s.sealed FROM token t "
    "LEFT JOIN secret s ON s.kind = 'token' AND s.organization = '' AND s.owner = t.key WHERE t.key = $1"
)
_WRITE: Final = (
    "INSERT INTO token (key, expires, refreshed, renewing, failures, retry_at, refusal) VALUES ($1, $2, $3, $4, $5, $6, $7) "
    "ON CONFLICT (key) DO UPDATE SET expires = $2, refreshed = $3, renewing = $4, failures = $5, retry_at = $6, refusal = $7"
)
_FORGET: Final = "DELETE FROM token WHERE key = $1"
_FORGET_ALL: Final = "DELETE FROM token"
_FORGET_SECRETS: Final = "DELETE FROM secret WHERE kind = 'token'"


class TokenRows:
    """A :class:`~eilbote.oauth2.token.TokenStore` in a database.

    Args:
        database: The database.
        secrets: Its secrets.
    """

    __slots__ = ("_database", "_secrets")

    def __init__(self, database: RecordDatabase, secrets: SecretRows) -> None:
        self._database = database
        self._secrets = secrets

    async def read(self, key: TokenKey) -> TokenRecord | None:
        """See :meth:`TokenStore.read <eilbote.oauth2.token.TokenStore.read>`."""
        rows = [tuple(row) for row in await self._database.read(lambda db: db.fetch(_READ, key))]
        if not rows:
            return None
        expires, refreshed, renewing, failures, retry_at, refusal = cast(
            "tuple[Moment | None, Moment | None, Moment | None, int, Moment | None, str]", rows[0][:6]
        )
        sealed = [cast("tuple[str, str, bytes]", row[6:]) for row in rows if row[6] is not None]
        secrets = self._secrets.all_unsealed(_place(key), sealed)
        token = None
        if _ACCESS in secrets:
            token = Token(access_token=secrets[_ACCESS], expires=expires, refresh_token=secrets.get(_REFRESH))
        return TokenRecord(
            token=token,
            refreshed=refreshed,
            renewing=renewing,
            failures=failures,
            retry_at=retry_at,
            refusal=refusal,
        )

    async def write(self, key: TokenKey, record: TokenRecord) -> None:
        """See :meth:`TokenStore.write <eilbote.oauth2.token.TokenStore.write>`."""
        secrets: dict[str, Secret] = {}
        expires = None
        if record.token is not None:
            expires = record.token.expires
            secrets[_ACCESS] = record.token.access_token
            if record.token.refresh_token is not None:
                secrets[_REFRESH] = record.token.refresh_token
            await self._secrets.prepare()

        async def work(db: Statements) -> None:
            await db.execute(
                _WRITE, key, expires, record.refreshed, record.renewing, record.failures, record.retry_at,
                storable(record.refusal),
            )  # fmt: skip
            await self._secrets.put(db, _place(key), secrets)

        await self._database.transact(work)

    @asynccontextmanager
    async def exclusive(self, key: TokenKey) -> AsyncGenerator[None]:
        """See :meth:`TokenStore.exclusive <eilbote.oauth2.token.TokenStore.exclusive>`."""
        async with self._database.exclusive(key):
            yield

    async def forget(self, key: TokenKey | None = None) -> int:
        """See :meth:`TokenStore.forget <eilbote.oauth2.token.TokenStore.forget>`."""

        async def work(db: Statements) -> int:
            if key is None:
                await db.execute(_FORGET_SECRETS)
                return count(await db.execute(_FORGET_ALL))
            await self._secrets.drop(db, _place(key))
            return count(await db.execute(_FORGET, key))

        return await self._database.transact(work)


def _place(key: TokenKey) -> Place:
    return Place(kind=SecretKind.TOKEN, owner=key, field="")
