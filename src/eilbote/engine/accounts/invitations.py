"""Invitations: somebody is named, gets a link, and chooses a password of their own; nobody else ever knows it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from eilbote.accounts.granting import check_over, check_role
from eilbote.accounts.organization import HOST
from eilbote.accounts.password import read_new_password
from eilbote.accounts.role import Role, read_role
from eilbote.accounts.session import LinkPurpose
from eilbote.accounts.user import User, UserState
from eilbote.engine.accounts.fields import read_address, read_language, read_text, read_zone
from eilbote.engine.accounts.links import no_link
from eilbote.engine.accounts.organizations import no_organization
from eilbote.engine.accounts.principals import principal_of_user
from eilbote.engine.accounts.sessions import is_open
from eilbote.errors import ConflictError, EilboteError
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.accounts.principal import Origin, Principal
    from eilbote.accounts.store import AccountStore
    from eilbote.engine.accounts.account_mails import AccountMails
    from eilbote.engine.accounts.audit_book import AuditBook
    from eilbote.engine.accounts.links import Links
    from eilbote.engine.accounts.passwords import Passwords
    from eilbote.engine.accounts.sessions import SignedIn
    from eilbote.engine.accounts.sign_in import SignIn
    from eilbote.model.clock import Clock
    from eilbote.model.ids import IdSource
    from eilbote.model.moment import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Somebody was invited.

    Attributes:
        user: Who.
        path: The path of the link, for whoever hands it over in another way; empty when it was mailed.
    """

    user: User
    path: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvitation:
    """Somebody was invited and has not come yet.

    Attributes:
        user: Who.
        sent: When the link was made; ``None`` when it has lapsed and is forgotten.
        expires: Until when it is good; ``None`` the same way.
        is_good: Whether it lets them in still.
    """

    user: User
    sent: Moment | None
    expires: Moment | None
    is_good: bool


