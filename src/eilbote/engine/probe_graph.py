"""The test of a connection to Microsoft Graph: DNS, TCP, TLS, the token, and whether Graph takes it for this mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.deliver.graph_transport import GraphTransport
from eilbote.model.tls import Security
from eilbote.net.stream import Stream
from eilbote.net.tls import context

if TYPE_CHECKING:
    from eilbote.connections.connection import Connection
    from eilbote.engine.probe_watch import Watch
    from eilbote.errors import DeliveryError
    from eilbote.model.clock import Clock
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.source import TokenSource


class _Nobody:
    """Hears a stream on which nothing is said."""

    def octets_received(self, data: bytes) -> None:
        """Let it pass: a web server speaks when it is spoken to."""

    def stream_lost(self, error: DeliveryError | None) -> None:
        """Let it pass: the request that follows has its own connection, and its own faults."""


async def probe_graph(
    connection: Connection,
    watch: Watch,
    *,
    tokens: TokenSource | None,
    clock: Clock,
    egress: EgressPolicy | None,
) -> None:
    """Go through the steps and note each.

    Raises:
        DeliveryError: A step failed.
        SettingsError: A setting cannot be used.
    """
    stream = await Stream.connect(
        connection.host,
        connection.port,
        receiver=_Nobody(),
        ssl_context=None if connection.security is Security.NONE else context(connection.tls),
        server_name=connection.tls.server_name,
        timeout=connection.timeouts.connect,
        egress=egress,
        on_step=watch.done,
    )
    stream.abort()
    transport = GraphTransport(connection, clock=clock, tokens=tokens, egress=egress)
    try:
        said = await transport.knows_mailbox()
    finally:
        await transport.close()
    watch.done(
        "auth", f"Graph takes the token for this mailbox, and refuses an empty message as it should ({said})"
    )
