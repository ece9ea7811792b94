"""Receipts made the short way are receipts like any other."""

from __future__ import annotations

import dataclasses

import pytest

from eilbote.deliver.delivery import Delivery
from eilbote.deliver.receipts import accepted_receipt
from eilbote.model.envelope import Envelope
from eilbote.model.message import Message
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import EnhancedStatusCode, RecipientKind, RecipientStatus

ENHANCED = EnhancedStatusCode(2, 0, 0)
PATHS = ("b@example.net", "c@example.net")


def made_for(kinds: tuple[RecipientKind, ...], paths: tuple[str, ...] = PATHS) -> tuple[Receipt, Receipt]:
    envelope = Envelope(reverse_path="a@example.org", forward_paths=paths, kinds=kinds)
    message = Message(message_id="<1@example.org>", segments=(b"x\r\n",), size=3)
    delivery = Delivery(envelope, message, index=7)
    delivery.attempts = 1
    made = accepted_receipt(
        delivery, ENHANCED, "2.0.0 Ok", 0.25, 0.5, "mail.example.net:25", "TLSv1.3", ("PIPELINING",)
    )
    ordinary = Receipt(
        message_id="<1@example.org>",
        envelope=envelope,
        results=tuple(
            RecipientResult(path, RecipientStatus.ACCEPTED, 250, ENHANCED, "2.0.0 Ok", kind)
            for path, kind in zip(paths, kinds or (RecipientKind.ENVELOPE,) * len(paths), strict=True)
        ),
        reply="250 2.0.0 Ok",
        size=3,
        envelope_seconds=0.25,
        content_seconds=0.5,
        server="mail.example.net:25",
        tls_version="TLSv1.3",
        extensions=("PIPELINING",),
        attempts=2,
        error=None,
        index=7,
        transcript="",
    )
    return made, ordinary


@pytest.mark.parametrize(
    "kinds,paths",
    [
        ((RecipientKind.CC,), PATHS[:1]),
        ((), PATHS[:1]),
        ((RecipientKind.TO, RecipientKind.BCC), PATHS),
        ((), PATHS),
    ],
)
def test_they_are_equal_to_ordinary_ones(kinds: tuple[RecipientKind, ...], paths: tuple[str, ...]) -> None:
    made, ordinary = made_for(kinds, paths)
    assert made == ordinary
    assert repr(made) == repr(ordinary)
    assert hash(made.results) == hash(ordinary.results)


def test_no_field_is_forgotten() -> None:
    """A field that a noun gains and the short way does not know would be unset in every receipt."""
    made, _ = made_for(())
    for noun in (made, *made.results):
        for field in dataclasses.fields(noun):
            getattr(noun, field.name)


def test_they_are_frozen() -> None:
    made, _ = made_for(())
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.reply = "changed"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.results[0].text = "changed"  # type: ignore[misc]
