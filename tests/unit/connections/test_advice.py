"""What an administrator is told about a connection that works on paper."""

import pytest

from eilbote.connections.connection import Connection
from eilbote.model.tls import TlsPolicy

LOGIN = {"user": "anna@gmail.com", "password": "secret"}


def warnings_of(connection: Connection) -> str:
    return "\n".join(connection.warnings)


@pytest.mark.parametrize(
    "uri,says",
    [
        ("smtps://mail.example.com:443", "instructions that say 443 mean 465"),
        ("smtps://mail.example.com:587", "security 'starttls' belongs to it, or port 465"),
        ("smtps://mail.example.com:25", "security 'starttls' belongs to it"),
        ("smtp://mail.example.com:465", "security 'tls' belongs to it, or port 587"),
        ("smtp://mail.example.com?starttls=never", "nothing is encrypted on the way to mail.example.com"),
        ("smtp://a:b@mail.example.com?starttls=never&clear-auth=yes", "the credentials may travel in clear"),
        ("smtps://mail.example.com?verify=no", "the server's certificate is not checked"),
        ("smtps://mail.example.com?auth=PLAIN", "nobody logs in"),
    ],
)
def test_what_hardly_belongs_together_is_said(uri: str, says: str) -> None:
    assert says in warnings_of(Connection.from_uri(uri))


@pytest.mark.parametrize(
    "uri",
    [
        "smtps://a:b@mail.example.com",
        "smtp://mail.example.com",
        "smtp://mail.example.com:25",
        "smtp://mail.example.com:2525",
        "smtps://mail.example.com:2465",
        "smtp://localhost:1025",
        "smtp://a:b@127.0.0.1:1025?clear-auth=yes",
        "smtp://127.0.0.1?verify=no",
    ],
)
def test_ordinary_connections_need_no_warning(uri: str) -> None:
    assert Connection.from_uri(uri).warnings == ()


def test_gmail_wants_an_app_password_and_its_own_address_as_from() -> None:
    told = warnings_of(Connection.from_service("Gmail", default_from="reports@example.com", **LOGIN))

    assert "Gmail wants an app password" in told
    assert "2-step verification" in told
    assert "the default From reports@example.com should be anna@gmail.com" in told


def test_a_fitting_from_is_not_mentioned() -> None:
    told = warnings_of(
        Connection.from_service("Gmail", default_from="Night Reports <Anna@gmail.com>", **LOGIN)
    )

    assert "From" not in told


def test_a_missing_default_from_is() -> None:
    assert "From must be the user's address" in warnings_of(Connection.from_service("Gmail", **LOGIN))


def test_an_access_token_needs_no_app_password() -> None:
    connection = Connection.from_service(
        "Gmail", user="anna@gmail.com", access_token="t", default_from="anna@gmail.com"
    )

    assert connection.warnings == ()


@pytest.mark.parametrize(
    "service,says",
    [
        ("Hotmail", "Hotmail refuses passwords: give an OAuth2 login"),
        ("Outlook365", "Outlook365 is switching passwords off: give an OAuth2 login"),
        ("SendGrid", "the user name at SendGrid is 'apikey' for everybody"),
        ("Ethereal", "takes mail for tests and delivers none"),
        ("Tutanota", "the catalogue's entry for Tutanota is unconfirmed"),
    ],
)
def test_what_people_stumble_over_at_a_service(service: str, says: str) -> None:
    assert says in warnings_of(Connection.from_service(service, **LOGIN))


def test_warnings_follow_the_settings() -> None:
    """They are worked out anew, so a copy with one setting mended does not carry the old ones on."""
    from dataclasses import replace

    connection = Connection.from_uri("smtps://mail.example.com:587?verify=no")
    mended = replace(connection, port=465, tls=TlsPolicy())

    assert len(connection.warnings) == 2
    assert mended.warnings == ()
