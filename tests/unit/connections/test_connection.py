import inspect
import sys
from dataclasses import dataclass, fields, replace
from typing import Any, get_type_hints

import pytest

from eilbote.connections.connection import Connection, Settings
from eilbote.connections.fingerprint import fingerprint
from eilbote.connections.limits import Limits
from eilbote.connections.login import PASSWORD_MECHANISMS, TOKEN_MECHANISMS
from eilbote.connections.retry_policy import RetryPolicy
from eilbote.errors import ProviderNotFoundError, SettingsError
from eilbote.model.credentials import AccessToken, Anonymous, Password
from eilbote.model.mail_protocol import MailProtocol
from eilbote.model.secret import Secret
from eilbote.model.timeouts import Timeouts
from eilbote.model.tls import Security, TlsPolicy, TlsVersion
from eilbote.smtp import sasl

LOGIN = Password(user="anna", password=Secret("Tr0ub4dor"), domain="OFFICE")


def a_connection(**changes: Any) -> Connection:  # noqa: ANN401 - the signature is Connection's own
    return Connection(**{"host": "mail.example.com", "credentials": LOGIN} | changes)


@pytest.mark.parametrize(
    "given,port,security",
    [
        ({}, 465, Security.TLS),
        ({"port": 465}, 465, Security.TLS),
        ({"port": 587}, 587, Security.STARTTLS),
        ({"port": "25"}, 25, Security.STARTTLS),
        ({"security": Security.TLS}, 465, Security.TLS),
        ({"security": "starttls"}, 587, Security.STARTTLS),
        ({"security": "none"}, 25, Security.NONE),
        ({"security": "none", "port": 465}, 465, Security.NONE),
        ({"host": "localhost"}, 25, Security.NONE),
        ({"host": "127.0.0.1", "port": 1025}, 1025, Security.NONE),
        ({"host": "127.0.0.1", "port": 465}, 465, Security.TLS),
        ({"host": "127.0.0.1", "security": "starttls"}, 587, Security.STARTTLS),
    ],
)
def test_port_and_mode_default_from_each_other(
    given: dict[str, object], port: int, security: Security
) -> None:
    connection = a_connection(**given)

    assert (connection.port, connection.security) == (port, security)


@pytest.mark.parametrize(
    "given,field",
    [
        ({"host": ""}, "host"),
        ({"host": "mail.example.com:25"}, "host"),
        ({"port": 70000}, "port"),
        ({"port": True}, "port"),
        ({"security": "ssl"}, "security"),
        ({"credentials": Password(user="", password=Secret("x"))}, "user"),
        ({"credentials": Password(user="anna", password=Secret(""))}, "password"),
        ({"credentials": Password(user="anna\r\n", password=Secret("x"))}, "user"),
        ({"credentials": Password(user="anna", password=Secret("x\x00"))}, "password"),
        ({"credentials": AccessToken(user="anna", token=Secret(""))}, "access_token"),
        ({"credentials": AccessToken(user="anna", token=Secret("a\x01b"))}, "access_token"),
        ({"default_from": "nobody"}, "default_from"),
        ({"ehlo_name": "a b"}, "ehlo_name"),
        ({"mechanism": "XOAUTH2"}, "mechanism"),
        ({"chunking_window": -1}, "chunking_window"),
        ({"chunking_window": 1.5}, "chunking_window"),
        ({"tls": TlsPolicy(client_key="key.pem")}, "tls.client_certificate"),
    ],
)
def test_faults_name_their_field(given: dict[str, object], field: str) -> None:
    with pytest.raises(SettingsError) as caught:
        a_connection(**given)

    assert caught.value.field == field
    assert caught.value.remedy


def test_an_unknown_service_cannot_be_claimed() -> None:
    with pytest.raises(ProviderNotFoundError):
        a_connection(service="Gmial")
    assert a_connection(service="google mail").service == "Gmail"


def test_it_shows_no_secret() -> None:
    shown = repr(a_connection(tls=TlsPolicy(client_certificate="c", client_key_password=Secret("Tr0ub4dor"))))

    assert "Tr0ub4dor" not in shown
    assert "anna" in shown


def test_equal_settings_have_one_fingerprint() -> None:
    assert a_connection().fingerprint() == a_connection().fingerprint()
    assert len(a_connection().fingerprint()) == 32


