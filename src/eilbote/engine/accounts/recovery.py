"""A new password for somebody who has forgotten theirs: a link by mail, good for an hour and once.

Whoever asks hears the same whether anybody has the address or not, and after the same time: the answer is given before it is looked up.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.accounts.granting import check_over
from eilbote.accounts.password import read_new_password
from eilbote.accounts.session import LinkPurpose
from eilbote.accounts.throttle import Patience, Throttle
from eilbote.accounts.user import UserState
from eilbote.engine.accounts.links import SECONDS, no_link
from eilbote.engine.accounts.principals import principal_of_user
from eilbote.engine.accounts.sessions import is_let_in
from eilbote.engine.accounts.sign_in import throttled
from eilbote.errors import (
    ConflictError,
    EilboteError,
    OutboxUnavailableError,
    SettingsError,
    SignInError,
)
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from eilbote.accounts.principal import Origin, Principal
    from eilbote.accounts.store import AccountStore
    from eilbote.accounts.user import User
    from eilbote.engine.accounts.account_mails import AccountMails
    from eilbote.engine.accounts.audit_book import AuditBook
    from eilbote.engine.accounts.links import Links
    from eilbote.engine.accounts.passwords import Passwords
    from eilbote.engine.accounts.sessions import SignedIn
    from eilbote.engine.accounts.sign_in import SignIn
    from eilbote.model.clock import Clock

_MAILS: Final = Patience(free=3, first_seconds=1200.0, longest_seconds=3600.0, forgotten_seconds=7200.0)
"""To one person: three, and from then on seldom; nobody's mailbox is filled by others."""
_PLACE: Final = Patience(free=20, first_seconds=10.0, longest_seconds=600.0)


class Recovery:
    """Sends links for new passwords, and sets passwords.

    Args:
        store: Where accounts are kept.
        links: Makes links.
        mails: Sends them.
        passwords: Hashes passwords.
        sign_in: Begins sessions.
        book: Where it is written down.
        clock: Tells the time.
    """

    def __init__(
        self,
        store: AccountStore,
        *,
        links: Links,
        mails: AccountMails,
        passwords: Passwords,
        sign_in: SignIn,
        book: AuditBook,
        clock: Clock,
    ) -> None:
        self._store = store
        self._links = links
        self._mails = mails
        self._passwords = passwords
        self._sign_in = sign_in
        self._book = book
        self._clock = clock
        self._asked = Throttle(somebody=_PLACE, place=_PLACE)
        self._mailed = Throttle(somebody=_MAILS)

    def check_may_ask(self, *, origin: Origin) -> None:
        """Count somebody who asks for a link, before the answer.

        Raises:
            ThrottledError: There were too many from there.
        """
        wait = self._asked.admit("recovery", origin.address, now=moment_of(self._clock.now()))
        if wait > 0:
            raise throttled(wait)

    async def ask(self, address: str, *, origin: Origin) -> None:
        """Send a link, if anybody is let in with this address; called after the answer was given.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        user = await self._store.user_at(address.strip()) if address.isprintable() else None
        if user is None or not await is_let_in(self._store, user) or not self._links.public_url:
            return
        if self._mailed.admit(user.id, "", now=moment_of(self._clock.now())) > 0:
            return
        await self._send(user)
        await self._book.note(principal_of_user(user), origin, "user.recovery_asked", f"user:{user.id}")

    async def send(self, user: User, *, by: Principal, is_mailed: bool = True) -> str:
        """Send somebody a link because an administrator wants it; gives its path when it is not mailed.

        Raises:
            ForbiddenError: They may do more than ``by``.
            ConflictError: They have not come yet, or are locked out.
            OutboxUnavailableError: The database does not answer.
        """
        check_over(user, by=by)
        if user.state is not UserState.ACTIVE:
            raise ConflictError(
                f"{user.address} is {user.state.value}, and has no password to be replaced",
                field="id",
                remedy="Invite them once more" if user.state is UserState.INVITED else "Let them in first",
            )
        if not is_mailed or not self._links.public_url:
            return await self._links.make(LinkPurpose.PASSWORD_RECOVERY, user.id)
        await self._send(user)
        return ""

    async def look(self, token: str) -> User:
        """Give whose password a link sets, without using it up.

        Raises:
            NotFoundError: It leads nowhere.
            OutboxUnavailableError: The database does not answer.
        """
        link = await self._links.look(token, LinkPurpose.PASSWORD_RECOVERY)
        user = await self._store.user(link.user)
        if user is None or not await is_let_in(self._store, user):
            raise no_link()
        return user

    async def finish(self, token: str, password: str, *, origin: Origin) -> User:
        """Set a new password, and end every session.

        Raises:
            NotFoundError: The link leads nowhere.
            SettingsError: The password cannot be used; the link stays good.
            ThrottledError: Too many are signing in.
            OutboxUnavailableError: The database does not answer.
        """
        user = await self.look(token)
        hashed = await self._passwords.hash(read_new_password(password, address=user.address))
        link = await self._links.take(token, LinkPurpose.PASSWORD_RECOVERY)
        try:
            user = await self._set(user, hashed)
        except EilboteError:
            await self._links.give_back(link)
            raise
        await self._book.note(
            principal_of_user(user),
            origin,
            "user.recover_password",
            f"user:{user.id}",
            after={"password": "***"},
        )
        return user

    async def change(self, user: User, current: str, new: str, *, origin: Origin) -> SignedIn:
        """Set another password for somebody who knows the present one; ends every session and begins a new one.

        Raises:
            SignInError: The present one is wrong.
            ThrottledError: There were too many wrong ones.
            SettingsError: The new one cannot be used.
            OutboxUnavailableError: The database does not answer.
        """
        said = read_new_password(new, address=user.address, field="new_password")
        if said == current:
            raise SettingsError("it is the same password", field="new_password", remedy="Choose another one")
        try:
            user = await self._sign_in.proved(user.address, current, origin=origin)
        except SignInError:
            raise SettingsError(
                "this is not the present password", field="current_password", remedy="Check it"
            ) from None
        user = await self._set(user, await self._passwords.hash(said))
        await self._book.note(
            principal_of_user(user),
            origin,
            "user.change_password",
            f"user:{user.id}",
            after={"password": "***"},
        )
        return await self._sign_in.begun(user, origin=origin, by="password")

    async def _set(self, user: User, hashed: str) -> User:
        user = await self._store.keep_user(
            replace(user, password=hashed, changed=moment_of(self._clock.now()))
        )
        await self._store.drop_links(user.id)
        await self._store.drop_sessions(user.id)
        with suppress(OutboxUnavailableError):  # it is changed, whether anybody can be told or not
            await self._mails.password_changed(user)
        return user

    async def _send(self, user: User) -> None:
        path = await self._links.make(LinkPurpose.PASSWORD_RECOVERY, user.id)
        await self._mails.recover(
            user, self._links.public_url + path, seconds=SECONDS[LinkPurpose.PASSWORD_RECOVERY]
        )
