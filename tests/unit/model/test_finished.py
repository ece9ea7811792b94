"""The quick constructors make what the ordinary ones make."""

from __future__ import annotations

from dataclasses import fields

from eilbote.model.envelope import DsnRequest, Envelope
from eilbote.model.finished import finished_envelope, finished_message
from eilbote.model.message import BodyKind, Message
from eilbote.model.status import RecipientKind


def test_an_envelope() -> None:
    dsn = DsnRequest()
    quick = finished_envelope("a@b", ("c@d",), (RecipientKind.TO,), dsn, require_tls=True)
    assert quick == Envelope(
        reverse_path="a@b", forward_paths=("c@d",), kinds=(RecipientKind.TO,), dsn=dsn, require_tls=True
    )
    assert [field.name for field in fields(Envelope)] == [
        "reverse_path",
        "forward_paths",
        "kinds",
        "dsn",
        "require_tls",
    ], "a new field needs a place in finished_envelope"


def test_a_message() -> None:
    quick = finished_message("<a@b>", (b"x",), 1, BodyKind.EIGHT_BIT, smtputf8=True)
    assert quick == Message(
        message_id="<a@b>", segments=(b"x",), size=1, body=BodyKind.EIGHT_BIT, smtputf8=True
    )
    assert [field.name for field in fields(Message)] == ["message_id", "segments", "size", "body", "smtputf8"]
