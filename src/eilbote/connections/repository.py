"""The port behind which connections are kept by name: a file, the environment, or what a program handed in.

Rules every implementation keeps:

* Names are compared in one form, :func:`connection_name`: ``Back_Up`` and ``back-up`` are the same connection.
* What :meth:`ConnectionBook.get` gives carries that name, so a lane of the outbox is called as its connection is.
* Secrets go nowhere but into the book; no error text holds any part of a URI.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from eilbote.errors import ConnectionNotFoundError, SettingsError
from eilbote.model.kinds import check_kind, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.connections.connection import Connection
    from eilbote.model.secret import Secret

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?\Z", re.ASCII)
_LONGEST_TO_COMPARE = 60
_MOST_NAMES_SHOWN = 5


class ConnectionBook(Protocol):
    """Knows connections by their names."""

    async def names(self) -> tuple[str, ...]:
        """Tell every name, sorted."""
        ...

    async def get(self, name: str) -> Connection:
        """Give a connection as it is kept now; it may have changed since the last call.

        Raises:
            ConnectionNotFoundError: There is none; the remedy tells the names that look alike.
            ConfigurationError: What is kept cannot be used, or not be read.
        """
        ...

    async def put(self, name: str, uri: Secret | str) -> bool:
        """Keep a connection, in place of an earlier one of that name; says whether anything has changed.

        Raises:
            SettingsError: The name cannot be used, or the book cannot be changed.
            UriError: The URI cannot be used.
        """
        ...

    async def remove(self, name: str) -> None:
        """Forget a connection.

        Raises:
            ConnectionNotFoundError: There is none.
            SettingsError: The book cannot be changed.
        """
        ...


class PlacedBook(Protocol):
    """Knows connections that are changed elsewhere, and where."""

    async def names(self) -> tuple[str, ...]:
        """Tell every name, sorted; asked for each message, so it costs next to nothing."""
        ...

    async def get(self, name: str) -> Connection:
        """Give a connection as it stands there now.

        Raises:
            ConnectionNotFoundError: There is none.
            ConfigurationError: What stands there cannot be used, or not be read.
        """
        ...

    def place(self, name: str) -> str:
        """Tell where it stands, for people: the name of a variable or a file."""
        ...


def connection_name(text: str, *, field: str = "connection") -> str:
    """Give a name in the form in which names are compared: small letters, digits, dots and hyphens.

    Raises:
        SettingsError: It cannot be a name.
    """
    check_kind(text, (str,), field=field, fault=SettingsError)
    name = text.strip().lower().replace("_", "-")
    if not _NAME.match(name):
        raise SettingsError(
            "a URI cannot stand for a name here" if "://" in text else f"{shown(text)} cannot be a name",
            field=field,
            remedy="Give 1 to 64 letters, digits, dots and hyphens, with a letter or digit at both ends",
        )
    return name


def qualified_name(organization: str, name: str) -> str:
    """Give the name of a connection among those of everybody: ``office`` of the host, ``acme/office`` of ``acme``.

    Lanes, pauses and attempts of the outbox go by it, so two organizations may both have an ``office``.
    """
    return f"{organization}/{name}" if organization else name


def qualified(text: str, *, field: str = "connection") -> str:
    """Give a name, perhaps with its organization and a slash before it, in the form in which names are compared.

    Raises:
        SettingsError: It cannot be a name.
    """
    check_kind(text, (str,), field=field, fault=SettingsError)
    return _qualified(text, field)


@lru_cache(maxsize=1024)  # asked for each message, about a few names
def _qualified(text: str, field: str) -> str:
    organization, slash, name = text.partition("/")
    if not slash or "://" in text:
        return connection_name(text, field=field)
    return qualified_name(connection_name(organization, field=field), connection_name(name, field=field))


def split_name(qualified: str) -> tuple[str, str]:
    """Give organization (empty for the host) and name; the reverse of :func:`qualified_name`."""
    organization, _, name = qualified.rpartition("/")
    return organization, name


def not_found(name: str, known: Iterable[str], *, field: str = "connection") -> ConnectionNotFoundError:
    """Say that no connection has a name, and which ones there are."""
    names = sorted(known)
    alike = difflib.get_close_matches(name[:_LONGEST_TO_COMPARE], names, n=3, cutoff=0.6)
    if alike:
        remedy = f"Did you mean {' or '.join(alike)}? "
    elif names:
        more = "" if len(names) <= _MOST_NAMES_SHOWN else f" and {len(names) - _MOST_NAMES_SHOWN} more"
        remedy = f"Known: {', '.join(names[:_MOST_NAMES_SHOWN])}{more}. "
    else:
        remedy = "There are no connections yet. "
    return ConnectionNotFoundError(
        f"no connection is called {shown(name)}",
        field=field,
        remedy=f"{remedy}`eilbote connection add {name} URI` makes one",
    )
