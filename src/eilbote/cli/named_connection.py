"""Connections that are known by name, for commands that use one at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.cli.at_desk import at_connections
from eilbote.cli.faults import CommandLineError
from eilbote.cli.outbox_options import read_name
from eilbote.cli.server import address_of
from eilbote.connections.repository import qualified_name, split_name
from eilbote.model.credentials import Anonymous

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.cli.screen import Screen
    from eilbote.connections.connection import Connection


def read_qualified(name: str, org: str | None) -> str:
    """Give the qualified name of ``NAME`` and ``--org``.

    Raises:
        NameNotValidError: One of them cannot be a name.
        CommandLineError: The name brings another organization.
    """
    known = read_name(name)
    if org is None:
        return known
    organization, own = split_name(known)
    owner = read_name(org)
    if "/" in owner or (organization and organization != owner):
        raise CommandLineError(
            "NAME and --org say two organizations" if organization else "an organization's name has no slash",
            field="organization",
            remedy="Write NAME --org ORGANIZATION, or ORGANIZATION/NAME",
        )
    return qualified_name(owner, own)


def named_connection(
    name: str, screen: Screen, *, data_dir: Path | None, org: str | None = None
) -> Connection:
    """Look a connection up, also one that is disabled; a user name that is an address is the author of last resort.

    Raises:
        ConnectionNotFoundError: There is none.
        ConfigurationError: It cannot be used.
        OutboxError: The database that it is stored in cannot be read.
    """
    known = read_qualified(name, org)
    connection = at_connections(
        lambda eilbote: eilbote.connections.find(known), data_dir=data_dir, screen=screen
    )
    credentials = connection.credentials
    if connection.default_from is not None or isinstance(credentials, Anonymous):
        return connection
    return replace(connection, default_from=address_of(credentials.user))
