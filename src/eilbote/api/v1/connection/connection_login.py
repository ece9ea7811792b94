"""How a connection signs in, and until when that works: what an administrator has to see to before mail stands still."""

from __future__ import annotations

import asyncio
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from pydantic import BaseModel, Field

from eilbote.api.remedies import for_clients
from eilbote.api.times import time_or_none
from eilbote.model.credentials import AccessToken, Anonymous, Password
from eilbote.model.oauth2 import OAuth2, ProvidedToken

if TYPE_CHECKING:
    from eilbote.api.acting import Acting
    from eilbote.connections.connection import Connection


class LoginKind(StrEnum):
    """What a connection signs in with."""

    ANONYMOUS = "anonymous"
    PASSWORD = "password"  # noqa: S105 - the word for a kind
    ACCESS_TOKEN = "access_token"  # noqa: S105 - the word for a kind
    OAUTH2 = "oauth2"
    PROGRAM = "program"


class LoginShape(BaseModel):
    """How a connection signs in; nothing of any secret."""

    kind: LoginKind = Field(
        description="`anonymous`, `password`, `access_token` (handed in, and not renewed), `oauth2` (renewed by itself), or `program` (the "
        "program that has opened this server gives tokens)"
    )
    token_valid_until: datetime | None = Field(
        default=None, description="Of the access token in use; null when nobody said, or there is none yet"
    )
    renews_itself: bool = Field(
        default=False, description="Whether tokens are fetched anew before they end; otherwise a person does"
    )
    needs_consent: bool = Field(
        default=False, description="Whether the provider gives no more tokens until a person consents again"
    )
    certificate_valid_until: datetime | None = Field(
        default=None,
        description="Of the certificate that is shown to the server; null without a readable one",
    )


class TokenShape(BaseModel):
    """The access token in use."""

    valid_until: datetime | None = None
    fetched: datetime | None = None
    refusal: str = Field(default="", description="Why a person has to act; empty while nobody has to")


async def login_of(acting: Acting, connection: Connection) -> LoginShape:
    """Tell how a connection signs in."""
    kind = _kind(connection)
    token = await token_of(acting, connection)
    certificate = connection.tls.client_certificate
    return LoginShape(
        kind=kind,
        token_valid_until=None if token is None else token.valid_until,
        renews_itself=kind in {LoginKind.OAUTH2, LoginKind.PROGRAM},
        needs_consent=token is not None and bool(token.refusal),
        certificate_valid_until=None
        if certificate is None
        else await asyncio.to_thread(_end_of_certificate, certificate),
    )


async def token_of(acting: Acting, connection: Connection) -> TokenShape | None:
    """Tell of the access token that is in use; ``None`` where none ever is."""
    credentials = connection.credentials
    if isinstance(credentials, AccessToken):
        return TokenShape(valid_until=time_or_none(credentials.expires))
    if not isinstance(credentials, OAuth2):
        return None
    from eilbote.oauth2.renewal import remembered
    from eilbote.oauth2.token import token_key

    record = await acting.eilbote.records.tokens.read(token_key(credentials))
    if record is None:
        return TokenShape(valid_until=time_or_none(credentials.expires))
    return TokenShape(
        valid_until=None if record.token is None else time_or_none(record.token.expires),
        fetched=time_or_none(record.refreshed),
        refusal=for_clients(str(remembered(record.refusal))) if record.refusal else "",
    )


def _kind(connection: Connection) -> LoginKind:
    match connection.credentials:
        case Anonymous():
            return LoginKind.ANONYMOUS
        case Password():
            return LoginKind.PASSWORD
        case AccessToken():
            return LoginKind.ACCESS_TOKEN
        case OAuth2():
            return LoginKind.OAUTH2
        case ProvidedToken():
            return LoginKind.PROGRAM
        case _:
            assert_never(connection.credentials)


def _end_of_certificate(file: str) -> datetime | None:
    from cryptography.x509 import load_pem_x509_certificate

    try:
        return load_pem_x509_certificate(Path(file).read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return None  # told when the connection is tested
