"""What a snapshot has to do with tokens: making one has the access tokens fetched anew, and refresh tokens are never lost.

The token that a server handed out last in place of an earlier refresh token is the only one it takes. It goes into a snapshot
together with the one that was entered, and a restored connection begins with it where nothing newer is known.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from eilbote.errors import ConfigurationError
from eilbote.model.moment import moment_of
from eilbote.model.oauth2 import OAuth2
from eilbote.oauth2.renewal import brought_along, expired
from eilbote.oauth2.token import token_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.connections.connection import Connection
    from eilbote.connections.stored import StoredConnection
    from eilbote.model.clock import Clock
    from eilbote.model.secret import Secret
    from eilbote.oauth2.token import TokenStore


async def expire(connections: Iterable[Connection], tokens: TokenStore, *, clock: Clock) -> int:
    """Have the next sessions of connections ask for other access tokens; says how many tokens that ends.

    Refresh tokens stay, and so does an access token for which no other can be had at present.

    Raises:
        ConfigurationError: What is kept cannot be decrypted.
        OutboxUnavailableError: The database does not answer.
    """
    ended = 0
    credentials = (one.credentials for one in connections)
    for key in sorted({token_key(each) for each in credentials if isinstance(each, OAuth2)}):
        async with tokens.exclusive(key):
            record = await tokens.read(key)
            if record is None:
                continue
            now = moment_of(clock.now())
            if (spent := expired(record, now=now)) != record:
                await tokens.write(key, spent)
                ended += 1
    return ended


async def newest_refresh_token(stored: StoredConnection, tokens: TokenStore) -> Secret | None:
    """Give the refresh token that a server has handed out last; ``None`` while it is the one that was entered.

    Raises:
        ConfigurationError: What is kept cannot be decrypted.
        OutboxUnavailableError: The database does not answer.
    """
    credentials = _credentials(stored)
    record = None if credentials is None else await tokens.read(token_key(credentials))
    return None if record is None or record.token is None else record.token.refresh_token


async def bring_along(stored: StoredConnection, refresh_token: Secret, tokens: TokenStore) -> bool:
    """Let a restored connection begin with a refresh token, unless one is known here; says whether it does.

    Raises:
        ConfigurationError: It cannot be encrypted.
        OutboxUnavailableError: The database does not answer.
    """
    credentials = _credentials(stored)
    if credentials is None:
        return False
    key = token_key(credentials)
    async with tokens.exclusive(key):
        if await tokens.read(key) is not None:
            return False
        await tokens.write(key, brought_along(refresh_token))
    return True


def _credentials(stored: StoredConnection) -> OAuth2 | None:
    with suppress(ConfigurationError):
        credentials = stored.connection().credentials
        if isinstance(credentials, OAuth2):
            return credentials
    return None
