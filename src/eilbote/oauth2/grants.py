"""What a token endpoint is asked (RFC 6749 §4.4.2, §6; RFC 7523 §2.1), without asking it.

The scope of a refreshed token is left to what was agreed to, unless the settings name one. An assertion is signed for
each request anew: servers may take it once only (its ``jti``).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, assert_never
from urllib.parse import quote_plus, urlencode

from eilbote.errors import TokenError
from eilbote.model.oauth2 import ClientCredentialsGrant, RefreshTokenGrant, ServiceAccountGrant
from eilbote.model.secret import Secret
from eilbote.oauth2.known import ClientAuthentication, authority_at

if TYPE_CHECKING:
    from eilbote.model.moment import Moment
    from eilbote.model.oauth2 import OAuth2

_ASSERTION: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# Google takes no assertion that is valid for longer than an hour, and none from the future.
_VALID_SECONDS: Final = 3600
_SKEW_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """One question to a token endpoint.

    Attributes:
        fields: The form, without the application's proof; holds secrets.
        client_id: The application; empty where an assertion says who asks.
        client_secret: Its proof; empty for a public client.
    """

    fields: tuple[tuple[str, str], ...] = field(repr=False)
    client_id: str = ""
    client_secret: Secret = field(default_factory=lambda: Secret(""))

    def ways(self, url: str) -> tuple[ClientAuthentication, ...]:
        """Give the ways for the application to prove itself at an endpoint, the likeliest first.

        Every server knows the header (RFC 6749 §2.3.1); some want the form all the same. At a known one there is no
        need to try.
        """
        if not self.client_secret:
            return (ClientAuthentication.POST,)
        known = authority_at(url)
        if known is not None:
            return (known.authentication,)
        return (ClientAuthentication.BASIC, ClientAuthentication.POST)

    def header_fields(self, way: ClientAuthentication) -> dict[str, str]:
        """Give the header fields of the request."""
        made = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        if self.client_secret and way is ClientAuthentication.BASIC:
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret.reveal())}"
            made["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return made

    def body(self, way: ClientAuthentication) -> bytes:
        """Give the form."""
        fields = list(self.fields)
        if self.client_id and (way is ClientAuthentication.POST or not self.client_secret):
            fields.append(("client_id", self.client_id))
            if self.client_secret:
                fields.append(("client_secret", self.client_secret.reveal()))
        return urlencode(fields).encode("ascii")


def token_request(
    credentials: OAuth2, *, refresh_token: Secret | None, now: Moment, unique: str
) -> TokenRequest:
    """Say what to ask the token endpoint.

    Args:
        credentials: What the settings hold.
        refresh_token: The newest one; ``None`` takes that of the settings.
        now: The time.
        unique: A text never used before, for the id of an assertion.

    Raises:
        TokenError: The key of a service account cannot be used.
    """
    scope = (("scope", credentials.scope),) if credentials.scope else ()
    match credentials.grant:
        case RefreshTokenGrant() as grant:
            held = grant.refresh_token if refresh_token is None else refresh_token
            return TokenRequest(
                fields=(("grant_type", "refresh_token"), ("refresh_token", held.reveal()), *scope),
                client_id=grant.client_id,
                client_secret=grant.client_secret,
            )
        case ClientCredentialsGrant() as grant:
            return TokenRequest(
                fields=(("grant_type", "client_credentials"), *scope),
                client_id=grant.client_id,
                client_secret=grant.client_secret,
            )
        case ServiceAccountGrant() as grant:
            known = authority_at(credentials.token_url)
            inside = known is not None and known.scope_in_assertion
            assertion = _assertion(credentials, grant, now=now, unique=unique)
            return TokenRequest(
                fields=(("grant_type", _ASSERTION), ("assertion", assertion), *(() if inside else scope))
            )
        case _:
            assert_never(credentials.grant)


def _assertion(credentials: OAuth2, grant: ServiceAccountGrant, *, now: Moment, unique: str) -> str:
    """Sign what a service account says about itself (RFC 7523 §3)."""
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey
    from joserfc.jwt import encode

    issued = now // 1000 - _SKEW_SECONDS
    claims: dict[str, str | int] = {
        "iss": grant.issuer,
        "aud": credentials.token_url,
        "iat": issued,
        "exp": issued + _VALID_SECONDS,
        "jti": unique,
    }
    if credentials.user:
        claims["sub"] = credentials.user
    if credentials.scope:
        claims["scope"] = credentials.scope
    header = {"alg": "RS256", "typ": "JWT"} | ({"kid": grant.key_id} if grant.key_id else {})
    try:
        return encode(header, claims, RSAKey.import_key(grant.private_key.reveal()))
    except (ValueError, TypeError, JoseError):
        # What the library says of a key may hold parts of it.
        raise TokenError(
            "the service account's key cannot be used",
            field="private_key",
            stage="auth",
            cause="it is no RSA key in PEM form",
            remedy="Give the whole private_key of the service account's JSON file, line breaks included",
        ) from None
