"""The same with uvloop, whose TLS and whose sockets are made by others than asyncio's."""

from __future__ import annotations

import asyncio

import pytest
import uvloop
from tests.integration.lab.accounts import USERS
from tests.integration.sending import composed, connection_to, draft_to, send_all

from eilbote import BodyKind


@pytest.mark.parametrize("window", [0, 1, 8])
@pytest.mark.parametrize(
    "port", ["postfix.plain", "postfix.starttls", "postfix.tls", "exim.tls", "aiosmtpd_server.tls"]
)
def test_a_series_travels_by_uvloop(
    request: pytest.FixtureRequest, recipient: str, port: str, window: int
) -> None:
    server, _, name = port.partition(".")
    peer = request.getfixturevalue(server)
    drafts = [
        draft_to(recipient, number=number, text=f"{number} Grüße\n" * 2_000 * number) for number in range(10)
    ]
    endpoint = getattr(peer, name)
    account = None if endpoint.ca_file is None else USERS["ordinary"]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        receipts = runner.run(send_all(connection_to(endpoint, account, chunking_window=window), drafts))
    assert [receipt.ok for receipt in receipts] == [True] * 10
    expected = sorted(composed(draft, BodyKind.EIGHT_BIT) for draft in drafts)
    assert sorted(peer.received(recipient, at_least=10)) == expected