OTHERS = {
    "host": "other.example.com",
    "port": 466,
    "security": Security.STARTTLS,
    "credentials": Password(user="anna", password=Secret("Tr0ub4dos"), domain="OFFICE"),
    "name": "orders",
    "service": "Gmail",
    "default_from": "anna@example.com",
    "allowed_senders": ("@example.com",),
    "ehlo_name": "client.example.com",
    "tls": TlsPolicy(minimum_version=TlsVersion.TLS_1_3),
    "timeouts": Timeouts(command=1),
    "limits": Limits(max_sessions=5),
    "retry": RetryPolicy(first_seconds=30),
    "chunking_window": 0,
    "pipelining": False,
    "allow_clear_authentication": True,
    "mechanism": "OAUTHBEARER",
    "protocol": MailProtocol.GRAPH,
    "verify_recipients": True,
    "public_only": True,
}


def test_every_setting_has_another_value_to_compare_with() -> None:
    assert {item.name for item in fields(Connection)} - {"unused"} == OTHERS.keys()


@pytest.mark.parametrize("name", OTHERS)
def test_the_fingerprint_changes_with_every_setting(name: str) -> None:
    token = AccessToken(user="anna", token=Secret("Tr0ub4dor"))
    connection = a_connection(port=465, security="tls", credentials=token)

    assert replace(connection, **{name: OTHERS[name]}).fingerprint() != connection.fingerprint()


@pytest.mark.parametrize(
    "credentials",
    [
        Anonymous(),
        Password(user="anna", password=Secret("Tr0ub4dor")),
        Password(user="annaT", password=Secret("r0ub4dor"), domain="OFFICE"),
        Password(user="max", password=Secret("Tr0ub4dor"), domain="OFFICE"),
        AccessToken(user="anna", token=Secret("Tr0ub4dor")),
    ],
)
def test_the_fingerprint_changes_with_every_part_of_the_credentials(credentials: object) -> None:
    assert a_connection(credentials=credentials).fingerprint() != a_connection().fingerprint()


@dataclass(frozen=True)
class One:
    a: object
    b: object = None


@dataclass(frozen=True)
class Two:
    a: object
    b: object = None


@pytest.mark.parametrize(
    "one,other",
    [
        ((One("x"),), (Two("x"),)),
        ((One("x", "y"),), (One("y", "x"),)),
        (("ab", "c"), ("a", "bc")),
        ((("a", "b"), "c"), (("a",), "b", "c")),
        (("1",), (1,)),
        ((None,), ("None",)),
        ((Secret("x"),), ("x",)),
        ((True,), (1,)),
    ],
)
def test_no_two_lists_of_settings_run_together(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    assert fingerprint(*one) != fingerprint(*other)


def test_a_fingerprint_cannot_be_tried_against_likely_passwords() -> None:
    """It is keyed anew in every process, so a logged one says nothing outside of it."""
    module = sys.modules[fingerprint.__module__]

    assert len(module._KEY) >= 32  # noqa: SLF001 - the key is what this is about


def test_the_mechanisms_are_those_the_protocol_core_speaks() -> None:
    """A mechanism added there and not here could not be pinned; one named only here could not be spoken."""
    passwords = {rank.name for rank in sasl._PASSWORD_RANKING}  # noqa: SLF001 - the table is the list
    tokens = {rank.name for rank in sasl._TOKEN_RANKING}  # noqa: SLF001

    assert set(PASSWORD_MECHANISMS) == passwords
    assert set(TOKEN_MECHANISMS) == tokens


def test_the_settings_beside_a_uri_are_those_of_a_connection() -> None:
    parts = {"user", "password", "access_token", "domain", "from_name"}
    own = set(inspect.signature(Connection).parameters) - {"service", "public_only", "unused"}

    assert set(get_type_hints(Settings)) == own | parts


@pytest.mark.parametrize(
    "limits,field",
    [
        ({"max_sessions": 0}, "limits.max_sessions"),
        ({"max_sessions": True}, "limits.max_sessions"),
        ({"max_messages_per_session": 0}, "limits.max_messages_per_session"),
        ({"max_recipients": 1.5}, "limits.max_recipients"),
        ({"idle_seconds": 0}, "limits.idle_seconds"),
        ({"max_age_seconds": float("inf")}, "limits.max_age_seconds"),
        ({"messages_per_second": float("nan")}, "limits.messages_per_second"),
        ({"messages_per_second": 0}, "limits.messages_per_second"),
        ({"messages_per_minute": 0}, "limits.messages_per_minute"),
        ({"messages_per_minute": 1.5}, "limits.messages_per_minute"),
        ({"messages_per_day": -1}, "limits.messages_per_day"),
    ],
)
def test_limits_that_stop_all_sending_are_refused(limits: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Limits(**limits)
    assert caught.value.field == field
