"""What the tests against hostile servers share: a message, a connection in a hurry, and a way to send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from tests.attacks.hostile_server import HOST, HostileServer

from eilbote.connections.connection import Connection
from eilbote.connections.limits import Limits
from eilbote.deliver.delivery import Delivery
from eilbote.deliver.smtp_transport import SmtpTransport
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import DeliveryError
from eilbote.model.credentials import Password
from eilbote.model.envelope import Envelope
from eilbote.model.message import BodyKind, Message
from eilbote.model.receipt import Receipt
from eilbote.model.secret import Secret
from eilbote.model.timeouts import Timeouts
from eilbote.model.tls import Security

PATIENT = Timeouts(connect=10, greeting=10, command=10, data_block=10, final_dot=10)
HASTY = Timeouts(connect=0.3, greeting=0.3, command=0.3, data_block=0.3, final_dot=0.3)

USER = "anna@example.org"
PASSWORD = "Tr0ub4dor&3 geheim"
CREDENTIALS = Password(user=USER, password=Secret(PASSWORD))


def envelope(*recipients: str) -> Envelope:
    return Envelope(reverse_path="sender@example.org", forward_paths=recipients or ("anna@example.org",))


def message(size: int = 0, *, body: BodyKind = BodyKind.SEVEN_BIT) -> Message:
    """A message whose body has about that many octets."""
    octets = b"Subject: hello\r\n\r\n" + b"0123456789abcdef" * 3 + b"\r\n"
    octets += (b"x" * 76 + b"\r\n") * (size // 78)
    return Message(message_id="<1@example.org>", segments=(octets,), size=len(octets), body=body)


def deliveries(count: int) -> Iterator[Delivery]:
    return (Delivery(envelope(), message(), index=index) for index in range(count))


@asynccontextmanager
async def transport_to(
    server: HostileServer,
    *,
    security: Security = Security.NONE,
    timeouts: Timeouts = PATIENT,
    limits: Limits | None = None,
    **settings: object,
) -> AsyncIterator[SmtpTransport]:
    """A transport to the server; closed at the end without waiting."""
    connection = Connection(
        host=HOST,
        port=server.port,
        security=security,
        timeouts=timeouts,
        limits=limits or Limits(max_sessions=1),
        **settings,  # type: ignore[arg-type]
    )
    transport = SmtpTransport(connection, clock=SystemClock())
    try:
        yield transport
    finally:
        await transport.abort()


async def send(server: HostileServer, *recipients: str, size: int = 0, **settings: object) -> Receipt:
    """Send one message over a connection of its own."""
    async with transport_to(server, **settings) as transport:  # type: ignore[arg-type]
        return await transport.deliver(envelope(*recipients), message(size))


async def fault_of(server: HostileServer, **settings: object) -> DeliveryError:
    """Send one message and give the error this ends in."""
    with pytest.raises(DeliveryError) as caught:
        await send(server, **settings)
    return caught.value


async def outcome_of(server: HostileServer, **settings: object) -> Receipt:
    """Send one message and give its receipt, also when it ended in an error (which is then in it)."""
    async with transport_to(server, **settings) as transport:  # type: ignore[arg-type]
        async for delivery in transport.deliver_all(deliveries(1)):
            if delivery.receipt is not None:
                return delivery.receipt
            assert delivery.error is not None
            raise delivery.error
    raise AssertionError("a delivery was lost")
