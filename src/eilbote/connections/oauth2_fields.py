"""Reads which OAuth2 grant the fields of a connection mean (RFC 6749, RFC 7523), and where its tokens come from.

The grant is named, or it follows from what is filled in: a key means a service account, a refresh token means that a
person has agreed, an application with its secret alone means that it acts in its own name. An access token is enough
by itself. Google and Microsoft are known by their service, host or token endpoint; of others the endpoint is given.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

from eilbote.connections.token_endpoint import check_token_url
from eilbote.errors import SettingsError
from eilbote.model.credentials import AccessToken
from eilbote.model.oauth2 import (
    ClientCredentialsGrant,
    Grant,
    OAuth2,
    RefreshTokenGrant,
    ServiceAccountGrant,
)
from eilbote.model.secret import Secret
from eilbote.oauth2.known import Authority, authority_at, authority_called, authority_of

if TYPE_CHECKING:
    from eilbote.connections.stated import Stated

_CONSENT: Final = frozenset({"authorizationcode", "devicecode", "device", "code"})
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")
_PRINTABLE: Final = re.compile(r"[\x20-\x7e]+")
_TENANT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")


class GrantName(StrEnum):
    """The grants a connection can be made for."""

    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a word of RFC 6749
    CLIENT_CREDENTIALS = "client_credentials"
    SERVICE_ACCOUNT = "service_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLogin:
    """A login with access tokens.

    Attributes:
        credentials: The token itself, or what one is fetched with.
        notes: What was understood, or is not used, one sentence each.
    """

    credentials: AccessToken | OAuth2
    notes: tuple[str, ...] = ()


def read_grant(text: str) -> GrantName:
    """Give the grant that a word means.

    Raises:
        SettingsError: It is none, or one that needs a person at a screen.
    """
    plain = re.sub(r"[\s_-]", "", text).lower()
    for name in GrantName:
        if plain == name.replace("_", ""):
            return name
    if plain in ("jwt", "jwtbearer"):
        return GrantName.SERVICE_ACCOUNT
    if plain in _CONSENT:
        raise SettingsError(
            "this grant is a way to a refresh token, and needs a person at a screen",
            field="grant",
            remedy="Give the refresh token that comes of it, and leave the grant empty",
        )
    raise SettingsError(
        "this is no grant eilbote knows",
        field="grant",
        remedy=f"Give {', '.join(GrantName)}, or leave it empty: it follows from what is filled in",
    )


def says_oauth2(stated: Stated) -> bool:
    """Tell whether any field says that tokens are used."""
    return bool(
        stated.access_token
        or stated.refresh_token
        or stated.client_id
        or stated.client_secret
        or stated.service_account
        or stated.private_key
        or stated.grant
    )


def read_oauth2(stated: Stated, *, host: str, service: str | None) -> TokenLogin:
    """Give the login that the fields mean.

    Args:
        stated: What was said, by fields of which at least one speaks of tokens.
        host: The mail server.
        service: The catalogue's name of it, if it came from there.

    Raises:
        SettingsError: A field is missing or cannot be used; secrets are not shown.
    """
    if not stated.user.strip():
        raise SettingsError(
            "the user is missing, and an OAuth2 login is given",
            field="user",
            remedy="Give the address of the mailbox that is signed in to",
        )
    if stated.domain:
        raise SettingsError(
            "a domain belongs to a password, and this connection has an access token",
            field="domain",
            remedy="Clear the domain",
        )
    stated, url_of_key = _with_service_account(stated)
    grant = _meant(stated)
    notes = _notes(stated, grant)
    expires = None if stated.expiry is None else stated.expiry.moment
    if grant is None:
        if stated.access_token is None:
            raise _missing("access_token", "Give an accessToken, or a refreshToken with its clientId")
        token = AccessToken(user=stated.user, token=stated.access_token, expires=expires)
        return TokenLogin(credentials=token, notes=notes)
    given = stated.access_url or url_of_key
    if given:
        authority = authority_at(check_token_url(given, field="access_url"))
    else:
        authority = authority_of(service=service, host=host, protocol=stated.protocol)
    url, assumed = _token_url(stated, grant, authority, url_of_key)
    credentials = OAuth2(
        user=stated.user,
        grant=_grant(stated, grant),
        token_url=url,
        scope=_scope(stated, grant, authority),
        access_token=stated.access_token,
        expires=expires,
    )
    return TokenLogin(credentials=credentials, notes=(*notes, *assumed))


# -- which grant ----------------------------------------------------------------------------------------------


def _meant(stated: Stated) -> GrantName | None:
    """Give the grant that is named or filled in; ``None`` when an access token is all there is."""
    if stated.grant:
        return read_grant(stated.grant)
    if stated.private_key:
        return GrantName.SERVICE_ACCOUNT
    if stated.refresh_token:
        return GrantName.REFRESH_TOKEN
    if stated.access_token:
        return None
    if stated.client_id and stated.client_secret:
        return GrantName.CLIENT_CREDENTIALS
    raise _missing(
        "client_secret" if stated.client_id else "client_id",
        "Give clientId and clientSecret of the registered application, and the refreshToken if a person has agreed",
    )


def _notes(stated: Stated, grant: GrantName | None) -> tuple[str, ...]:
    notes: list[str] = []
    if stated.expiry is not None and stated.expiry.note:
        notes.append(stated.expiry.note)
    if grant is None and (stated.client_id or stated.client_secret):
        notes.append(
            "clientId and clientSecret are not used: without a refreshToken the accessToken is all there is, and when it "
            "ends somebody has to give another one. With grant client_credentials tokens are fetched."
        )
    if stated.expiry is not None and stated.access_token is None:
        notes.append("expiryDate is not used: there is no accessToken that it could belong to.")
    return tuple(notes)


def _grant(stated: Stated, grant: GrantName) -> Grant:
    client_id = _printable(stated.client_id, "client_id")
    match grant:
        case GrantName.REFRESH_TOKEN:
            if not client_id:
                raise _missing("client_id", "Give the clientId of the application that was agreed to")
            return RefreshTokenGrant(
                client_id=client_id,
                client_secret=_secret(stated.client_secret, "client_secret"),
                refresh_token=_required(
                    stated.refresh_token,
                    "refresh_token",
                    "Give the refreshToken that the consent ended with, or an accessToken alone",
                ),
            )
        case GrantName.CLIENT_CREDENTIALS:
            if not client_id:
                raise _missing("client_id", "Give the clientId of the registered application")
            return ClientCredentialsGrant(
                client_id=client_id,
                client_secret=_required(
                    stated.client_secret,
                    "client_secret",
                    "Give the clientSecret of the registered application",
                ),
            )
        case GrantName.SERVICE_ACCOUNT:
            if not stated.issuer:
                raise _missing("issuer", "Give the client_email of the service account")
            key = _required(
                stated.private_key,
                "private_key",
                "Give the key file of the service account as serviceAccount",
            )
            return ServiceAccountGrant(
                issuer=_printable(stated.issuer, "issuer"),
                private_key=_pem(key),
                key_id=_printable(stated.key_id, "key_id"),
            )
        case _:
            assert_never(grant)


# -- where tokens come from -----------------------------------------------------------------------------------


def _token_url(
    stated: Stated, grant: GrantName, authority: Authority | None, url_of_key: str
) -> tuple[str, tuple[str, ...]]:
    """Give the token endpoint, and a sentence when nothing that was said names it."""
    tenant = stated.tenant.strip()
    if tenant and not _TENANT.fullmatch(tenant):
        raise SettingsError(
            "this is no tenant",
            field="tenant",
            remedy="Give the directory's id or its domain, such as contoso.onmicrosoft.com",
        )
    given = stated.access_url or url_of_key
    if given:
        if tenant and stated.access_url and f"/{tenant.lower()}/" not in given.lower():
            raise SettingsError(
                "the tenant does not stand in the address of the token endpoint",
                field="tenant",
                remedy="Give one of the two: Microsoft's address follows from the tenant",
            )
        return check_token_url(given, field="access_url"), ()
    has_tenants = authority is not None and authority.has_tenants
    if tenant and not has_tenants:
        raise SettingsError(
            f"{authority.title if authority else 'this server'} has no tenants",
            field="tenant",
            cause="A tenant belongs to Microsoft 365",
            remedy="Clear it, and give the address of the token endpoint as accessUrl",
        )
    if grant is GrantName.CLIENT_CREDENTIALS:
        if has_tenants and not tenant:
            raise _missing("tenant", "Give the id of your Microsoft 365 directory, or its domain, as tenant")
        if not has_tenants:
            raise _missing(
                "access_url" if authority is None else "refresh_token",
                "Give the address of the token endpoint as accessUrl"
                if authority is None
                else f"{authority.title} wants a refreshToken beside clientId and clientSecret, or a serviceAccount",
            )
    if authority is not None:
        return authority.at(authority.token_url, tenant), ()
    url = authority_called("google").token_url
    note = (
        f"no accessUrl is given, so tokens are asked for at Google, {url}: give the accessUrl of the server that "
        "handed out the refreshToken if that is another one."
    )
    return url, (note,)


def _scope(stated: Stated, grant: GrantName, authority: Authority | None) -> str:
    scope = " ".join(stated.scope.split())
    if scope and not _SCOPE.fullmatch(scope):
        raise SettingsError(
            "the scope holds a character that no scope has",
            field="scope",
            remedy="Give names with blanks between them, without quotes",
        )
    if scope or authority is None:
        return scope
    return authority.scope(grant.value, stated.protocol)


# -- a service account's key ----------------------------------------------------------------------------------


def _with_service_account(stated: Stated) -> tuple[Stated, str]:
    """Take the key file apart that Google hands out; gives also the endpoint it names."""
    from dataclasses import replace

    if stated.service_account is None:
        return stated, ""
    try:
        said: object = json.loads(stated.service_account.reveal())
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise SettingsError(
            "the key of the service account cannot be read",
            field="service_account",
            cause="It is not a JSON object",
            remedy="Give the whole content of the key file that was downloaded, not its name",
        )
    parts: dict[str, str] = {}
    for ours, theirs in (
        ("issuer", "client_email"),
        ("private_key", "private_key"),
        ("key_id", "private_key_id"),
        ("url", "token_uri"),
    ):
        value: object = said.get(theirs, "")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if not isinstance(value, str) or (not value and ours in ("issuer", "private_key")):
            raise SettingsError(
                f"the key of the service account has no usable {theirs}",
                field="service_account",
                remedy="Give the whole content of the JSON key file of a service account",
            )
        parts[ours] = value
    return replace(
        stated,
        issuer=parts["issuer"],
        private_key=Secret(parts["private_key"]),
        key_id=parts["key_id"],
        grant=stated.grant or GrantName.SERVICE_ACCOUNT.value,
    ), parts["url"]


def _pem(key: Secret) -> Secret:
    """Give a PEM key with real line ends: a variable or a one-line field holds a backslash and an n for each."""
    text = key.reveal().strip()
    if "\n" not in text:
        text = text.replace("\\n", "\n").strip()
    if not (text.startswith("-----BEGIN ") and "PRIVATE KEY-----" in text.partition("\n")[0]):
        raise SettingsError(
            "this is no private key",
            field="private_key",
            cause="A PEM key begins with -----BEGIN PRIVATE KEY-----",
            remedy="Copy the whole key, with its first and its last line",
        )
    return Secret(f"{text}\n")


# -- values ---------------------------------------------------------------------------------------------------


def _printable(text: str, field: str) -> str:
    if text and not _PRINTABLE.fullmatch(text):
        raise SettingsError(
            f"the {field.replace('_', ' ')} holds a character that none has",
            field=field,
            remedy="Copy it again, without line breaks",
        )
    return text


def _secret(secret: Secret | None, field: str) -> Secret:
    if secret is None:
        return Secret("")
    _printable(secret.reveal(), field)
    return secret


def _required(secret: Secret | None, field: str, remedy: str) -> Secret:
    if not secret:
        raise _missing(field, remedy)
    return secret if field == "private_key" else _secret(secret, field)


def _missing(field: str, remedy: str) -> SettingsError:
    return SettingsError(f"the {field.replace('_', ' ')} is missing", field=field, remedy=remedy)
