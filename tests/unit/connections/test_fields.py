"""Named fields mean the same under every product's names, and a misspelt one is refused."""

import pytest

from eilbote.connections.connection import Connection
from eilbote.connections.fields import NAMES, as_written
from eilbote.errors import ProviderNotFoundError, SettingsError, UriError
from eilbote.model.address import Mailbox
from eilbote.model.credentials import AccessToken, Anonymous, Password
from eilbote.model.secret import Secret
from eilbote.model.tls import Security

TLS, STARTTLS, NONE = Security.TLS, Security.STARTTLS, Security.NONE
HOST = {"host": "mail.example.com"}


@pytest.mark.parametrize(
    "fields,port,security",
    [
        ({}, 465, TLS),
        ({"port": 465}, 465, TLS),
        ({"port": "587"}, 587, STARTTLS),
        ({"port": 25}, 25, STARTTLS),
        ({"tlsOption": "tls"}, 465, TLS),
        ({"tlsOption": "STARTTLS"}, 587, STARTTLS),
        ({"tls_option": "none"}, 25, NONE),
        ({"tlsOption": "", "port": ""}, 465, TLS),
        ({"security": "tls", "port": 2465}, 2465, TLS),
        # "Enable secure connection": on means STARTTLS on 587 and implicit TLS on 465, off means in clear
        ({"Enable Secure Connection": True}, 465, TLS),
        ({"enableSecureConnection": True, "port": 465}, 465, TLS),
        ({"enableSecureConnection": "yes", "port": 587}, 587, STARTTLS),
        ({"enableSecureConnection": True, "port": 25}, 25, STARTTLS),
        ({"enableSecureConnection": False}, 25, NONE),
        ({"enableSecureConnection": "off", "port": 587}, 587, NONE),
        # "secure": off only says that the session does not begin with TLS
        ({"secure": True}, 465, TLS),
        ({"secure": True, "port": 587}, 587, STARTTLS),
        ({"secure": False}, 587, STARTTLS),
        ({"secure": "false", "port": 25}, 25, STARTTLS),
        ({"secure": False, "requireTLS": True, "port": 2525}, 2525, STARTTLS),
        ({"secure": False, "ignoreTLS": True, "port": 25}, 25, NONE),
        ({"secure": False, "port": 1025, "host": "localhost"}, 1025, NONE),
        ({"tlsOption": "starttls", "secure": True}, 587, STARTTLS),
        ({"tlsOption": "none", "secure": False}, 25, NONE),
    ],
)
def test_port_and_mode_follow_from_each_other(
    fields: dict[str, object], port: int, security: Security
) -> None:
    connection = Connection.from_fields(HOST | fields)

    assert (connection.port, connection.security) == (port, security)


