"""Binary messages over BDAT on a real socket: what arrives is what was composed, octet for octet (RFC 3030)."""

from __future__ import annotations

import random
from email import message_from_bytes
from email.policy import SMTP

import pytest
from tests.conformance.binary_server import serving

from eilbote.compose.composer import Composer
from eilbote.connections.connection import Connection
from eilbote.deliver.smtp_transport import SmtpTransport
from eilbote.engine.mailer import Mailer
from eilbote.engine.system_clock import SystemClock
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft
from eilbote.model.message import BodyKind
from eilbote.testing import FixedIds, ManualClock

pytestmark = pytest.mark.asyncio

# Everything that another way to travel would have to change or could trip over: line ends of all kinds, lines that
# begin with a dot, NUL, octets above 127, a line without end, what looks like the end of a content or a command.
AWKWARD = (
    b"\r\n.\r\nMAIL FROM:<x@example.org>\r\nBDAT 0 LAST\r\n",
    b"a\nb\rc\r\r\n\n.\n..\r\n\0\xff\xfe\x80",
    bytes(range(256)) * 40,
    b"x" * 5000,
    b"",
    random.Random(1).randbytes(1_000_000) + b"\r\n.\r\n" * 50_000,  # too much for one write
)
HOW = pytest.mark.parametrize("window", [1, 8], ids=["strict", "window"])


def connection_to(port: int, window: int) -> Connection:
    return Connection(
        host="127.0.0.1",
        port=port,
        security="none",
        default_from="me@example.org",
        chunking_window=window,
    )


def draft(data: bytes) -> Draft:
    return Draft(
        from_="me@example.org",
        to="anna@example.net",
        subject="Grüße",
        text="hello",
        attachments=[Attachment.from_bytes(data, filename="data.bin")],
    )


@HOW
async def test_what_arrives_is_what_was_composed(window: int) -> None:
    composer = Composer(clock=ManualClock(), ids=FixedIds())
    async with serving() as server:
        transport = SmtpTransport(connection_to(server.port, window), clock=SystemClock())
        capabilities = await transport.ready()
        assert capabilities.body is BodyKind.BINARY
        sent = []
        for data in AWKWARD:
            envelope, message = composer.compose(draft(data), body=capabilities.body)
            assert (await transport.deliver(envelope, message)).ok
            sent.append(message)
        await transport.close()
    assert [taken.octets for taken in server.taken] == [message.octets() for message in sent]
    assert "DATA" not in server.commands
    for taken, message, data in zip(server.taken, sent, AWKWARD, strict=True):
        assert message.body is BodyKind.BINARY
        assert f" SIZE={message.size} BODY=BINARYMIME" in taken.mail
        assert data in taken.octets


@HOW
async def test_a_series_arrives_and_another_program_reads_it(window: int) -> None:
    """Several sessions and many messages in flight; the reader is Python's own parser."""
    random_octets = random.Random(2)
    contents = [random_octets.randbytes(size) for size in range(0, 6000, 60)]
    async with serving() as server, Mailer(connection_to(server.port, window)) as mailer:
        receipts = [receipt async for receipt in mailer.send_all(map(draft, contents))]
    assert all(receipt.ok for receipt in receipts)
    assert all("BODY=BINARYMIME" in taken.mail for taken in server.taken)
    arrived = [
        part.get_payload(decode=True)
        for taken in server.taken
        for part in message_from_bytes(taken.octets, policy=SMTP).iter_attachments()  # type: ignore[attr-defined]
    ]
    assert sorted(arrived) == sorted(contents)


async def test_without_bdat_nothing_binary_is_sent() -> None:
    """BINARYMIME is no use without CHUNKING, so a connection that never uses BDAT gets base64."""
    async with serving() as server:
        transport = SmtpTransport(connection_to(server.port, 0), clock=SystemClock())
        capabilities = await transport.ready()
        await transport.close()
    assert capabilities.body is BodyKind.EIGHT_BIT
