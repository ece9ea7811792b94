from __future__ import annotations

import pytest

from eilbote.connections.consent_fields import consent_fields, is_another_application
from eilbote.connections.stored import StoredConnection
from eilbote.connections.stored_fields import kept_fields
from eilbote.errors import SettingsError
from eilbote.model.moment import Moment
from eilbote.model.secret import Secret
from eilbote.oauth2.consent import Application

NOW = Moment(1_800_000_000_000)


def read(stored: StoredConnection | None = None, **said: object) -> Application:
    urls = {name: str(said.pop(name)) for name in ("authorize_url", "device_url") if name in said}
    return consent_fields(stored, kept_fields(said, now=NOW), **urls)


def test_a_service_says_where_to_go() -> None:
    asked = read(service="gmail", user="anna@gmail.com", clientId="id", clientSecret="word")
    assert asked.token_url == "https://oauth2.googleapis.com/token"
    assert asked.authorize_url.startswith("https://accounts.google.com/")
    assert asked.scope == "https://mail.google.com/"
    assert asked.parameters["access_type"] == "offline"
    assert asked.client_secret == Secret("word")
    assert asked.device_url == ""


def test_what_makes_it_another_application() -> None:
    """A kept client secret is forgotten then, and not when only the place for device codes is named."""
    stored = StoredConnection(
        name="gmail",
        plain={"service": "Gmail", "user": "anna@gmail.com", "client_id": "id"},
        secrets={"client_secret": Secret("word")},
    )
    for said, is_another in (
        ({}, False),
        ({"user": "berta@gmail.com"}, False),
        ({"clientId": "other"}, True),
        ({"accessUrl": "https://id.example/token"}, True),
    ):
        assert is_another_application(stored, kept_fields(said, now=NOW)) is is_another


@pytest.mark.parametrize("tenant, place", [("", "common"), ("contoso.com", "contoso.com")])
def test_a_tenant_stands_in_every_address(tenant: str, place: str) -> None:
    asked = read(service="Outlook365", user="anna@contoso.com", clientId="id", tenant=tenant)
    for url in (asked.token_url, asked.authorize_url, asked.device_url):
        assert f"/{place}/" in url
        assert "{" not in url
    assert "SMTP.Send" in asked.scope
    assert "offline_access" in asked.scope


def test_graph_asks_for_another_right() -> None:
    asked = read(protocol="graph", user="anna@contoso.com", clientId="id")
    assert "graph.microsoft.com/Mail.Send" in asked.scope


def test_what_is_kept_is_joined_with_what_is_said() -> None:
    stored = StoredConnection(
        name="office",
        plain={"service": "Outlook365", "user": "anna@contoso.com", "client_id": "id"},
        secrets={"client_secret": Secret("word"), "refresh_token": Secret("old")},
        version=1,
    )
    asked = read(stored, scope="mine offline_access")
    assert (asked.user, asked.client_id, asked.client_secret) == ("anna@contoso.com", "id", Secret("word"))
    assert asked.scope == "mine offline_access"


@pytest.mark.parametrize(
    "moved",
    [
        {"clientId": "other"},
        {"tenant": "evil.example"},
        {"accessUrl": "https://evil.example/token", "authorize_url": "https://evil.example/auth"},
        {"service": "gmail"},
        {"protocol": "graph"},
        {"device_url": "https://evil.example/device"},
    ],
)
def test_a_kept_secret_goes_nowhere_else(moved: dict[str, str]) -> None:
    stored = StoredConnection(
        name="office",
        plain={"service": "Outlook365", "user": "anna@contoso.com", "client_id": "id"},
        secrets={"client_secret": Secret("word")},
        version=1,
    )
    assert not read(stored, **moved).client_secret


@pytest.mark.parametrize(
    "said, field",
    [
        ({"service": "gmail", "clientId": "id"}, "user"),
        ({"service": "gmail", "user": "a@b.example"}, "client_id"),
        ({"host": "mail.example.org", "user": "a@b.example", "clientId": "id"}, "access_url"),
        (
            {"accessUrl": "https://id.example.org/token", "user": "a@b.example", "clientId": "id"},
            "access_url",
        ),
        (
            {
                "accessUrl": "http://id.example.org/token",
                "user": "a@b.example",
                "clientId": "id",
                "device_url": "https://x.example/",
            },
            "access_url",
        ),
        (
            {
                "accessUrl": "https://id.example.org/token",
                "user": "a@b.example",
                "clientId": "id",
                "device_url": "http://x.example/",
            },
            "device_url",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_named(said: dict[str, object], field: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(**said)
    assert refused.value.field == field
    assert refused.value.remedy
