"""What Graph is given of a message: everybody in the envelope, and nobody else."""

from __future__ import annotations

import pytest

from eilbote.compose.composer import Composer
from eilbote.deliver.graph_message import LARGEST, graph_octets
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import DeliveryError, Durability, ExtensionError, Scope
from eilbote.model.address import parse_address_list
from eilbote.model.draft import Draft
from eilbote.model.envelope import Envelope
from eilbote.model.message import Message

SERVER = "graph.microsoft.com:443"
COMPOSER = Composer(clock=SystemClock(), ids=RandomIds())


def message(header: str, size: int = 0) -> Message:
    octets = header.encode() + b"\r\nTo: not-a-field@example.org\r\nhello\r\n" + b"x" * size
    return Message(message_id="<1@example.org>", segments=(octets,), size=len(octets))


def envelope(*recipients: str, **settings: object) -> Envelope:
    return Envelope(reverse_path="me@example.org", forward_paths=recipients, **settings)  # type: ignore[arg-type]


def test_who_is_named_in_the_header_needs_nothing_more() -> None:
    made = message("From: me@example.org\r\nTo: a@x.example, B <b@x.example>\r\nCc: c@x.example\r\n")
    assert (
        graph_octets(envelope("a@x.example", "b@x.example", "c@X.example"), made, server=SERVER)
        == made.octets()
    )


def test_who_is_not_gets_into_a_bcc_field_and_only_there() -> None:
    composed = COMPOSER.compose(
        Draft(
            from_="me@example.org",
            to=["Anna Ä <anna@x.example>", "team: b@x.example, c@x.example;"],
            bcc=[f"hidden{number}@x.example" for number in range(30)],
            subject="Hello",
            text="Hi",
        )
    )
    assert b"Bcc:" not in composed.message.octets()
    octets = graph_octets(composed.envelope, composed.message, server=SERVER)

    field, rest = octets[: -len(composed.message.octets())], octets[-len(composed.message.octets()) :]
    assert rest == composed.message.octets()
    assert max(map(len, field.split(b"\r\n"))) < 100
    listed = parse_address_list(field.decode().removeprefix("Bcc: ").replace("\r\n", ""), field="bcc")
    assert [str(mailbox) for mailbox in listed] == [f"hidden{number}@x.example" for number in range(30)]


def test_to_whom_the_envelope_does_not_send_graph_must_not_either() -> None:
    """A message that was accepted for A is tried again for B: Graph would give it to A once more."""
    made = message("To: a@x.example,\r\n b@x.example\r\n")
    with pytest.raises(DeliveryError) as caught:
        graph_octets(envelope("b@x.example"), made, server=SERVER)
    assert "a@x.example" in caught.value.what
    assert (caught.value.scope, caught.value.durability) == (Scope.MESSAGE, Durability.PERMANENT)
    assert caught.value.remedy


def test_a_header_that_cannot_be_read_is_not_guessed_at() -> None:
    with pytest.raises(DeliveryError, match="cannot be read"):
        graph_octets(envelope("b@x.example"), message("To: <<<\r\n"), server=SERVER)


@pytest.mark.parametrize(
    "sent,to,need",
    [
        (message("To: a@x.example\r\n", LARGEST), envelope("a@x.example"), "SIZE"),
        (message("To: a@x.example\r\n"), envelope("zoë@x.example"), "SMTPUTF8"),
        (message("To: a@x.example\r\n"), envelope("a@x.example", require_tls=True), "REQUIRETLS"),
    ],
)
def test_what_graph_cannot_do_is_refused_before_it_is_asked(sent: Message, to: Envelope, need: str) -> None:
    with pytest.raises(ExtensionError) as caught:
        graph_octets(to, sent, server=SERVER)
    assert caught.value.extension == need
