"""aiosmtpd: a server in Python without PIPELINING, which keeps what it got line end by line end."""

from __future__ import annotations

import email
import email.policy
from collections import Counter

import pytest
from tests.integration.lab.accounts import USERS
from tests.integration.lab.aiosmtpd_server import AiosmtpdServer
from tests.integration.lab.endpoint import Endpoint
from tests.integration.sending import SENDER, composed, connection_to, draft_to, send, send_all

from eilbote import Attachment, BodyKind, Draft, Limits, Mailer

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("port", ["plain", "starttls", "tls"])
async def test_every_port(aiosmtpd_server: AiosmtpdServer, recipient: str, port: str) -> None:
    endpoint: Endpoint = getattr(aiosmtpd_server, port)
    draft = draft_to(recipient)
    receipt = await send(connection_to(endpoint, None if port == "plain" else USERS["unicode"]), draft)
    assert receipt.ok
    assert receipt.tls_version == ("" if port == "plain" else "TLSv1.3")
    assert aiosmtpd_server.received(recipient) == [composed(draft)]


async def test_an_international_address(aiosmtpd_server: AiosmtpdServer, recipient: str) -> None:
    draft = draft_to(f"größe-{recipient}", subject="Grüße")
    assert (await send(connection_to(aiosmtpd_server.plain), draft)).ok
    assert aiosmtpd_server.received(f"größe-{recipient}") == [composed(draft)]


async def test_a_series_over_four_sessions_arrives_exactly_once(
    aiosmtpd_server: AiosmtpdServer, recipient: str
) -> None:
    drafts = [draft_to(recipient, number=number) for number in range(200)]
    limits = Limits(max_sessions=4, max_messages_per_session=30)
    receipts = await send_all(connection_to(aiosmtpd_server.tls, USERS["ordinary"], limits=limits), drafts)
    assert all(receipt.ok and receipt.attempts == 1 for receipt in receipts)
    # It keeps a message before it answers, so all that will come has come.
    arrived = Counter(aiosmtpd_server.received(recipient))
    assert arrived == Counter(composed(draft, BodyKind.EIGHT_BIT) for draft in drafts)


async def test_one_draft_for_many_people(aiosmtpd_server: AiosmtpdServer, recipient: str) -> None:
    draft = Draft(
        from_=SENDER,
        subject="For {{ name }}",
        text="Dear {{ name }}\n",
        attachments=[Attachment.from_text("the same for all", filename="terms.txt")],
    )
    people = [(f"{number}-{recipient}", {"name": f"Nº {number}"}) for number in range(20)]
    async with Mailer(connection_to(aiosmtpd_server.plain)) as mailer:
        receipts = [receipt async for receipt in mailer.send_many(draft, people)]
    assert all(receipt.ok for receipt in receipts)
    for address, values in people:
        (octets,) = aiosmtpd_server.received(address)
        parsed = email.message_from_bytes(octets, policy=email.policy.default)
        assert (parsed["To"], parsed["Subject"]) == (address, f"For {values['name']}")


async def test_mailers_side_by_side_in_one_loop(aiosmtpd_server: AiosmtpdServer, recipient: str) -> None:
    plain = Mailer(connection_to(aiosmtpd_server.plain))
    secured = Mailer(connection_to(aiosmtpd_server.tls, USERS["ordinary"]))
    async with plain, secured:
        for number in range(4):
            assert (await plain.send(draft_to(recipient, number=2 * number))).tls_version == ""
            assert (await secured.send(draft_to(recipient, number=2 * number + 1))).tls_version
    assert len(aiosmtpd_server.received(recipient, at_least=8)) == 8
