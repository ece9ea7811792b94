"""All connections a program knows: those it handed in, those of its environment, those that are kept.

What stands nearer goes first: a program's own before the environment, the environment before what is kept.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.connections.connection import Connection
from eilbote.connections.repository import connection_name, not_found
from eilbote.errors import ConfigurationError, SettingsError
from eilbote.model.kinds import check_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.connections.repository import ConnectionBook
    from eilbote.model.secret import Secret

DEFAULT = "default"
"""The name of the connection that is used when nobody names one."""
_VARIABLE = "EILBOTE_CONNECTION"


class KnownConnections:
    """A :class:`~eilbote.connections.repository.ConnectionBook` of what is given, and of another book behind it.

    Args:
        given: Connections of this program, as settings or as URIs.
        environment: The environment's variables: ``EILBOTE_CONNECTION`` is the connection ``default``,
            ``EILBOTE_CONNECTION_OFFICE`` is ``office``. Each is read when it is asked for.
        kept: Where further ones are kept, and where :meth:`put` puts them.

    Raises:
        ConfigurationError: One that was given cannot be used.
    """

    __slots__ = ("_environment", "_given", "_kept", "_read")

    def __init__(
        self,
        *,
        given: Mapping[str, Connection | str],
        environment: Mapping[str, str],
        kept: ConnectionBook,
    ) -> None:
        self._given = {
            (known := connection_name(name, field="connections")): _named(known, connection)
            for name, connection in given.items()
        }
        self._environment = {
            _name_of(variable): variable
            for variable in sorted(environment)
            if (variable == _VARIABLE or variable.startswith(f"{_VARIABLE}_")) and environment[variable]
        }
        self._read = {variable: environment[variable] for variable in self._environment.values()}
        self._kept = kept

    async def names(self) -> tuple[str, ...]:
        """Tell every name, sorted."""
        return tuple(sorted({*self._given, *self._environment, *await self._kept.names()}))

    async def get(self, name: str) -> Connection:
        """Give a connection.

        Raises:
            ConnectionNotFoundError: There is none; the remedy tells the names that look alike.
            ConfigurationError: It cannot be used.
        """
        name = connection_name(name)
        if name in self._given:
            return self._given[name]
        if name in self._environment:
            connection = self._given[name] = self._from_environment(name)
            return connection
        if name not in await self._kept.names():
            raise not_found(name, await self.names())
        return await self._kept.get(name)

    def stays(self, name: str) -> bool:
        """Tell whether a connection is the same as long as the program runs, because it was given."""
        return name in self._given

    async def put(self, name: str, uri: Secret | str) -> bool:
        """Keep a connection; says whether anything has changed.

        Raises:
            SettingsError: The name cannot be used, or stands nearer already.
            UriError: The URI cannot be used.
        """
        self._refuse_nearer(connection_name(name))
        return await self._kept.put(name, uri)

    async def remove(self, name: str) -> None:
        """Forget a connection that is kept.

        Raises:
            ConnectionNotFoundError: There is none.
            SettingsError: It is not kept but given, or the book cannot be changed.
        """
        self._refuse_nearer(connection_name(name))
        await self._kept.remove(name)

    async def default(self) -> str:
        """Name the connection for messages that name none: ``default``, or the only one there is.

        Raises:
            ConfigurationError: There is none, or none of several is called ``default``.
        """
        if DEFAULT in self._given or DEFAULT in self._environment:
            return DEFAULT
        names = await self.names()
        if DEFAULT in names:
            return DEFAULT
        if len(names) == 1:
            return names[0]
        if not names:
            raise not_found(DEFAULT, ())
        raise SettingsError(
            "no connection is named",
            field="connections",
            cause=f"There are {len(names)}: {', '.join(names)}",
            remedy=f"Name one of them, or call one {DEFAULT!r}",
        )

    def _from_environment(self, name: str) -> Connection:
        variable = self._environment[name]
        try:
            return Connection.from_uri(self._read[variable], name=name)
        except ConfigurationError as fault:
            fault.field = variable if fault.field is None else f"{variable}, {fault.field}"
            raise

    def _refuse_nearer(self, name: str) -> None:
        if name in self._environment or name in self._given:
            by = self._environment.get(name, "this program itself")
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


def _name_of(variable: str) -> str:
    suffix = variable[len(_VARIABLE) + 1 :]
    return connection_name(suffix, field=variable) if suffix else DEFAULT
