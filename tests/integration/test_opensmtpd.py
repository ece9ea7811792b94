"""OpenSMTPD: a server without PIPELINING, CHUNKING and SMTPUTF8."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.integration.lab.endpoint import Endpoint
from tests.integration.lab.opensmtpd import OpenSmtpd
from tests.integration.lab.tap import Speaker, Tap
from tests.integration.sending import composed, connection_to, draft_to, send, send_all

from eilbote import (
    Attachment,
    BodyKind,
    DsnRequest,
    ExtensionError,
    Limits,
    RecipientsRefusedError,
    RecipientStatus,
)

pytestmark = pytest.mark.asyncio

ACCEPTED, FAILED = RecipientStatus.ACCEPTED, RecipientStatus.FAILED


async def test_a_message(opensmtpd: OpenSmtpd, recipient: str) -> None:
    draft = draft_to(recipient, bcc=f"hidden-{recipient}")
    receipt = await send(connection_to(opensmtpd.plain), draft)
    assert receipt.ok
    assert receipt.tls_version == ""
    assert opensmtpd.received(recipient) == opensmtpd.received(f"hidden-{recipient}") == [composed(draft)]


async def test_the_others_get_it_when_some_are_refused(opensmtpd: OpenSmtpd, recipient: str) -> None:
    draft = draft_to("somebody@elsewhere.example", recipient, "another@elsewhere.example")
    receipt = await send(connection_to(opensmtpd.plain), draft)
    assert [(result.status, result.reply_code) for result in receipt.results] == [
        (FAILED, 550),
        (ACCEPTED, 250),
        (FAILED, 550),
    ]
    assert opensmtpd.received(recipient) == [composed(draft)]


async def test_nobody_is_accepted(opensmtpd: OpenSmtpd) -> None:
    with pytest.raises(RecipientsRefusedError) as caught:
        await send(connection_to(opensmtpd.plain), draft_to("somebody@elsewhere.example"))
    assert [result.status for result in caught.value.receipt.results] == [FAILED]


async def test_an_international_address_is_not_even_tried(
    opensmtpd: OpenSmtpd, recipient: str, tap: Callable[[Endpoint], Tap]
) -> None:
    line = tap(opensmtpd.plain)
    with pytest.raises(ExtensionError) as caught:
        await send(connection_to(line.endpoint), draft_to(recipient, bcc=f"größe-{recipient}"))
    assert caught.value.extension == "SMTPUTF8"
    assert b"MAIL" not in line.said(Speaker.CLIENT)


async def test_a_request_for_notifications_is_taken(opensmtpd: OpenSmtpd, recipient: str) -> None:
    draft = draft_to(recipient, dsn=DsnRequest(envelope_id="order=4711"))
    assert (await send(connection_to(opensmtpd.plain), draft)).ok
    assert opensmtpd.received(recipient) == [composed(draft)]


async def test_a_series_over_four_sessions_arrives_exactly_once(opensmtpd: OpenSmtpd, recipient: str) -> None:
    drafts = [
        draft_to("somebody@elsewhere.example" if number % 5 == 4 else recipient, number=number)
        for number in range(100)
    ]
    limits = Limits(max_sessions=4, max_messages_per_session=9)
    receipts = await send_all(connection_to(opensmtpd.plain, limits=limits), drafts)
    assert [receipt.index for receipt in receipts] == list(range(100))
    assert [receipt.ok for receipt in receipts] == [number % 5 != 4 for number in range(100)]
    arrived = Counter(opensmtpd.received(recipient, at_least=80))
    assert arrived == Counter(
        composed(draft, BodyKind.EIGHT_BIT) for number, draft in enumerate(drafts) if number % 5 != 4
    )


@pytest.mark.slow
async def test_twenty_megabytes_from_a_file(opensmtpd: OpenSmtpd, recipient: str, tmp_path: Path) -> None:
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(range(250)) * 80_000)
    draft = draft_to(recipient, attachments=[Attachment.from_file(file)])
    assert (await send(connection_to(opensmtpd.plain), draft)).ok
    is_equal = opensmtpd.received(recipient) == [composed(draft)]
    assert is_equal
