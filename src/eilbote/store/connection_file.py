"""Connections in a file that is written by hand, ``connections.toml``: a table for each, readable by its owner alone.

::

    [office]
    uri = "smtps://orders:secret@mail.example.org"

A table may hold every field that :meth:`Connection.from_fields` knows, beside a URI or in place of one. Nothing here writes
it: connections that commands keep are in the database, with their secrets encrypted.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from eilbote.connections.connection import Connection
from eilbote.connections.repository import connection_name, not_found
from eilbote.errors import ConfigurationError, OutboxUnavailableError, SettingsError
from eilbote.store.regular_file import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


_OTHERS = 0o077
_LARGEST = 1024 * 1024

_Tables = dict[str, dict[str, object]]
_Version = tuple[int, int, int]


class ConnectionFile:
    """A :class:`~eilbote.connections.repository.PlacedBook` in a file; read again when it has changed.

    Args:
        path: Where it lies, if there is one.
        look_seconds: How often it is looked at; thousands of messages a second ask for one connection.
        monotonic: Tells the seconds.
    """

    __slots__ = ("_connections", "_look_seconds", "_monotonic", "_next_look", "_path", "_tables", "_version")

    def __init__(
        self, path: Path, *, look_seconds: float = 0.1, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._look_seconds = look_seconds
        self._monotonic = monotonic
        self._next_look = -math.inf
        self._version: _Version | None = None
        self._tables: _Tables = {}
        self._connections: dict[str, Connection] = {}

    async def names(self) -> tuple[str, ...]:
        """Tell every name, sorted.

        Raises:
            SettingsError: The file holds nonsense, or others can read it.
            OutboxUnavailableError: It cannot be read.
        """
        return tuple(sorted(self._read()))

    async def get(self, name: str) -> Connection:
        """Give a connection.

        Raises:
            ConnectionNotFoundError: There is none; the remedy tells the names that look alike.
            ConfigurationError: Its fields cannot be used, or the file holds nonsense, or others can read it.
            OutboxUnavailableError: The file cannot be read.
        """
        name = connection_name(name)
        tables = self._read()
        connection = self._connections.get(name)
        if connection is None:
            if name not in tables:
                raise not_found(name, tables)
            connection = self._connections[name] = self._made(name, tables[name])
        return connection

    def place(self, name: str) -> str:  # noqa: ARG002 - all of them stand there
        """Name the file."""
        return str(self._path)

    # -- reading -----------------------------------------------------------------------------------------------

    def _read(self) -> Mapping[str, Mapping[str, object]]:
        now = self._monotonic()
        if now < self._next_look:
            return self._tables
        version = self._version_now()
        if version != self._version:
            self._tables = {} if version is None else self._parsed()
            self._connections = {}
            self._version = version
        self._next_look = now + self._look_seconds
        return self._tables

    def _version_now(self) -> _Version | None:
        """Tell one content of the file from another; ``None`` without a file."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise self._out_of_reach(fault) from fault
        if found.st_mode & _OTHERS:
            raise self._open_to_others()
        return (found.st_ino, found.st_mtime_ns, found.st_size)

    def _parsed(self) -> _Tables:
        import tomllib

        try:
            parsed = tomllib.loads(read_regular(self._path, most=_LARGEST).decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            # The parser's words may hold a part of a line, but its place may be told.
            place = str(fault).rpartition("(")[2].rstrip(")") if "(at " in str(fault) else "it is not UTF-8"
            raise self._unreadable(f"it is not TOML: {place}") from None
        except OSError as fault:
            raise self._out_of_reach(fault) from fault
        tables: _Tables = {}
        for name, table in parsed.items():
            if not isinstance(table, dict):
                raise self._unreadable(f"{name!r} stands outside a table [name]")
            tables[connection_name(name)] = table
        return tables

    def _made(self, name: str, table: Mapping[str, object]) -> Connection:
        try:
            return Connection.from_fields({**table, "name": name})
        except ConfigurationError as fault:
            fault.what = f"the connection {name!r} in {str(self._path)!r} cannot be used: {fault.what}"
            raise

    # -- faults ------------------------------------------------------------------------------------------------

    def _out_of_reach(self, fault: OSError) -> OutboxUnavailableError:
        """Say what an outbox in that folder says: the file is a part of it, and may be there again later."""
        return OutboxUnavailableError(
            f"{str(self._path)!r} cannot be read",
            field="data_dir",
            cause=fault.strerror or str(fault),
            remedy="Let this user read there, or set EILBOTE_DATA_DIR to another folder",
        )

    def _unreadable(self, cause: str) -> SettingsError:
        return SettingsError(
            f"the connections in {str(self._path)!r} cannot be read",
            field="connections",
            cause=cause,
            remedy="Mend the file, or move it away and keep the connections in the database: `eilbote connection add NAME URI`",
        )

    def _open_to_others(self) -> SettingsError:
        return SettingsError(
            f"other users of this machine may read {str(self._path)!r}, and the passwords in it",
            field="connections",
            remedy=f"Run `chmod 600 {self._path}`, and change the passwords if somebody may have looked",
        )
