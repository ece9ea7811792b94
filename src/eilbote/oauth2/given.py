"""Tokens that nobody asks an endpoint for: those a program gives when it is asked, and one that stands in the settings."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

from eilbote.errors import Durability, TokenError
from eilbote.model.credentials import AccessToken
from eilbote.model.moment import moment_of
from eilbote.model.secret import Secret
from eilbote.oauth2.answer_faults import described

if TYPE_CHECKING:
    from eilbote.model.clock import Clock
    from eilbote.model.oauth2 import ProvidedToken

_PATIENCE_SECONDS: Final = 60.0
_B64TOKEN: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # RFC 6750 §2.1


class ProvidedTokens:
    """Tokens from a function of the program's own; a :class:`~eilbote.oauth2.source.TokenSource`.

    The program keeps and renews them; it is asked whenever a session signs in, and once more after a refusal.
    """

    def __init__(self, credentials: ProvidedToken, *, seconds: float = _PATIENCE_SECONDS) -> None:
        self._credentials = credentials
        self._seconds = seconds

    async def token(self) -> AccessToken:
        """Ask the program."""
        try:
            async with asyncio.timeout(self._seconds):
                given: object = await self._credentials.provide()
        except TokenError:
            raise
        except TimeoutError as error:
            raise _unprovided(f"it has not answered within {self._seconds:g} s") from error
        except Exception as error:
            # What it says may hold the token; the traceback of the cause tells the rest.
            raise _unprovided(f"it raised {type(error).__name__}") from error
        if not isinstance(given, str | Secret):
            raise _unprovided(f"it gave {type(given).__name__} instead of a text", lasting=True)
        token = Secret(given)
        if not _B64TOKEN.fullmatch(token.reveal()):
            raise _unprovided("what it gave holds characters that no token has, or nothing", lasting=True)
        return AccessToken(user=self._credentials.user, token=token)

    async def replacement(self, refused: AccessToken) -> AccessToken | None:
        """Ask once more."""
        token = await self.token()
        return token if token.token != refused.token else None

    async def discard(self, refused: AccessToken) -> None:
        """Do nothing: the program keeps the tokens."""

    async def close(self) -> None:
        """Do nothing."""


class GivenToken:
    """One token from the settings, until it ends; a :class:`~eilbote.oauth2.source.TokenSource`."""

    def __init__(self, credentials: AccessToken, *, clock: Clock) -> None:
        self._credentials = credentials
        self._clock = clock

    async def token(self) -> AccessToken:
        """Give it while it is valid."""
        expires = self._credentials.expires
        if expires is not None and expires <= moment_of(self._clock.now()):
            raise described(
                "the access token has expired",
                field="access_token",
                cause="nothing is set that another one could be fetched with",
                remedy="Set another accessToken with its expiryDate, or refreshToken, clientId and clientSecret",
                durability=Durability.PERMANENT,
            )
        return self._credentials

    async def replacement(self, refused: AccessToken) -> AccessToken | None:  # noqa: ARG002 - the port's word
        """Have no other."""
        return None

    async def discard(self, refused: AccessToken) -> None:
        """Do nothing: it belongs to the settings."""

    async def close(self) -> None:
        """Do nothing."""


def _unprovided(cause: str, *, lasting: bool = False) -> TokenError:
    return described(
        "no access token: the program's own function gave none",
        field="provide",
        cause=cause,
        remedy="Mend the function: async def provide() -> str, a token that is valid now",
        durability=Durability.PERMANENT if lasting else Durability.TRANSIENT,
    )
