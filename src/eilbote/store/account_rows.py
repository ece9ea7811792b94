"""Organizations, users, sessions, keys and the audit book in a database; the same statements for SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.store import (
    api_key_rows,
    audit_rows,
    invitation_rows,
    organization_rows,
    session_rows,
    user_rows,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.accounts.api_key import ApiKey
    from eilbote.accounts.audit import AuditFilter, AuditRecord, Deed
    from eilbote.accounts.organization import Organization
    from eilbote.accounts.session import LinkPurpose, OneTimeLink, Session
    from eilbote.accounts.user import User
    from eilbote.model.moment import Moment
    from eilbote.store.record_database import RecordDatabase


class AccountRows:
    """An :class:`~eilbote.accounts.store.AccountStore` in a database.

    Args:
        database: The database; opened and closed by this.
    """

    __slots__ = ("_database",)

    def __init__(self, database: RecordDatabase) -> None:
        self._database = database

    async def close(self) -> None:
        """Let go of the database; what was begun is finished first."""
        await self._database.close()

    # -- organizations -----------------------------------------------------------------------------------------

    async def organizations(self, *, limit: int = 100, after: str = "") -> Sequence[Organization]:
        """Give organizations in the order of their names."""
        return await self._database.read(lambda db: organization_rows.page(db, limit=limit, after=after))

    async def organization(self, name: str) -> Organization | None:
        """Give one."""
        return await self._database.read(lambda db: organization_rows.find(db, name))

    async def keep_organization(self, organization: Organization) -> Organization:
        """Keep one."""
        await self._database.transact(lambda db: organization_rows.keep(db, organization))
        return replace(organization, revision=organization.revision + 1)

    async def drop_organization(self, name: str) -> bool:
        """Forget one with its users, their sessions and links, and its keys."""
        return await self._database.transact(lambda db: organization_rows.drop(db, name))

    # -- users -------------------------------------------------------------------------------------------------

    async def users(
        self, organization: str | None = None, *, limit: int = 100, after: str = ""
    ) -> Sequence[User]:
        """Give users in the order of their ids."""
        return await self._database.read(
            lambda db: user_rows.page(db, organization, limit=limit, after=after)
        )

    async def user(self, id: str) -> User | None:  # noqa: A002 - its own word
        """Give one."""
        return await self._database.read(lambda db: user_rows.find(db, id))

    async def user_at(self, address: str) -> User | None:
        """Give the one with an address, in any letter case."""
        return await self._database.read(lambda db: user_rows.at_address(db, address))

    async def user_of_subject(self, subject: str) -> User | None:
        """Give the one whom an OpenID provider knows by a subject."""
        return await self._database.read(lambda db: user_rows.of_subject(db, subject))

    async def keep_user(self, user: User) -> User:
        """Keep one."""
        await self._database.transact(lambda db: user_rows.keep(db, user))
        return replace(user, revision=user.revision + 1)

    async def drop_user(self, id: str) -> bool:  # noqa: A002 - its own word
        """Forget one with their sessions and links."""
        return await self._database.transact(lambda db: user_rows.drop(db, id))

    async def count_users(self, organization: str | None = None) -> int:
        """Count them."""
        return await self._database.read(lambda db: user_rows.count_users(db, organization))

    async def invited(
        self, organization: str | None = None, *, limit: int = 100, after: str = ""
    ) -> Sequence[tuple[User, OneTimeLink | None]]:
        """Give users who have not come yet, each with the link of the invitation."""
        return await self._database.read(
            lambda db: invitation_rows.page(db, organization, limit=limit, after=after)
        )

    # -- sessions and links ------------------------------------------------------------------------------------

    async def session(self, digest: str) -> Session | None:
        """Give one, expired or not."""
        return await self._database.read(lambda db: session_rows.find(db, digest))

    async def sessions(self, user: str) -> Sequence[Session]:
        """Give all of somebody, the latest first."""
        return await self._database.read(lambda db: session_rows.of_user(db, user))

    async def keep_session(self, session: Session) -> None:
        """Keep one, in place of what was kept under its digest."""
        await self._database.transact(lambda db: session_rows.keep(db, session))

    async def session_seen(self, digest: str, *, at: Moment) -> None:
        """Note when a session was used, unless it was ended meanwhile."""
        await self._database.transact(lambda db: session_rows.seen(db, digest, at))

    async def drop_session(self, digest: str) -> bool:
        """Forget one."""
        return await self._database.transact(lambda db: session_rows.drop(db, digest))

    async def drop_sessions(self, user: str, *, but: str = "") -> int:
        """Forget all of somebody, but for one digest."""
        return await self._database.transact(lambda db: session_rows.drop_all(db, user, but=but))

    async def keep_link(self, link: OneTimeLink) -> None:
        """Keep a link in place of others for the same."""
        await self._database.transact(lambda db: session_rows.keep_link(db, link))

    async def link(self, digest: str) -> OneTimeLink | None:
        """Look at a link."""
        return await self._database.read(lambda db: session_rows.find_link(db, digest))

    async def link_of(self, user: str, purpose: LinkPurpose) -> OneTimeLink | None:
        """Look at the link of somebody for a purpose."""
        return await self._database.read(lambda db: session_rows.find_link_of(db, user, purpose))

    async def take_link(self, digest: str) -> OneTimeLink | None:
        """Give a link and forget it."""
        return await self._database.transact(lambda db: session_rows.take_link(db, digest))

    async def drop_links(self, user: str) -> int:
        """Forget all of somebody."""
        return await self._database.transact(lambda db: session_rows.drop_links(db, user))

    # -- API keys ----------------------------------------------------------------------------------------------

    async def keys(
        self, organization: str | None = None, *, limit: int = 100, after: str = ""
    ) -> Sequence[ApiKey]:
        """Give keys in the order of their ids."""
        return await self._database.read(
            lambda db: api_key_rows.page(db, organization, limit=limit, after=after)
        )

    async def key(self, id: str) -> ApiKey | None:  # noqa: A002 - its own word
        """Give one."""
        return await self._database.read(lambda db: api_key_rows.find(db, id))

    async def keep_key(self, key: ApiKey) -> ApiKey:
        """Keep one."""
        await self._database.transact(lambda db: api_key_rows.keep(db, key))
        return replace(key, revision=key.revision + 1)

    async def key_used(self, id: str, *, at: Moment) -> None:  # noqa: A002 - its own word
        """Note when a key was used, without a new revision."""
        await self._database.transact(lambda db: api_key_rows.used(db, id, at))

    async def drop_key(self, id: str) -> bool:  # noqa: A002 - its own word
        """Forget one."""
        return await self._database.transact(lambda db: api_key_rows.drop(db, id))

    # -- the book ----------------------------------------------------------------------------------------------

    async def write(self, deeds: Sequence[Deed]) -> Sequence[AuditRecord]:
        """Write deeds into the book, in one transaction, each behind the latest record."""
        return await self._database.transact(lambda db: audit_rows.write(db, deeds))

    async def records(
        self, which: AuditFilter, *, limit: int = 100, after: int | None = None
    ) -> Sequence[AuditRecord]:
        """Give records, the latest first, behind one of them."""
        return await self._database.read(lambda db: audit_rows.search(db, which, limit=limit, after=after))

    async def records_from(self, sequence: int, *, limit: int) -> Sequence[AuditRecord]:
        """Give records in order from a sequence on."""
        return await self._database.read(lambda db: audit_rows.to_be_verified(db, sequence, limit=limit))

    async def book_end(self) -> tuple[int, str] | None:
        """Give sequence and hash of the latest record, as noted apart from the records."""
        return await self._database.read(audit_rows.head)

    # -- upkeep ------------------------------------------------------------------------------------------------

    async def prune(self, *, now: Moment) -> int:
        """Forget sessions and links that have expired."""
        return await self._database.transact(lambda db: session_rows.prune(db, now=now))
