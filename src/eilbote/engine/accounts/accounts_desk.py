"""Everything about accounts in one place, each question behind a name of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.engine.accounts.account_doorkeeper import AccountDoorkeeper
from eilbote.engine.accounts.account_mails import AccountMails
from eilbote.engine.accounts.failed_sign_ins import FailedSignIns
from eilbote.engine.accounts.first_administrator import FirstAdministrator
from eilbote.engine.accounts.invitations import Invitations
from eilbote.engine.accounts.keys import Keys
from eilbote.engine.accounts.known_keys import KnownKeys
from eilbote.engine.accounts.links import Links
from eilbote.engine.accounts.organizations import Organizations
from eilbote.engine.accounts.passwords import Passwords
from eilbote.engine.accounts.recovery import Recovery
from eilbote.engine.accounts.sessions import Sessions
from eilbote.engine.accounts.sign_in import SignIn
from eilbote.engine.accounts.users import Users
from eilbote.engine.random_ids import RandomIds

if TYPE_CHECKING:
    from eilbote.accounts.store import AccountStore
    from eilbote.engine.accounts.account_mails import Teller
    from eilbote.engine.accounts.audit_book import AuditBook
    from eilbote.engine.accounts.openid import OpenId
    from eilbote.engine.accounts.openid_provider import OpenIdSettings
    from eilbote.model.clock import Clock
    from eilbote.model.ids import IdSource


class AccountsDesk:
    """Organizations, people and programs.

    ::

        await eilbote.accounts.organizations.create("acme", title="Acme GmbH")
        made = await eilbote.accounts.keys.create(
            "billing", organization="acme", permissions=frozenset({Permission.MESSAGES_SUBMIT}), by=command_of("anna")
        )

    Args:
        store: Where accounts are kept.
        book: Where it is written down who did what.
        teller: Sends mail about accounts.
        clock: Tells the time.
        public_url: What links begin with; empty when people cannot reach the server.
        openid: A provider of single sign-on.
        ids: Makes ids; random when ``None``.
        passwords: Hashes passwords; as it should be when ``None``.

    Attributes:
        doorkeeper: Lets people and programs in.
        organizations: Who shares the host.
        users: People.
        keys: Programs.
        sessions: Who is signed in.
        sign_in: Signing in with a password.
        invitations: How people come.
        recovery: New passwords for forgotten ones.
        first: The first administrator.
        openid: Single sign-on; ``None`` where there is none, or people cannot be sent back here.
    """

    def __init__(
        self,
        store: AccountStore,
        *,
        book: AuditBook,
        teller: Teller,
        clock: Clock,
        public_url: str = "",
        openid: OpenIdSettings | None = None,
        ids: IdSource | None = None,
        passwords: Passwords | None = None,
    ) -> None:
        ids = ids or RandomIds()
        passwords = passwords or Passwords()
        known = KnownKeys(clock=clock)
        failed = FailedSignIns(book, clock=clock)
        links = Links(store, clock=clock, public_url=public_url)
        mails = AccountMails(store, teller=teller)
        self.organizations = Organizations(store, known=known, clock=clock)
        self.users = Users(store, clock=clock)
        self.keys = Keys(store, known=known, clock=clock)
        self.sessions = Sessions(store, clock=clock)
        self.sign_in = SignIn(
            store, passwords=passwords, sessions=self.sessions, book=book, failed=failed, clock=clock
        )
        self.invitations = Invitations(
            store,
            links=links,
            mails=mails,
            passwords=passwords,
            sign_in=self.sign_in,
            book=book,
            clock=clock,
            ids=ids,
        )
        self.recovery = Recovery(
            store,
            links=links,
            mails=mails,
            passwords=passwords,
            sign_in=self.sign_in,
            book=book,
            clock=clock,
        )
        self.first = FirstAdministrator(
            store,
            users=self.users,
            links=links,
            passwords=passwords,
            sign_in=self.sign_in,
            book=book,
            clock=clock,
            ids=ids,
        )
        self.openid: OpenId | None = None
        if openid is not None and public_url:
            from eilbote.engine.accounts.openid import OpenId
            from eilbote.engine.accounts.openid_provider import OpenIdProvider

            self.openid = OpenId(
                OpenIdProvider(openid, clock=clock),
                store,
                links=links,
                sign_in=self.sign_in,
                failed=failed,
                clock=clock,
                public_url=public_url,
            )
        self.doorkeeper = AccountDoorkeeper(
            store,
            known=known,
            sessions=self.sessions,
            sign_in=self.sign_in,
            failed=failed,
            clock=clock,
        )
