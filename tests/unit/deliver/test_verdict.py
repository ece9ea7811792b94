"""What replies and faults mean, one case for each rule that somebody once got wrong."""

import pytest

from eilbote.deliver.verdict import is_recipient_limit, judge, judge_error, status_of
from eilbote.errors import (
    AuthenticationError,
    ConnectError,
    DeliveryError,
    DeliveryTimeoutError,
    DisconnectedError,
    Durability,
    ExtensionError,
    HeaderError,
    InDoubtError,
    LocalProtocolError,
    RemoteProtocolError,
    Scope,
    SettingsError,
    TLSError,
)
from eilbote.model.status import EnhancedStatusCode, RecipientStatus

ACCEPTED, DEFERRED, FAILED, IN_DOUBT = RecipientStatus
STAGES = ["greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "content"]


def enhanced(text: str) -> EnhancedStatusCode | None:
    return EnhancedStatusCode(*map(int, text.split("."))) if text else None


@pytest.mark.parametrize(
    "stage,code,detail,scope,durability,status",
    [
        # A refused session says nothing about recipients.
        ("greeting", 554, "5.7.1", "site", "permanent", DEFERRED),
        ("greeting", 421, "", "site", "transient", DEFERRED),
        ("ehlo", 550, "", "site", "permanent", DEFERRED),
        ("starttls", 454, "", "site", "transient", DEFERRED),
        ("auth", 535, "5.7.8", "site", "permanent", DEFERRED),
        ("auth", 454, "4.7.0", "site", "transient", DEFERRED),
        ("mail", 530, "5.7.0", "site", "permanent", DEFERRED),
        ("rcpt", 530, "5.7.0", "site", "permanent", DEFERRED),
        ("mail", 502, "", "site", "permanent", DEFERRED),
        # The session.
        ("mail", 421, "4.4.2", "session", "transient", DEFERRED),
        ("rcpt", 421, "", "session", "transient", DEFERRED),
        ("content", 421, "", "session", "transient", DEFERRED),
        ("rcpt", 503, "5.5.1", "session", "transient", DEFERRED),
        ("mail", 250, "", "message", "permanent", ACCEPTED),
        # Recipients.
        ("rcpt", 250, "", "recipient", "permanent", ACCEPTED),
        ("rcpt", 251, "", "recipient", "permanent", ACCEPTED),
        ("rcpt", 450, "4.2.0", "recipient", "transient", DEFERRED),
        ("rcpt", 451, "4.7.1", "recipient", "transient", DEFERRED),
        ("rcpt", 454, "4.7.1", "recipient", "transient", DEFERRED),
        ("rcpt", 452, "4.5.3", "recipient", "transient", DEFERRED),
        ("rcpt", 452, "4.2.2", "recipient", "transient", DEFERRED),
        ("rcpt", 552, "", "recipient", "transient", DEFERRED),
        ("rcpt", 552, "5.5.3", "recipient", "transient", DEFERRED),
        ("rcpt", 552, "5.2.2", "recipient", "permanent", FAILED),
        ("rcpt", 550, "5.1.1", "recipient", "permanent", FAILED),
        ("rcpt", 553, "", "recipient", "permanent", FAILED),
        ("rcpt", 554, "5.7.1", "recipient", "permanent", FAILED),
        # The message.
        ("mail", 452, "4.3.1", "site", "transient", DEFERRED),
        ("mail", 552, "5.3.4", "message", "permanent", FAILED),
        ("mail", 550, "5.7.1", "message", "permanent", FAILED),
        ("data", 451, "", "message", "transient", DEFERRED),
        ("data", 554, "", "message", "permanent", FAILED),
        ("content", 250, "2.0.0", "message", "permanent", ACCEPTED),
        ("content", 451, "4.7.0", "message", "transient", DEFERRED),
        ("content", 554, "5.6.0", "message", "permanent", FAILED),
        # No answer at all: before the content harmless, after it nobody knows.
        ("content", 354, "", "message", "in_doubt", IN_DOUBT),
        ("content", 999, "", "message", "in_doubt", IN_DOUBT),
        ("rcpt", 354, "", "session", "transient", DEFERRED),
        ("greeting", 250, "", "session", "transient", DEFERRED),
    ],
)
def test_the_meaning_of_a_reply(  # noqa: PLR0917 - a table
    stage: str, code: int, detail: str, scope: str, durability: str, status: RecipientStatus
) -> None:
    verdict = judge(code, enhanced(detail), stage=stage)

    assert verdict[:3] == (scope, durability, status)
    assert verdict.reason
    assert status_of(code, enhanced(detail), stage=stage) is status


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "starttls", "auth"])
@pytest.mark.parametrize("code", range(400, 600))
def test_a_site_failure_never_fails_a_recipient(stage: str, code: int) -> None:
    """A provider that answered AUTH with 535 for an hour once cost a queue of ten thousand messages."""
    assert judge(code, stage=stage).scope is Scope.SITE
    assert judge(code, stage=stage).status is DEFERRED


@pytest.mark.parametrize("stage", STAGES)
def test_every_reply_has_a_meaning(stage: str) -> None:
    for code in range(1000):
        verdict = judge(code, stage=stage)
        # Nobody is accepted without a 2yz, nor failed without a 5yz.
        assert verdict.status is not ACCEPTED or 200 <= code < 300
        assert verdict.status is not FAILED or 500 <= code < 600


@pytest.mark.parametrize(
    "code,detail,expected",
    [
        (452, "", True),
        (452, "4.5.3", True),
        (552, "5.5.3", True),
        (552, "", True),
        (452, "4.2.2", False),
        (552, "5.2.2", False),
        (450, "4.5.3", False),
    ],
)
def test_which_replies_mean_that_a_transaction_is_full(code: int, detail: str, expected: bool) -> None:
    assert is_recipient_limit(code, enhanced(detail)) is expected


@pytest.mark.parametrize(
    "error,scope,durability,status",
    [
        (ConnectError("x"), "site", "transient", DEFERRED),
        (TLSError("x"), "site", "transient", DEFERRED),
        (TLSError("x", durability=Durability.PERMANENT), "site", "permanent", DEFERRED),
        (AuthenticationError("x"), "site", "permanent", DEFERRED),
        (DeliveryTimeoutError("x"), "session", "transient", DEFERRED),
        (DisconnectedError("x"), "session", "transient", DEFERRED),
        (ExtensionError("x"), "message", "permanent", FAILED),
        (InDoubtError("x"), "message", "in_doubt", IN_DOUBT),
        (
            DeliveryError("x", scope=Scope.RECIPIENT, durability=Durability.PERMANENT),
            "recipient",
            "permanent",
            FAILED,
        ),
        (SettingsError("x"), "site", "permanent", DEFERRED),
        (HeaderError("x"), "message", "permanent", FAILED),
        (LocalProtocolError("x"), "message", "permanent", FAILED),
        (RemoteProtocolError("x"), "session", "transient", DEFERRED),
        (OSError("x"), "session", "transient", DEFERRED),
    ],
)
def test_the_meaning_of_a_fault(
    error: Exception, scope: str, durability: str, status: RecipientStatus
) -> None:
    assert judge_error(error)[:3] == (scope, durability, status)
