"""Dovecot's submission server, which relays to Postfix: always in TLS, always with a login."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.integration.lab.accounts import USERS
from tests.integration.lab.dovecot import DovecotSubmission
from tests.integration.lab.postfix import Postfix
from tests.integration.sending import ONE_SESSION, composed, connection_to, draft_to, send, send_all

from eilbote import (
    Attachment,
    BodyKind,
    ExtensionError,
    Limits,
    RecipientsRefusedError,
    RecipientStatus,
)

pytestmark = pytest.mark.asyncio

ACCEPTED, DEFERRED, FAILED = RecipientStatus.ACCEPTED, RecipientStatus.DEFERRED, RecipientStatus.FAILED
WINDOWS = [0, 1, 8]
ANNA = USERS["ordinary"]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("port", ["starttls", "tls"])
async def test_every_port(
    dovecot: DovecotSubmission, postfix: Postfix, recipient: str, port: str, window: int
) -> None:
    draft = draft_to(recipient)
    receipt = await send(connection_to(getattr(dovecot, port), ANNA, chunking_window=window), draft)
    assert receipt.ok
    assert receipt.tls_version == "TLSv1.3"
    assert postfix.received(recipient) == [composed(draft)]


@pytest.mark.parametrize("window", WINDOWS)
async def test_what_the_server_behind_refuses(
    dovecot: DovecotSubmission, postfix: Postfix, recipient: str, window: int
) -> None:
    draft = draft_to("refused@lab.example", recipient, "greylisted@lab.example", f"other-{recipient}")
    receipt = await send(connection_to(dovecot.starttls, ANNA, chunking_window=window), draft)
    assert [(result.status, result.reply_code) for result in receipt.results] == [
        (FAILED, 550), (ACCEPTED, 250), (DEFERRED, 450), (ACCEPTED, 250),
    ]  # fmt: skip
    assert postfix.received(recipient) == postfix.received(f"other-{recipient}") == [composed(draft)]


@pytest.mark.parametrize("window", WINDOWS)
async def test_nobody_is_accepted(dovecot: DovecotSubmission, window: int) -> None:
    with pytest.raises(RecipientsRefusedError) as caught:
        await send(
            connection_to(dovecot.tls, ANNA, chunking_window=window),
            draft_to("refused@lab.example", "policy@lab.example"),
        )
    assert [result.reply_code for result in caught.value.receipt.results] == [550, 554]


@pytest.mark.parametrize("window", WINDOWS)
async def test_a_stream_goes_on_behind_refusals_and_nothing_is_in_doubt(
    dovecot: DovecotSubmission, postfix: Postfix, recipient: str, window: int
) -> None:
    """Dovecot 2.3 panics when an envelope comes before its verdict on the content before it."""
    to = [(recipient,), ("refused@lab.example",), ("greylisted@lab.example", recipient)]
    drafts = [draft_to(*to[(number * number + number // 4) % 3], number=number) for number in range(24)]
    connection = connection_to(dovecot.starttls, ANNA, limits=ONE_SESSION, chunking_window=window)
    receipts = await send_all(connection, drafts)
    assert [receipt.error for receipt in receipts] == [None] * len(drafts)
    taken = [draft for draft in drafts if any(str(mailbox) == recipient for mailbox in draft.to)]
    assert [receipt.index for receipt in receipts if receipt.accepted] == [
        drafts.index(each) for each in taken
    ]
    postfix.wait_until_delivered()
    arrived = Counter(postfix.received(recipient))
    assert arrived == Counter(composed(draft, BodyKind.EIGHT_BIT) for draft in taken)


async def test_an_international_address_is_not_even_tried(dovecot: DovecotSubmission, recipient: str) -> None:
    with pytest.raises(ExtensionError) as caught:
        await send(connection_to(dovecot.starttls, ANNA), draft_to(f"größe-{recipient}"))
    assert caught.value.extension == "SMTPUTF8"


async def test_a_series_over_four_sessions_arrives_exactly_once(
    dovecot: DovecotSubmission, postfix: Postfix, recipient: str
) -> None:
    drafts = [draft_to(recipient, number=number) for number in range(100)]
    limits = Limits(max_sessions=4, max_messages_per_session=15)
    receipts = await send_all(connection_to(dovecot.tls, ANNA, limits=limits), drafts)
    assert all(receipt.ok and receipt.attempts == 1 for receipt in receipts)
    postfix.wait_until_delivered()
    arrived = Counter(postfix.received(recipient))
    assert arrived == Counter(composed(draft, BodyKind.EIGHT_BIT) for draft in drafts)


@pytest.mark.slow
async def test_twenty_megabytes_from_a_file(
    dovecot: DovecotSubmission, postfix: Postfix, recipient: str, tmp_path: Path
) -> None:
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(range(250)) * 80_000)
    draft = draft_to(recipient, attachments=[Attachment.from_file(file)])
    assert (await send(connection_to(dovecot.starttls, ANNA), draft)).ok
    is_equal = postfix.received(recipient) == [composed(draft)]
    assert is_equal
