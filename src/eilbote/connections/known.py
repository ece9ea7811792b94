"""All connections a program knows, nearest first: its own, those of its environment, stored ones, those of a file, endpoints.

Messages of an organization find its own connections first and then the host's: ``office`` of a message for ``acme`` is
``acme/office`` when there is one, else ``office``. What a program gives itself goes before all of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.connections.connection import Connection
from eilbote.connections.repository import (
    connection_name,
    not_found,
    qualified,
    qualified_name,
    split_name,
)
from eilbote.connections.stored_book import RESERVED
from eilbote.errors import ConfigurationError, ConnectionNotFoundError, SettingsError
from eilbote.model.kinds import check_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.connections.repository import ConnectionBook, PlacedBook
    from eilbote.connections.stored_book import StoredBook
    from eilbote.model.secret import Secret

DEFAULT: Final = "default"
"""The name of the connection that is used when nobody names one."""
NOTIFICATION: Final = "notification"
"""The endpoint that is used when there is no other connection."""
NOWHERE: Final = "smtps://captured.invalid"
"""A server that cannot be (RFC 6761 section 6.4): where mail would go that is captured, while nobody has named one."""


class KnownConnections:
    """A :class:`~eilbote.connections.repository.ConnectionBook` of several, the nearest of which is heard first.

    Args:
        given: Connections of this program, as settings or as URIs.
        environment: Those of its environment.
        stored: Those that are kept, and where :meth:`put` puts them.
        file: Those that stand in a file written by hand.
        endpoints: Those that are made of settings.
        unconfigured: What an endpoint is while nobody has configured it, where mail is captured and goes nowhere anyhow.

    Raises:
        ConfigurationError: One that was given cannot be used.
    """

    __slots__ = ("_endpoints", "_environment", "_file", "_given", "_unconfigured", "stored")

    def __init__(
        self,
        *,
        given: Mapping[str, Connection | str],
        stored: StoredBook,
        environment: PlacedBook | None = None,
        file: PlacedBook | None = None,
        endpoints: ConnectionBook | None = None,
        unconfigured: Connection | None = None,
    ) -> None:
        self._given = {
            (known := connection_name(name, field="connections")): _named(known, connection)
            for name, connection in given.items()
        }
        self._environment = environment
        self._file = file
        self._endpoints = endpoints
        self._unconfigured = unconfigured
        self.stored = stored

    # -- reading -----------------------------------------------------------------------------------------------

    async def names(self) -> tuple[str, ...]:
        """Tell every qualified name, sorted; endpoints are among them, whether they are configured or not."""
        endpoints = () if self._endpoints is None else await self._endpoints.names()
        return tuple(sorted({*await self._own_names(), *endpoints}))

    async def get(self, name: str) -> Connection:
        """Give a connection that mail may go through.

        Raises:
            ConnectionNotFoundError: There is none, or the endpoint of that name is not configured yet.
            ConnectionDisabledError: It is switched off; mail for it waits.
            ConfigurationError: It cannot be used.
            OutboxUnavailableError: The database does not answer.
        """
        return await self._get(qualified(name), disabled=False)

    async def find(self, name: str) -> Connection:
        """Give a connection, also one that is switched off: mail for it may be handed in, and waits; raises as :meth:`get`."""
        return await self._get(qualified(name), disabled=True)

    async def _get(self, name: str, *, disabled: bool) -> Connection:
        if name in self._given:
            return self._given[name]
        if self._environment is not None and name in await self._environment.names():
            return await self._environment.get(name)
        if (stored := await self.stored.find(name)) is not None:
            return self.stored.connection_of(stored, although_disabled=disabled)
        if self._file is not None and name in await self._file.names():
            return await self._file.get(name)
        if self._endpoints is not None and split_name(name)[1] in RESERVED:
            return await self._endpoint(self._endpoints, name)
        raise not_found(name, await self._names_beside(name))

    async def _endpoint(self, endpoints: ConnectionBook, name: str) -> Connection:
        try:
            return await endpoints.get(name)
        except ConnectionNotFoundError:
            if self._unconfigured is None:
                raise
            return self._unconfigured

    async def _names_beside(self, name: str) -> list[str]:
        """Give the names that may be told to whoever asked for one: the host's, and of its own organization."""
        organization = split_name(name)[0]
        return [each for each in await self.names() if split_name(each)[0] in ("", organization)]

    async def names_for(self, organization: str) -> frozenset[str]:
        """Give the names that authors of an organization may write: the host's, and their own, with it and without."""
        names = await self.names()
        own = {name for name in names if split_name(name)[0] == organization}
        hosts = {name for name in names if not split_name(name)[0]}
        return frozenset(hosts | own | {split_name(name)[1] for name in own})

    async def resolve(self, name: str, organization: str = "") -> str:
        """Give the qualified name of the connection that an author of an organization means by a name.

        A name with a slash is taken as it stands, for the author's own organization only.

        Raises:
            ConnectionNotFoundError: The connection is another organization's.
            SettingsError: It cannot be a name.
        """
        name = qualified(name, field="connections")
        if name in self._given:
            return name
        owner, own = split_name(name)
        if owner and owner != organization:
            raise not_found(
                name, [each for each in await self.names() if split_name(each)[0] in ("", organization)]
            )
        if not organization or owner:
            return name
        of_theirs = qualified_name(organization, own)
        if own in RESERVED:
            return of_theirs if own == NOTIFICATION else own
        return of_theirs if of_theirs in await self.stored.names() else name

    async def default(self, organization: str = "") -> str:
        """Name the connection for messages that name none.

        That is ``default``, else the one that is marked as the default, else the only one there is, else the endpoint
        ``notification``. An organization's own go before the host's, and so does its endpoint if it names a server.

        Raises:
            ConfigurationError: There are several, none of which is the default.
        """
        if DEFAULT in self._given:
            return DEFAULT
        if organization and (own := await self._default_of(organization)):
            return own
        if self._environment is not None and DEFAULT in await self._environment.names():
            return DEFAULT
        names = tuple(name for name in await self._own_names() if "/" not in name)
        if DEFAULT in names:
            return DEFAULT
        if marked := await self.stored.default():
            return marked
        if len(names) == 1:
            return names[0]
        endpoint = qualified_name(organization, NOTIFICATION)
        if not names or await self._is_configured(endpoint):
            return endpoint
        raise SettingsError(
            "no connection is named",
            field="connections",
            cause=f"There are {len(names)}: {', '.join(names)}",
            remedy=f"Name one of them, or choose one for good: `eilbote connection default {names[0]}`",
        )

    async def _default_of(self, organization: str) -> str | None:
        names = [name for name in await self.stored.names() if split_name(name)[0] == organization]
        if (own := qualified_name(organization, DEFAULT)) in names:
            return own
        if marked := await self.stored.default(organization):
            return marked
        if len(names) == 1:
            return names[0]
        endpoint = qualified_name(organization, NOTIFICATION)
        try:
            is_theirs = self._endpoints is not None and (await self._endpoints.get(endpoint)).public_only
        except ConnectionNotFoundError:
            return None
        return endpoint if is_theirs else None

    async def _is_configured(self, endpoint: str) -> bool:
        if self._endpoints is None:
            return False
        try:
            await self._endpoints.get(endpoint)
        except ConnectionNotFoundError:
            return False
        return True

    async def _own_names(self) -> tuple[str, ...]:
        environment = () if self._environment is None else await self._environment.names()
        file = () if self._file is None else await self._file.names()
        return tuple(sorted({*self._given, *environment, *await self.stored.names(), *file}))

    def stays(self, name: str) -> bool:
        """Tell whether a connection is the same as long as the program runs, because it was given."""
        return name in self._given

    async def place(self, name: str) -> str:
        """Tell where a connection comes from, for people: a variable, ``stored``, a file, the settings."""
        name = qualified(name)
        if name in self._given:
            return "this program"
        if self._environment is not None and name in await self._environment.names():
            return self._environment.place(name)
        if name in await self.stored.names():
            return "stored"
        if self._file is not None and name in await self._file.names():
            return self._file.place(name)
        return "settings" if split_name(name)[1] in RESERVED else ""

    # -- changing ----------------------------------------------------------------------------------------------

    async def put(self, name: str, uri: Secret | str) -> bool:
        """Keep a connection among the stored ones; says whether anything has changed.

        Raises:
            SettingsError: The name cannot be used, or stands nearer already.
            UriError: The URI cannot be used.
            SecretKeyError: Its secrets cannot be encrypted.
            OutboxUnavailableError: The database does not answer.
        """
        await self.check_free(name)
        return await self.stored.put(name, uri)

    async def remove(self, name: str) -> None:
        """Forget a stored connection.

        Raises:
            ConnectionNotFoundError: There is none.
            SettingsError: It is not stored but given, or stands in a file written by hand.
            OutboxUnavailableError: The database does not answer.
        """
        name = qualified(name)
        await self.check_free(name)
        if name in await self.stored.names():
            await self.stored.remove(name)
        elif self._file is not None and name in await self._file.names():
            raise SettingsError(
                f"the connection {name!r} stands in {self._file.place(name)!r}, which is written by hand",
                field="connection",
                remedy="Take it out of that file",
            )
        elif self._endpoints is not None and split_name(name)[1] in RESERVED:
            await self._endpoints.remove(name)
        else:
            raise not_found(name, await self.names())

    async def check_free(self, name: str) -> None:
        """Refuse to change what would not be seen.

        Raises:
            SettingsError: A connection of that name stands nearer than stored ones.
        """
        name = qualified(name)
        by = "this program itself" if name in self._given else ""
        if not by and self._environment is not None and name in await self._environment.names():
            by = self._environment.place(name)
        if by:
            raise SettingsError(
                f"the connection {name!r} is given by {by}",
                field="connection",
                cause="what is given goes before what is kept, so a change would not be seen",
                remedy="Choose another name, or change it where it is given",
            )


def _named(name: str, connection: Connection | str) -> Connection:
    field = f"connections[{name!r}]"
    check_kind(connection, (Connection, str), field=field, fault=SettingsError)
    if isinstance(connection, Connection):
        return replace(connection, name=name)
    try:
        return Connection.from_uri(connection, name=name)
    except ConfigurationError as fault:
        fault.field = field
        raise
