"""Sign in with an access token that somebody fetches: one before AUTH, and another one after it was refused, once.

* The token is known to the session's redactor before it is shown to the server.
* Only a refusal that may be the token's fault is worth another one: 535, or any 5.7.x (RFC 4954 §6, RFC 3463 §3.8).
* The refused token is given up wherever it is kept, and so is the second one when it is refused as well.
* A server may end the session with its refusal. The other token then signs in to another session: the first session
  ends with :class:`~eilbote.errors.DisconnectedError`, and :func:`eilbote.deliver.open_client.open_client` opens the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.deliver.authenticate import authenticate
from eilbote.errors import AuthenticationError, DisconnectedError, Durability, TokenError
from eilbote.smtp.states import SessionState

if TYPE_CHECKING:
    from eilbote.deliver.client_options import ClientOptions
    from eilbote.deliver.dialogue import Dialogue
    from eilbote.model.credentials import AccessToken
    from eilbote.net.stream import Stream
    from eilbote.oauth2.source import TokenSource

_CREDENTIALS_INVALID: Final = 535


async def sign_in_by_token(client: Dialogue, stream: Stream, options: ClientOptions) -> None:
    """Prove the identity with a token, or with the one that takes its place.

    Raises:
        TokenError: No token can be had.
        AuthenticationError: The server refuses, or no mechanism may be used here.
        DeliveryTimeoutError: A deadline passed.
        DisconnectedError: The server went away; perhaps because it refused the token, and there is another one by now.
    """
    tokens = options.tokens
    if tokens is None:
        raise TokenError(
            "there is nobody to get an access token from",
            field="access_token",
            stage="auth",
            server=options.server,
            remedy="Give an AccessToken that is valid now",
        )
    token = await tokens.token()
    client.redactor.learn(token.token.reveal())
    try:
        await authenticate(client, stream, options, token)
    except AuthenticationError as refusal:
        if not _may_be_the_token(refusal):
            raise
        other = await tokens.replacement(token)
        if other is None:
            raise
        await _sign_in_again(client, stream, options, other, refusal)


async def _sign_in_again(
    client: Dialogue, stream: Stream, options: ClientOptions, token: AccessToken, refusal: AuthenticationError
) -> None:
    client.redactor.learn(token.token.reveal())
    if client.lost is not None or client.session.state is not SessionState.READY:
        raise DisconnectedError(
            "the server ended the session because it refused the access token",
            stage="auth",
            server=options.server,
            reply_code=refusal.reply_code,
            enhanced_status_code=refusal.enhanced_status_code,
            reply_text=refusal.reply_text,
            cause="the token is not valid any more; there is another one now",
            remedy="Try again",
        ) from refusal
    try:
        await authenticate(client, stream, options, token)
    except AuthenticationError as second:
        if _may_be_the_token(second) and options.tokens is not None:
            await options.tokens.discard(token)
        raise


def _may_be_the_token(refusal: AuthenticationError) -> bool:
    if refusal.reply_code is None or refusal.durability is not Durability.PERMANENT:
        return False
    return refusal.reply_code == _CREDENTIALS_INVALID or (refusal.enhanced_status_code or "").startswith(
        "5.7."
    )


class TokenAttempt:
    """The tokens of one attempt to open a session, which may take two sessions; a source itself.

    Args:
        source: Where tokens come from.

    Attributes:
        other: The token that took the place of a refused one.
    """

    def __init__(self, source: TokenSource) -> None:
        self._source = source
        self._first: AccessToken | None = None
        self.other: AccessToken | None = None

    async def begin(self) -> None:
        """Get the token before anything is connected: a server need not wait for a token endpoint, nor hear of its faults.

        Raises:
            TokenError: None can be had.
        """
        self._first = await self._source.token()

    async def token(self) -> AccessToken:
        """Give the other one, once there is one."""
        return self.other or self._first or await self._source.token()

    async def replacement(self, refused: AccessToken) -> AccessToken | None:
        """Ask for another one, once."""
        if self.other is not None:
            await self._source.discard(refused)
            return None
        self.other = await self._source.replacement(refused)
        return self.other

    async def discard(self, refused: AccessToken) -> None:
        """Pass it on."""
        await self._source.discard(refused)

    async def close(self) -> None:
        """Leave the source open: others use it."""
