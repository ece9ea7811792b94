"""Receipts made the short way are receipts like any other."""

from __future__ import annotations

import dataclasses

import pytest

from eilbote.deliver import receipts
from eilbote.deliver.receipts import make_receipt, make_result
from eilbote.model.envelope import Envelope
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import EnhancedStatusCode, RecipientKind, RecipientStatus

ENVELOPE = Envelope(reverse_path="a@example.org", forward_paths=("b@example.net",))
RESULT_FIELDS = {
    "address": "b@example.net",
    "status": RecipientStatus.ACCEPTED,
    "reply_code": 250,
    "enhanced_status_code": EnhancedStatusCode(2, 0, 0),
    "text": "2.0.0 Ok",
    "kind": RecipientKind.CC,
}
RECEIPT_FIELDS = {
    "message_id": "<1@example.org>",
    "envelope": ENVELOPE,
    "results": (RecipientResult(**RESULT_FIELDS),),
    "reply": "250 2.0.0 Ok",
    "size": 1834,
    "envelope_seconds": 0.25,
    "content_seconds": 0.5,
    "server": "mail.example.net:25",
    "tls_version": "TLSv1.3",
    "extensions": ("PIPELINING",),
    "attempts": 2,
    "error": None,
    "index": 7,
    "transcript": "S: 220 mail.example.net",
}


def test_results_are_equal_to_ordinary_ones() -> None:
    made = make_result(*RESULT_FIELDS.values())
    assert type(made) is RecipientResult
    assert made == RecipientResult(**RESULT_FIELDS)
    assert hash(made) == hash(RecipientResult(**RESULT_FIELDS))


def test_receipts_are_equal_to_ordinary_ones() -> None:
    made = make_receipt(*RECEIPT_FIELDS.values())
    assert type(made) is Receipt
    assert made == Receipt(**RECEIPT_FIELDS)
    assert repr(made) == repr(Receipt(**RECEIPT_FIELDS))


@pytest.mark.parametrize("kind,fields", [(RecipientResult, RESULT_FIELDS), (Receipt, RECEIPT_FIELDS)])
def test_no_field_is_forgotten(kind: type, fields: dict[str, object]) -> None:
    """A field that the noun gains and the short way does not know would be unset in every receipt."""
    assert [field.name for field in dataclasses.fields(kind)] == list(fields)


def test_they_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_receipt(*RECEIPT_FIELDS.values()).reply = "changed"
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_result(*RESULT_FIELDS.values()).text = "changed"


def test_nothing_else_is_public() -> None:
    assert [name for name in vars(receipts) if name.startswith("make_")] == ["make_result", "make_receipt"]
