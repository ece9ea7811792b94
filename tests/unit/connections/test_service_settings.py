"""A service fixes its server; what contradicts it is refused or named, never dropped in silence."""

from dataclasses import replace

import pytest

from eilbote.connections.catalogue import lookup_service
from eilbote.connections.connection import Connection, limits_of
from eilbote.connections.limits import Limits
from eilbote.connections.service import ServiceLimits
from eilbote.errors import SettingsError
from eilbote.model.credentials import AccessToken, Anonymous, Password
from eilbote.model.secret import Secret
from eilbote.model.tls import Security

LOGIN = {"user": "anna@example.com", "password": "secret"}


def test_only_login_data_are_needed_for_a_listed_service() -> None:
    connection = Connection.from_service("Gmail", user="anna@gmail.com", password="secret")

    assert (connection.host, connection.port, connection.security) == ("smtp.gmail.com", 465, Security.TLS)
    assert connection.service == "Gmail"
    assert connection.credentials == Password(user="anna@gmail.com", password=Secret("secret"))


def test_the_service_may_be_found_by_the_user_s_address() -> None:
    assert Connection.from_service("anna@gmx.de", **LOGIN).host == "mail.gmx.com"


def test_another_host_is_refused() -> None:
    with pytest.raises(
        SettingsError, match=r"contradicts the service Gmail, which is at smtp\.gmail\.com"
    ) as caught:
        Connection.from_service("Gmail", host="mail.example.com", **LOGIN)
    assert caught.value.field == "host"


def test_the_same_host_is_not() -> None:
    assert not Connection.from_service("SMTP2GO", host="Mail.SMTP2GO.com.").unused


def test_another_mode_is_named_and_not_used() -> None:
    """Forms preset ``tls``; a service on 587 would never answer to that, and the user would not learn why."""
    connection = Connection.from_service("Outlook365", security="tls", port=465, **LOGIN)

    assert (connection.port, connection.security) == (587, Security.STARTTLS)
    assert len(connection.unused) == 2
    assert connection.unused[0].startswith("security 'tls' is not used: Outlook365 takes mail on port 587")
    assert connection.unused[1].startswith("port 465 is not used")
    assert "give the host smtp.office365.com" in connection.unused[0]
    assert set(connection.unused) < set(connection.warnings)


def test_a_service_is_never_weakened() -> None:
    connection = Connection.from_service("Gmail", security="none", port=25, **LOGIN)

    assert connection.security is Security.TLS
    assert connection.unused


@pytest.mark.parametrize("fields", [{"secure": True}, {"enableSecureConnection": "on"}, {"requireTLS": True}])
def test_a_secure_connection_is_what_starttls_is(fields: dict[str, object]) -> None:
    assert not Connection.from_fields({"service": "Outlook365", **LOGIN, **fields}).unused


def test_a_switch_that_contradicts_a_service_is_named() -> None:
    connection = Connection.from_fields({"service": "Gmail", **LOGIN, "enableSecureConnection": False})

    assert connection.security is Security.TLS
    assert connection.unused[0].startswith("the switches for security mean 'none' and are not used")


def test_a_service_on_this_machine_fixes_nothing() -> None:
    assert (Connection.from_service("Maildev").host, Connection.from_service("Maildev").port) == (
        "localhost",
        1025,
    )
    elsewhere = Connection.from_service("Maildev", host="maildev", port=2025)
    assert (elsewhere.host, elsewhere.port, elsewhere.security) == ("maildev", 2025, Security.NONE)
    assert not elsewhere.unused
    assert Connection.from_fields({"service": "Maildev", "requireTLS": True}).security is Security.STARTTLS


def test_the_mechanism_of_a_service_belongs_to_passwords() -> None:
    assert Connection.from_service("Zoho", **LOGIN).mechanism == "LOGIN"
    assert Connection.from_service("Zoho", mechanism="plain", **LOGIN).mechanism == "PLAIN"
    token = Connection.from_service("Zoho", user="anna@example.com", access_token="t")
    assert isinstance(token.credentials, AccessToken)
    assert token.mechanism is None


def test_published_limits_hold_unless_others_are_given() -> None:
    office = Connection.from_service("Outlook365", **LOGIN).limits
    assert (office.max_sessions, office.messages_per_second, office.messages_per_minute) == (3, 0.5, 30)
    assert Connection.from_service("iCloud", **LOGIN).limits.messages_per_day == 1000
    assert Connection.from_service("SES").limits.max_recipients == 50
    assert Connection.from_service("iCloud", **LOGIN).limits.max_recipients == 100
    assert Connection.from_service("Outlook365", **LOGIN, limits=Limits(max_sessions=9)).limits == Limits(
        max_sessions=9
    )
    assert (
        Connection.from_fields({"service": "Outlook365", **LOGIN, "rate": 2}).limits.messages_per_second == 2
    )


def test_unconfirmed_limits_steer_nothing() -> None:
    published = ServiceLimits(
        source="a page", recipients_per_message=10, sessions=1, messages_per_minute=6, messages_per_day=50
    )
    service = replace(lookup_service("Gmail"), limits=published)

    assert limits_of(service) == Limits(
        max_recipients=10, max_sessions=1, messages_per_second=0.1, messages_per_minute=6, messages_per_day=50
    )
    assert limits_of(replace(service, limits=replace(published, unconfirmed=True))) == Limits()
    assert limits_of(replace(service, limits=None)) == Limits()
    assert limits_of(None) == Limits()


def test_published_limits_never_make_eilbote_press_harder() -> None:
    generous = ServiceLimits(source="a page", recipients_per_message=5000, sessions=100)

    assert limits_of(replace(lookup_service("Gmail"), limits=generous)) == Limits()


@pytest.mark.parametrize(
    "service, wants",
    [
        ("Gmail", "an app password"),
        ("SendGrid", "the user 'apikey'"),
        ("Outlook365", ""),
        ("Hotmail", "an OAuth2 login"),
    ],
)
def test_a_service_that_wants_a_login_is_not_met_without_one(service: str, wants: str) -> None:
    for connect in (
        lambda: Connection.from_service(service),
        lambda: Connection.from_fields({"service": service, "user": "", "password": ""}),
    ):
        with pytest.raises(SettingsError, match="takes mail only from those who log in") as caught:
            connect()
        assert caught.value.field == "user"
        assert wants in (caught.value.remedy or "")


@pytest.mark.parametrize("service", ["Maildev", "SMTP2GO", "GmailWorkspace"])
def test_a_relay_may_know_its_senders_by_address(service: str) -> None:
    assert Connection.from_service(service).credentials == Anonymous()
