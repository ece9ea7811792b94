"""Postfix, strict: every mode, partial refusals, limits, long lists and long series, each recipient exactly once."""

from __future__ import annotations

import base64
import email
import email.policy
import os
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.integration.lab.accounts import USERS
from tests.integration.lab.endpoint import Endpoint
from tests.integration.lab.postfix import FEW_RECIPIENTS, REFUSED, SMALL_SIZE, Postfix
from tests.integration.lab.tap import Speaker, Tap
from tests.integration.sending import (
    ONE_SESSION,
    SENDER,
    composed,
    connection_to,
    draft_to,
    send,
    send_all,
)

from eilbote import (
    Attachment,
    BodyKind,
    Draft,
    DsnRequest,
    ExtensionError,
    Limits,
    Mailer,
    Notify,
    RecipientKind,
    RecipientsRefusedError,
    RecipientStatus,
    SeriesRecipient,
)
from eilbote.testing import FixedIds

pytestmark = pytest.mark.asyncio

ACCEPTED, DEFERRED, FAILED = RecipientStatus.ACCEPTED, RecipientStatus.DEFERRED, RecipientStatus.FAILED
DATA, STRICT, EIGHT_AHEAD = 0, 1, 8


@pytest.mark.parametrize(
    "port, tls_version",
    [
        ("plain", ""), ("starttls_anonymous", "TLSv1.3"), ("tls_anonymous", "TLSv1.3"), ("plain_with_login", ""),
        ("starttls", "TLSv1.3"), ("tls", "TLSv1.3"), ("cyrus", "TLSv1.3"), ("without_chunking", ""),
        ("without_pipelining", ""), ("without_extensions", ""), ("small", ""), ("few_recipients", ""),
    ],
)  # fmt: skip
async def test_every_port(postfix: Postfix, recipient: str, port: str, tls_version: str) -> None:
    endpoint: Endpoint = getattr(postfix, port)
    wants_login = port in {"plain_with_login", "starttls", "tls", "cyrus"}
    draft = draft_to(recipient)
    receipt = await send(connection_to(endpoint, USERS["ordinary"] if wants_login else None), draft)
    assert receipt.ok
    assert receipt.tls_version == tls_version
    assert receipt.reply.startswith("250 2.0.0 Ok: ")
    assert receipt.server == f"{endpoint.host}:{endpoint.port}"
    assert receipt.size == len(composed(draft))
    assert ("PIPELINING" in receipt.extensions) is (port not in {"without_pipelining", "without_extensions"})
    assert postfix.received(recipient) == [composed(draft)]


async def test_who_gets_a_message_and_who_is_named_in_it(
    postfix: Postfix, recipient: str, tap: Callable[[Endpoint], Tap]
) -> None:
    line = tap(postfix.plain)
    copied, hidden = f"copied-{recipient}", f"hidden-{recipient}"
    draft = draft_to(
        recipient, cc=[copied, recipient], bcc=[hidden, copied], reverse_path="bounces@lab.example"
    )
    receipt = await send(connection_to(line.endpoint), draft)
    assert [(result.address, result.kind) for result in receipt.results] == [
        (recipient, RecipientKind.TO),
        (copied, RecipientKind.CC),
        (hidden, RecipientKind.BCC),
    ]
    for address in (recipient, copied, hidden):
        assert line.said(Speaker.CLIENT).count(f"RCPT TO:<{address}>".encode()) == 1
        (octets,) = postfix.received(address)
        assert octets == composed(draft)
        assert b"hidden" not in octets
    assert "Return-Path: <bounces@lab.example>" in postfix.stored(recipient)[0].trace.decode()


# ── partial refusals ────────────────────────────────────────────────────────────────────────────────────────────

REFUSALS = {
    "refused@lab.example": (FAILED, 550, "5.1.1"),
    "greylisted@lab.example": (DEFERRED, 450, "4.7.1"),
    "overquota@lab.example": (DEFERRED, 452, "4.2.2"),
    "policy@lab.example": (FAILED, 554, "5.7.1"),
    "somebody@elsewhere.example": (FAILED, 554, "5.7.1"),
}


