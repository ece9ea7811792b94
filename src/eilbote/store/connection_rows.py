"""Stored connections as rows, their secrets apart; the same for both databases."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

from eilbote.connections.repository import qualified_name
from eilbote.connections.stored import ConnectionLabel, StoredConnection
from eilbote.errors import SettingsError
from eilbote.model.moment import Moment
from eilbote.store.cipher import Place, SecretKind
from eilbote.store.lost_race import check_race
from eilbote.store.record_database import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eilbote.connections.stored import FieldValue
    from eilbote.store.record_database import RecordDatabase, Statements
    from eilbote.store.secret_rows import SecretRows

# One statement gives a connection with its secrets, so that they are of one moment: the password of today must not go
# to the server of yesterday.
_SELECT: Final = (
    "SELECT c.organization, c.name, c.plain, c.enabled, c.is_default, c.created, c.changed, c.version, "
    "s.field, s.key_id, s.sealed FROM stored_connection c LEFT JOIN secret s "
    "ON s.kind = 'connection' AND s.organization = c.organization AND s.owner = c.name"
)
_ALL: Final = f"{_SELECT} WHERE CAST($1 AS TEXT) IS NULL OR c.organization = CAST($1 AS TEXT) ORDER BY c.organization, c.name"
_ONE: Final = f"{_SELECT} WHERE c.organization = $1 AND c.name = $2"
_LABELS: Final = "SELECT organization, name, enabled, is_default, version FROM stored_connection"
_KNOWN: Final = "SELECT version, created FROM stored_connection WHERE organization = $1 AND name = $2"
_NO_OTHER_DEFAULT: Final = (
    "UPDATE stored_connection SET is_default = false, version = version + 1, changed = $3 "
    "WHERE organization = $1 AND name <> $2 AND is_default"
)
_KEEP: Final = (
    "INSERT INTO stored_connection (organization, name, plain, enabled, is_default, created, changed, version) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (organization, name) DO UPDATE SET plain = $3, enabled = $4, "
    "is_default = $5, changed = $7, version = $8"
)
_DROP: Final = "DELETE FROM stored_connection WHERE organization = $1 AND name = $2"
_REVISION: Final = "SELECT value FROM meta WHERE key = 'revision'"
_DAMAGED: Final = -1
_MOST_DIGITS: Final = 18
_BEGIN_ANEW: Final = "UPDATE meta SET value = '0' WHERE key = 'revision'"
_CHANGE: Final = (
    "INSERT INTO meta (key, value) VALUES ('revision', '1') "
    "ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)"
)


class ConnectionRows:
    """A :class:`~eilbote.connections.stored.ConnectionStore` in a database.

    Args:
        database: The database.
        secrets: Its secrets.
    """

    __slots__ = ("_database", "_secrets")

    def __init__(self, database: RecordDatabase, secrets: SecretRows) -> None:
        self._database = database
        self._secrets = secrets

    async def connections(self, organization: str | None = None) -> tuple[StoredConnection, ...]:
        """See :meth:`ConnectionStore.connections <eilbote.connections.stored.ConnectionStore.connections>`."""
        rows = await self._database.read(lambda db: db.fetch(_ALL, organization))
        return tuple(sorted(self._nouns(rows), key=lambda one: one.qualified_name))

    async def labels(self) -> tuple[ConnectionLabel, ...]:
        """See :meth:`ConnectionStore.labels <eilbote.connections.stored.ConnectionStore.labels>`."""
        rows = await self._database.read(lambda db: db.fetch(_LABELS))
        labels = (
            ConnectionLabel(
                organization=organization,
                name=name,
                enabled=bool(enabled),
                is_default=bool(is_default),
                version=version,
            )
            for organization, name, enabled, is_default, version in cast(
                "Sequence[tuple[str, str, bool, bool, int]]", rows
            )
        )
        return tuple(sorted(labels, key=lambda one: one.qualified_name))

    async def find(self, organization: str, name: str) -> StoredConnection | None:
        """See :meth:`ConnectionStore.find <eilbote.connections.stored.ConnectionStore.find>`."""
        rows = await self._database.read(lambda db: db.fetch(_ONE, organization, name))
        return next(self._nouns(rows), None)

    async def keep(self, connection: StoredConnection, *, now: Moment) -> StoredConnection:
        """See :meth:`ConnectionStore.keep <eilbote.connections.stored.ConnectionStore.keep>`."""
        if connection.secrets:
            await self._secrets.prepare()

        async def work(db: Statements) -> StoredConnection:
            return await self.keep_within(db, connection, now)

        return await self._database.transact(work)

    async def keep_within(self, db: Statements, one: StoredConnection, now: Moment) -> StoredConnection:
        """Keep one as a part of somebody's transaction; whoever has secrets to keep has prepared for them.

        Raises:
            ConflictError: As :meth:`keep`.
        """
        await note_change(db)
        known = await db.fetch(_KNOWN, one.organization, one.name)
        version, created = cast("tuple[int, int]", tuple(known[0])) if known else (0, now)
        check_race("connection", one.qualified_name, read=one.version, found=version, key="name")
        if one.is_default:
            await db.execute(_NO_OTHER_DEFAULT, one.organization, one.name, now)
        kept = replace(one, created=Moment(created), changed=now, version=version + 1)
        await db.execute(
            _KEEP, one.organization, one.name, fields_text(one.plain), one.enabled, one.is_default, created, now, kept.version
        )  # fmt: skip
        await self._secrets.put(db, _place(one.organization, one.name), one.secrets)
        return kept

    async def drop(self, organization: str, name: str) -> bool:
        """See :meth:`ConnectionStore.drop <eilbote.connections.stored.ConnectionStore.drop>`."""

        async def work(db: Statements) -> bool:
            await note_change(db)
            await self._secrets.drop(db, _place(organization, name))
            return count(await db.execute(_DROP, organization, name)) > 0

        return await self._database.transact(work)

    async def revision(self) -> int:
        """See :meth:`ConnectionStore.revision <eilbote.connections.stored.ConnectionStore.revision>`."""
        return _read_revision(await self._database.read(lambda db: db.fetchval(_REVISION)))

    def _nouns(self, rows: Sequence[Sequence[object]]) -> Iterator[StoredConnection]:
        for key, group in groupby(map(tuple, rows), key=lambda row: row[:8]):
            organization, name, plain, enabled, is_default, created, changed, version = cast(
                "tuple[str, str, str, bool, bool, int, int, int]", key
            )
            sealed = [cast("tuple[str, str, bytes]", row[8:]) for row in group if row[8] is not None]
            yield StoredConnection(
                organization=organization,
                name=name,
                plain=read_fields(plain, whose=f"the connection {qualified_name(organization, name)!r}"),
                secrets=MappingProxyType(self._secrets.all_unsealed(_place(organization, name), sealed)),
                enabled=bool(enabled),
                is_default=bool(is_default),
                created=Moment(created),
                changed=Moment(changed),
                version=version,
            )


async def note_change(db: Statements) -> None:
    """Let the revision grow. Done first in each change: the next one waits here until this one is over."""
    if _read_revision(await db.fetchval(_REVISION)) == _DAMAGED:
        await db.execute(_BEGIN_ANEW)
    await db.execute(_CHANGE)


def _read_revision(value: object) -> int:
    """Read what is kept; whatever else stands there is a revision as well, which the next change ends."""
    if value is None:
        return 0
    text = str(value)
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else _DAMAGED


def fields_text(fields: Mapping[str, FieldValue]) -> str:
    """Write plain fields as JSON, in the order of their names."""
    return json.dumps(dict(fields), sort_keys=True)


def read_fields(text: str, *, whose: str) -> Mapping[str, FieldValue]:
    """Read what :func:`fields_text` wrote.

    Raises:
        SettingsError: It is something else.
    """
    try:
        fields: object = json.loads(text)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise damaged(whose)
    return MappingProxyType(cast("dict[str, FieldValue]", fields))


def damaged(whose: str) -> SettingsError:
    """Say that a row means nothing: the fault of one connection, and not of the outbox, whose other mail goes on."""
    return SettingsError(
        f"what is stored of {whose} cannot be read",
        cause="The database was damaged, changed by hand, or written by a newer eilbote",
        remedy="Restore the database from a copy; a connection can also be removed and entered again",
    )


def _place(organization: str, name: str) -> Place:
    return Place(kind=SecretKind.CONNECTION, organization=organization, owner=name, field="")
