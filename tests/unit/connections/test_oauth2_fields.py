"""Which grant the fields of a form mean, what is missing, and where tokens are asked for."""

import json
from dataclasses import dataclass

import pytest

from eilbote import Connection, Secret, SettingsError
from eilbote.connections.fields import as_written
from eilbote.model.credentials import AccessToken
from eilbote.model.mail_protocol import MailProtocol
from eilbote.model.moment import Moment
from eilbote.model.oauth2 import (
    ClientCredentialsGrant,
    OAuth2,
    ProvidedToken,
    RefreshTokenGrant,
    ServiceAccountGrant,
)

HOST = {"host": "mail.example.com", "user": "anna@example.com"}
GMAIL = {"service": "Gmail", "user": "anna@gmail.com"}
M365 = {"service": "Outlook365", "user": "anna@contoso.com"}
CONSENT = {"clientId": "app", "clientSecret": "app-secret", "refreshToken": "1//refresh-secret"}
KEY = "-----BEGIN PRIVATE KEY-----\nMIIE-secret\n-----END PRIVATE KEY-----\n"
KEY_FILE = {
    "type": "service_account",
    "client_email": "robot@project.iam.gserviceaccount.com",
    "private_key": KEY,
    "private_key_id": "k1",
    "token_uri": "https://oauth2.googleapis.com/token",
}


def oauth2(fields: dict[str, object]) -> OAuth2:
    credentials = Connection.from_fields(fields).credentials
    assert isinstance(credentials, OAuth2)
    return credentials


# -- which grant -----------------------------------------------------------------------------------------------


def test_the_form_of_the_vendor() -> None:
    """The fields as the node of the automation product names them, every one filled in."""
    connection = Connection.from_fields(
        {
            "service": "Gmail",
            "user": "anna@gmail.com",
            "clientId": "app.apps.googleusercontent.com",
            "clientSecret": "app-secret",
            "accessToken": "ya29.access-secret",
            "refreshToken": "1//refresh-secret",
            "expiryDate": 1681382246000,
            "accessUrl": "https://accounts.google.com/o/oauth2/token",
            "tlsOption": "tls",
        }
    )

    assert connection.credentials == OAuth2(
        user="anna@gmail.com",
        grant=RefreshTokenGrant(
            client_id="app.apps.googleusercontent.com",
            client_secret=Secret("app-secret"),
            refresh_token=Secret("1//refresh-secret"),
        ),
        token_url="https://accounts.google.com/o/oauth2/token",
        access_token=Secret("ya29.access-secret"),
        expires=Moment(1681382246000),
    )
    assert "-secret" not in repr(connection)


def test_an_access_token_is_enough_by_itself() -> None:
    connection = Connection.from_fields(HOST | {"accessToken": "at", "expiryDate": "1893456000000"})

    assert connection.credentials == AccessToken(
        user="anna@example.com", token=Secret("at"), expires=Moment(1893456000000)
    )


def test_a_client_beside_a_lone_access_token_is_said_to_be_unused() -> None:
    connection = Connection.from_fields(HOST | {"accessToken": "at", "clientId": "a", "clientSecret": "b"})

    assert isinstance(connection.credentials, AccessToken)
    assert any("clientId and clientSecret are not used" in each for each in connection.warnings)


def test_a_public_client_has_no_secret() -> None:
    grant = oauth2(GMAIL | {"clientId": "app", "refreshToken": "r"}).grant

    assert grant == RefreshTokenGrant(client_id="app", refresh_token=Secret("r"), client_secret=Secret(""))


def test_a_client_alone_acts_in_its_own_name() -> None:
    found = oauth2(M365 | {"clientId": "app", "clientSecret": "s", "tenant": "contoso.com"})

    assert found.grant == ClientCredentialsGrant(client_id="app", client_secret=Secret("s"))
    assert found.token_url == "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"
    assert found.scope == "https://outlook.office365.com/.default"


def test_a_named_grant_goes_before_what_is_filled_in() -> None:
    url = {"accessUrl": "https://id.example.com/token"}
    fields = HOST | CONSENT | url | {"grant": "Client Credentials"}

    assert isinstance(oauth2(fields).grant, ClientCredentialsGrant)