@pytest.mark.parametrize("window", [DATA, STRICT, EIGHT_AHEAD])
async def test_the_others_get_it_when_some_are_refused(postfix: Postfix, recipient: str, window: int) -> None:
    other = f"other-{recipient}"
    draft = draft_to(*REFUSALS, recipient, cc=other)
    receipt = await send(connection_to(postfix.plain, chunking_window=window), draft)
    assert not receipt.ok
    assert receipt.error is None
    decided = {
        result.address: (result.status, result.reply_code, str(result.enhanced_status_code))
        for result in receipt.results
    }
    assert decided == {**REFUSALS, recipient: (ACCEPTED, 250, "2.0.0"), other: (ACCEPTED, 250, "2.0.0")}
    texts = {result.address.partition("@")[0]: result.text for result in receipt.results}
    for name, reply in REFUSED.items():
        assert reply.split(" ", 2)[2] in texts[name]
    assert postfix.received(recipient) == postfix.received(other) == [composed(draft)]


@pytest.mark.parametrize("window", [DATA, STRICT, EIGHT_AHEAD])
async def test_a_stream_goes_on_behind_every_kind_of_refusal(
    postfix: Postfix, recipient: str, window: int
) -> None:
    """Every way a transaction can end, in any order, one behind the other and running ahead."""
    kinds: list[tuple[tuple[str, ...], str, int]] = [
        ((recipient,), SENDER, 1),
        (("refused@lab.example",), SENDER, 0),
        ((recipient, "greylisted@lab.example"), SENDER, 1),
        ((recipient,), "refused-sender@lab.example", 0),
        (("greylisted@lab.example", "overquota@lab.example", "policy@lab.example"), SENDER, 0),
        (("refused@lab.example", recipient), SENDER, 1),
    ]
    order = [kinds[(number * number + number // 7) % len(kinds)] for number in range(60)]
    drafts = [
        draft_to(*recipients, number=number, reverse_path=sender)
        for number, (recipients, sender, _) in enumerate(order)
    ]
    connection = connection_to(postfix.plain, limits=ONE_SESSION, chunking_window=window)
    receipts = await send_all(connection, drafts)
    assert [receipt.error for receipt in receipts] == [None] * 60
    assert [len(receipt.accepted) for receipt in receipts] == [accepted for _, _, accepted in order]
    assert all(len(receipt.results) == len(kind[0]) for receipt, kind in zip(receipts, order, strict=True))
    postfix.wait_until_delivered()
    arrived = Counter(postfix.received(recipient))
    assert arrived == Counter(
        composed(draft, BodyKind.EIGHT_BIT)
        for draft, (_, _, accepted) in zip(drafts, order, strict=True)
        if accepted
    )


async def test_a_sender_that_is_not_wanted(postfix: Postfix, recipient: str) -> None:
    with pytest.raises(RecipientsRefusedError, match="not this sender") as caught:
        await send(
            connection_to(postfix.plain), draft_to(recipient, reverse_path="refused-sender@lab.example")
        )
    assert [result.status for result in caught.value.receipt.results] == [FAILED]


# ── many recipients ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("window", [DATA, STRICT, EIGHT_AHEAD])
@pytest.mark.parametrize(
    "port, size",
    [("plain", (205, 3)), ("few_recipients", (3 * FEW_RECIPIENTS + 1, 4)), ("few_recipients", (104, 36))],
)
async def test_long_lists_are_split_and_everybody_gets_it_once(
    postfix: Postfix, recipient: str, port: str, size: tuple[int, int], window: int
) -> None:
    count, transactions = size
    recipients = [f"{number}-{recipient}" for number in range(count)]
    draft = draft_to(recipients[0], cc=recipients[1:10], bcc=recipients[10:])
    receipt = await send(connection_to(getattr(postfix, port), chunking_window=window), draft)
    assert receipt.ok
    assert [result.address for result in receipt.results] == recipients
    assert len({result.text for result in receipt.results}) == transactions
    postfix.wait_until_delivered()
    octets = composed(draft)
    assert [address for address in recipients if postfix.received(address) != [octets]] == []


async def test_a_split_list_names_everybodys_result(postfix: Postfix, recipient: str) -> None:
    recipients = [f"{number}-{recipient}" for number in range(130)]
    recipients[5] = recipients[120] = "refused@lab.example"
    recipients[7], recipients[121] = "greylisted@lab.example", "overquota@lab.example"
    del recipients[120]
    receipt = await send(connection_to(postfix.few_recipients), draft_to(*recipients))
    wrong = [
        result
        for result, address in zip(receipt.results, recipients, strict=True)
        if (result.status, result.reply_code) != REFUSALS.get(address, (ACCEPTED, 250))[:2]
    ]
    assert wrong == []


# ── what the server cannot take ─────────────────────────────────────────────────────────────────────────────────


async def test_a_message_that_is_too_large_is_refused_before_anything_is_said_of_it(
    postfix: Postfix, recipient: str, tap: Callable[[Endpoint], Tap]
) -> None:
    line = tap(postfix.small)
    draft = draft_to(recipient, text="x" * 70 + "\n" * SMALL_SIZE)
    size = len(composed(draft))
    assert size > SMALL_SIZE
    with pytest.raises(ExtensionError) as caught:
        await send(connection_to(line.endpoint), draft)
    assert caught.value.extension == "SIZE"
    assert f"{size:,}" in caught.value.what
    assert f"{SMALL_SIZE:,}" in caught.value.what
    assert b"MAIL" not in line.said(Speaker.CLIENT)


async def test_a_message_that_cannot_be_sent_does_not_hold_up_the_others(
    postfix: Postfix, recipient: str
) -> None:
    drafts = [
        draft_to(recipient, number=number, text="x\n" * (SMALL_SIZE if number % 3 == 1 else 10))
        for number in range(9)
    ]
    receipts = await send_all(connection_to(postfix.small, limits=ONE_SESSION), drafts)
    for receipt in receipts:
        if receipt.index % 3 == 1:
            assert isinstance(receipt.error, ExtensionError)
            assert [result.status for result in receipt.results] == [FAILED]
        else:
            assert receipt.ok
    assert len(postfix.received(recipient, at_least=6)) == 6


@pytest.mark.parametrize("window", [DATA, STRICT, EIGHT_AHEAD])
async def test_an_international_address(postfix: Postfix, recipient: str, window: int) -> None:
    international = f"größe-{recipient}"
    draft = draft_to(international, cc=recipient, from_="Jürgen <jürgen@lab.example>", subject="Grüße")
    receipt = await send(connection_to(postfix.plain, chunking_window=window), draft)
    assert receipt.ok
    assert [result.address for result in receipt.results] == [international, recipient]
    assert postfix.received(international) == postfix.received(recipient) == [composed(draft)]
    assert "größe-".encode() in composed(draft)
    assert "with UTF8SMTP" in postfix.stored(recipient)[0].trace.decode()


async def test_an_international_address_where_it_is_not_understood(
    postfix: Postfix, recipient: str, tap: Callable[[Endpoint], Tap]
) -> None:
    line = tap(postfix.without_extensions)
    with pytest.raises(ExtensionError) as caught:
        await send(connection_to(line.endpoint), draft_to(recipient, cc=f"größe-{recipient}"))
    assert caught.value.extension == "SMTPUTF8"
    assert f"größe-{recipient}" in str(caught.value)
    assert b"MAIL" not in line.said(Speaker.CLIENT)


async def test_letters_outside_ascii_elsewhere_need_no_extension(postfix: Postfix, recipient: str) -> None:
    draft = draft_to(f"Größe <{recipient}>", subject="Grüße", text="Ölßand\n")
    assert (await send(connection_to(postfix.without_extensions), draft)).ok
    (octets,) = postfix.received(recipient)
    assert octets == composed(draft)
    assert octets.isascii()


async def test_an_international_domain_travels_in_ascii(postfix: Postfix) -> None:
    with pytest.raises(RecipientsRefusedError) as caught:
        await send(connection_to(postfix.without_extensions), draft_to("anna@bücher.example"))
    assert [result.address for result in caught.value.receipt.results] == ["anna@xn--bcher-kva.example"]


# ── notifications ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_notification_names_what_the_request_named(postfix: Postfix, recipient: str) -> None:
    sender = f"notified-{recipient}"
    dsn = DsnRequest(notify=frozenset({Notify.SUCCESS}), envelope_id="order=4711+x")
    assert (await send(connection_to(postfix.plain), draft_to(recipient, reverse_path=sender, dsn=dsn))).ok
    (report,) = postfix.received(sender)
    parsed = email.message_from_bytes(report, policy=email.policy.default)
    assert parsed.get_content_type() == "multipart/report"
    assert b"Original-Envelope-Id: order=4711+x\r\n" in report
    assert f"Original-Recipient: rfc822;{recipient}\r\n".encode() in report


async def test_no_notification_when_none_is_wanted(postfix: Postfix, recipient: str) -> None:
    sender = f"silent-{recipient}"
    dsn = DsnRequest(notify=frozenset({Notify.NEVER}))
    assert (await send(connection_to(postfix.plain), draft_to(recipient, reverse_path=sender, dsn=dsn))).ok
    postfix.received(recipient)
    postfix.wait_until_delivered()
    assert postfix.received(sender, at_least=0) == []


# ── large and many ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.parametrize("port, window", [("plain", DATA), ("plain", EIGHT_AHEAD), ("starttls", STRICT)])
async def test_twenty_megabytes_from_a_file(
    postfix: Postfix, recipient: str, tmp_path: Path, port: str, window: int
) -> None:
    file = tmp_path / "large.bin"
    file.write_bytes(os.urandom(1_000_000) * 20)
    draft = draft_to(recipient, attachments=[Attachment.from_file(file)])
    account = USERS["ordinary"] if port == "starttls" else None
    connection = connection_to(getattr(postfix, port), account, chunking_window=window)
    tracemalloc.start()
    try:
        receipt = await send(connection, draft)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert receipt.ok
    assert receipt.size > 27_000_000
    assert peak < 4_000_000, f"{peak:,} octets"
    arrived = postfix.received(recipient)
    # Not as one comparison, whose explanation would take as long as all other tests.
    is_equal = arrived == [composed(draft)]
    assert is_equal


@pytest.mark.parametrize("window", [DATA, STRICT, EIGHT_AHEAD])
async def test_a_series_over_four_sessions_arrives_exactly_once(
    postfix: Postfix, recipient: str, window: int
) -> None:
    count = 300
    limits = Limits(max_sessions=4, max_messages_per_session=40)
    drafts = [draft_to(recipient, number=number) for number in range(count)]

    async def source() -> AsyncIterator[Draft]:
        for draft in drafts:
            yield draft

    connection = connection_to(postfix.starttls, USERS["ordinary"], limits=limits, chunking_window=window)
    async with Mailer(connection, ids=FixedIds()) as mailer:
        receipts = [receipt async for receipt in mailer.send_all(drafts if window else source())]
    assert sorted(receipt.index for receipt in receipts) == list(range(count))
    assert all(receipt.ok and receipt.attempts == 1 for receipt in receipts)
    postfix.wait_until_delivered()
    assert Counter(postfix.received(recipient)) == Counter(
        composed(draft, BodyKind.EIGHT_BIT) for draft in drafts
    )


async def test_one_draft_for_many_people_each_with_own_values(postfix: Postfix, recipient: str) -> None:
    draft = Draft(
        from_=SENDER,
        subject="Order {{ order }}",
        text="Dear {{ name }},\nyour order {{ order }} is on its way.\n",
        html="<p>Dear <b>{{ name }}</b>, your order {{ order }} is on its way.</p>",
        attachments=[Attachment.from_bytes(bytes(range(256)) * 1_200, filename="terms.bin")],
    )
    people = {
        f"{number}-{recipient}": {"name": f"<Größe & {number}>", "order": f"№ {number}"}
        for number in range(25)
    }
    series = [
        SeriesRecipient(to=address, values=values) if number % 2 else (address, values)
        for number, (address, values) in enumerate(people.items())
    ]
    async with Mailer(connection_to(postfix.tls_anonymous)) as mailer:
        receipts = [receipt async for receipt in mailer.send_many(draft, series)]
    assert all(receipt.ok for receipt in receipts)
    assert {receipt.index: receipt.results[0].address for receipt in receipts} == dict(enumerate(people))
    assert len({receipt.message_id for receipt in receipts}) == len(people)
    postfix.wait_until_delivered()
    for address, values in people.items():
        (octets,) = postfix.received(address)
        parsed = email.message_from_bytes(octets, policy=email.policy.default)
        assert parsed["To"] == address
        assert parsed["Subject"] == f"Order {values['order']}"
        text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
        assert text is not None
        assert f"Dear {values['name']},\r\nyour order {values['order']} is" in text.get_content()
        assert html is not None
        escaped = values["name"].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        assert f"<b>{escaped}</b>" in html.get_content()
        (attachment,) = parsed.iter_attachments()
        assert base64.b64decode(attachment.get_payload()) == bytes(range(256)) * 1_200
        assert octets.count(b"-recipient-") == octets.count(
            address.encode().partition(b"-")[2].partition(b"@")[0]
        )
