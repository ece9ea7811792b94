"""A connection's protocol decides about the way out."""

from __future__ import annotations

import pytest

from eilbote.connections.connection import Connection
from eilbote.deliver.graph_transport import GraphTransport
from eilbote.deliver.smtp_transport import SmtpTransport
from eilbote.engine.mailer import Mailer
from eilbote.engine.transports import Transports
from eilbote.engine.way_out import way_out
from eilbote.model.credentials import AccessToken
from eilbote.model.secret import Secret
from eilbote.testing.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio

GRAPH = Connection(
    host="graph.microsoft.com",
    protocol="graph",
    credentials=AccessToken(user="anna@example.org", token=Secret("eyJ0")),
)
SMTP = Connection(host="mail.example.org")


@pytest.mark.parametrize("connection,kind", [(GRAPH, GraphTransport), (SMTP, SmtpTransport)])
async def test_each_protocol_has_its_way_out(connection: Connection, kind: type) -> None:
    clock = ManualClock()
    transports = Transports(clock=clock)

    assert type(way_out(connection, clock=clock)) is kind
    assert type(transports.borrow(connection)) is kind
    assert type(Mailer(connection)._transport) is kind  # noqa: SLF001 - which way out it made is not told
    await transports.give_back(connection)