@pytest.mark.parametrize("as_text", [True, False])
def test_the_key_file_of_a_service_account(as_text: bool) -> None:
    parts: dict[str, object] = (
        {"serviceAccount": json.dumps(KEY_FILE)}
        if as_text
        else {"issuer": KEY_FILE["client_email"], "privateKey": KEY.replace("\n", "\\n"), "keyId": "k1"}
    )

    found = oauth2(GMAIL | parts)

    assert found.grant == ServiceAccountGrant(
        issuer="robot@project.iam.gserviceaccount.com", private_key=Secret(KEY), key_id="k1"
    )
    assert found.token_url == "https://oauth2.googleapis.com/token"
    assert found.scope == "https://mail.google.com/"


async def _token() -> str:
    return "token"


def test_a_program_may_get_tokens_itself() -> None:
    credentials = ProvidedToken(user="anna@gmail.com", provide=_token)

    assert Connection.from_service("Gmail", credentials=credentials).credentials == credentials
    with pytest.raises(SettingsError, match="beside them"):
        Connection.from_service("Gmail", credentials=credentials, password="secret")


# -- where tokens come from ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Where:
    fields: dict[str, object]
    url: str
    scope: str


MICROSOFT = "https://login.microsoftonline.com"
GOOGLE = "https://oauth2.googleapis.com/token"


@pytest.mark.parametrize(
    "where",
    [
        Where(GMAIL, GOOGLE, ""),
        Where(
            {"service": "Yahoo", "user": "anna@yahoo.com"}, "https://api.login.yahoo.com/oauth2/get_token", ""
        ),
        Where({"host": "smtp.gmail.com", "user": "anna@gmail.com"}, GOOGLE, ""),
        Where(
            M365,
            f"{MICROSOFT}/common/oauth2/v2.0/token",
            "https://outlook.office.com/SMTP.Send offline_access",
        ),
        Where(
            M365 | {"tenantId": "contoso.com", "scope": "own  scope"},
            f"{MICROSOFT}/contoso.com/oauth2/v2.0/token",
            "own scope",
        ),
        Where(
            HOST | {"accessUrl": f"{MICROSOFT}/common/oauth2/v2.0/token"},
            f"{MICROSOFT}/common/oauth2/v2.0/token",
            "https://outlook.office.com/SMTP.Send offline_access",
        ),
        Where(
            HOST | {"accessUrl": "https://id.example.com:8443/t?x=1"}, "https://id.example.com:8443/t?x=1", ""
        ),
        Where(HOST | {"accessUrl": "http://127.0.0.1:9000/token"}, "http://127.0.0.1:9000/token", ""),
        Where(HOST | {"accessUrl": "http://[::1]:9000/token"}, "http://[::1]:9000/token", ""),
        Where(
            M365 | {"protocol": "graph"},
            f"{MICROSOFT}/common/oauth2/v2.0/token",
            "https://graph.microsoft.com/Mail.Send offline_access",
        ),
    ],
    ids=lambda where: str(
        where.fields.get("accessUrl") or where.fields.get("service") or where.fields["host"]
    ),
)
def test_where_tokens_are_asked_for(where: Where) -> None:
    found = oauth2(where.fields | CONSENT)

    assert (found.token_url, found.scope) == (where.url, where.scope)


def test_google_is_assumed_where_nothing_names_another_and_that_is_said() -> None:
    connection = Connection.from_fields(HOST | CONSENT)

    assert isinstance(connection.credentials, OAuth2)
    assert connection.credentials.token_url == GOOGLE
    assert any("asked for at Google" in each for each in connection.warnings)
    assert not any("asked for at Google" in each for each in Connection.from_fields(GMAIL | CONSENT).warnings)


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example.com/token",
        "http://localhost.example.com/token",
        "https://user:pass-secret@id.example.com/token",
        "https://id.example.com/token#part",
        "https://",
        "https:///token",
        "https://id.example.com:99999/token",
        "https://id.example.com/a b",
        "https://id.example.com/\r\nX: y",
        "https://id.example.com\\@evil.example/",
        "https://id.éxample.com/",
        "//id.example.com/token",
        "id.example.com/token",
        "ftp://id.example.com/token",
        "javascript:alert(1)",
        "https://id.example.com/" + "a" * 2000,
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_no_token_endpoint_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Connection.from_fields(HOST | CONSENT | {"accessUrl": url})

    assert caught.value.field == "accessUrl"
    assert caught.value.remedy
    assert "pass-secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "http://id.example.com/token", "https://a:b@id.example.com"])
def test_a_program_cannot_name_such_an_address_either(url: str) -> None:
    grant = ClientCredentialsGrant(client_id="a", client_secret=Secret("b"))
    with pytest.raises(SettingsError) as caught:
        Connection(host="mail.example.com", credentials=OAuth2(user="a", grant=grant, token_url=url))

    assert caught.value.field == "token_url"


