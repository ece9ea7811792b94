"""Connections in a file of their own, ``connections.toml``: a table for each, readable by its owner alone.

::

    [office]
    uri = "smtps://orders:secret@mail.example.org"

A table may hold every field that :meth:`Connection.from_fields` knows, beside a URI or in place of one. The file is
written as a whole under another name and then renamed, so a reader finds the old one or the new one.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import math
import os
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from eilbote.connections.connection import Connection
from eilbote.connections.repository import connection_name, not_found
from eilbote.errors import ConfigurationError, OutboxUnavailableError, SettingsError
from eilbote.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping


_HEAD = """\
# Connections of eilbote, with their secrets: for the eyes of the owner only.
# `eilbote connection` writes this file anew and keeps no other comments.
"""
_OTHERS = 0o077
_DELETE = "\x7f"

_Tables = dict[str, dict[str, object]]
_Version = tuple[int, int, int]


class ConnectionFile:
    """A :class:`~eilbote.connections.repository.ConnectionBook` in a file; read again when it has changed.

    Args:
        path: Where it lies; made with its folder when a connection is put.
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

    async def put(self, name: str, uri: Secret | str) -> bool:
        """Keep a connection, in place of an earlier one of that name; says whether anything has changed.

        Raises:
            SettingsError: The name cannot be used.
            OutboxUnavailableError: The file cannot be written.
            UriError: The URI cannot be used.
        """
        name = connection_name(name)
        uri = Secret(uri)
        Connection.from_uri(uri.reveal())  # refuses what could not be read later
        try:
            return await asyncio.to_thread(self._change, name, {"uri": uri.reveal()})
        finally:
            self._next_look = -math.inf

    async def remove(self, name: str) -> None:
        """Forget a connection.

        Raises:
            ConnectionNotFoundError: There is none.
            OutboxUnavailableError: The file cannot be written.
        """
        try:
            await asyncio.to_thread(self._change, connection_name(name), None)
        finally:
            self._next_look = -math.inf

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
            raise self._out_of_reach("read", fault) from fault
        if found.st_mode & _OTHERS:
            raise self._open_to_others()
        return (found.st_ino, found.st_mtime_ns, found.st_size)

    def _parsed(self) -> _Tables:
        import tomllib

        try:
            parsed = tomllib.loads(self._path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            # The parser's words may hold a part of a line, but its place may be told.
            place = str(fault).rpartition("(")[2].rstrip(")") if "(at " in str(fault) else "it is not UTF-8"
            raise self._unreadable(f"it is not TOML: {place}") from None
        except OSError as fault:
            raise self._out_of_reach("read", fault) from fault
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

    # -- writing -----------------------------------------------------------------------------------------------

    def _change(self, name: str, table: dict[str, object] | None) -> bool:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._locked():
                tables = {} if self._version_now() is None else self._parsed()
                if table is None:
                    if name not in tables:
                        raise not_found(name, tables)
                    del tables[name]
                elif tables.get(name) == table:
                    return False
                else:
                    tables[name] = table
                self._write(tables)
        except OSError as fault:
            raise self._out_of_reach("written", fault) from fault
        return True

    def _write(self, tables: Mapping[str, Mapping[str, object]]) -> None:
        text = _HEAD + "".join(_table_lines(name, table) for name, table in sorted(tables.items()))
        handle, unfinished = tempfile.mkstemp(
            prefix=".connections-", dir=self._path.parent
        )  # with rights 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(unfinished).rename(self._path)
        finally:
            Path(unfinished).unlink(missing_ok=True)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _locked(self) -> Generator[None]:
        """Let one process at a time change the file."""
        handle = os.open(
            self._path.with_name(f".{self._path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    # -- faults ------------------------------------------------------------------------------------------------

    def _out_of_reach(self, what: str, fault: OSError) -> OutboxUnavailableError:
        """Say what an outbox in that folder says: the file is a part of it, and may be there again later."""
        return OutboxUnavailableError(
            f"{str(self._path)!r} cannot be {what}",
            field="data_dir",
            cause=fault.strerror or str(fault),
            remedy="Make room, let this user read and write there, or set EILBOTE_DATA_DIR to another folder",
        )

    def _unreadable(self, cause: str) -> SettingsError:
        return SettingsError(
            f"the connections in {str(self._path)!r} cannot be read",
            field="connections",
            cause=cause,
            remedy="Mend the file, or move it away and add the connections again: `eilbote connection add NAME URI`",
        )

    def _open_to_others(self) -> SettingsError:
        return SettingsError(
            f"other users of this machine may read {str(self._path)!r}, and the passwords in it",
            field="connections",
            remedy=f"Run `chmod 600 {self._path}`, and change the passwords if somebody may have looked",
        )


def _table_lines(name: str, table: Mapping[str, object]) -> str:
    return f"\n[{_quoted(name) if '.' in name else name}]\n" + "".join(
        f"{key if _is_bare(key) else _quoted(key)} = {_value(value)}\n" for key, value in table.items()
    )


def _is_bare(key: str) -> bool:
    return key.isascii() and key.replace("_", "a").replace("-", "a").isalnum()


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case _:
            return _quoted(str(value))


def _quoted(text: str) -> str:
    """Write a TOML basic string: JSON's escapes are TOML's, except that DEL needs one as well."""
    return json.dumps(text, ensure_ascii=False).replace(_DELETE, "\\u007f")
