"""A connection that is known by name, for commands that need no outbox."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.cli.at_desk import read_settings
from eilbote.cli.server import address_of
from eilbote.connections.known import KnownConnections
from eilbote.model.credentials import Anonymous
from eilbote.store.connection_file import ConnectionFile

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
    config = read_settings(data_dir, screen)
    known = KnownConnections(given={}, environment=os.environ, kept=ConnectionFile(config.connections_file))
    connection = asyncio.run(known.get(name))
    credentials = connection.credentials
    if connection.default_from is not None or isinstance(credentials, Anonymous):
        return connection
    return replace(connection, default_from=address_of(credentials.user))
