"""Sending from a program without an event loop."""

from __future__ import annotations

import pytest
from tests.integration.lab.accounts import USERS
from tests.integration.lab.postfix import Postfix
from tests.integration.sending import composed, connection_to, draft_to

from eilbote import AuthenticationError, RecipientsRefusedError, send_sync


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
