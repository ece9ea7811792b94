"""Exim: another parser, GnuTLS in place of OpenSSL, and its own way to do CHUNKING."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.integration.lab.accounts import USERS
from tests.integration.lab.endpoint import Endpoint
from tests.integration.lab.exim import Exim
from tests.integration.sending import ONE_SESSION, SENDER, composed, connection_to, draft_to, send, send_all

from eilbote import (
    Attachment,
    BodyKind,
    DsnRequest,
    Limits,
    Mailer,
    Notify,
    RecipientsRefusedError,
    RecipientStatus,
)

pytestmark = pytest.mark.asyncio

ACCEPTED, DEFERRED, FAILED = RecipientStatus.ACCEPTED, RecipientStatus.DEFERRED, RecipientStatus.FAILED
WINDOWS = [0, 1, 8]


@pytest.mark.parametrize(
    "port, tls_version",
    [
        ("plain", ""), ("plain_with_login", ""), ("starttls_anonymous", "TLSv1.3"),
        ("starttls", "TLSv1.3"), ("tls", "TLSv1.3"),
    ],
)  # fmt: skip
async def test_every_port(exim: Exim, recipient: str, port: str, tls_version: str) -> None:
    endpoint: Endpoint = getattr(exim, port)
    wants_login = port in {"plain_with_login", "starttls", "tls"}
    draft = draft_to(recipient)
    receipt = await send(connection_to(endpoint, USERS["ordinary"] if wants_login else None), draft)
    assert receipt.ok
    assert receipt.tls_version == tls_version
    assert exim.received(recipient) == [composed(draft)]


@pytest.mark.parametrize("window", WINDOWS)
async def test_the_others_get_it_when_some_are_refused(exim: Exim, recipient: str, window: int) -> None:
    draft = draft_to(
        "refused@lab.example",
        recipient,
        "greylisted@lab.example",
        "somebody@elsewhere.example",
        f"o-{recipient}",
    )
    receipt = await send(connection_to(exim.plain, chunking_window=window), draft)
    assert [(result.status, result.reply_code) for result in receipt.results] == [
        (FAILED, 550), (ACCEPTED, 250), (DEFERRED, 450), (FAILED, 550), (ACCEPTED, 250),
    ]  # fmt: skip
    assert exim.received(recipient) == exim.received(f"o-{recipient}") == [composed(draft)]


@pytest.mark.parametrize("window", WINDOWS)
async def test_nobody_is_accepted(exim: Exim, window: int) -> None:
    """Exim keeps a transaction open when its only recipients were refused; the next one must begin afresh."""
    with pytest.raises(RecipientsRefusedError) as caught:
        await send(
            connection_to(exim.plain, chunking_window=window),
            draft_to("refused@lab.example", "greylisted@lab.example"),
        )
    assert [result.status for result in caught.value.receipt.results] == [FAILED, DEFERRED]


@pytest.mark.parametrize("window", WINDOWS)
async def test_a_stream_goes_on_behind_refusals(exim: Exim, recipient: str, window: int) -> None:
    to = [(recipient,), ("refused@lab.example",), ("greylisted@lab.example", recipient)]
    drafts = [draft_to(*to[(number * number) % 3], number=number) for number in range(30)]
    drafts += [draft_to(*to[number % 3], number=30 + number) for number in range(15)]
    connection = connection_to(exim.plain, limits=ONE_SESSION, chunking_window=window)
    receipts = await send_all(connection, drafts)
    assert [receipt.error for receipt in receipts] == [None] * 45
    taken = [draft for draft in drafts if any(str(mailbox) == recipient for mailbox in draft.to)]
    assert [receipt.index for receipt in receipts if receipt.accepted] == [
        drafts.index(each) for each in taken
    ]
    arrived = Counter(exim.received(recipient, at_least=len(taken)))
    assert arrived == Counter(composed(draft, BodyKind.EIGHT_BIT) for draft in taken)


@pytest.mark.parametrize("window", WINDOWS)
async def test_an_international_address(exim: Exim, recipient: str, window: int) -> None:
    draft = draft_to(f"größe-{recipient}", subject="Grüße")
    assert (await send(connection_to(exim.plain, chunking_window=window), draft)).ok
    assert exim.received(f"größe-{recipient}") == [composed(draft)]


async def test_a_request_for_a_notification_is_understood(exim: Exim, recipient: str) -> None:
    """Exim leaves what it reports in the encoding it came in."""
    sender = f"notified-{recipient}"
    dsn = DsnRequest(notify=frozenset({Notify.SUCCESS}), envelope_id="order=4711")
    assert (await send(connection_to(exim.plain), draft_to(recipient, reverse_path=sender, dsn=dsn))).ok
    (report,) = exim.received(sender)
    assert b"Original-Envelope-ID: order+3D4711\r\n" in report
    assert f"Original-Recipient: rfc822;{recipient}\r\n".encode() in report


@pytest.mark.slow
@pytest.mark.parametrize("port, window", [("plain", 1), ("tls", 0)])
async def test_twenty_megabytes_from_a_file(
    exim: Exim, recipient: str, tmp_path: Path, port: str, window: int
) -> None:
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(range(250)) * 80_000)
    draft = draft_to(recipient, attachments=[Attachment.from_file(file)])
    account = USERS["ordinary"] if port == "tls" else None
    receipt = await send(connection_to(getattr(exim, port), account, chunking_window=window), draft)
    assert receipt.ok
    is_equal = exim.received(recipient) == [composed(draft)]
    assert is_equal


@pytest.mark.parametrize("window", WINDOWS)
async def test_a_series_over_four_sessions_arrives_exactly_once(
    exim: Exim, recipient: str, window: int
) -> None:
    count = 60
    drafts = [draft_to(recipient, number=number) for number in range(count)]
    limits = Limits(max_sessions=4, max_messages_per_session=10)
    connection = connection_to(exim.tls, USERS["ordinary"], limits=limits, chunking_window=window)
    async with Mailer(connection) as mailer:
        receipts = [receipt async for receipt in mailer.send_all(drafts)]
    assert sorted(receipt.index for receipt in receipts) == list(range(count))
    assert all(
        receipt.ok and receipt.envelope and receipt.envelope.reverse_path == SENDER for receipt in receipts
    )
    arrived = Counter(exim.received(recipient, at_least=count))
    assert arrived == Counter(composed(draft, BodyKind.EIGHT_BIT) for draft in drafts)