@pytest.mark.parametrize(
    "fields,field",
    [
        ({"tlsOption": "tls", "secure": False}, "secure"),
        ({"tlsOption": "none", "enableSecureConnection": True}, "secure_connection"),
        ({"tlsOption": "starttls", "enableSecureConnection": False}, "secure_connection"),
        ({"requireTLS": True, "ignoreTLS": True}, "ignore_tls"),
        ({"tlsOption": "ssl"}, "security"),
        ({"port": 0}, "port"),
        ({"port": 65536}, "port"),
        ({"port": "587 "}, None),
        ({"port": "smtp"}, "port"),
        ({"port": 587.0}, "port"),
        ({"port": True}, "port"),
        ({"port": "٢٥"}, "port"),
        ({"secure": "perhaps"}, "secure"),
        ({"host": "smtp://mail.example.com"}, "host"),
        ({"host": 5}, "host"),
        ({"user": "anna"}, "password"),
        ({"user": "anna", "password": "   "}, "password"),
        ({"password": "secret"}, "user"),
        ({"accessToken": "secret"}, "user"),
        ({"domain": "OFFICE"}, "user"),
        ({"user": "anna", "password": "secret", "accessToken": "t"}, "access_token"),
        ({"user": "anna", "accessToken": "t", "domain": "OFFICE"}, "domain"),
        ({"user": "anna", "accessToken": "secret token"}, "access_token"),
        ({"user": "anna\n", "password": "secret"}, "user"),
        ({"user": "anna", "password": "secret\n"}, "password"),
        ({"user": "anna", "password": 5}, "password"),
        ({"user": "anna", "password": "secret", "domain": "A\tB"}, "domain"),
        ({"authType": "basic", "user": "anna", "accessToken": "t"}, "password"),
        ({"authType": "oauth2", "user": "anna", "password": "secret"}, "access_token"),
        ({"authType": "oauth2", "accessToken": "t"}, "user"),
        ({"authType": "anonymous", "clientId": "a"}, "auth_type"),
        ({"authType": "anonymous", "user": "anna", "password": "secret"}, "auth_type"),
        ({"authType": "kerberos"}, "auth_type"),
        ({"authMethod": "PLIAN", "user": "anna", "password": "secret"}, "mechanism"),
        ({"authMethod": "XOAUTH2", "user": "anna", "password": "secret"}, "mechanism"),
        ({"authMethod": "PLAIN", "user": "anna", "accessToken": "t"}, "mechanism"),
        ({"from": "not an address"}, "default_from"),
        ({"from": "a@example.com, b@example.com"}, "default_from"),
        ({"fromName": "Reports"}, "default_from"),
        ({"from": "Night <a@example.com>", "fromName": "Day"}, "from_name"),
        ({"from": "a@example.com", "fromName": "\x07"}, "default_from"),
        ({"verify": True, "ignoreTlsErrors": True}, "ignore_tls_errors"),
        ({"minimumTlsVersion": "1.1"}, "tls.minimum_version"),
        ({"clientKey": "key.pem"}, "tls.client_certificate"),
        ({"ehloName": "a b"}, "ehlo_name"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": "1e9"}, "timeouts.connect"),
        ({"maxSessions": 0}, "limits.max_sessions"),
        ({"messagesPerMinute": 0}, "limits.messages_per_minute"),
        ({"messagesPerDay": "many"}, "messages_per_day"),
        ({"retryFirstSeconds": 0.5}, "retry.first_seconds"),
        ({"retryFactor": 0.5}, "retry.factor"),
        ({"retryCapSeconds": 30}, "retry.cap_seconds"),
        ({"retryLifetimeSeconds": -1}, "retry_lifetime_seconds"),
        ({"retryJitter": 2}, "retry_jitter"),
        ({"retryJitter": "nan"}, "retry_jitter"),
        ({"retryJitter": True}, "retry_jitter"),
        ({"chunkingWindow": 5000}, "chunking_window"),
        ({"user": "anna", "username": "max", "password": "secret"}, "user"),
    ],
)
def test_faults_name_their_field(fields: dict[str, object], field: str | None) -> None:
    if field is None:
        Connection.from_fields(HOST | fields)
        return
    with pytest.raises(SettingsError) as caught:
        Connection.from_fields(HOST | fields)

    assert caught.value.field == as_written(field, fields)
    assert caught.value.remedy
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "name,nearest",
    [
        ("tlsOpton", "tlsOption"),
        ("usr", "user"),
        ("pasword", "password"),
        ("hots", "host"),
        ("default_form", "defaultFrom"),
    ],
)
def test_an_unknown_field_is_refused_with_the_nearest_one(name: str, nearest: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Connection.from_fields(HOST | {name: "secret"})

    assert caught.value.field == name
    assert f"'{nearest}'" in (caught.value.remedy or "")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["foo", "smtpEmailNotificationCredentials", "x"])
