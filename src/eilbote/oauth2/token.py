"""A token, and the port behind which tokens are kept.

A refresh token that is used twice is a stolen one to many servers: they revoke everything (RFC 9700 §4.14.2). So
whoever renews a token holds it exclusively, across tasks, processes and machines, and what a server hands out is
durable before it is used.
"""

from __future__ import annotations

import hashlib
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType, Protocol, assert_never

from eilbote.model.oauth2 import ClientCredentialsGrant, RefreshTokenGrant, ServiceAccountGrant

if TYPE_CHECKING:
    from eilbote.model.moment import Moment
    from eilbote.model.oauth2 import OAuth2
    from eilbote.model.secret import Secret

TokenKey = NewType("TokenKey", str)
"""Which credentials a token belongs to; another one as soon as any of their settings is changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token endpoint handed out (RFC 6749 §5.1).

    Attributes:
        access_token: Shown to the mail server.
        expires: Until when it is valid; ``None`` when the endpoint did not say.
        refresh_token: What the next one is asked for with; ``None`` when the endpoint handed out no other than before.
    """

    access_token: Secret
    expires: Moment | None = None
    refresh_token: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRecord:
    """What is known of the token of some credentials.

    Attributes:
        token: The newest; ``None`` before the first, and after it was refused.
        refreshed: When it was fetched.
        renewing: When a request for another one was begun that nobody has heard the end of; ``None`` when none is.
        failures: Requests that failed since the last one that did not.
        retry_at: Before this moment the endpoint is left alone.
        refusal: Why a person has to act, in words; empty while nobody has to.
    """

    token: Token | None = None
    refreshed: Moment | None = None
    renewing: Moment | None = None
    failures: int = 0
    retry_at: Moment | None = None
    refusal: str = ""


class TokenStore(Protocol):
    """Keeps tokens, encrypted, for everybody who shares one outbox."""

    async def read(self, key: TokenKey) -> TokenRecord | None:
        """Give what is known now, by whomever it was written.

        Raises:
            ConfigurationError: It cannot be decrypted; the key's id is named.
            OutboxUnavailableError: The database does not answer.
        """
        ...

    async def write(self, key: TokenKey, record: TokenRecord) -> None:
        """Keep a record in place of an earlier one; durable when this returns. For the holder of :meth:`exclusive`.

        Raises:
            OutboxUnavailableError: The database does not answer; nothing was written.
        """
        ...

    def exclusive(self, key: TokenKey) -> AbstractAsyncContextManager[None]:
        """Be the only one to renew this token, among all tasks, processes and machines; others wait.

        It is let go of when the block ends or the process does, kill -9 included.
        """
        ...

    async def forget(self, key: TokenKey | None = None) -> int:
        """Forget one token, or all; says how many. The next session asks for another with what the settings hold."""
        ...


def token_key(credentials: OAuth2) -> TokenKey:
    """Name credentials by everything they are made of, apart from an access token that happened to come with them.

    The name tells nothing: refresh tokens, client secrets and keys are too long to be guessed.
    """
    match credentials.grant:
        case RefreshTokenGrant(client_id=client_id, client_secret=client_secret, refresh_token=refresh_token):
            parts = ("refresh_token", client_id, client_secret.reveal(), refresh_token.reveal())
        case ClientCredentialsGrant(client_id=client_id, client_secret=client_secret):
            parts = ("client_credentials", client_id, client_secret.reveal(), "")
        case ServiceAccountGrant(issuer=issuer, private_key=private_key, key_id=key_id):
            parts = ("service_account", issuer, private_key.reveal(), key_id)
        case _:
            assert_never(credentials.grant)
    digest = hashlib.sha256(b"eilbote token")
    for part in (*parts, credentials.user, credentials.token_url, credentials.scope):
        octets = part.encode("utf-8", "surrogatepass")
        digest.update(len(octets).to_bytes(4) + octets)
    return TokenKey(digest.hexdigest())
