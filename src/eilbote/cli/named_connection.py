"""Connections that are known by name, for commands that use one at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.cli.at_desk import at_desk
from eilbote.cli.outbox_options import read_name
from eilbote.cli.server import address_of
from eilbote.model.credentials import Anonymous

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.cli.screen import Screen
    from eilbote.connections.connection import Connection


def named_connection(name: str, screen: Screen, *, data_dir: Path | None) -> Connection:
    """Look a connection up; a user name that is an address is the author of last resort.

    Raises:
        ConnectionNotFoundError: There is none.
        ConfigurationError: It cannot be used.
    """
    known = read_name(name)
    connection = at_desk(
        lambda eilbote: eilbote.connections.find(known), data_dir=data_dir, screen=screen, quietly=True
    )
    credentials = connection.credentials
    if connection.default_from is not None or isinstance(credentials, Anonymous):
        return connection
    return replace(connection, default_from=address_of(credentials.user))
