"""From credentials to where their tokens come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from eilbote.model.credentials import AccessToken
from eilbote.model.oauth2 import OAuth2, ProvidedToken
from eilbote.oauth2.given import GivenToken, ProvidedTokens

if TYPE_CHECKING:
    from eilbote.model.clock import Clock
    from eilbote.net.http import HttpDoor
    from eilbote.oauth2.source import TokenSource
    from eilbote.oauth2.token import TokenStore


def token_source(
    credentials: AccessToken | OAuth2 | ProvidedToken,
    *,
    clock: Clock,
    store: TokenStore | None = None,
    http: HttpDoor | None = None,
) -> TokenSource:
    """Give where tokens come from.

    Args:
        credentials: What to get them with.
        clock: Tells the time.
        store: Where tokens are kept; in memory, for this source alone, when ``None``.
        http: The way to token endpoints; to any address when ``None``.
    """
    match credentials:
        case AccessToken():
            return GivenToken(credentials, clock=clock)
        case ProvidedToken():
            return ProvidedTokens(credentials)
        case OAuth2():
            from eilbote.net.http import HttpDoor as Door
            from eilbote.oauth2.memory_tokens import MemoryTokens
            from eilbote.oauth2.provider import TokenProvider

            return TokenProvider(credentials, store=store or MemoryTokens(), http=http or Door(), clock=clock)
        case _:
            assert_never(credentials)
