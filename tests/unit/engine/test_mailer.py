"""The direct send: one receipt or one exception for each draft, whatever happens on the way."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import pytest
from tests.unit.engine.memory_transport import MemoryTransport, receipt_for

from eilbote.compose.composed import Composed
from eilbote.compose.composer import Composer
from eilbote.compose.series import SeriesRecipient
from eilbote.connections.connection import Connection
from eilbote.engine.mailer import Mailer, send_sync
from eilbote.errors import (
    ConfigurationError,
    ConnectError,
    DisconnectedError,
    DraftError,
    EilboteError,
    ExtensionError,
    InDoubtError,
    NoRecipientsError,
    PlaceholderError,
    RecipientsRefusedError,
    UriError,
)
from eilbote.model.draft import Draft
from eilbote.model.envelope import Envelope
from eilbote.model.message import BodyKind, Message
from eilbote.model.receipt import Receipt
from eilbote.model.status import RecipientStatus
from eilbote.testing.fixed_ids import FixedIds
from eilbote.testing.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio

ACCEPTED, DEFERRED, FAILED, IN_DOUBT = RecipientStatus


def mailer(transport: MemoryTransport, *, default_from: str | None = "me@example.org") -> Mailer:
    connection = Connection(host="mail.example.org", default_from=default_from)
    return Mailer(connection, clock=ManualClock(), ids=FixedIds(), transport=transport)


def draft(number: int = 1, **fields: object) -> Draft:
    values = {"to": f"p{number}@example.org", "subject": f"number {number}", "text": "Grüße"} | fields
    return Draft(**values)  # type: ignore[arg-type]


def without_8bitmime(envelope: Envelope, message: Message) -> Receipt:
    """A server that announces less than its neighbour that was asked before."""
    if message.body is BodyKind.SEVEN_BIT:
        return receipt_for(envelope, message)
    error = ExtensionError("the server does not announce 8BITMIME", extension="8BITMIME", field="message")
    return receipt_for(envelope, message, FAILED, error)


# -- one message ------------------------------------------------------------------------------------------------


async def test_a_message_is_sent_and_its_receipt_told() -> None:
    transport = MemoryTransport()
    async with mailer(transport) as sender:
        receipt = await sender.send(draft())

    assert receipt.ok
    assert receipt.message_id == transport.sent[0][1].message_id
    assert transport.sent[0][0].reverse_path == "me@example.org"
    assert transport.ending == "closed"


async def test_who_was_accepted_before_a_break_is_told_in_the_receipt() -> None:
    """An exception would make its reader send the message again to those who have it."""
    fault = DisconnectedError("the server closed the connection")

    def half(envelope: Envelope, message: Message) -> Receipt:
        whole = receipt_for(envelope, message, ACCEPTED, fault)
        first, second = whole.results
        return replace(whole, results=(first, replace(second, status=DEFERRED)))

    receipt = await mailer(MemoryTransport(half)).send(draft(cc="other@example.org"))

    assert [result.status for result in receipt.results] == [ACCEPTED, DEFERRED]
    assert receipt.error is fault


async def test_a_message_in_doubt_is_raised_with_its_receipt() -> None:
    def doubt(envelope: Envelope, message: Message) -> Receipt:
        return receipt_for(envelope, message, IN_DOUBT, InDoubtError("the session broke"))

    with pytest.raises(InDoubtError) as caught:
        await mailer(MemoryTransport(doubt)).send(draft())

    assert caught.value.receipt is not None
    assert len(caught.value.receipt.in_doubt) == 1


async def test_a_faulty_draft_is_refused_before_the_server_is_called() -> None:
    transport = MemoryTransport()

    with pytest.raises(NoRecipientsError):
        await mailer(transport).send(Draft(subject="to nobody"))
    with pytest.raises(ConfigurationError):
        await mailer(transport, default_from=None).send(draft())

    assert transport.tried == 0


async def test_what_the_first_message_needs_every_server_has() -> None:
    transport = MemoryTransport()
    sender = mailer(transport)

    await sender.send(draft())
    await sender.send(draft())

    assert [message.body for _, message in transport.sent] == [BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT]


async def test_a_server_that_takes_less_than_its_neighbour_gets_a_simpler_message() -> None:
    transport = MemoryTransport(without_8bitmime)
    await transport.ready()

    receipt = await mailer(transport).send(draft())

    assert receipt.ok
    assert [message.body for _, message in transport.sent] == [BodyKind.EIGHT_BIT, BodyKind.SEVEN_BIT]
    assert len({message.message_id for _, message in transport.sent}) == 1


@pytest.mark.parametrize("status", [DEFERRED, FAILED])
async def test_a_message_nobody_gets_is_an_error_that_carries_the_receipt(status: RecipientStatus) -> None:
    transport = MemoryTransport(lambda envelope, message: receipt_for(envelope, message, status))

    with pytest.raises(RecipientsRefusedError) as caught:
        await mailer(transport).send(draft())

    assert caught.value.receipt.results[0].status is status
    assert "p1@example.org" in str(caught.value)
    assert "said so" in str(caught.value)


async def test_a_refusal_that_is_known_is_explained() -> None:
    words = "Message rejected: Email address is not verified. The following identities failed the check"

    def refusing(envelope: Envelope, message: Message) -> Receipt:
        receipt = receipt_for(envelope, message, FAILED)
        return replace(
            receipt,
            results=tuple(replace(result, reply_code=554, text=words) for result in receipt.results),
        )

    with pytest.raises(RecipientsRefusedError) as caught:
        await mailer(MemoryTransport(refusing)).send(draft())

    assert "Amazon SES has not verified the From address" in (caught.value.cause or "")
    assert caught.value.field == "default_from"
    assert "Verify From" in (caught.value.remedy or "")


async def test_a_message_in_doubt_is_an_error_and_is_not_sent_again() -> None:
    doubt = InDoubtError("lost after the content")
    transport = MemoryTransport(lambda envelope, message: receipt_for(envelope, message, IN_DOUBT, doubt))

    with pytest.raises(InDoubtError):
        await mailer(transport).send(draft())

    assert len(transport.sent) == 1


async def test_a_block_that_fails_is_left_at_once() -> None:
    transport = MemoryTransport()

    with suppress(KeyError):
        async with mailer(transport):
            raise KeyError

    assert transport.ending == "aborted"


async def test_a_connection_may_be_a_uri() -> None:
    with pytest.raises(UriError):
        Mailer("gopher://mail.example.org")


async def test_the_synchronous_way_is_refused_inside_a_loop() -> None:
    with pytest.raises(EilboteError) as caught:
        send_sync(draft(), "smtp://localhost")

    assert "await" in (caught.value.remedy or "")


# -- many messages ------------------------------------------------------------------------------------------------


async def test_every_draft_of_a_series_gets_one_receipt() -> None:
    transport = MemoryTransport()
    drafts = [
        draft(0),
        Draft(subject="to nobody"),
        draft(2),
        draft(3, headers={"Bcc": "x@example.org"}),
        draft(4),
    ]

    found = [receipt async for receipt in mailer(transport).send_all(drafts)]

    assert [receipt.ok for receipt in sorted(found, key=lambda each: each.index)] == [
        True,
        False,
        True,
        False,
        True,
    ]
    refused = {receipt.index: receipt for receipt in found if not receipt.ok}
    assert isinstance(refused[1].error, NoRecipientsError)
    assert isinstance(refused[3].error, DraftError)
    assert all(receipt.results == () and receipt.envelope is None for receipt in refused.values())
    assert len(transport.sent) == 3


async def test_a_series_may_come_slowly() -> None:
    async def drafts() -> AsyncIterator[Draft]:
        yield draft(0)
        yield Draft(subject="to nobody")
        yield draft(2)

    found = [receipt async for receipt in mailer(MemoryTransport()).send_all(drafts())]

    assert sorted((receipt.index, receipt.ok) for receipt in found) == [(0, True), (1, False), (2, True)]


@pytest.mark.parametrize("slowly", [False, True])
async def test_a_server_that_cannot_be_reached_is_called_once_for_the_whole_series(slowly: bool) -> None:
    transport = MemoryTransport(refusal=ConnectError("nothing listens", server="mail.example.org:587"))
    drafts = [draft(0), Draft(subject="to nobody"), draft(2)]

    async def one_by_one() -> AsyncIterator[Draft]:
        for each in drafts:
            yield each

    found = [receipt async for receipt in mailer(transport).send_all(one_by_one() if slowly else drafts)]

    assert transport.tried == 1
    assert [receipt.index for receipt in found] == [0, 1, 2]
    assert [type(receipt.error) for receipt in found] == [ConnectError, NoRecipientsError, ConnectError]
    assert [each.status for each in found[0].results] == [DEFERRED], "a site failure fails nobody"
    assert found[0].message_id


async def test_a_message_that_was_certainly_not_taken_is_deferred() -> None:
    transport = MemoryTransport(lambda _envelope, _message: DisconnectedError("the connection was lost"))

    found = [receipt async for receipt in mailer(transport).send_all([draft()])]

    assert [each.status for each in found[0].results] == [DEFERRED]
    assert isinstance(found[0].error, DisconnectedError)


async def test_a_simpler_message_is_sent_within_a_series_too() -> None:
    transport = MemoryTransport(without_8bitmime)

    found = [receipt async for receipt in mailer(transport).send_all([draft(0), draft(1)])]

    assert [(receipt.index, receipt.ok) for receipt in found] == [(0, True), (1, True)]
    assert_each_was_simplified_as_the_same_message(transport)


async def test_a_draft_that_cannot_be_made_simpler_does_not_end_the_series(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In seven bits it grows, for instance above the largest size."""
    drafts = [draft(0), draft(1)]
    compose = Composer.compose

    def too_large_in_seven_bits(
        self: Composer, item: Draft, *, body: BodyKind, message_id: str | None = None
    ) -> Composed:
        if item is drafts[0] and body is BodyKind.SEVEN_BIT:
            raise DraftError("too large", field="message")
        return compose(self, item, body=body, message_id=message_id)

    monkeypatch.setattr(Composer, "compose", too_large_in_seven_bits)
    transport = MemoryTransport(without_8bitmime)
    await transport.ready()

    found = [receipt async for receipt in mailer(transport).send_all(drafts)]

    assert [(receipt.index, receipt.ok) for receipt in found] == [(0, False), (1, True)]
    assert isinstance(found[0].error, DraftError)