class Invitations:
    """Invites people, and lets them in.

    Args:
        store: Where accounts are kept.
        links: Makes links.
        mails: Sends them.
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
        links: Links,
        mails: AccountMails,
        passwords: Passwords,
        sign_in: SignIn,
        book: AuditBook,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._store = store
        self._links = links
        self._mails = mails
        self._passwords = passwords
        self._sign_in = sign_in
        self._book = book
        self._clock = clock
        self._ids = ids

    async def invite(
        self,
        address: str,
        *,
        organization: str,
        by: Principal,
        name: str = "",
        role: str = Role.VIEWER.value,
        language: str = "",
        time_zone: str = "",
        is_mailed: bool = True,
    ) -> Invited:
        """Invite somebody.

        Args:
            address: Their address, which they sign in with.
            organization: Where they will belong; empty for the host.
            by: Who invites them.
            name: What they are called.
            role: What they will be.
            language: Theirs; that of the organization when empty.
            time_zone: The same.
            is_mailed: Whether the link is sent to them; otherwise, and where people cannot reach the server, it is given back.

        Raises:
            ForbiddenError: The role allows what ``by`` may not do.
            NotFoundError: There is no such organization.
            AddressError: It is no address.
            SettingsError: A field cannot be used.
            ConflictError: Somebody has this address already.
            OutboxUnavailableError: The database does not answer.
        """
        if not by.can_act_for(organization) or (
            organization != HOST and await self._store.organization(organization) is None
        ):
            raise no_organization(organization)
        read = read_role(role, is_host=organization == HOST)
        check_role(read, by=by, organization=organization)
        now = moment_of(self._clock.now())
        user = User(
            id=self._ids.token()[:16],
            organization=organization,
            address=read_address(address),
            name=read_text(name, field="name"),
            role=read,
            language=read_language(language, field="language"),
            time_zone=read_zone(time_zone, field="time_zone"),
            created=now,
            changed=now,
        )
        return await self._sent(await self._store.keep_user(user), by=by, is_mailed=is_mailed)

    async def again(self, user: User, *, by: Principal, is_mailed: bool = True) -> Invited:
        """Invite somebody once more, who has not come yet; the link before lapses.

        Raises:
            ForbiddenError: They may do more than ``by``.
            ConflictError: They have come already, or are locked out.
            OutboxUnavailableError: The database does not answer.
        """
        check_over(user, by=by)
        if user.state is not UserState.INVITED:
            raise ConflictError(
                f"{user.address} is {user.state.value}, and needs no invitation",
                field="id",
                remedy="Have a link for a new password sent instead",
            )
        return await self._sent(user, by=by, is_mailed=is_mailed)

    async def page(
        self, organization: str | None = None, *, limit: int = 100, after: str = ""
    ) -> Sequence[OpenInvitation]:
        """Give the invitations of those who have not come yet, in the order of their ids; of all organizations when ``None``.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        now = moment_of(self._clock.now())
        return [
            OpenInvitation(
                user=user,
                sent=None if link is None else link.created,
                expires=None if link is None else link.expires,
                is_good=link is not None and now < link.expires,
            )
            for user, link in await self._store.invited(organization, limit=limit, after=after)
        ]

    async def revoke(self, user: User, *, by: Principal) -> None:
        """Take an invitation back: the link leads nowhere, and who was invited is forgotten, so that single sign-on finds nobody either.

        Raises:
            ForbiddenError: They may do more than ``by``.
            ConflictError: They have come already, or are locked out.
            OutboxUnavailableError: The database does not answer.
        """
        check_over(user, by=by)
        if user.state is UserState.INVITED:
            # The link first: whoever comes at the same moment has taken it before, or finds none.
            await self._store.drop_links(user.id)
            user = await self._store.user(user.id) or user
        if user.state is not UserState.INVITED:
            raise ConflictError(
                f"{user.address} is {user.state.value}, and has no open invitation",
                field="id",
                remedy="Lock them out, or forget them",
            )
        await self._store.drop_user(user.id)

    async def look(self, token: str) -> User:
        """Give whom an invitation is for, without using it up.

        Raises:
            NotFoundError: It leads nowhere.
            OutboxUnavailableError: The database does not answer.
        """
        return await self._invited((await self._links.look(token, LinkPurpose.INVITATION)).user)

    async def accept(self, token: str, password: str, *, origin: Origin, name: str = "") -> SignedIn:
        """Set a first password, and sign in.

        Args:
            token: Of the link.
            password: Chosen by who was invited.
            origin: Whence.
            name: What they call themselves; as they were named when empty.

        Raises:
            NotFoundError: It leads nowhere.
            SettingsError: The password or the name cannot be used; the link stays good.
            ThrottledError: Too many are signing in.
            OutboxUnavailableError: The database does not answer.
        """
        user = await self.look(token)
        said = read_new_password(password, address=user.address)
        called = read_text(name, field="name") or user.name
        hashed = await self._passwords.hash(said)
        link = await self._links.take(token, LinkPurpose.INVITATION)
        try:
            user = await self._store.keep_user(
                replace(
                    user,
                    name=called,
                    password=hashed,
                    state=UserState.ACTIVE,
                    changed=moment_of(self._clock.now()),
                )
            )
        except EilboteError:
            await self._links.give_back(link)
            raise
        await self._book.note(principal_of_user(user), origin, "user.accept", f"user:{user.id}")
        return await self._sign_in.begun(user, origin=origin, by="invitation")

    async def _invited(self, id_: str) -> User:
        user = await self._store.user(id_)
        if (
            user is None
            or user.state is not UserState.INVITED
            or not await is_open(self._store, user.organization)
        ):
            raise no_link()
        return user

    async def _sent(self, user: User, *, by: Principal, is_mailed: bool) -> Invited:
        path = await self._links.make(LinkPurpose.INVITATION, user.id)
        if not is_mailed or not self._links.public_url:
            return Invited(user=user, path=path)
        organization = await self._store.organization(user.organization) if user.organization else None
        await self._mails.invite(
            user,
            self._links.public_url + path,
            by=by.name,
            organization_title="" if organization is None else organization.title or organization.name,
        )
        return Invited(user=user)
