"""Reads ID tokens (OpenID Connect Core section 3.1.3.7): who signed them, for whom, for which question, and until when.

Only signatures with a key pair are believed: a token "signed" with nothing, or with a text that both sides know, says nothing about who made it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from eilbote.errors import SignInError

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_KEY_PAIRS: Final = frozenset({"RSA", "EC", "OKP"})
_LEEWAY_SECONDS: Final = 60
_LONGEST: Final = 16_384
_LONGEST_CLAIM: Final = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom a provider says somebody is.

    Attributes:
        subject: ``issuer|sub``: who they are there, for ever.
        address: Their address, if the provider has made sure that it is theirs; empty otherwise.
    """

    subject: str
    address: str


def read_id_token(
    token: str, keys: Mapping[str, object], *, issuer: str, client_id: str, nonce: str, now: float
) -> Identity:
    """Give whom an ID token is about.

    Args:
        token: The token.
        keys: The provider's public keys (RFC 7517).
        issuer: Who has to have made it.
        client_id: For whom it has to be.
        nonce: Of the question that it answers.
        now: Seconds since 1970.

    Raises:
        SignInError: It cannot be believed.
    """
    if len(token) > _LONGEST:
        raise distrust("its ID token is too long")
    try:
        decoded = jwt.decode(token, _pairs(keys), algorithms=list(ALGORITHMS))
        jwt.JWTClaimsRegistry(
            now=int(now),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        ).validate(decoded.claims)
    except (JoseError, ValueError, TypeError, KeyError) as fault:
        raise distrust(f"its ID token cannot be believed ({type(fault).__name__})") from fault
    claims: Mapping[str, object] = decoded.claims
    audience = claims["aud"]
    if (
        isinstance(audience, list)
        and len(cast("list[object]", audience)) > 1
        and claims.get("azp") != client_id
    ):
        raise distrust("its ID token is for another application")
    if "azp" in claims and claims["azp"] != client_id:
        raise distrust("its ID token is for another application")
    if not hmac.compare_digest(_text(claims.get("nonce")).encode(), nonce.encode()):
        raise distrust("its ID token answers another question")
    subject = _text(claims["sub"])
    if not subject:
        raise distrust("its ID token says nothing about whom")
    # only what is said in so many words counts: "true" as a text comes from providers that let people write it themselves
    is_verified = claims.get("email_verified") is True
    return Identity(subject=f"{issuer}|{subject}", address=_text(claims.get("email")) if is_verified else "")


def distrust(why: str) -> SignInError:
    """Give the error for a provider that cannot be believed."""
    return SignInError(
        "single sign-on did not say clearly who this is",
        field="openid",
        cause=f"The provider answered, but {why}",
        remedy="Try again; if it stays so, the settings under oidc and those of the client at the provider have to be compared",
    )


def _pairs(keys: Mapping[str, object]) -> KeySet:
    given = keys.get("keys")
    listed = cast("list[object]", given) if isinstance(given, list) else []
    tables = [cast("dict[str, Any]", key) for key in listed if isinstance(key, dict)]
    usable = [key for key in tables if key.get("kty") in _KEY_PAIRS and key.get("use", "sig") == "sig"]
    if not usable:
        raise distrust("it has no key for signatures")
    return KeySet.import_key_set({"keys": usable})


def _text(value: object) -> str:
    if isinstance(value, str) and len(value) <= _LONGEST_CLAIM and value.isprintable():
        return value
    return ""
