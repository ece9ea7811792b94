"""Receipts as data: nodemailer's keys, our own beside them, and no blind copy in sight."""

import json
from itertools import product

import pytest

from eilbote.errors import (
    AddressError,
    AttachmentError,
    AuthenticationError,
    ConnectError,
    DeliveryTimeoutError,
    DisconnectedError,
    DraftError,
    EilboteError,
    ExtensionError,
    InDoubtError,
    NoRecipientsError,
    RecipientsRefusedError,
    RemoteProtocolError,
    SettingsError,
    TLSError,
    TokenError,
)
from eilbote.model.envelope import Envelope
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.receipt_dict import error_code, error_dict, receipt_dict, summary
from eilbote.model.status import EnhancedStatusCode, RecipientKind, RecipientStatus

ACCEPTED, DEFERRED, FAILED, IN_DOUBT = RecipientStatus


def result(
    address: str, status: RecipientStatus, code: int = 0, *, kind: RecipientKind = RecipientKind.TO
) -> RecipientResult:
    enhanced = EnhancedStatusCode(5, 1, 1) if status is FAILED else None
    return RecipientResult(address, status, code, enhanced, "5.1.1 unknown" if status is FAILED else "", kind)


def receipt(*results: RecipientResult, **fields: object) -> Receipt:
    envelope = Envelope(
        reverse_path="me@example.org",
        forward_paths=tuple(each.address for each in results) or ("nobody@example.org",),
    )
    values: dict[str, object] = {"message_id": "<1@x>", "envelope": envelope, "results": results} | fields
    return Receipt(**values)  # type: ignore[arg-type]


def test_the_keys_are_those_of_nodemailer() -> None:
    sent = receipt(
        result("a@example.org", ACCEPTED, 250),
        result("b@example.org", FAILED, 550),
        reply="250 2.0.0 queued as 7",
        size=1234,
        envelope_seconds=0.0421,
        content_seconds=0.0312,
        extensions=("SIZE 35882577", "STARTTLS"),
        server="mail.example.org:587",
    )

    assert receipt_dict(sent) == {
        "accepted": ["a@example.org"],
        "rejected": ["b@example.org"],
        "rejectedErrors": [
            {
                "code": "EENVELOPE",
                "command": "RCPT TO",
                "response": "550 5.1.1 unknown",
                "responseCode": 550,
                "recipient": "b@example.org",
            }
        ],
        "ehlo": ["SIZE 35882577", "STARTTLS"],
        "envelopeTime": 42,
        "messageTime": 31,
        "messageSize": 1234,
        "response": "250 2.0.0 queued as 7",
        "envelope": {"from": "me@example.org", "to": ["a@example.org", "b@example.org"]},
        "messageId": "<1@x>",
        "status": "partial",
        "recipients": [
            {
                "address": "a@example.org",
                "kind": "to",
                "status": "accepted",
                "code": 250,
                "enhanced": "",
                "text": "",
            },
            {
                "address": "b@example.org",
                "kind": "to",
                "status": "failed",
                "code": 550,
                "enhanced": "5.1.1",
                "text": "5.1.1 unknown",
            },
        ],
        "attempts": 1,
        "server": "mail.example.org:587",
        "index": 0,
    }


@pytest.mark.parametrize("status", RecipientStatus)
def test_blind_copies_stay_blind(status: RecipientStatus) -> None:
    """Such results are stored in flow contexts, where whoever builds a later step reads them."""
    sent = receipt(
        result("open@example.org", ACCEPTED, 250),
        result("secret@example.org", status, 550, kind=RecipientKind.BCC),
    )

    assert "secret@example.org" not in json.dumps(receipt_dict(sent))
    assert receipt_dict(sent)["undisclosed"] == 1
    assert "secret@example.org" in json.dumps(receipt_dict(sent, reveal_bcc=True))
    assert "undisclosed" not in receipt_dict(sent, reveal_bcc=True)


def test_what_is_in_doubt_is_neither_accepted_nor_rejected() -> None:
    """Whoever sends rejected ones again must not send this one again unasked."""
    data = receipt_dict(receipt(result("a@example.org", IN_DOUBT), error=InDoubtError("lost")))

    assert (data["accepted"], data["rejected"], data["pending"]) == ([], [], ["a@example.org"])
    assert data["status"] == "in_doubt"
    assert data["error"]["error"] == "in_doubt"


def test_a_draft_that_was_not_composed_has_a_receipt_too() -> None:
    error = AddressError("no @", field="to", position=3, cause="c", remedy="r")
    data = receipt_dict(receipt(envelope=None, message_id="", error=error, index=7))

    assert data["envelope"] == {"from": "", "to": []}
    assert (data["status"], data["index"]) == ("failed", 7)
    assert data["error"]["code"] == "EENVELOPE"
    assert (data["error"]["field"], data["error"]["cause"], data["error"]["remedy"]) == ("to", "c", "r")


def test_every_mixture_has_one_word() -> None:
    for mixture in product(RecipientStatus, repeat=3):
        results = [result(f"p{place}@example.org", status) for place, status in enumerate(mixture)]
        word = summary(receipt(*results))
        if set(mixture) == {ACCEPTED}:
            assert word == "accepted"
        elif ACCEPTED in mixture:
            assert word == "partial"
        else:
            assert word in {"in_doubt", "deferred", "failed"}


@pytest.mark.parametrize(
    "error,code",
    [
        (AuthenticationError("x"), "EAUTH"),
        (TokenError("x"), "EOAUTH2"),
        (ConnectError("x", stage="dns"), "EDNS"),
        (ConnectError("x", stage="connect"), "ECONNECTION"),
        (DeliveryTimeoutError("x"), "ETIMEDOUT"),
        (TLSError("x"), "ETLS"),
        (ExtensionError("x", extension="SIZE"), "EMESSAGE"),
        (ExtensionError("x", extension="REQUIRETLS"), "EREQUIRETLS"),
        (DisconnectedError("x"), "ECONNECTION"),
        (InDoubtError("x"), "ECONNECTION"),
        (RemoteProtocolError("x"), "EPROTOCOL"),
        (SettingsError("x"), "ECONFIG"),
        (AddressError("x"), "EENVELOPE"),
        (NoRecipientsError("x"), "EENVELOPE"),
        (AttachmentError("x"), "EFILEACCESS"),
        (DraftError("x"), "EMESSAGE"),
        (RecipientsRefusedError("x", receipt=receipt()), "EENVELOPE"),
    ],
)
def test_errors_have_nodemailers_codes(error: EilboteError, code: str) -> None:
    assert error_code(error) == code


def test_an_error_tells_command_and_reply() -> None:
    error = AuthenticationError(
        "refused", stage="auth", reply_code=535, reply_text="5.7.8 no", field="password", remedy="r"
    )

    assert error_dict(error) == {
        "code": "EAUTH",
        "error": "authentication",
        "message": "refused",
        "field": "password",
        "cause": None,
        "remedy": "r",
        "command": "AUTH",
        "response": "5.7.8 no",
        "responseCode": 535,
    }
