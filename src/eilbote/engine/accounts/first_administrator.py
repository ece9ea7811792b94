"""The first system administrator: whoever opens the link that the first start prints where only those at the machine can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.accounts.organization import HOST
from eilbote.accounts.password import read_new_password
from eilbote.accounts.role import Role
from eilbote.accounts.session import LinkPurpose
from eilbote.accounts.user import User, UserState
from eilbote.engine.accounts.fields import read_address, read_language, read_text
from eilbote.engine.accounts.links import no_link
from eilbote.engine.accounts.principals import principal_of_user
from eilbote.errors import EilboteError
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from eilbote.accounts.principal import Origin
    from eilbote.accounts.store import AccountStore
    from eilbote.engine.accounts.audit_book import AuditBook
    from eilbote.engine.accounts.links import Links
    from eilbote.engine.accounts.passwords import Passwords
    from eilbote.engine.accounts.sessions import SignedIn
    from eilbote.engine.accounts.sign_in import SignIn
    from eilbote.engine.accounts.users import Users
    from eilbote.model.clock import Clock
    from eilbote.model.ids import IdSource


class FirstAdministrator:
    """Offers the link, and makes the administrator.

    Args:
        store: Where accounts are kept.
        users: Tells whether there is an administrator.
        links: Makes links.
        passwords: Hashes passwords.
        sign_in: Begins sessions.
        book: Where it is written down.
        clock: Tells the time.
        ids: Makes ids.
    """

    def __init__(
        self,
        store: AccountStore,
        *,
        users: Users,
        links: Links,
        passwords: Passwords,
        sign_in: SignIn,
        book: AuditBook,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._store = store
        self._users = users
        self._links = links
        self._passwords = passwords
        self._sign_in = sign_in
        self._book = book
        self._clock = clock
        self._ids = ids

    async def offer(self) -> str:
        """Give the path of a link, ``/start/TOKEN``; empty when there is an administrator. The one before it lapses.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        if await self._users.has_administrator():
            return ""
        return await self._links.make(LinkPurpose.FIRST_ADMINISTRATOR)

    async def look(self, token: str) -> None:
        """See whether a link is good, without using it up.

        Raises:
            NotFoundError: It leads nowhere, or there is an administrator by now.
            OutboxUnavailableError: The database does not answer.
        """
        await self._links.look(token, LinkPurpose.FIRST_ADMINISTRATOR)
        if await self._users.has_administrator():
            raise no_link()

    async def accept(
        self,
        token: str,
        *,
        address: str,
        password: str,
        origin: Origin,
        name: str = "",
        language: str = "",
    ) -> SignedIn:
        """Make the first system administrator, and sign in.

        Args:
            token: Of the link.
            address: Theirs, which they sign in with.
            password: Theirs.
            origin: Whence.
            name: What they are called.
            language: Theirs.

        Raises:
            NotFoundError: The link leads nowhere, or there is an administrator by now.
            AddressError: It is no address.
            SettingsError: A field cannot be used; the link stays good.
            ConflictError: Somebody has this address; the link stays good.
            ThrottledError: Too many are signing in.
            OutboxUnavailableError: The database does not answer.
        """
        await self.look(token)
        now = moment_of(self._clock.now())
        read = read_address(address)
        user = User(
            id=self._ids.token()[:16],
            organization=HOST,
            address=read,
            name=read_text(name, field="name"),
            role=Role.SYSTEM_ADMINISTRATOR,
            state=UserState.ACTIVE,
            language=read_language(language, field="language"),
            password=await self._passwords.hash(read_new_password(password, address=read)),
            created=now,
            changed=now,
        )
        link = await self._links.take(token, LinkPurpose.FIRST_ADMINISTRATOR)
        try:
            user = await self._store.keep_user(user)
        except EilboteError:
            await self._links.give_back(link)
            raise
        await self._book.note(
            principal_of_user(user),
            origin,
            "user.create",
            f"user:{user.id}",
            after={"address": user.address, "role": user.role.value},
        )
        return await self._sign_in.begun(user, origin=origin, by="first_administrator")
