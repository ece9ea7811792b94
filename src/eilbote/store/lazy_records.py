"""Records that are opened when somebody first asks them something, so that whoever never does pays nothing for them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from eilbote.settings.records import Records
from eilbote.settings.scope import HOST

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from eilbote.connections.stored import ConnectionLabel, StoredConnection
    from eilbote.model.moment import Moment
    from eilbote.oauth2.token import TokenKey, TokenRecord
    from eilbote.oauth2.waiting_consent import WaitingConsent
    from eilbote.settings.records import KeptKey, Rotation
    from eilbote.settings.scope import Remains, ScopeSettings


class LazyRecords:
    """:class:`~eilbote.settings.records.Records` in front of others that are made and opened at the first question.

    Args:
        make: Makes the others; called at most once until they are closed.

    Attributes:
        connections: Stored connections.
        settings: The settings of host and organizations.
        tokens: Access tokens.
        consents: Consents that wait.
        keys: The keys of all secrets.
    """

    def __init__(self, make: Callable[[], Records]) -> None:
        self._opening = _Opening(make)
        self.connections = _Connections(self._opening)
        self.settings = _Settings(self._opening)
        self.tokens = _Tokens(self._opening)
        self.consents = _Consents(self._opening)
        self.keys = _Keys(self._opening)

    async def open(self, *, check_keys: bool = True) -> None:
        """Make ready now, to hear of a fault at once; raises as :meth:`Records.open <eilbote.settings.records.Records.open>`."""
        await self._opening.records(check_keys=check_keys)

    async def close(self) -> None:
        """Let go of everything; the next question opens them again."""
        await self._opening.close()


class _Opening:
    """Opens the records once, whoever asks first; a fault is told to everybody who asks, and tried again the next time."""

    def __init__(self, make: Callable[[], Records]) -> None:
        self._make = make
        self._records: Records | None = None
        self._lock: asyncio.Lock | None = None

    async def records(self, *, check_keys: bool = True) -> Records:
        if self._records is not None:
            return self._records
        if self._lock is None:
            self._lock = asyncio.Lock()
        async with self._lock:
            if self._records is None:
                made = self._make()
                await made.open(check_keys=check_keys)
                self._records = made
        return self._records

    async def close(self) -> None:
        records, self._records, self._lock = self._records, None, None
        if records is not None:
            await records.close()


class _Connections:
    def __init__(self, opening: _Opening) -> None:
        self._opening = opening

    async def connections(self, organization: str | None = None) -> tuple[StoredConnection, ...]:
        return await (await self._opening.records()).connections.connections(organization)

    async def labels(self) -> tuple[ConnectionLabel, ...]:
        return await (await self._opening.records()).connections.labels()

    async def find(self, organization: str, name: str) -> StoredConnection | None:
        return await (await self._opening.records()).connections.find(organization, name)

    async def keep(self, connection: StoredConnection, *, now: Moment) -> StoredConnection:
        return await (await self._opening.records()).connections.keep(connection, now=now)

    async def drop(self, organization: str, name: str) -> bool:
        return await (await self._opening.records()).connections.drop(organization, name)

    async def revision(self) -> int:
        return await (await self._opening.records()).connections.revision()


class _Settings:
    def __init__(self, opening: _Opening) -> None:
        self._opening = opening

    async def read(self, organization: str = HOST) -> ScopeSettings:
        return await (await self._opening.records()).settings.read(organization)

    async def write(self, settings: ScopeSettings, *, now: Moment) -> ScopeSettings:
        return await (await self._opening.records()).settings.write(settings, now=now)

    async def remains(self, organization: str = HOST) -> Remains | None:
        return await (await self._opening.records()).settings.remains(organization)

    async def reset(self, organization: str = HOST, *, now: Moment) -> bool:
        return await (await self._opening.records()).settings.reset(organization, now=now)

    async def organizations(self) -> tuple[str, ...]:
        return await (await self._opening.records()).settings.organizations()


class _Tokens:
    def __init__(self, opening: _Opening) -> None:
        self._opening = opening

    async def read(self, key: TokenKey) -> TokenRecord | None:
        return await (await self._opening.records()).tokens.read(key)

    async def write(self, key: TokenKey, record: TokenRecord) -> None:
        await (await self._opening.records()).tokens.write(key, record)

    @asynccontextmanager
    async def exclusive(self, key: TokenKey) -> AsyncGenerator[None]:
        async with (await self._opening.records()).tokens.exclusive(key):
            yield

    async def forget(self, key: TokenKey | None = None) -> int:
        return await (await self._opening.records()).tokens.forget(key)


class _Consents:
    def __init__(self, opening: _Opening) -> None:
        self._opening = opening

    async def keep(self, consent: WaitingConsent, *, most: int) -> None:
        await (await self._opening.records()).consents.keep(consent, most=most)

    async def find(self, digest: str) -> WaitingConsent | None:
        return await (await self._opening.records()).consents.find(digest)

    async def take(self, digest: str) -> bool:
        return await (await self._opening.records()).consents.take(digest)

    async def may_ask(self, digest: str, *, now: Moment) -> bool:
        return await (await self._opening.records()).consents.may_ask(digest, now=now)

    async def slow_down(self, digest: str, *, by: int) -> None:
        await (await self._opening.records()).consents.slow_down(digest, by=by)

    async def prune(self, *, now: Moment) -> int:
        return await (await self._opening.records()).consents.prune(now=now)


class _Keys:
    def __init__(self, opening: _Opening) -> None:
        self._opening = opening

    async def keys(self) -> tuple[KeptKey, ...]:
        return await (await self._opening.records()).keys.keys()

    async def rotate(self) -> Rotation:
        return await (await self._opening.records()).keys.rotate()

    async def retire(self, key_id: str) -> bool:
        return await (await self._opening.records()).keys.retire(key_id)

    async def abandon(self, key_id: str) -> int:
        return await (await self._opening.records()).keys.abandon(key_id)
