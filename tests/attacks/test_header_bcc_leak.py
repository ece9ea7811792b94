"""A Bcc that everybody can read: in a header, in a part, in an invitation's list of guests, in a signature.

Exchange once showed Bcc recipients to one another, and more than one library wrote the field and trusted the server
to take it out. Here it has no way into the octets.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.properties.mail_oracle import compose, names_of, value_of

from eilbote.model.address import Group, Mailbox
from eilbote.model.attachment import Attachment
from eilbote.model.invitation import Invitation
from eilbote.model.message import BodyKind
from eilbote.model.status import RecipientKind

SECRET = Mailbox("Secret Guest", "secret.guest", "hidden.example")
START = datetime(2026, 1, 1, tzinfo=UTC)
MEETING = Invitation(summary="Meeting", start=START, end=START + timedelta(hours=1))


@pytest.mark.parametrize(
    "bcc", [[SECRET], [Group("Secret Guest", (SECRET,))], str(SECRET)], ids=["one", "group", "text"]
)
@pytest.mark.parametrize("to", ["reader@example.net", ()], ids=["with To", "without To"])
def test_bcc_is_in_the_envelope_alone(to: object, bcc: object) -> None:
    envelope, message = compose(
        BodyKind.EIGHT_BIT,
        to=to,
        bcc=bcc,
        subject="Hello",
        html="<p>x</p>",
        invitation=MEETING,
        attachments=[Attachment.from_bytes(b"x")],
    )
    assert envelope.forward_paths[-1] == "secret.guest@hidden.example"
    assert envelope.kinds[-1] is RecipientKind.BCC
    octets = message.octets().lower()
    assert b"secret" not in octets
    assert b"hidden.example" not in octets
    assert b"bcc" not in octets


def test_a_message_to_hidden_people_only_says_so() -> None:
    octets = compose(to=(), bcc=[SECRET], text="x").message.octets()
    assert value_of(octets, "To") == "undisclosed-recipients:;"


def test_cc_alone_needs_no_to() -> None:
    assert "To" not in names_of(compose(to=(), cc="a@b.example", text="x").message.octets())


def test_who_is_in_to_and_bcc_gets_one_copy_as_a_visible_recipient() -> None:
    envelope, _ = compose(to="a@b.example", bcc="a@b.example", text="x")
    assert (envelope.forward_paths, envelope.kinds) == (("a@b.example",), (RecipientKind.TO,))
