"""Connections in the environment: ``EILBOTE_CONNECTION`` is the connection ``default``, ``EILBOTE_CONNECTION_OFFICE`` is ``office``.

Each holds a URI. ``EILBOTE_CONNECTION_OFFICE_FILE`` names a file that does, as containers mount their secrets; it is read
again when it has changed, so a password that is rotated there is used without a restart. No error text holds any part of a
URI.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eilbote.connections.connection import Connection
from eilbote.connections.repository import connection_name, not_found
from eilbote.errors import ConfigurationError, SettingsError
from eilbote.store.regular_file import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_VARIABLE: Final = "EILBOTE_CONNECTION"
_FILE: Final = "_FILE"
_DEFAULT: Final = "default"
_LONGEST: Final = 64 * 1024


@dataclass(slots=True)
class _Source:
    """A variable, what it holds, and what was made of it."""

    variable: str
    text: str
    version: tuple[int, int, int] | None = None
    next_look: float = -math.inf
    connection: Connection | None = None

    @property
    def is_file(self) -> bool:
        return self.variable.endswith(_FILE)


class ConnectionVariables:
    """A :class:`~eilbote.connections.repository.PlacedBook` of the environment.

    Args:
        environment: The variables; what they hold is read when it is asked for.
        look_seconds: How often a file is looked at.
        monotonic: Tells the seconds.

    Raises:
        SettingsError: A variable names no connection, or two of them the same one.
    """

    __slots__ = ("_look_seconds", "_monotonic", "_names", "_sources")

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        look_seconds: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look_seconds = look_seconds
        self._monotonic = monotonic
        self._sources: dict[str, _Source] = {}
        for variable in sorted(environment):
            if environment[variable] and (name := _name_of(variable)):
                known = self._sources.setdefault(name, _Source(variable, environment[variable]))
                if known.variable != variable:
                    raise SettingsError(
                        f"{known.variable} and {variable} both say what the connection {name!r} is",
                        field=variable,
                        remedy="Keep one of them",
                    )
        self._names = tuple(sorted(self._sources))

    async def names(self) -> tuple[str, ...]:
        """Tell every name, sorted."""
        return self._names

    async def get(self, name: str) -> Connection:
        """Give a connection.

        Raises:
            ConnectionNotFoundError: There is none.
            ConfigurationError: Its URI cannot be used, or the file cannot be read; ``field`` names the variable.
        """
        source = self._sources.get(connection_name(name))
        if source is None:
            raise not_found(name, self._names)
        if source.is_file:
            self._look(source)
        if source.connection is None:
            source.connection = _made(connection_name(name), source)
        return source.connection

    def place(self, name: str) -> str:
        """Name the variable."""
        return self._sources[name].variable

    def _look(self, source: _Source) -> None:
        now = self._monotonic()
        if now < source.next_look:
            return
        version = _version(source)
        if version != source.version:
            source.connection = None
            source.version = version
        source.next_look = now + self._look_seconds


def _name_of(variable: str) -> str:
    """Give the connection that a variable is about; empty when it is about none."""
    suffix = variable.removeprefix(_VARIABLE)
    if suffix == variable or (suffix and not suffix.startswith("_")):
        return ""
    suffix = suffix.removesuffix(_FILE).removeprefix("_")
    return connection_name(suffix, field=variable) if suffix else _DEFAULT


def _version(source: _Source) -> tuple[int, int, int]:
    try:
        found = Path(source.text).stat()
    except (OSError, ValueError) as fault:
        raise _unreadable(source, fault) from fault
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _made(name: str, source: _Source) -> Connection:
    text = _read(source) if source.is_file else source.text
    try:
        return Connection.from_uri(text, name=name)
    except ConfigurationError as fault:
        fault.field = source.variable if fault.field is None else f"{source.variable}, {fault.field}"
        raise


def _read(source: _Source) -> str:
    try:
        text = read_regular(Path(source.text), most=_LONGEST).decode("utf-8-sig")
    except (OSError, ValueError) as fault:
        raise _unreadable(source, fault) from fault
    return text.strip()


def _unreadable(source: _Source, fault: OSError | ValueError) -> SettingsError:
    return SettingsError(
        "the file with the URI of the connection cannot be read",
        field=source.variable,
        cause=fault.strerror if isinstance(fault, OSError) else "It is not UTF-8, or no name of a file",
        remedy="Give the path of a file that holds the URI and that this user may read",
    )