def test_for_a_field_that_resembles_none_no_other_is_suggested(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Connection.from_fields(HOST | {name: "secret"})

    assert caught.value.remedy == "See docs/reference/connection.md for the names of the fields"


@pytest.mark.parametrize(
    "user,password",
    [("user", "password"), ("User Name", "pass"), ("smtp_username", "SMTP-Password"), ("LOGIN", "Password")],
)
def test_names_are_read_whatever_their_case_and_punctuation(user: str, password: str) -> None:
    connection = Connection.from_fields(HOST | {user: "anna", password: "secret", "SMTP Domain": "OFFICE"})

    assert connection.credentials == Password(user="anna", password=Secret("secret"), domain="OFFICE")


def test_no_name_means_two_fields() -> None:
    written = [
        "".join(letter for letter in name.lower() if letter.isalnum())
        for names in NAMES.values()
        for name in names
    ]
    assert len(written) == len(set(written))


def test_blank_user_and_password_mean_anonymous() -> None:
    fields = HOST | {"user": "", "password": None, "domain": " ", "accessToken": "", "authType": "none"}

    assert Connection.from_fields(fields).credentials == Anonymous()


def test_a_password_is_kept_as_it_was_written() -> None:
    connection = Connection.from_fields(HOST | {"user": "anna ", "password": Secret(" pass word ")})

    assert connection.credentials == Password(user="anna ", password=Secret(" pass word "))


def test_an_access_token() -> None:
    connection = Connection.from_fields(
        HOST
        | {"authType": "oauth2", "user": "anna@example.com", "accessToken": "ya29.a-b", "refreshToken": ""}
    )

    assert connection.credentials == AccessToken(user="anna@example.com", token=Secret("ya29.a-b"))


@pytest.mark.parametrize(
    "fields,shown",
    [
        ({"from": "a@example.com"}, "a@example.com"),
        (
            {"defaultFromAddress": "a@example.com", "defaultFromDisplayName": "Reports"},
            "Reports <a@example.com>",
        ),
        ({"from": "Reports <a@example.com>", "fromName": "Reports"}, "Reports <a@example.com>"),
        (
            {"from": "a@example.com", "fromName": 'Müller, "Hans"'},
            '"Müller, \\"Hans\\"" <a@example.com>',
        ),
        ({"from": Mailbox("", "a", "example.com"), "fromName": "R"}, "R <a@example.com>"),
    ],
)
def test_default_from_address_and_display_name(fields: dict[str, object], shown: str) -> None:
    assert str(Connection.from_fields(HOST | fields).default_from) == shown


def test_ignoring_certificate_errors_is_possible_and_said() -> None:
    connection = Connection.from_fields(HOST | {"ignoreTlsErrors": True})

    assert not connection.tls.verify
    assert any("certificate is not checked" in warning for warning in connection.warnings)


def test_a_uri_with_user_and_password_beside_it() -> None:
    connection = Connection.from_fields(
        {
            "URI": "smtps://email-smtp.us-east-1.amazonaws.com",
            "Username": "anna",
            "Password": "secret",
            "Default From Address": "reports@example.com",
        }
    )

    assert (connection.host, connection.port) == ("email-smtp.us-east-1.amazonaws.com", 465)
    assert connection.credentials == Password(user="anna", password=Secret("secret"))
    assert str(connection.default_from) == "reports@example.com"


@pytest.mark.parametrize(
    "fields,field",
    [
        ({"username": "max", "password": "secret"}, "user"),
        ({"username": "anna", "password": "other"}, "password"),
        ({"host": "other.example.com"}, "host"),
        ({"port": 2525}, "port"),
        ({"tlsOption": "none"}, "security"),
        ({"service": "Gmail"}, "service"),
    ],
)
def test_a_uri_and_a_field_may_not_contradict_each_other(fields: dict[str, object], field: str) -> None:
    uri = "smtp://anna:secret@mail.example.com:587?starttls=required"
    with pytest.raises(SettingsError) as caught:
        Connection.from_fields({"uri": uri} | fields)

    assert caught.value.field == as_written(field, fields)
    assert "secret" not in str(caught.value)


def test_a_fault_names_its_field_as_it_was_written() -> None:
    with pytest.raises(SettingsError) as caught:
        Connection.from_fields(HOST | {"TLS-Option": "ssl"})

    assert caught.value.field == "TLS-Option"


@pytest.mark.parametrize("name", [1, None, b"host", ("host",), True], ids=repr)
def test_a_name_that_is_no_text_is_refused_as_any_other_fault(name: object) -> None:
    for fields in ({name: 2}, HOST | {name: 2}, {name: 2} | HOST):
        with pytest.raises(SettingsError) as caught:
            Connection.from_fields(fields)  # type: ignore[arg-type]

        assert caught.value.field == "fields"
        assert "names of fields as str" in (caught.value.remedy or "")


def test_a_uri_and_a_field_may_say_the_same() -> None:
    fields = {
        "uri": "smtp://anna:secret@mail.example.com:587",
        "user": "anna",
        "password": "secret",
        "port": 587,
    }

    assert Connection.from_fields(fields).port == 587


def test_a_uri_in_a_field_is_as_strict_as_one_alone() -> None:
    with pytest.raises(UriError, match="Unknown URI scheme 'http'"):
        Connection.from_fields({"uri": Secret("http://anna:secret@mail.example.com")})


@pytest.mark.parametrize("service", ["", "Other SMTP Service", "other", None])
def test_another_smtp_service_needs_a_host(service: str | None) -> None:
    assert Connection.from_fields({"service": service, **HOST}).service is None
    with pytest.raises(SettingsError, match="no server") as caught:
        Connection.from_fields({"service": service, "user": "anna", "password": "secret"})
    assert caught.value.field == "host"


def test_an_unknown_service() -> None:
    with pytest.raises(ProviderNotFoundError, match="Gmial"):
        Connection.from_fields({"service": "Gmial"})
