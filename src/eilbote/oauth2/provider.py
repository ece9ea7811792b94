"""One connection's tokens: kept, renewed by one at a time, and stored before they are used.

Rules it keeps (RFC 9700 §4.14.2: a refresh token that is used twice is a stolen one):

* Among the tasks of this process one asks, and all get its answer; a task that is cancelled does not stop the others'.
* Among processes and machines one asks, under :meth:`~eilbote.oauth2.token.TokenStore.exclusive`; the others read what
  it wrote.
* That a request begins is written down before it leaves; so after a crash it is known that a refresh token may be spent.
* What the endpoint hands out is durable before any of it is used. When it cannot be written it is kept here, and nothing is
  asked until it can.
"""

from __future__ import annotations

import asyncio
import copy
import secrets
from typing import TYPE_CHECKING, Final, TypeVar

from eilbote.errors import ConfigurationError, Durability, OutboxError, Scope, TokenError
from eilbote.model.moment import moment_of
from eilbote.model.redactor import Redactor
from eilbote.oauth2.endpoint import TokenEndpoint, was_lost, was_unheard
from eilbote.oauth2.grants import token_request
from eilbote.oauth2.renewal import (
    Refuse,
    Renew,
    Use,
    as_access_token,
    begun,
    consent_lost,
    decide,
    failed,
    pardoned,
    renewed,
    spoilt,
)
from eilbote.oauth2.token import token_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from eilbote.model.clock import Clock
    from eilbote.model.credentials import AccessToken
    from eilbote.model.moment import Moment
    from eilbote.model.oauth2 import OAuth2
    from eilbote.model.secret import Secret
    from eilbote.net.http import HttpDoor
    from eilbote.oauth2.token import Token, TokenKey, TokenRecord, TokenStore

ResultT = TypeVar("ResultT")

_ID_OCTETS: Final = 24


