"""Signing in with address and password: the same words and the same time whatever is wrong, and waiting after wrong tries."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.accounts.organization import HOST
from eilbote.accounts.password import LONGEST
from eilbote.accounts.throttle import Throttle
from eilbote.engine.accounts.principals import principal_of_user
from eilbote.engine.accounts.sessions import is_let_in
from eilbote.errors import AddressError, ConflictError, EilboteError, SignInError, ThrottledError
from eilbote.model.address import parse_mailbox
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from eilbote.accounts.principal import Origin
    from eilbote.accounts.store import AccountStore
    from eilbote.accounts.user import User
    from eilbote.engine.accounts.audit_book import AuditBook
    from eilbote.engine.accounts.failed_sign_ins import FailedSignIns
    from eilbote.engine.accounts.passwords import Passwords
    from eilbote.engine.accounts.sessions import Sessions, SignedIn
    from eilbote.model.clock import Clock

_LONGEST_NAME: Final = 320


class SignIn:
    """Checks who people are.

    Args:
        store: Where accounts are kept.
        passwords: Checks passwords.
        sessions: Begins sessions.
        book: Where it is written down.
        failed: Notes what failed.
        clock: Tells the time.
    """

    def __init__(
        self,
        store: AccountStore,
        *,
        passwords: Passwords,
        sessions: Sessions,
        book: AuditBook,
        failed: FailedSignIns,
        clock: Clock,
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._sessions = sessions
        self._book = book
        self._failed = failed
        self._clock = clock
        self._throttle = Throttle()

    async def by_password(self, address: str, password: str, *, origin: Origin) -> SignedIn:
        """Sign somebody in.

        Raises:
            SignInError: Address and password do not belong together, or they are not let in; the words are the same.
            ThrottledError: There were too many wrong tries.
            OutboxUnavailableError: The database does not answer.
        """
        return await self.begun(
            await self.proved(address, password, origin=origin), origin=origin, by="password"
        )

    async def proved(self, address: str, password: str, *, origin: Origin) -> User:
        """Give whom address and password stand for, without beginning a session.

        Raises:
            SignInError: As above.
            ThrottledError: As above.
            OutboxUnavailableError: The database does not answer.
        """
        name = unicodedata.normalize("NFC", address.strip()).casefold()[:_LONGEST_NAME]
        now = moment_of(self._clock.now())
        wait = self._throttle.admit(name, origin.address, now=now)
        if wait > 0:
            raise throttled(wait)
        try:
            user = await self._store.user_at(address.strip()) if _can_be_kept(address) else None
            is_right = await self._passwords.verify(
                "" if user is None else user.password, password[: LONGEST + 1]
            )
            is_in = user is not None and await is_let_in(self._store, user)
        except EilboteError:  # nobody could look: that is no wrong password
            self._throttle.take_back(name, origin.address)
            raise
        if user is None or not is_right or not is_in:
            await self._note_failure(address, user, is_right=is_right, origin=origin)
            raise SignInError(
                "address and password do not belong together",
                field="password",
                remedy="Check both, or ask for a new password at /recover",
            )
        self._throttle.forgive(name, origin.address)
        if self._passwords.is_old(user.password):
            user = await self._kept(replace(user, password=await self._passwords.hash(password)), user)
        return user

    async def begun(self, user: User, *, origin: Origin, by: str) -> SignedIn:
        """Begin a session of somebody who has proved who they are, and write it down.

        Args:
            user: Who.
            origin: Whence.
            by: How they have proved it: ``password``, ``invitation``, ``openid``.

        Raises:
            SignInError: They were given another password, address or role, or were locked out, in the same moment.
            OutboxUnavailableError: The database does not answer.
        """
        now = moment_of(self._clock.now())
        signed = await self._sessions.begin(
            await self._kept(replace(user, signed_in=now), user), origin=origin
        )
        # Whatever ends sessions is kept before they are ended: either this one was ended with the others, or the change is seen here.
        known = await self._store.user(user.id)
        if known is None or _way_in(known) != _way_in(user):
            await self._sessions.end(signed.token)
            raise SignInError(
                "something about this person was changed in the same moment",
                field="password",
                remedy="Sign in again",
            )
        user = known
        await self._book.note(
            principal_of_user(user), origin, "user.sign_in", f"user:{user.id}", after={"by": by}
        )
        return signed

    async def _kept(self, user: User, otherwise: User) -> User:
        with suppress(ConflictError):  # somebody has changed them meanwhile; that counts
            return await self._store.keep_user(user)
        return await self._store.user(user.id) or otherwise

    async def _note_failure(self, address: str, user: User | None, *, is_right: bool, origin: Origin) -> None:
        if user is not None:
            thing, organization = f"user:{user.id}", user.organization
        else:
            # people type passwords into the wrong field; only what is an address is written down
            thing, organization = f"user:{_address_or_stars(address)}", HOST
        why = "not let in" if is_right else "unknown" if user is None else "wrong password"
        await self._failed.note(
            "user.sign_in_failed", thing, origin=origin, organization=organization, why=why
        )


def _way_in(user: User) -> tuple[object, ...]:
    return user.password, user.address, user.role, user.state


def throttled(wait: float) -> ThrottledError:
    """Give the error that says when to come back."""
    error = ThrottledError(
        "there were too many wrong tries",
        field="password",
        remedy=f"Try again in {max(1, round(wait))} seconds",
    )
    error.retry_after = wait
    return error


def _can_be_kept(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and text.isprintable()


def _address_or_stars(text: str) -> str:
    try:
        return parse_mailbox(text[:_LONGEST_NAME], field="address").addr_spec
    except AddressError:
        return "***"
