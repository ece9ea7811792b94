"""Connections that are known by name, for commands that need no outbox."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.cli.at_desk import read_settings
from eilbote.cli.outbox_options import read_name
from eilbote.cli.server import address_of
from eilbote.connections.known import KnownConnections
from eilbote.model.credentials import Anonymous
from eilbote.store.connection_file import ConnectionFile

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.cli.screen import Screen
    from eilbote.config.config import Config
    from eilbote.connections.connection import Connection


def known_connections(config: Config) -> KnownConnections:
    """Give the connections of the environment, and those that are kept."""
    return KnownConnections(given={}, environment=os.environ, kept=ConnectionFile(config.connections_file))


def named_connection(name: str, screen: Screen, *, data_dir: Path | None) -> Connection:
    """Look a connection up; a user name that is an address is the author of last resort.

    Raises:
        ConnectionNotFoundError: There is none.
        ConfigurationError: It cannot be used.
    """
    known = known_connections(read_settings(data_dir, screen))
    connection = asyncio.run(known.get(read_name(name)))
    credentials = connection.credentials
    if connection.default_from is not None or isinstance(credentials, Anonymous):
        return connection
    return replace(connection, default_from=address_of(credentials.user))
