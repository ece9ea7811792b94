"""The way out that a connection's settings ask for. Adding another one, such as a program, is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.deliver.smtp_transport import SmtpTransport
from eilbote.model.mail_protocol import MailProtocol

if TYPE_CHECKING:
    from eilbote.connections.connection import Connection
    from eilbote.deliver.transport import Transport
    from eilbote.model.clock import Clock
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.source import TokenSource


def way_out(
    connection: Connection,
    *,
    clock: Clock,
    egress: EgressPolicy | None = None,
    tokens: TokenSource | None = None,
) -> Transport:
    """Make the transport for a connection; nothing is opened yet.

    Args:
        connection: Which server, by which protocol, as whom.
        clock: Tells the time.
        egress: Which addresses may be connected to; ``None`` allows any.
        tokens: Where access tokens come from; ``None`` has them fetched for this transport alone.
    """
    if connection.protocol is MailProtocol.GRAPH:
        from eilbote.deliver.graph_transport import GraphTransport

        return GraphTransport(connection, clock=clock, egress=egress, tokens=tokens)
    return SmtpTransport(connection, clock=clock, egress=egress, tokens=tokens)
