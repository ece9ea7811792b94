"""Sending from a program without an event loop."""

from __future__ import annotations

from base64 import b64encode

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from tests.integration.lab.accounts import USERS
from tests.integration.lab.postfix import Postfix
from tests.integration.sending import composed, connection_to, draft_to

from eilbote import (
    AuthenticationError,
    DeliveryError,
    DkimSigner,
    Draft,
    RecipientsRefusedError,
    Secret,
    send_sync,
)
from eilbote.testing import catching


def test_a_message(postfix: Postfix, recipient: str) -> None:
    draft = draft_to(recipient)
    receipt = send_sync(draft, connection_to(postfix.tls, USERS["ordinary"]))
    assert receipt.ok
    assert postfix.received(recipient)[0].splitlines()[-1] == composed(draft).splitlines()[-1]


def test_a_uri(postfix: Postfix, recipient: str) -> None:
    receipt = send_sync(draft_to(recipient), f"smtp://127.0.0.1:{postfix.plain.port}?starttls=never")
    assert receipt.ok
    assert len(postfix.received(recipient)) == 1


def test_what_goes_wrong_is_raised(postfix: Postfix, recipient: str) -> None:
    with pytest.raises(RecipientsRefusedError):
        send_sync(draft_to("refused@lab.example"), connection_to(postfix.plain))
    with pytest.raises(AuthenticationError):
        send_sync(draft_to(recipient), connection_to(postfix.starttls))


def test_it_signs() -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    draft = Draft(from_="a@example.org", to="b@example.org", subject="Signed", text="Hello")

    with catching() as catcher:
        send_sync(draft, catcher.uri, dkim=DkimSigner("example.org", "mail2026", Secret(pem)))
        octets = catcher.next().octets

    assert dkim.verify(octets, dnsfunc=lambda *_, **__: b"v=DKIM1; k=ed25519; p=" + public)


def test_an_error_has_no_history_of_event_loops() -> None:
    """Who reads the traceback should not first read that no event loop was running, which is as it should be."""
    draft = Draft(from_="a@example.org", to="b@example.org", text="Hello")
    with pytest.raises(DeliveryError) as caught:
        send_sync(draft, "smtp://127.0.0.1:1")

    told: BaseException | None = caught.value
    while told is not None:
        assert "event loop" not in str(told)
        told = told.__cause__ or told.__context__
