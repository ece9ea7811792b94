"""What host and organizations say about their e-mail, as rows; the same for both databases."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import ConflictError
from eilbote.model.moment import Moment
from eilbote.settings.scope import HOST, Remains, ScopeSettings
from eilbote.store.cipher import Place, SecretKind
from eilbote.store.connection_rows import damaged, fields_text, note_change, read_fields
from eilbote.store.record_database import count

if TYPE_CHECKING:
    from eilbote.store.record_database import RecordDatabase, Statements
    from eilbote.store.secret_rows import SecretRows

_READ: Final = (
    "SELECT c.custom, c.plain, c.locked, c.changed, c.version, s.field, s.key_id, s.sealed FROM setting_scope c "
    "LEFT JOIN secret s ON s.kind = 'settings' AND s.organization = c.organization AND s.owner = '' "
    "WHERE c.organization = $1"
)
_VERSION: Final = "SELECT version FROM setting_scope WHERE organization = $1"
_WRITE: Final = (
    "INSERT INTO setting_scope (organization, custom, plain, locked, changed, version) VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT (organization) DO UPDATE SET custom = $2, plain = $3, locked = $4, changed = $5, version = $6"
)
_REMAINS: Final = (
    "SELECT c.custom, c.plain, c.locked, s.field FROM setting_scope c "
    "LEFT JOIN secret s ON s.kind = 'settings' AND s.organization = c.organization AND s.owner = '' "
    "WHERE c.organization = $1 ORDER BY s.field"
)
_RESET: Final = (
    "UPDATE setting_scope SET custom = $2, plain = '{}', locked = '[]', changed = $3, version = version + 1 "
    "WHERE organization = $1"
)
_ORGANIZATIONS: Final = (
    "SELECT organization FROM setting_scope c WHERE organization <> '' AND (plain <> '{}' OR locked <> '[]' OR NOT custom "
    "OR EXISTS (SELECT 1 FROM secret s WHERE s.kind = 'settings' AND s.organization = c.organization))"
)


class SettingRows:
    """A :class:`~eilbote.settings.scope.SettingsStore` in a database.

    Args:
        database: The database.
        secrets: Its secrets.
    """

    __slots__ = ("_database", "_secrets")

    def __init__(self, database: RecordDatabase, secrets: SecretRows) -> None:
        self._database = database
        self._secrets = secrets

    async def read(self, organization: str = HOST) -> ScopeSettings:
        """See :meth:`SettingsStore.read <eilbote.settings.scope.SettingsStore.read>`."""
        rows = [tuple(row) for row in await self._database.read(lambda db: db.fetch(_READ, organization))]
        if not rows:
            return ScopeSettings(organization=organization)
        custom, plain, locked, changed, version = cast("tuple[bool, str, str, int, int]", rows[0][:5])
        sealed = [cast("tuple[str, str, bytes]", row[5:]) for row in rows if row[5] is not None]
        return ScopeSettings(
            organization=organization,
            custom=bool(custom),
            plain=read_fields(plain, whose=_whose(organization)),
            secrets=MappingProxyType(self._secrets.all_unsealed(_place(organization), sealed)),
            locked=_read_locked(locked, organization),
            changed=Moment(changed),
            version=version,
        )

    async def write(self, settings: ScopeSettings, *, now: Moment) -> ScopeSettings:
        """See :meth:`SettingsStore.write <eilbote.settings.scope.SettingsStore.write>`."""
        if settings.secrets:
            await self._secrets.prepare()

        async def work(db: Statements) -> ScopeSettings:
            return await self.write_within(db, settings, now)

        return await self._database.transact(work)

    async def write_within(self, db: Statements, said: ScopeSettings, now: Moment) -> ScopeSettings:
        """Keep what a scope says as a part of somebody's transaction; whoever has secrets to keep has prepared for them.

        Raises:
            ConflictError: As :meth:`write`.
        """
        await note_change(db)
        version = cast("int | None", await db.fetchval(_VERSION, said.organization)) or 0
        if version != said.version:
            raise changed_meanwhile(said, version)
        kept = replace(said, changed=now, version=version + 1)
        locked = json.dumps(sorted(said.locked))
        await db.execute(
            _WRITE, said.organization, said.custom, fields_text(said.plain), locked, now, kept.version
        )
        await self._secrets.put(db, _place(said.organization), said.secrets)
        return kept

    async def remains(self, organization: str = HOST) -> Remains | None:
        """See :meth:`SettingsStore.remains <eilbote.settings.scope.SettingsStore.remains>`."""
        rows = [tuple(row) for row in await self._database.read(lambda db: db.fetch(_REMAINS, organization))]
        if not rows:
            return None
        custom, plain, locked = rows[0][:3]
        return Remains(
            organization=organization,
            custom=bool(custom),
            plain=str(plain),
            locked=str(locked),
            secrets=tuple(str(row[3]) for row in rows if row[3] is not None),
        )

    async def reset(self, organization: str = HOST, *, now: Moment) -> bool:
        """See :meth:`SettingsStore.reset <eilbote.settings.scope.SettingsStore.reset>`."""

        async def work(db: Statements) -> bool:
            await note_change(db)
            await self._secrets.drop(db, _place(organization))
            return count(await db.execute(_RESET, organization, True, now)) > 0  # noqa: FBT003 - a column's value

        return await self._database.transact(work)

    async def organizations(self) -> tuple[str, ...]:
        """See :meth:`SettingsStore.organizations <eilbote.settings.scope.SettingsStore.organizations>`."""
        rows = await self._database.read(lambda db: db.fetch(_ORGANIZATIONS))
        return tuple(sorted(cast("str", row[0]) for row in rows))


def changed_meanwhile(wanted: ScopeSettings, version: int) -> ConflictError:
    """Say that settings cannot be kept in place of the version they were read at."""
    return ConflictError(
        f"somebody has changed {_whose(wanted.organization)} meanwhile",
        field="revision",
        cause=f"Revision {wanted.version} was read, and revision {version} is there by now",
        remedy="Read them again, then change them",
    )


def _read_locked(text: str, organization: str) -> frozenset[str]:
    try:
        locked: object = json.loads(text)
    except ValueError:
        locked = None
    if not isinstance(locked, list):
        raise damaged(_whose(organization))
    return frozenset(map(str, cast("list[object]", locked)))


def _whose(organization: str) -> str:
    return (
        f"the settings of the organization {organization!r}" if organization else "the settings of the host"
    )


def _place(organization: str) -> Place:
    return Place(kind=SecretKind.SETTINGS, organization=organization, field="")