# -- what is missing or wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields,field",
    [
        (HOST | {"refreshToken": "r-secret"}, "client_id"),
        (HOST | {"clientId": "a"}, "client_secret"),
        (HOST | {"clientSecret": "c-secret"}, "client_id"),
        (GMAIL | {"clientId": "a", "clientSecret": "c-secret"}, "refresh_token"),
        (HOST | {"clientId": "a", "clientSecret": "c-secret"}, "access_url"),
        (M365 | {"clientId": "a", "clientSecret": "c-secret"}, "tenant"),
        (M365 | CONSENT | {"tenant": "../../evil"}, "tenant"),
        (M365 | CONSENT | {"tenant": "contoso.com", "accessUrl": f"{MICROSOFT}/other/token"}, "tenant"),
        (GMAIL | CONSENT | {"tenant": "contoso.com"}, "tenant"),
        ({"host": "mail.example.com"} | CONSENT, "user"),
        (HOST | CONSENT | {"password": "p-secret"}, "password"),
        (HOST | CONSENT | {"domain": "OFFICE"}, "domain"),
        (HOST | CONSENT | {"grant": "authorization_code"}, "grant"),
        (HOST | CONSENT | {"grant": "implicit"}, "grant"),
        (HOST | CONSENT | {"scope": 'mail "all"'}, "scope"),
        (HOST | CONSENT | {"expiryDate": "soon"}, "expiry_date"),
        (HOST | {"clientId": "a\nb", "refreshToken": "r-secret"}, "client_id"),
        (HOST | {"clientId": "a", "refreshToken": "r-secret\r\n"}, "refresh_token"),
        (HOST | CONSENT | {"accessToken": "a-secret b"}, "access_token"),
        (HOST | {"grant": "refresh_token", "clientId": "a"}, "refresh_token"),
        (HOST | {"grant": "service_account", "issuer": "a@b"}, "private_key"),
        (HOST | {"privateKey": KEY}, "issuer"),
        (HOST | {"privateKey": "MIIE-secret", "issuer": "a@b"}, "private_key"),
        (HOST | {"serviceAccount": "/run/secrets/key.json"}, "service_account"),
        (HOST | {"serviceAccount": "[]"}, "service_account"),
        (HOST | {"serviceAccount": "[" * 100_000}, "service_account"),
        (HOST | {"serviceAccount": json.dumps(KEY_FILE | {"private_key": 5})}, "service_account"),
        (HOST | {"serviceAccount": json.dumps(KEY_FILE | {"client_email": ""})}, "service_account"),
        (
            HOST | {"serviceAccount": json.dumps(KEY_FILE | {"token_uri": "http://evil.example/"})},
            "access_url",
        ),
        (M365 | {"protocol": "graph", "password": "p-secret"}, "password"),
        ({"protocol": "graph"}, "client_id"),
        (GMAIL | CONSENT | {"protocol": "graph"}, "protocol"),
        (HOST | {"protocol": "pop3"}, "protocol"),
        (HOST | CONSENT | {"authMethod": "PLAIN"}, "mechanism"),
    ],
)
def test_a_fault_names_the_field_and_what_to_do(fields: dict[str, object], field: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Connection.from_fields(fields)

    assert caught.value.field == as_written(field, fields)
    assert caught.value.remedy
    assert "-secret" not in str(caught.value)


# -- Microsoft Graph -------------------------------------------------------------------------------------------


def test_graph_is_reached_over_https_whatever_the_service_says_of_smtp() -> None:
    connection = Connection.from_fields(
        M365 | {"protocol": "Graph", "tenant": "contoso.com", "clientId": "a", "clientSecret": "b"}
    )

    assert connection.protocol is MailProtocol.GRAPH
    assert (connection.host, connection.port, connection.security) == ("graph.microsoft.com", 443, "tls")
    assert isinstance(connection.credentials, OAuth2)
    assert connection.credentials.scope == "https://graph.microsoft.com/.default"
    assert not any("443" in each for each in connection.warnings)


def test_a_national_cloud_of_graph_is_named_by_its_host() -> None:
    connection = Connection.from_fields(
        CONSENT
        | {"protocol": "graph", "host": "graph.microsoft.us", "user": "a@b.us", "tlsOption": "starttls"}
    )

    assert (connection.host, connection.port, connection.security) == ("graph.microsoft.us", 443, "tls")
    assert any("security 'starttls' is not used" in each for each in connection.warnings)
