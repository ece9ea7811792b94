"""The four faults every integrator meets first tell their cause, field and remedy."""

import pytest

from eilbote.connections.connection import Connection
from eilbote.connections.integrator_errors import authentication_required, missing_from
from eilbote.errors import Durability, Scope, SettingsError, UriError


def test_a_missing_from() -> None:
    fault = missing_from()

    assert fault.field == "default_from"
    assert str(fault) == (
        "default_from: the message has no From address. "
        "The message names no From and the connection has no default From address. "
        "Give the message a From, or the connection a default From address that its server allows."
    )


def test_an_invalid_default_from() -> None:
    with pytest.raises(SettingsError) as caught:
        Connection(host="mail.example.com", default_from="Reports <reports@>")

    assert caught.value.field == "default_from"
    assert caught.value.position is not None
    assert "the default From address is not valid" in str(caught.value)
    assert "Write it like Reports <reports@example.com>" in str(caught.value)


def test_an_unknown_scheme() -> None:
    with pytest.raises(UriError, match="Unknown URI scheme 'https': use smtp:// or smtps://") as caught:
        Connection.from_uri("https://mail.example.com")

    assert caught.value.field == "uri"
    assert caught.value.position == 0
    assert caught.value.cause == "A connection speaks SMTP and nothing else"
    assert caught.value.remedy is not None
    assert caught.value.remedy.startswith("Write smtp:// to be upgraded by STARTTLS, smtps://")


def test_authentication_required() -> None:
    fault = authentication_required(
        server="mail.example.com:587",
        reply_code=530,
        enhanced_status_code="5.7.0",
        reply_text="5.7.0 Authentication Required",
        stage="mail",
    )

    assert fault.field == "user"
    assert (fault.scope, fault.durability) == (Scope.SITE, Durability.PERMANENT)
    assert (fault.reply_code, fault.server, fault.stage) == (530, "mail.example.com:587", "mail")
    assert "User and password of the connection are blank" in str(fault)
    assert "Fill in both" in str(fault)
