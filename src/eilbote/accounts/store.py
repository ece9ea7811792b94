"""The port behind which organizations, people, keys, sessions and the audit book are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.accounts.api_key import ApiKey
    from eilbote.accounts.audit import AuditFilter, AuditRecord, Deed
    from eilbote.accounts.organization import Organization
    from eilbote.accounts.session import LinkPurpose, OneTimeLink, Session
    from eilbote.accounts.user import User
    from eilbote.model.moment import Moment


class AccountStore(Protocol):
    """Keeps accounts; whatever it has said is durable when it returns.

    Every call may raise :class:`~eilbote.errors.OutboxUnavailableError`: the database does not answer, and nothing was kept. Who keeps
    a noun gives the revision that was read, 0 for a new one; the answer carries the next one.
    """

    async def close(self) -> None:
        """Let go of the database."""
        ...

    # -- organizations -----------------------------------------------------------------------------------------

    async def organizations(self, *, limit: int = 100, after: str = "") -> Sequence[Organization]:
        """Give organizations in the order of their names, behind one of them."""
        ...

    async def organization(self, name: str) -> Organization | None:
        """Give one."""
        ...

    async def keep_organization(self, organization: Organization) -> Organization:
        """Keep one.

        Raises:
            ConflictError: The name is taken, or somebody has changed it meanwhile.
        """
        ...

    async def drop_organization(self, name: str) -> bool:
        """Forget one with its users, their sessions and links, and its keys; says whether there was one. Its audit records stay."""
        ...

    # -- users -------------------------------------------------------------------------------------------------

    async def users(
        self, organization: str | None = None, *, limit: int = 100, after: str = ""
    ) -> Sequence[User]:
        """Give users in the order of their ids, behind one of them; of all organizations when ``None``."""
        ...

    async def user(self, id: str) -> User | None:  # noqa: A002 - its own word
        """Give one."""
        ...

    async def user_at(self, address: str) -> User | None:
        """Give the one with an address, in any letter case."""
        ...

    async def user_of_subject(self, subject: str) -> User | None:
        """Give the one whom an OpenID provider knows by a subject."""
        ...

    async def keep_user(self, user: User) -> User:
        """Keep one.

        Raises:
            ConflictError: The address is taken, or somebody has changed it meanwhile.
        """
        ...

    async def drop_user(self, id: str) -> bool:  # noqa: A002 - its own word
        """Forget one with their sessions and links; says whether there was one."""
        ...

    async def count_users(self, organization: str | None = None) -> int:
        """Count them."""
        ...

    async def invited(
        self, organization: str | None = None, *, limit: int = 100, after: str = ""
    ) -> Sequence[tuple[User, OneTimeLink | None]]:
        """Give users who have not come yet, in the order of their ids, each with the link of the invitation if it is kept still."""
        ...

    # -- sessions and links ------------------------------------------------------------------------------------

    async def session(self, digest: str) -> Session | None:
        """Give one; whether it has expired is for the caller to see."""
        ...

    async def sessions(self, user: str) -> Sequence[Session]:
        """Give all of somebody, the latest first."""
        ...

    async def keep_session(self, session: Session) -> None:
        """Keep one, in place of what was kept under its digest."""
        ...

    async def session_seen(self, digest: str, *, at: Moment) -> None:
        """Note when a session was used; one that was ended meanwhile stays ended."""
        ...

    async def drop_session(self, digest: str) -> bool:
        """Forget one; says whether there was one."""
        ...

    async def drop_sessions(self, user: str, *, but: str = "") -> int:
        """Forget all of somebody, but for one digest; gives their number."""
        ...

    async def keep_link(self, link: OneTimeLink) -> None:
        """Keep a link; those of the same purpose for the same user are forgotten."""
        ...

    async def link(self, digest: str) -> OneTimeLink | None:
        """Look at a link, without using it up."""
        ...

    async def link_of(self, user: str, purpose: LinkPurpose) -> OneTimeLink | None:
        """Look at the link of somebody for a purpose; whether it has expired is for the caller to see."""
        ...

    async def take_link(self, digest: str) -> OneTimeLink | None:
        """Give a link and forget it, at once: of two who come with it one gets it."""
        ...

    async def drop_links(self, user: str) -> int:
        """Forget all of somebody, whatever they are for; gives their number."""
        ...

    # -- API keys ----------------------------------------------------------------------------------------------

    async def keys(
        self, organization: str | None = None, *, limit: int = 100, after: str = ""
    ) -> Sequence[ApiKey]:
        """Give keys in the order of their ids, behind one of them; of all organizations when ``None``."""
        ...

    async def key(self, id: str) -> ApiKey | None:  # noqa: A002 - its own word
        """Give one."""
        ...

    async def keep_key(self, key: ApiKey) -> ApiKey:
        """Keep one.

        Raises:
            ConflictError: The id is taken, or somebody has changed it meanwhile.
        """
        ...

    async def key_used(self, id: str, *, at: Moment) -> None:  # noqa: A002 - its own word
        """Note when a key was used, without a new revision."""
        ...

    async def drop_key(self, id: str) -> bool:  # noqa: A002 - its own word
        """Forget one; says whether there was one."""
        ...

    # -- the book ----------------------------------------------------------------------------------------------

    async def write(self, deeds: Sequence[Deed]) -> Sequence[AuditRecord]:
        """Write deeds into the book, in one transaction, each behind the latest record."""
        ...

    async def records(
        self, which: AuditFilter, *, limit: int = 100, after: int | None = None
    ) -> Sequence[AuditRecord]:
        """Give records, the latest first, behind one of them."""
        ...

    async def records_from(self, sequence: int, *, limit: int) -> Sequence[AuditRecord]:
        """Give records in order from a sequence on, to see whether they hang together; what is damaged is among them, and breaks the chain."""
        ...

    async def book_end(self) -> tuple[int, str] | None:
        """Give sequence and hash of the latest record, as noted apart from the records; ``None`` when nothing is noted."""
        ...

    # -- upkeep ------------------------------------------------------------------------------------------------

    async def prune(self, *, now: Moment) -> int:
        """Forget sessions and links that have expired, or whose user is gone; gives their number. Nothing prunes the book."""
        ...
