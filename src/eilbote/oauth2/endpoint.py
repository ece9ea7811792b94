"""Asks a token endpoint over the one door for HTTP; what to ask and what an answer means is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from eilbote.errors import (
    ConnectError,
    DeliveryError,
    DisconnectedError,
    Durability,
    Scope,
    SettingsError,
    TokenError,
)
from eilbote.model.moment import moment_of
from eilbote.net.http_url import read_url
from eilbote.oauth2.answer import Answer, read_answer
from eilbote.oauth2.known import ClientAuthentication

if TYPE_CHECKING:
    from eilbote.model.clock import Clock
    from eilbote.model.oauth2 import Grant
    from eilbote.model.redactor import Redactor
    from eilbote.net.http import HttpDoor
    from eilbote.oauth2.grants import TokenRequest
    from eilbote.oauth2.token import Token

_FIELD: Final = "access_url"
_UNKNOWN_APPLICATION: Final = "client_secret"  # the field an invalid_client ends in
_DIGITS: Final = 9


class TokenEndpoint:
    """A token endpoint (RFC 6749 §3.2).

    Args:
        url: Where it is.
        http: The way there.
        clock: Tells the time.
    """

    def __init__(self, url: str, *, http: HttpDoor, clock: Clock) -> None:
        self._url = url
        self._http = http
        self._clock = clock
        self._server = ""
        self._way: ClientAuthentication | None = None

    async def ask(self, request: TokenRequest, *, grant: Grant, redactor: Redactor) -> Token:
        """Ask for a token.

        Raises:
            TokenError: There is none. When the answer was lost on the way its ``__cause__`` is a
                :class:`~eilbote.errors.DisconnectedError`: nobody knows what the endpoint has done.
        """
        try:
            parts = urlsplit(read_url(self._url, field=_FIELD))
        except SettingsError as error:
            raise _unreached(error, "") from error
        self._server = f"{parts.hostname}:{parts.port or 443}"
        ways = request.ways(self._url) if self._way is None else (self._way,)
        for way in ways[:-1]:
            try:
                return await self._ask_by(way, request, grant, redactor)
            except TokenError as error:
                if error.field != _UNKNOWN_APPLICATION or error.durability is not Durability.PERMANENT:
                    raise
        return await self._ask_by(ways[-1], request, grant, redactor)

    async def _ask_by(
        self, way: ClientAuthentication, request: TokenRequest, grant: Grant, redactor: Redactor
    ) -> Token:
        asked = moment_of(self._clock.now())
        try:
            async with self._http.client(field=_FIELD) as client:
                response = await client.post(
                    self._url, content=request.body(way), headers=request.header_fields(way)
                )
        except (DeliveryError, SettingsError) as error:
            raise _unreached(error, self._server) from error
        answer = Answer(
            status=response.status_code,
            kind=response.headers.get("Content-Type", ""),
            retry_after=_seconds(response.headers.get("Retry-After", ""), self._clock),
            body=response.content,
        )
        token = read_answer(answer, grant=grant, asked=asked, server=self._server, redactor=redactor)
        self._way = way
        return token


def _unreached(error: DeliveryError | SettingsError, server: str) -> TokenError:
    # A certificate is renewed and a name comes back without anybody touching our settings; a gate does not open.
    lasting = isinstance(error, SettingsError) or (
        isinstance(error, ConnectError) and error.durability is Durability.PERMANENT
    )
    return TokenError(
        "no access token: the token endpoint cannot be asked"
        if lasting
        else "no access token for now: the token endpoint cannot be reached",
        field=error.field or _FIELD,
        scope=Scope.SITE,
        durability=Durability.PERMANENT if lasting else Durability.TRANSIENT,
        stage="auth",
        server=server or None,
        cause=f"{error.what}: {error.cause}" if error.cause else error.what,
        remedy=error.remedy,
    )


def was_lost(error: TokenError) -> bool:
    """Tell whether the connection broke while the endpoint may have done what it was asked."""
    return isinstance(error.__cause__, DisconnectedError)


def was_unheard(error: TokenError) -> bool:
    """Tell whether nobody knows what the endpoint has done: it may have, and gave no whole answer in time."""
    return isinstance(error.__cause__, DeliveryError) and error.__cause__.stage in {"request", "answer"}


def _seconds(text: str, clock: Clock) -> float | None:
    """Read Retry-After (RFC 9110 §10.2.3): seconds, or a date."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:_DIGITS])
    from email.utils import parsedate_to_datetime  # seldom needed, and slow to load

    try:
        return (parsedate_to_datetime(text) - clock.now()).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None  # TypeError: a date without a zone
