"""Stored connections by their names: read again only when somebody has changed one, and asked no more than ten times a second."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from eilbote.connections.change import ChangedConnection, replaced, with_fields
from eilbote.connections.field_names import our_name
from eilbote.connections.repository import connection_name, not_found, qualified, split_name
from eilbote.connections.stored import StoredConnection
from eilbote.connections.values import is_blank
from eilbote.errors import ConfigurationError, ConnectionDisabledError, OutboxError, SettingsError
from eilbote.model.moment import moment_of
from eilbote.model.oauth2 import OAuth2
from eilbote.model.secret import Secret
from eilbote.oauth2.token import token_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.connections.connection import Connection
    from eilbote.connections.stored import ConnectionLabel, ConnectionStore
    from eilbote.model.clock import Clock
    from eilbote.model.moment import Moment
    from eilbote.oauth2.token import TokenKey, TokenStore

_LOOK_AGAIN_SECONDS: Final = 0.1
_MOST_KNOWN: Final = 10_000
RESERVED: Final = frozenset({"notification", "system"})
"""Names of the endpoints, which are made of settings and are always there."""


@dataclass(slots=True)
class _Known:
    """What was found under a name, and the connection once somebody has asked for it."""

    stored: StoredConnection | None
    connection: Connection | None = None


class StoredBook:
    """A :class:`~eilbote.connections.repository.ConnectionBook` of what a store keeps.

    A connection is the same object until it is changed, as those who compose for it rely on.

    Args:
        store: What keeps them.
        clock: Tells when to ask again, and when something is changed.
        tokens: Where access tokens are kept; those of credentials that nobody has any more are forgotten.
    """

    __slots__ = ("_asked", "_clock", "_defaults", "_known", "_labels", "_revision", "_store", "_tokens")

    def __init__(self, store: ConnectionStore, *, clock: Clock, tokens: TokenStore | None = None) -> None:
        self._store = store
        self._tokens = tokens
        self._clock = clock
        self._asked: float | None = None
        self._revision: int | None = None
        self._known: dict[str, _Known] = {}
        self._labels: dict[str, ConnectionLabel] | None = None
        self._defaults: dict[str, str] = {}

    # -- reading -----------------------------------------------------------------------------------------------

    async def names(self) -> tuple[str, ...]:
        """Tell every qualified name, sorted; disabled ones are among them, and damaged ones.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        await self._look()
        if self._labels is None:
            await self._read_all()
        return tuple(self._labels or ())

    async def label(self, name: str) -> ConnectionLabel | None:
        """Tell of a qualified name what is known without decrypting anything; raises as :meth:`names`."""
        await self.names()
        return (self._labels or {}).get(name)

    async def all(self, organization: str | None = None) -> tuple[StoredConnection, ...]:
        """Give what is kept of the host (empty), of an organization, or of all (``None``); raises as :meth:`find`."""
        return await self._store.connections(organization)

    async def get(self, name: str) -> Connection:
        """Give a connection that mail may go through.

        Raises:
            ConnectionNotFoundError: There is none.
            ConnectionDisabledError: It is switched off; mail for it waits.
            ConfigurationError: What is kept cannot be used, or not be decrypted.
            OutboxUnavailableError: The database does not answer.
        """
        name = qualified(name)
        stored = await self.find(name)
        if stored is None:
            raise not_found(name, await self.names())
        return self.connection_of(stored)

    def connection_of(self, stored: StoredConnection, *, although_disabled: bool = False) -> Connection:
        """Give the connection that is made of what was just found.

        Args:
            stored: What :meth:`find` gave.
            although_disabled: Also when no mail may go through it.

        Raises:
            ConnectionDisabledError: It is switched off; mail for it waits.
            ConfigurationError: What is kept cannot be used.
        """
        name = stored.qualified_name
        if not stored.enabled and not although_disabled:
            raise ConnectionDisabledError(
                f"the connection {name!r} is switched off",
                field="connection",
                cause="What is to go through it waits",
                remedy=f"`eilbote connection enable {stored.name}{_org(stored.organization)}`",
            )
        known = self._known.get(name)
        if known is None or known.stored is not stored:
            return stored.connection()
        if known.connection is None:
            known.connection = stored.connection()
        return known.connection

    async def find(self, name: str) -> StoredConnection | None:
        """Give what is kept under a qualified name; ``None`` when nothing is.

        Raises:
            SecretKeyError: A secret of it cannot be decrypted.
            SettingsError: What is kept means nothing.
            OutboxUnavailableError: The database does not answer.
        """
        await self._look()
        known = self._known.get(name)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[name] = _Known(await self._store.find(*split_name(name)))
        return known.stored

    async def default(self, organization: str = "") -> str | None:
        """Give the qualified name of the connection that messages of an organization go through that name none."""
        await self._look()
        await self.names()
        return self._defaults.get(organization)

    async def _read_all(self) -> None:
        # Without their secrets: one that is damaged keeps nobody else's mail from going out.
        found = await self._store.labels()
        self._labels = {each.qualified_name: each for each in found}
        self._defaults = {each.organization: each.qualified_name for each in found if each.is_default}

    async def _look(self) -> None:
        """Forget what was read when somebody has changed something since; what is the same stays the same object."""
        now = self._clock.monotonic()
        if self._asked is not None and now - self._asked < _LOOK_AGAIN_SECONDS:
            return
        revision = await self._store.revision()
        if revision != self._revision:
            known, self._known = self._known, {}
            self._labels, self._defaults = None, {}
            for name, each in known.items():
                if each.connection is not None:
                    try:
                        stored = await self._store.find(*split_name(name))
                    except ConfigurationError:
                        continue  # told to whoever asks for that one
                    is_same = stored == each.stored
                    self._known[name] = _Known(stored, each.connection if is_same else None)
        self._revision, self._asked = revision, now

    def look_again(self) -> None:
        """Ask the store at the next question, because it was changed beside this book."""
        self._asked = None

    def _forget(self) -> None:
        self._asked = None

    # -- changing ----------------------------------------------------------------------------------------------

    async def put(self, name: str, uri: Secret | str) -> bool:
        """Keep a connection, in place of an earlier one of that name; says whether anything has changed.

        Raises:
            SettingsError: The name cannot be used.
            UriError: The URI cannot be used.
            SecretKeyError: Its secrets cannot be encrypted.
            OutboxUnavailableError: The database does not answer.
        """
        return (await self.add(name, {"uri": Secret(uri)}, replace_known=True)).is_new

    async def add(
        self, name: str, fields: Mapping[str, object], *, replace_known: bool = False
    ) -> ChangedConnection:
        """Keep a connection of these fields and no others.

        Args:
            name: Its qualified name.
            fields: What is said about it, under any names in use for the fields.
            replace_known: Whether one of that name is replaced; whether it is enabled, and the default, stays.

        Raises:
            SettingsError: The name cannot be used, or is taken, or a field cannot be used.
            ConfigurationError: The whole makes no connection.
        """
        name = qualified(name)
        organization, own = split_name(name)
        if own in RESERVED:
            raise SettingsError(
                f"{own!r} is the name of an endpoint, which is always there",
                field="name",
                remedy=f"Choose another name, or configure the endpoint: `eilbote settings set{_org(organization)}`",
            )
        self._forget()
        known = await self._replaceable(name) if replace_known else await self.find(name)
        if known is not None and not replace_known:
            raise SettingsError(
                f"there is a connection called {name!r} already",
                field="name",
                remedy=f"Choose another name, or change it: `eilbote connection update {own}{_org(organization)}`",
            )
        empty = StoredConnection(organization=organization, name=own)
        return await self._keep(replaced(known or empty, fields, now=self._now()))

    async def change(self, name: str, fields: Mapping[str, object]) -> ChangedConnection:
        """Change some fields of a connection; blank ones are taken back.

        Raises:
            ConnectionNotFoundError: There is none.
            SettingsError: A field cannot be used, or a secret has to be entered again; ``field`` names it.
            ConfigurationError: The whole makes no connection.
        """
        stored = await self._wanted(name)
        for written, value in fields.items():
            if our_name(written) == "name" and not is_blank(value) and not _is_called(stored, value):
                raise SettingsError(
                    f"a connection is not renamed: mail that waits for {stored.qualified_name!r} would not find it",
                    field=written,
                    remedy=f"Add it under the other name, then remove {stored.qualified_name!r}",
                )
        return await self._keep(with_fields(stored, fields, now=self._now()))

    async def switch(self, name: str, *, enabled: bool) -> bool:
        """Let mail go through a connection, or wait; says whether that is new.

        Raises:
            ConnectionNotFoundError: There is none.
        """
        stored = await self._wanted(name)
        if stored.enabled is enabled:
            return False
        await self._store.keep(replace(stored, enabled=enabled), now=self._now())
        self._forget()
        return True

    async def make_default(self, name: str) -> bool:
        """Use a connection for messages of its organization that name none; says whether that is new.

        Raises:
            ConnectionNotFoundError: There is none.
        """
        stored = await self._wanted(name)
        if stored.is_default:
            return False
        await self._store.keep(replace(stored, is_default=True), now=self._now())
        self._forget()
        return True

    async def remove(self, name: str) -> None:
        """Forget a connection with its secrets.

        Raises:
            ConnectionNotFoundError: There is none.
        """
        name = qualified(name)
        self._forget()
        if name not in (names := await self.names()):
            raise not_found(name, names)
        former = await self._former(name)
        await self._store.drop(*split_name(name))
        self._forget()
        await self._forget_tokens(former)

    async def _replaceable(self, name: str) -> StoredConnection | None:
        """Give what is kept under a name, to be replaced: of one that is damaged, what can be read of it."""
        try:
            return await self.find(name)
        except ConfigurationError:
            label = await self.label(name)
        if label is None:
            return None
        return StoredConnection(
            organization=label.organization,
            name=label.name,
            enabled=label.enabled,
            is_default=label.is_default,
            version=label.version,
        )

    async def _wanted(self, name: str) -> StoredConnection:
        name = qualified(name)
        organization, own = split_name(name)
        if own in RESERVED:
            raise SettingsError(
                f"{own!r} is the name of an endpoint, which is always there and is not kept with the connections",
                field="connection",
                remedy=f"Change it with `eilbote settings set{_org(organization)} ...`",
            )
        self._forget()
        stored = await self.find(name)
        if stored is None:
            raise not_found(name, await self.names())
        return stored

    async def _keep(self, changed: ChangedConnection) -> ChangedConnection:
        if not changed.is_new:
            return changed
        former = await self._former(changed.stored.qualified_name)
        kept = await self._store.keep(changed.stored, now=self._now())
        self._forget()
        await self._forget_tokens(former)
        return replace(changed, stored=kept)

    async def _former(self, name: str) -> TokenKey | None:
        """Give by what the tokens of a connection are known before it is changed; ``None`` when it has none."""
        if self._tokens is None:
            return None
        try:
            return _key_of(await self._store.find(*split_name(name)))
        except ConfigurationError:  # one that is damaged
            return None

    async def _forget_tokens(self, former: TokenKey | None) -> None:
        """Forget tokens that no stored connection signs in with any more: their refresh token would be kept for ever."""
        if former is None or self._tokens is None:
            return
        try:
            if any(_key_of(each) == former for each in await self._store.connections()):
                return
            await self._tokens.forget(former)
        except (ConfigurationError, OutboxError):  # the change is made; what is kept too long harms nobody
            return

    def _now(self) -> Moment:
        return moment_of(self._clock.now())


def _key_of(stored: StoredConnection | None) -> TokenKey | None:
    try:
        credentials = None if stored is None else stored.connection().credentials
    except ConfigurationError:
        return None
    return token_key(credentials) if isinstance(credentials, OAuth2) else None


def _is_called(stored: StoredConnection, value: object) -> bool:
    try:
        return connection_name(str(value)) == stored.name
    except SettingsError:
        return False


def _org(organization: str) -> str:
    return f" --org {organization}" if organization else ""
