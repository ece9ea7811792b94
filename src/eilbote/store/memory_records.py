"""Connections, settings and tokens in memory, for tests and for programs that keep nothing: nothing is encrypted, nothing lasts."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from eilbote.connections.stored import ConnectionLabel
from eilbote.errors import OutboxUnavailableError, SecretKeyError, SettingsError
from eilbote.model.kinds import shown
from eilbote.oauth2.memory_consents import MemoryConsents
from eilbote.settings.scope import HOST, Remains, ScopeSettings
from eilbote.store.connection_rows import fields_text
from eilbote.store.key_ring import VARIABLE
from eilbote.store.lost_race import check_race
from eilbote.store.setting_rows import changed_meanwhile
from eilbote.store.token_locks import task_lock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from eilbote.connections.stored import StoredConnection
    from eilbote.model.moment import Moment
    from eilbote.oauth2.token import TokenKey, TokenRecord
    from eilbote.settings.records import KeptKey, Rotation


class MemoryRecords:
    """:class:`~eilbote.settings.records.Records` that keep everything in this process, and nothing longer.

    They may be opened several times, and keep their contents when they are closed, so that a test can close and reopen them.

    Attributes:
        connections: Stored connections.
        settings: The settings of host and organizations.
        tokens: Access tokens.
        keys: No keys.
        consents: Consents that wait.
    """

    def __init__(self) -> None:
        self._state = _State()
        self.connections = _Connections(self._state)
        self.settings = _Settings(self._state)
        self.tokens = _Tokens(self._state)
        self.keys = _NoKeys()
        self.consents = MemoryConsents()

    async def open(self, *, check_keys: bool = True) -> None:  # noqa: ARG002 - there are no keys
        """Make ready."""
        self._state.openings += 1

    async def close(self) -> None:
        """Take nothing any more, once each opening was closed; what is there stays."""
        self._state.openings = max(0, self._state.openings - 1)


class _State:
    def __init__(self) -> None:
        self.openings = 0
        self.revision = 0

    def check_open(self) -> None:
        if not self.openings:
            raise OutboxUnavailableError("the records are closed", remedy="Open them again")


class _Connections:
    def __init__(self, state: _State) -> None:
        self._state = state
        self._kept: dict[tuple[str, str], StoredConnection] = {}

    async def connections(self, organization: str | None = None) -> tuple[StoredConnection, ...]:
        self._state.check_open()
        wanted = [
            one for one in self._kept.values() if organization is None or one.organization == organization
        ]
        return tuple(sorted(wanted, key=lambda one: one.qualified_name))

    async def labels(self) -> tuple[ConnectionLabel, ...]:
        return tuple(
            ConnectionLabel(
                organization=one.organization,
                name=one.name,
                enabled=one.enabled,
                is_default=one.is_default,
                version=one.version,
            )
            for one in await self.connections()
        )

    async def find(self, organization: str, name: str) -> StoredConnection | None:
        self._state.check_open()
        return self._kept.get((organization, name))

    async def keep(self, connection: StoredConnection, *, now: Moment) -> StoredConnection:
        self._state.check_open()
        key = connection.organization, connection.name
        known = self._kept.get(key)
        check_race(
            "connection",
            connection.qualified_name,
            read=connection.version,
            found=known.version if known else 0,
            key="name",
        )
        if connection.is_default:
            for other in [
                one for one in self._kept.values() if one.organization == key[0] and one.is_default
            ]:
                if other.name != connection.name:
                    self._kept[other.organization, other.name] = replace(
                        other, is_default=False, changed=now, version=other.version + 1
                    )
        created = now if known is None else known.created
        kept = replace(connection, created=created, changed=now, version=connection.version + 1)
        self._kept[key] = kept
        self._state.revision += 1
        return kept

    async def drop(self, organization: str, name: str) -> bool:
        self._state.check_open()
        self._state.revision += 1
        return self._kept.pop((organization, name), None) is not None

    async def revision(self) -> int:
        self._state.check_open()
        return self._state.revision


class _Settings:
    def __init__(self, state: _State) -> None:
        self._state = state
        self._kept: dict[str, ScopeSettings] = {}

    async def read(self, organization: str = HOST) -> ScopeSettings:
        self._state.check_open()
        return self._kept.get(organization) or ScopeSettings(organization=organization)

    async def write(self, settings: ScopeSettings, *, now: Moment) -> ScopeSettings:
        known = await self.read(settings.organization)
        if settings.version != known.version:
            raise changed_meanwhile(settings, known.version)
        kept = replace(settings, changed=now, version=settings.version + 1)
        self._kept[settings.organization] = kept
        self._state.revision += 1
        return kept

    async def remains(self, organization: str = HOST) -> Remains | None:
        self._state.check_open()
        if (said := self._kept.get(organization)) is None:
            return None
        return Remains(
            organization=organization,
            custom=said.custom,
            plain=fields_text(said.plain),
            locked=json.dumps(sorted(said.locked)),
            secrets=tuple(sorted(said.secrets)),
        )

    async def reset(self, organization: str = HOST, *, now: Moment) -> bool:
        known = await self.read(organization)
        if known.version == 0:
            return False
        empty = ScopeSettings(organization=organization, version=known.version)
        await self.write(empty, now=now)
        return True

    async def organizations(self) -> tuple[str, ...]:
        self._state.check_open()
        return tuple(
            sorted(
                name
                for name, said in self._kept.items()
                if name != HOST and (said.plain or said.secrets or said.locked or not said.custom)
            )
        )


class _Tokens:
    def __init__(self, state: _State) -> None:
        self._state = state
        self._kept: dict[TokenKey, TokenRecord] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def read(self, key: TokenKey) -> TokenRecord | None:
        self._state.check_open()
        return self._kept.get(key)

    async def write(self, key: TokenKey, record: TokenRecord) -> None:
        self._state.check_open()
        self._kept[key] = record

    @asynccontextmanager
    async def exclusive(self, key: TokenKey) -> AsyncGenerator[None]:
        async with task_lock(self._locks, key):
            yield

    async def forget(self, key: TokenKey | None = None) -> int:
        self._state.check_open()
        gone = list(self._kept) if key is None else [one for one in self._kept if one == key]
        for one in gone:
            del self._kept[one]
        return len(gone)


class _NoKeys:
    async def keys(self) -> tuple[KeptKey, ...]:
        return ()

    async def rotate(self) -> Rotation:
        raise SecretKeyError(
            "nothing is encrypted in memory",
            field=VARIABLE,
            remedy="Keep the outbox in a database: set EILBOTE_DATABASE_URL or EILBOTE_DATA_DIR",
        )

    async def retire(self, key_id: str) -> bool:
        raise SettingsError(f"there is no key called {shown(key_id)}", field="key_id")

    async def abandon(self, key_id: str) -> int:
        raise SettingsError(f"there is no key called {shown(key_id)}", field="key_id")
