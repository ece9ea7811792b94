"""Capture mode: nothing is sent, what would have been is kept, and never more than there is room for."""

from __future__ import annotations

import pytest
from tests.unit.engine.memory_transport import MemoryTransport

from eilbote import Connection
from eilbote.deliver.delivery import Delivery
from eilbote.engine.capture import REPLY, CaptureShelf, CapturingTransport
from eilbote.engine.captured_look import CapturedLook
from eilbote.errors import AddressError, DraftError, ForbiddenError, NotFoundError
from eilbote.model.envelope import Envelope
from eilbote.model.finished import finished_message
from eilbote.model.message import BodyKind, Message
from eilbote.model.status import RecipientStatus
from eilbote.outbox.search import parse_search
from eilbote.testing import ManualClock

ENVELOPE = Envelope(reverse_path="a@example.org", forward_paths=("b@example.org", "c@example.org"))


def message(number: int = 1, octets: bytes = b"Subject: x\r\n\r\nHi\r\n") -> Message:
    return finished_message(f"<{number}@x>", (octets,), len(octets), BodyKind.SEVEN_BIT, smtputf8=False)


def shelf(**settings: object) -> CaptureShelf:
    return CaptureShelf(clock=ManualClock(), **settings)  # type: ignore[arg-type] # as given


@pytest.mark.asyncio
async def test_everybody_is_accepted_and_the_reply_says_what_became_of_it() -> None:
    kept, real = shelf(), MemoryTransport()
    transport = CapturingTransport(kept, Connection.from_uri("smtp://127.0.0.1:9"), lambda _: real)

    delivered = [each async for each in transport.deliver_all(iter([Delivery(ENVELOPE, message(), index=3)]))]

    receipt = delivered[0].receipt
    assert receipt is not None
    assert (receipt.index, receipt.reply) == (3, f"250 {REPLY}")
    assert [each.status for each in receipt.results] == [RecipientStatus.ACCEPTED] * 2
    (mail,) = kept.mails(limit=9)
    assert mail.octets == b"Subject: x\r\n\r\nHi\r\n"
    assert mail.forward_paths == ENVELOPE.forward_paths
    assert real.sent == []


@pytest.mark.asyncio
async def test_only_what_was_released_is_really_sent() -> None:
    kept, real = shelf(), MemoryTransport()
    transport = CapturingTransport(kept, Connection.from_uri("smtp://127.0.0.1:9"), lambda _: real)
    kept.let_pass("<1@x>")

    await transport.deliver(ENVELOPE, message(1))
    await transport.deliver(ENVELOPE, message(2))
    await transport.close()

    assert [each.message_id for _, each in real.sent] == ["<1@x>"]
    assert [each.message_id for each in kept.mails(limit=9)] == ["<2@x>"]
    assert real.ending == "closed"


def test_the_oldest_make_room() -> None:
    kept = shelf(most_messages=3, most_octets=100)
    for number in range(5):
        kept.put(ENVELOPE, b"x" * 10, message_id=f"<{number}@x>", connection="office")
    assert [each.number for each in kept.mails(limit=9)] == [5, 4, 3]

    kept.put(ENVELOPE, b"x" * 95, message_id="<large@x>", connection="office")
    assert [each.number for each in kept.mails(limit=9)] == [6]
    kept.put(ENVELOPE, b"x" * 500, message_id="<larger@x>", connection="office")
    assert [each.number for each in kept.mails(limit=9)] == [7], "the latest is always there"


def test_mails_are_listed_found_and_forgotten() -> None:
    kept = shelf()
    for number in range(4):
        to = Envelope(reverse_path="", forward_paths=(f"u{number % 2}@example.org",))
        kept.put(to, b"", message_id=f"<{number}@x>", connection="office")

    assert [each.number for each in kept.mails(limit=2)] == [4, 3]
    assert [each.number for each in kept.mails(limit=2, before=3)] == [2, 1]
    assert [each.number for each in kept.mails(limit=9, to="U1@")] == [4, 2]
    kept.drop(2)
    with pytest.raises(NotFoundError):
        kept.mail(2)
    with pytest.raises(NotFoundError):
        kept.drop(2)
    assert (kept.clear(), kept.mails(limit=9)) == (3, [])


def test_mail_is_released_to_those_alone_who_are_allowed() -> None:
    kept = shelf(released_to=("@example.org", "dev@example.net"))

    assert kept.check_release(["Dev <dev@example.net>, x@EXAMPLE.org"]) == (
        "dev@example.net",
        "x@example.org",
    )
    with pytest.raises(ForbiddenError):
        kept.check_release(["dev@example.net", "boss@example.net"])
    with pytest.raises(ForbiddenError):
        shelf().check_release(["dev@example.net"])
    with pytest.raises(AddressError):
        kept.check_release(["dev@"])
    with pytest.raises(DraftError):
        kept.check_release([" "])


class Disturbing(str):
    """A text that has another mail caught as soon as somebody compares it."""

    __slots__ = ("kept",)
    kept: CaptureShelf

    def casefold(self) -> str:
        self.kept.put(ENVELOPE, b"", message_id="<new@x>", connection="", look=CapturedLook())
        return super().casefold()


def test_mail_is_caught_while_somebody_searches() -> None:
    """A search of everything takes long, so it is done in a thread; what is caught meanwhile neither waits nor breaks it off."""
    kept = shelf()
    subject = Disturbing("Order")
    subject.kept = kept
    for _ in range(3):
        kept.put(ENVELOPE, b"", message_id="<old@x>", connection="", look=CapturedLook(subject=subject))

    found = kept.mails(limit=9, conditions=parse_search("subject:order", now=ManualClock().now()))

    assert [each.message_id for each in found] == ["<old@x>"] * 3
    assert len(kept.mails(limit=9)) == 6


def test_the_text_is_folded_once_and_not_with_every_search() -> None:
    """Thirty words against a thousand mails would be folded thirty thousand times: twenty seconds, in which nobody else is served."""
    kept = shelf()
    kept.put(ENVELOPE, b"Subject: x\r\n\r\nSTRASSE", message_id="<1@x>", connection="")
    (mail,) = kept.mails(limit=9, conditions=parse_search("straße", now=ManualClock().now()))
    assert mail.look.text.strip() == "strasse"
