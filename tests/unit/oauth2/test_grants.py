"""What a token endpoint is asked."""

from __future__ import annotations

import base64
import json
from functools import cache
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import RSAKey

from eilbote.errors import Durability, TokenError
from eilbote.model.moment import Moment
from eilbote.model.oauth2 import ClientCredentialsGrant, Grant, OAuth2, RefreshTokenGrant, ServiceAccountGrant
from eilbote.model.secret import Secret
from eilbote.oauth2.grants import TokenRequest, token_request
from eilbote.oauth2.known import ClientAuthentication, authorities, authority_at

NOW = Moment(1_700_000_000_999)
GOOGLE = "https://oauth2.googleapis.com/token"
MICROSOFT = "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token"
OTHER = "https://login.example.com/token"
POST, BASIC = ClientAuthentication.POST, ClientAuthentication.BASIC


@cache
def rsa_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def request(
    grant: Grant, *, url: str = OTHER, scope: str = "", refresh_token: str | None = None
) -> TokenRequest:
    credentials = OAuth2(user="anna@example.com", grant=grant, token_url=url, scope=scope)
    newer = None if refresh_token is None else Secret(refresh_token)
    return token_request(credentials, refresh_token=newer, now=NOW, unique="never-before")


def form(made: TokenRequest, way: ClientAuthentication = POST) -> dict[str, str]:
    return dict(parse_qsl(made.body(way).decode("ascii"), keep_blank_values=True))


PERSON = RefreshTokenGrant(client_id="app", refresh_token=Secret("first"), client_secret=Secret("s3&cret"))


def test_a_refresh_token_is_asked_with() -> None:
    assert form(request(PERSON)) == {
        "grant_type": "refresh_token",
        "refresh_token": "first",
        "client_id": "app",
        "client_secret": "s3&cret",
    }


def test_the_newest_refresh_token_is_asked_with() -> None:
    assert form(request(PERSON, refresh_token="second"))["refresh_token"] == "second"


def test_a_scope_is_said_when_the_settings_name_one() -> None:
    assert form(request(PERSON, scope="a b"))["scope"] == "a b"


def test_an_application_asks_in_its_own_name() -> None:
    grant = ClientCredentialsGrant(client_id="app", client_secret=Secret("secret"))
    assert form(request(grant, url=MICROSOFT, scope="https://outlook.office365.com/.default")) == {
        "grant_type": "client_credentials",
        "scope": "https://outlook.office365.com/.default",
        "client_id": "app",
        "client_secret": "secret",
    }


def test_the_header_carries_the_application_coded_as_a_form() -> None:
    """RFC 6749 §2.3.1: a colon or a percent sign in the secret must not be read as something else."""
    grant = ClientCredentialsGrant(client_id="a:pp", client_secret=Secret("s3%cr:ét"))
    made = request(grant)
    scheme, _, pair = made.header_fields(BASIC)["Authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(pair) == b"a%3App:s3%25cr%3A%C3%A9t"
    assert "client_id" not in form(made, BASIC)
    assert "client_secret" not in form(made, BASIC)
    assert "Authorization" not in made.header_fields(POST)


def test_a_public_client_shows_its_name_only() -> None:
    made = request(RefreshTokenGrant(client_id="app", refresh_token=Secret("first")))
    assert made.ways(OTHER) == (POST,)
    assert form(made) == {"grant_type": "refresh_token", "refresh_token": "first", "client_id": "app"}
    assert "Authorization" not in made.header_fields(POST)


@pytest.mark.parametrize(
    "url, ways",
    [
        (GOOGLE, (POST,)),
        ("https://accounts.google.com/o/oauth2/token", (POST,)),
        (MICROSOFT, (POST,)),
        ("https://api.login.yahoo.com/oauth2/get_token", (BASIC,)),
        (OTHER, (BASIC, POST)),
        ("https://oauth2.googleapis.com.example.com/token", (BASIC, POST)),
    ],
)
def test_known_endpoints_are_asked_in_the_one_way_they_know(
    url: str, ways: tuple[ClientAuthentication, ...]
) -> None:
    assert request(PERSON).ways(url) == ways


@pytest.mark.parametrize("url, outside", [(GOOGLE, False), (OTHER, True)])
def test_a_service_account_signs_for_itself(url: str, outside: bool) -> None:
    grant = ServiceAccountGrant(issuer="robot@p.example", private_key=Secret(rsa_key()), key_id="k1")
    made = form(request(grant, url=url, scope="https://mail.google.com/"))
    assert made["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert ("scope" in made) is outside
    token = jwt.decode(made["assertion"], RSAKey.import_key(rsa_key()), algorithms=["RS256"])
    assert token.header == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert token.claims == {
        "iss": "robot@p.example",
        "sub": "anna@example.com",
        "aud": url,
        "scope": "https://mail.google.com/",
        "iat": 1_700_000_000 - 10,
        "exp": 1_700_000_000 - 10 + 3600,
        "jti": "never-before",
    }


def test_a_key_without_an_id_names_none() -> None:
    grant = ServiceAccountGrant(issuer="robot@p.example", private_key=Secret(rsa_key()))
    head = form(request(grant))["assertion"].split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"alg": "RS256", "typ": "JWT"}


def _ec_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    "key",
    [
        "",
        "no key",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "{}",
        '{"kty":"oct"}',
        _ec_key(),
    ],
)
def test_a_key_that_cannot_sign_is_named_and_not_shown(key: str) -> None:
    with pytest.raises(TokenError) as caught:
        request(ServiceAccountGrant(issuer="robot@p.example", private_key=Secret(key)))
    assert caught.value.field == "private_key"
    assert caught.value.durability is Durability.PERMANENT
    assert caught.value.__cause__ is None
    assert "AAAA" not in str(caught.value)


def test_a_request_shows_no_secret() -> None:
    assert "first" not in repr(request(PERSON))
    assert "s3" not in repr(request(PERSON))


# ── known authorities ───────────────────────────────────────────────────────────────────────────────────────────


def test_every_authority_is_found_by_its_own_endpoints() -> None:
    assert [each.name for each in authorities()] == ["google", "microsoft", "yahoo"]
    for each in authorities():
        for url in (each.token_url, each.authorize_url, each.device_url):
            assert not url or (url.startswith("https://") and authority_at(url) is each)
        assert each.scopes["consent"]


def test_nobody_else_is_known() -> None:
    assert authority_at("https://login.example.com/token") is None
    assert authority_at("https://login.microsoftonline.com.example.com/token") is None