async def test_a_simpler_message_is_sent_in_one_draft_for_many_too() -> None:
    transport = MemoryTransport(without_8bitmime)
    template = Draft(subject="Hello", text="Grüße, {{ name }}!")
    people = [("anna@example.org", {"name": "Anna"}), ("max@example.org", {"name": "Max"})]

    found = [receipt async for receipt in mailer(transport).send_many(template, people)]

    assert [(receipt.index, receipt.ok) for receipt in found] == [(0, True), (1, True)]
    assert_each_was_simplified_as_the_same_message(transport)


def assert_each_was_simplified_as_the_same_message(transport: MemoryTransport) -> None:
    """A second Message-ID would make the answers to it, and whoever counts messages, believe in two."""
    first = {e.forward_paths: m.message_id for e, m in transport.sent if m.body is BodyKind.EIGHT_BIT}
    again = {e.forward_paths: m.message_id for e, m in transport.sent if m.body is BodyKind.SEVEN_BIT}
    assert first == again
    assert len(set(first.values())) == len(first) == 2
    for _, message in transport.sent:
        assert f"Message-ID: {message.message_id}\r\n".encode() in message.octets()


async def test_what_the_source_of_drafts_raises_reaches_the_reader() -> None:
    def drafts():  # type: ignore[no-untyped-def]  # noqa: ANN202
        yield draft(0)
        raise KeyError("row 2")

    results = mailer(MemoryTransport()).send_all(drafts())

    assert (await anext(results)).ok
    with pytest.raises(KeyError):
        await anext(results)