class TokenProvider:
    """A :class:`~eilbote.oauth2.source.TokenSource` that asks a token endpoint.

    Args:
        credentials: What to ask with.
        store: Where tokens are kept for all who share them.
        http: The way to the endpoint.
        clock: Tells the time.
        told: Hears of each request for a token: when it began, how many seconds it took, and whether a token came.
    """

    def __init__(
        self,
        credentials: OAuth2,
        *,
        store: TokenStore,
        http: HttpDoor,
        clock: Clock,
        told: Callable[[Moment, float, bool], None] | None = None,
    ) -> None:
        self.credentials = credentials
        self._key = token_key(credentials)
        self._store = store
        self._clock = clock
        self._told = told
        self._endpoint = TokenEndpoint(credentials.token_url, http=http, clock=clock)
        self._redactor = Redactor.for_credentials(credentials)
        self._renewals: dict[Secret | None, asyncio.Task[AccessToken]] = {}
        self._unsaved: TokenRecord | None = None

    async def token(self) -> AccessToken:
        """Give a token that is valid now; see :class:`~eilbote.oauth2.source.TokenSource`."""
        if self._unsaved is None:
            record = await _kept(self._store.read(self._key))
            match decide(record, self.credentials, now=self._now()):
                case Use(token=token):
                    return as_access_token(token, self.credentials)
                case Refuse(error=error):
                    raise error
                case Renew():
                    pass
        return await self._renewal(None)

    async def replacement(self, refused: AccessToken) -> AccessToken | None:
        """Give another token than the refused one, by whomever it was fetched."""
        token = await self._renewal(refused.token)
        return token if token.token != refused.token else None

    async def discard(self, refused: AccessToken) -> None:
        """See that a token is given to nobody any more."""
        async with _Kept(self._store, self._key):
            record = await self._store.read(self._key)
            mended = spoilt(record, self.credentials, refused.token)
            if mended != record:
                await self._store.write(self._key, mended)

    async def ask_again(self) -> None:
        """End a pause and a remembered refusal, because a person has mended something; tokens are kept.

        Raises:
            TokenError: What is kept cannot be read or written.
        """
        async with _Kept(self._store, self._key):
            record = await self._store.read(self._key)
            if record is not None and record != (mended := pardoned(record)):
                await self._store.write(self._key, mended)

    async def forget(self) -> None:
        """Forget what is kept, a refusal included; the next session begins with what the settings hold."""
        self._unsaved = None
        await _kept(self._store.forget(self._key))

    async def close(self) -> None:
        """Wait for a request that is under way: its answer may hold the only refresh token that is still valid."""
        await asyncio.gather(*self._renewals.values(), return_exceptions=True)

    # -- one at a time ------------------------------------------------------------------------------------

    async def _renewal(self, refused: Secret | None) -> AccessToken:
        task = self._renewals.get(refused)
        if task is None:
            task = asyncio.create_task(self._renew(refused), name="token renewal")
            self._renewals[refused] = task
            task.add_done_callback(lambda done: self._end(refused, done))
        try:
            return await asyncio.shield(task)
        except TokenError as error:
            # One failure ends many waits. Each raises its own copy, for a traceback grows where it is raised.
            raise copy.copy(error) from error.__cause__

    def _end(self, refused: Secret | None, task: asyncio.Task[AccessToken]) -> None:
        del self._renewals[refused]
        if not task.cancelled():
            task.exception()  # somebody has heard it, or everybody has gone

    async def _renew(self, refused: Secret | None) -> AccessToken:
        async with _Kept(self._store, self._key):
            record = await self._stored_now()
            match decide(record, self.credentials, now=self._now(), refused=refused):
                case Use(token=token):
                    return as_access_token(token, self.credentials)
                case Refuse(error=error):
                    raise error
                case Renew() as renew:
                    return await self._ask(record, renew, refused)

    async def _stored_now(self) -> TokenRecord | None:
        """Give what is kept, after writing down what could not be written before."""
        if self._unsaved is not None:
            await self._store.write(self._key, self._unsaved)
            record, self._unsaved = self._unsaved, None
            return record
        return await self._store.read(self._key)

    async def _ask(self, record: TokenRecord | None, renew: Renew, refused: Secret | None) -> AccessToken:
        """Ask the endpoint; called by the one that holds the record."""
        started = begun(record, self.credentials, now=self._now(), refused=refused)
        await self._store.write(self._key, started)
        try:
            token = await self._heard(self._fetch(renew))
        except TokenError as error:
            before = None if record is None else record.renewing
            unheard = started.renewing if was_unheard(error) else before
            kept = failed(started, error, now=self._now(), unheard_since=unheard)
            await self._store.write(self._key, kept)
            if renew.meanwhile is not None:
                return as_access_token(renew.meanwhile, self.credentials)
            raise
        self._unsaved = renewed(started, token, now=self._now(), refused=refused)
        await self._stored_now()
        return as_access_token(token, self.credentials)

    async def _heard(self, fetching: Awaitable[Token]) -> Token:
        """Let be known how asking went."""
        began, since, is_well = self._now(), self._clock.monotonic(), False
        try:
            token = await fetching
            is_well = True
        finally:
            if self._told is not None:
                self._told(began, self._clock.monotonic() - since, is_well)
        return token

    async def _fetch(self, renew: Renew) -> Token:
        """Ask once, and once more when the answer was lost on the way."""
        try:
            return await self._request(renew.refresh_token, after_loss=renew.interrupted)
        except TokenError as error:
            if not was_lost(error):
                raise
        return await self._request(renew.refresh_token, after_loss=True)

    async def _request(self, refresh_token: Secret | None, *, after_loss: bool) -> Token:
        request = token_request(
            self.credentials,
            refresh_token=refresh_token,
            now=self._now(),
            unique=secrets.token_urlsafe(_ID_OCTETS),
        )
        if refresh_token is not None:
            self._redactor.learn(refresh_token.reveal())
        try:
            return await self._endpoint.ask(request, grant=self.credentials.grant, redactor=self._redactor)
        except TokenError as error:
            if after_loss:
                raise consent_lost(error, self.credentials) from error.__cause__
            raise

    def _now(self) -> Moment:
        return moment_of(self._clock.now())


class _Kept:
    """The exclusive hold of a record, with faults of the store told as faults of the token."""

    def __init__(self, store: TokenStore, key: TokenKey) -> None:
        self._hold = store.exclusive(key)

    async def __aenter__(self) -> None:
        await _kept(self._hold.__aenter__())

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await _kept(self._hold.__aexit__(kind, error, traceback))
        if isinstance(error, OutboxError | ConfigurationError):
            raise _not_kept(error) from error


async def _kept(work: Awaitable[ResultT]) -> ResultT:
    try:
        return await work
    except (OutboxError, ConfigurationError) as error:
        raise _not_kept(error) from error


def _not_kept(error: OutboxError | ConfigurationError) -> TokenError:
    """Say that a session cannot sign in because tokens cannot be read or written."""
    return TokenError(
        "no access token: what is kept of it cannot be read or written",
        field=error.field,
        scope=Scope.SITE,
        durability=Durability.PERMANENT if isinstance(error, ConfigurationError) else Durability.TRANSIENT,
        stage="auth",
        cause=f"{error.what}: {error.cause}" if error.cause else error.what,
        remedy=error.remedy,
    )
