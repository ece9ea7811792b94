"""A connection may stand in a node, and its secrets may not."""

from __future__ import annotations

import pytest

from eilbote.author.flow.inline_connection import InlineConnection, read_connection
from eilbote.author.flow.secret_reference import SecretPlace, SecretReference
from eilbote.connections.repository import connection_name
from eilbote.errors import ConfigurationError, FlowError
from eilbote.model.data import Data

SECRET: dict[str, Data] = {"env": "EILBOTE_FLOW_SECRET_SHOP"}
OTHER: dict[str, Data] = {
    "email_service": "Other SMTP Service",
    "host": "mail.example.org",
    "port": 587,
    "tls_option": "starttls",
    "user": "shop@example.org",
    "password": SECRET,
}
GMAIL: dict[str, Data] = {
    "service": "Gmail",
    "user": "shop@gmail.com",
    "clientId": "id",
    "clientSecret": SECRET,
    "refreshToken": {"file": "refresh"},
    "accessUrl": "https://accounts.google.com/o/oauth2/token",
}


def read(said: Data) -> InlineConnection:
    made = read_connection(said)
    assert isinstance(made, InlineConnection)
    return made


def refused(said: Data) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as fault:
        read_connection(said)
    return fault.value


def test_a_name_a_uri_and_nothing_stay_what_they_are() -> None:
    assert read_connection(None) == ""
    assert read_connection(" office ") == "office"
    assert read_connection("smtp://localhost:2525") == "smtp://localhost:2525"


def test_another_service_says_everything_about_itself() -> None:
    made = read(OTHER)
    assert made.plain == {
        "host": "mail.example.org",
        "port": 587,
        "security": "starttls",
        "user": "shop@example.org",
    }
    assert made.secrets == {
        "password": SecretReference(
            place=SecretPlace.ENV, name="EILBOTE_FLOW_SECRET_SHOP", field="connection.password"
        )
    }


def test_a_service_of_the_catalogue_needs_a_login_only() -> None:
    made = read(GMAIL)
    assert made.plain["service"] == "Gmail"
    assert set(made.secrets) == {"client_secret", "refresh_token"}


@pytest.mark.parametrize(
    "change, field, remedy",
    [
        ({"password": "s3cret"}, "connection.password", "EILBOTE_FLOW_SECRET_"),
        ({"password": {"env": "HOME"}}, "connection.password.env", "EILBOTE_FLOW_SECRET_"),
        ({"password": {"file": "/etc/shadow"}}, "connection.password.file", "folder"),
        ({"host": None}, "connection.host", ""),
        ({"hots": "x"}, "connection.hots", "host"),
        ({"port": "many"}, "connection.port", ""),
        ({"tls_option": "maybe"}, "connection.tls_option", ""),
        ({"host": "{{ input.host }}"}, "connection.host", "Write it out"),
        ({"ca_file": "/etc/passwd"}, "connection.ca_file", "stored connection"),
        ({"uri": "smtp://a:b@c"}, "connection.uri", "one by one"),
        ({"user": ["x"]}, "connection.user", "text"),
    ],
)
def test_what_cannot_stand_there_is_refused_with_its_field(
    change: dict[str, Data], field: str, remedy: str
) -> None:
    fault = refused({**OTHER, **change})
    assert fault.field == field
    assert remedy in (fault.remedy or "")
    assert "s3cret" not in str(fault)


@pytest.mark.parametrize("said", ["smtps://shop:s3cret@mail.example.org", "{{ input.connection }}", [1], 3])
def test_a_text_is_a_name_or_a_uri_without_a_password(said: Data) -> None:
    fault = refused(said)
    assert isinstance(fault, FlowError)
    assert fault.field == "connection"
    assert "s3cret" not in str(fault)


def test_an_access_token_is_needed_only_when_there_is_nothing_to_get_one_with() -> None:
    lacking: dict[str, Data] = {
        name: value for name, value in GMAIL.items() if name in {"service", "user", "clientId"}
    }
    assert refused(lacking).field
    lacking.pop("clientId")
    assert read({**lacking, "accessToken": SECRET, "expiryDate": 1681382246000})


def test_its_name_is_its_own_and_changes_with_everything_but_the_secret_itself() -> None:
    name = read(OTHER).name(flow="Orders & more", node="notify")
    assert connection_name(name) == name
    assert name == read(dict(OTHER)).name(flow="Orders & more", node="notify")
    assert name != read(OTHER).name(flow="other", node="notify")
    assert name != read(OTHER).name(flow="Orders & more", node="second")
    assert name != read({**OTHER, "port": 2525}).name(flow="Orders & more", node="notify")
    long = read(OTHER).name(flow="x" * 64, node="y" * 64)
    assert connection_name(long) == long