async def test_one_draft_for_many_people() -> None:
    transport = MemoryTransport()
    template = Draft(subject="Hello {{ name }}", text="Dear {{ name }}!")
    people = [
        ("anna@example.org", {"name": "Anna"}),
        SeriesRecipient("max@example.org", {"name": "Max"}),
        ("eve@example.org", {}),
        ("not an address", {"name": "Nobody"}),
    ]

    found = [receipt async for receipt in mailer(transport).send_many(template, people)]

    assert [receipt.ok for receipt in found] == [True, True, False, False]
    assert isinstance(found[2].error, PlaceholderError)
    assert [envelope.forward_paths for envelope, _ in transport.sent] == [
        ("anna@example.org",),
        ("max@example.org",),
    ]
    assert b"Dear Anna!" in transport.sent[0][1].octets()
    assert b"Max" not in transport.sent[0][1].octets()


async def test_a_draft_that_suits_nobody_is_refused_at_once() -> None:
    with pytest.raises(DraftError):
        mailer(MemoryTransport()).send_many(Draft(subject="{{ name", text="x"), [])


async def test_a_draft_that_is_none_does_not_end_the_series() -> None:
    drafts = [draft(1), "no draft at all", draft(2)]
    receipts = [receipt async for receipt in mailer(MemoryTransport()).send_all(drafts)]  # type: ignore[arg-type]

    assert [receipt.ok for receipt in receipts] == [True, False, True]
    assert isinstance(receipts[1].error, DraftError)
    assert receipts[1].error.__cause__ is not None
