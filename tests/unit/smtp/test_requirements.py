"""What a message needs of a server, and how MAIL and RCPT say it."""

from __future__ import annotations

import pytest

from eilbote.errors import Durability, Scope
from eilbote.model.envelope import DsnRequest, Envelope, Notify, Return
from eilbote.model.message import BodyKind, Message
from eilbote.model.status import RecipientKind
from eilbote.smtp.extensions import Extensions
from eilbote.smtp.requirements import mail_parameters, rcpt_parameters, unmet

NOTHING = Extensions()
EVERYTHING = Extensions(
    chunking=True,
    eight_bit=True,
    binary=True,
    smtputf8=True,
    dsn=True,
    requiretls=True,
    size=1000,
    announces_size=True,
)


def envelope(*paths: str, by: str = "a@example.org", **changes: object) -> Envelope:
    return Envelope(reverse_path=by, forward_paths=paths or ("b@example.net",), **changes)


def message(size: int = 10, **changes: object) -> Message:
    return Message(message_id="<1@example.org>", segments=(b"x" * size,), size=size, **changes)


ADDRESSED = {"kinds": (RecipientKind.TO, RecipientKind.BCC)}


@pytest.mark.parametrize(
    "to,what,extension,field",
    [
        (envelope("zoë@example.net"), message(), "SMTPUTF8", "envelope.forward_paths"),
        (envelope("max@example.net", "zoë@example.net", **ADDRESSED), message(), "SMTPUTF8", "bcc"),
        (envelope("zoë@example.net", "max@example.net", **ADDRESSED), message(), "SMTPUTF8", "to"),
        (
            envelope("x@example.net", "y@example.net", by="ä@example.org", **ADDRESSED),
            message(),
            "SMTPUTF8",
            "from",
        ),
        (envelope(by="ä@example.org"), message(), "SMTPUTF8", "envelope.reverse_path"),
        (envelope(), message(smtputf8=True), "SMTPUTF8", "message"),
        (envelope(), message(body=BodyKind.EIGHT_BIT), "8BITMIME", "message"),
        (envelope(), message(body=BodyKind.BINARY), "BINARYMIME", "message"),
        (envelope(require_tls=True), message(), "REQUIRETLS", "require_tls"),
    ],
)
def test_a_need_that_is_not_announced_is_named(
    to: Envelope, what: Message, extension: str, field: str
) -> None:
    """Twice: by the keyword the server lacks, and by the field of the message that needs it."""
    error = unmet(to, what, NOTHING, secure=True, server="mail.example.net:25")
    assert error is not None
    assert (error.extension, error.field) == (extension, field)
    assert error.durability is Durability.PERMANENT
    assert error.scope is Scope.MESSAGE
    assert error.server == "mail.example.net:25"
    assert error.remedy
    assert unmet(to, what, EVERYTHING, secure=True) is None


def test_the_foreign_address_is_named() -> None:
    error = unmet(envelope("max@example.net", "zoë@example.net"), message(), NOTHING, secure=False)
    assert error is not None
    assert "zoë@example.net" in str(error.cause)


def test_both_sizes_are_named() -> None:
    error = unmet(envelope(), message(1001), EVERYTHING, secure=False)
    assert error is not None
    assert (error.extension, error.field) == ("SIZE", "message")
    assert "1,001" in error.what
    assert "1,000" in error.what
    assert unmet(envelope(), message(1000), EVERYTHING, secure=False) is None


def test_requiretls_needs_tls_here_as_well() -> None:
    error = unmet(envelope(require_tls=True), message(), EVERYTHING, secure=False)
    assert error is not None
    assert error.extension == "REQUIRETLS"


def test_binary_needs_a_connection_that_uses_bdat() -> None:
    assert (
        unmet(envelope(), message(body=BodyKind.BINARY), EVERYTHING, secure=False, chunking=False) is not None
    )


def test_a_wish_for_notifications_is_no_need() -> None:
    assert unmet(envelope(dsn=DsnRequest()), message(), NOTHING, secure=False) is None


def test_parameters_of_mail() -> None:
    to = envelope(dsn=DsnRequest(ret=Return.FULL, envelope_id="a=b"), require_tls=True)
    what = message(body=BodyKind.EIGHT_BIT)
    assert (
        mail_parameters(to, what, EVERYTHING, utf8=True)
        == " SIZE=10 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=a+3Db REQUIRETLS"
    )
    assert mail_parameters(envelope(), message(), NOTHING, utf8=False) == ""
    assert (
        mail_parameters(envelope(), message(body=BodyKind.BINARY), NOTHING, utf8=False) == " BODY=BINARYMIME"
    )


@pytest.mark.parametrize(
    "notify,written",
    [
        ({Notify.FAILURE, Notify.DELAY}, " NOTIFY=DELAY,FAILURE"),
        ({Notify.NEVER}, " NOTIFY=NEVER"),
        (set(), ""),
    ],
)
def test_parameters_of_rcpt(notify: set[Notify], written: str) -> None:
    assert rcpt_parameters("b@example.net", DsnRequest(notify=frozenset(notify))) == (
        f"{written} ORCPT=rfc822;b@example.net"
    )
