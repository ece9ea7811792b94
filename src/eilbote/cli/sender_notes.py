"""What the name servers say of a sender at the moment a connection or setting is kept: notes, and never a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from eilbote.cli.connection_options import SETTINGS

if TYPE_CHECKING:
    from eilbote.connections.connection import Connection

CheckSender: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--check-sender",
        help="Also look up SPF, DKIM and DMARC of the sender's domain; what is not well is a note.",
        rich_help_panel=SETTINGS,
    ),
]


async def sender_warnings(connection: Connection) -> tuple[str, ...]:
    """Look up the domain of the connection's default From, or else of a user name that is an address.

    Args:
        connection: As it is kept now.
    """
    from eilbote.cli.server import address_of
    from eilbote.engine.sender_look import look_at_sender
    from eilbote.model.credentials import Anonymous
    from eilbote.net.dns import NameServers

    sender = connection.default_from
    if sender is None and not isinstance(connection.credentials, Anonymous):
        sender = address_of(connection.credentials.user)
    if sender is None:
        return ("the sender was not looked up, because no default From is set.",)
    review = await look_at_sender(connection, sender.addr_spec, names=NameServers())
    return review.warnings
