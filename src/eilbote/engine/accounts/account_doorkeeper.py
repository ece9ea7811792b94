"""Lets people and programs in, by what is kept of them.

A key is compared by its digest, without a slow hash: 256 random bits cannot be guessed. Wrong ones are counted by where they come from,
so that asking the database about them is not free; the right one of a neighbour behind the same address goes through.
"""

from __future__ import annotations

import hmac
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.accounts.api_key import digest_of_secret, split_key
from eilbote.accounts.throttle import PLACE, Throttle
from eilbote.engine.accounts.principals import principal_of_key, principal_of_user
from eilbote.engine.accounts.sessions import is_open
from eilbote.errors import OutboxUnavailableError, SignInError, ThrottledError
from eilbote.model.moment import later, moment_of

if TYPE_CHECKING:
    from eilbote.accounts.api_key import ApiKey
    from eilbote.accounts.principal import Origin, Principal
    from eilbote.accounts.store import AccountStore
    from eilbote.engine.accounts.failed_sign_ins import FailedSignIns
    from eilbote.engine.accounts.known_keys import KnownKeys
    from eilbote.engine.accounts.sessions import Sessions
    from eilbote.engine.accounts.sign_in import SignIn
    from eilbote.model.clock import Clock
    from eilbote.model.moment import Moment

_USED_SECONDS: Final = 3600


class AccountDoorkeeper:
    """A :class:`~eilbote.engine.accounts.doorkeeper.Doorkeeper` that goes by what is kept.

    Args:
        store: Where accounts are kept.
        known: Keys that were right a moment ago.
        sessions: Who is signed in.
        sign_in: Checks passwords.
        failed: Notes what failed.
        clock: Tells the time.
    """

    def __init__(
        self,
        store: AccountStore,
        *,
        known: KnownKeys,
        sessions: Sessions,
        sign_in: SignIn,
        failed: FailedSignIns,
        clock: Clock,
    ) -> None:
        self._store = store
        self._known = known
        self._sessions = sessions
        self._sign_in = sign_in
        self._failed = failed
        self._clock = clock
        self._wrong_keys = Throttle(somebody=PLACE)

    async def by_key(self, text: str, *, origin: Origin) -> Principal:
        """Give whom an API key stands for.

        Raises:
            SignInError: It is none, or not any more.
            ThrottledError: There were too many wrong ones from there.
            OutboxUnavailableError: The database does not answer.
        """
        now = moment_of(self._clock.now())
        found = split_key(text)
        key = None
        if found is not None:
            id_, secret = found
            key = self._known.get(id_) or await self._read(id_)
            if key is not None and _fits(key, digest_of_secret(secret), now):
                return principal_of_key(await self._used(key, now))
        raise await self._refused(key, now, origin)

    async def by_session(
        self,
        token: str,
        *,
        origin: Origin,  # noqa: ARG002 - the port's
        is_use: bool = True,
    ) -> Principal:
        """Give who is signed in with a cookie.

        Args:
            token: What the cookie holds.
            origin: Whence it came.
            is_use: Whether somebody uses the session by it.

        Raises:
            SignInError: Nobody is, or not any more.
            OutboxUnavailableError: The database does not answer.
        """
        user, session = await self._sessions.find(token, is_use=is_use)
        return principal_of_user(user, csrf=session.csrf)

    async def by_password(self, name: str, password: str, *, origin: Origin) -> Principal:
        """Give whom an address and a password stand for, or the id of an API key and its text.

        Raises:
            SignInError: They do not belong together.
            ThrottledError: There were too many wrong ones.
            OutboxUnavailableError: The database does not answer.
        """
        found = split_key(password)
        if found is not None and found[0] == name.strip():
            return await self.by_key(password, origin=origin)
        return principal_of_user(await self._sign_in.proved(name, password, origin=origin))

    async def _read(self, id_: str) -> ApiKey | None:
        generation = self._known.generation
        key = await self._store.key(id_)
        if key is None or key.is_revoked or not await is_open(self._store, key.organization):
            return None
        self._known.remember(key, generation=generation)
        return key

    async def _used(self, key: ApiKey, now: Moment) -> ApiKey:
        if key.used is not None and now < later(key.used, _USED_SECONDS):
            return key
        used = replace(key, used=now)
        if self._known.get(key.id) is key:  # it was revoked on its way here otherwise, and is not remembered
            self._known.remember(used, generation=self._known.generation)
        with suppress(OutboxUnavailableError):  # a full disk keeps nobody from reading
            await self._store.key_used(key.id, at=now)
        return used

    async def _refused(self, key: ApiKey | None, now: Moment, origin: Origin) -> SignInError | ThrottledError:
        wait = self._wrong_keys.admit("key", origin.address, now=now)
        if wait > 0:
            too_often = ThrottledError("there were too many wrong keys from there", field="authorization")
            too_often.retry_after = wait
            return too_often
        if key is not None:
            await self._failed.note(
                "api_key.refused", f"api_key:{key.id}", origin=origin, organization=key.organization
            )
        return SignInError(
            "this key lets nobody in",
            field="authorization",
            cause="There is none like it, or it was revoked, has expired, or its organization is switched off",
            remedy="Ask an administrator for another one",
        )


def _fits(key: ApiKey, digest: bytes, now: Moment) -> bool:
    if key.is_revoked or (key.expires is not None and now >= key.expires):
        return False
    if hmac.compare_digest(key.digest, digest):
        return True
    is_former = bool(key.former_digest) and key.former_until is not None and now < key.former_until
    return is_former and hmac.compare_digest(key.former_digest, digest)
