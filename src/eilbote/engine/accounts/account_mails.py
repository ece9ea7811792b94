"""Mail about accounts: invitations, links for a new password, and that it was changed; told through the product's own notifications in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from eilbote.accounts.organization import HOST
from eilbote.accounts.session import digest_of_token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.accounts.store import AccountStore
    from eilbote.accounts.user import User

INVITATION: Final = "account.invitation"
RECOVERY: Final = "account.password_recovery"
CHANGED: Final = "account.password_changed"
_MINUTE: Final = 60


class Teller(Protocol):
    """Tells people what has happened; :class:`~eilbote.engine.notify_desk.NotifyDesk` is one."""

    async def raise_event(
        self,
        event: str,
        *,
        data: Mapping[str, object] | None = None,
        key: str = "",
        to: str | Sequence[str] = (),
        organization: str = "",
        language: str = "en",
    ) -> object:
        """Say that something has happened."""
        ...


class AccountMails:
    """Has people told about their accounts.

    Args:
        store: Where accounts are kept.
        teller: Tells them.
    """

    def __init__(self, store: AccountStore, *, teller: Teller) -> None:
        self._store = store
        self._teller = teller

    async def invite(self, user: User, link: str, *, by: str, organization_title: str = "") -> None:
        """Tell somebody that they are invited.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        data = {"link": link, "by": by, "organization": organization_title}
        await self._tell(INVITATION, user, link, data)

    async def recover(self, user: User, link: str, *, seconds: int) -> None:
        """Send somebody the link for a new password.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        await self._tell(RECOVERY, user, link, {"link": link, "valid_minutes": seconds // _MINUTE})

    async def password_changed(self, user: User) -> None:
        """Tell somebody that their password was changed, in case that it was not them.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        await self._tell(CHANGED, user, user.password, {})

    async def language_of(self, user: User) -> str:
        """Give the language of somebody: their own, or that of the organization, or English.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        if user.language or user.organization == HOST:
            return user.language or "en"
        organization = await self._store.organization(user.organization)
        return "en" if organization is None else organization.language

    async def _tell(self, event: str, user: User, about: str, data: Mapping[str, object]) -> None:
        # Each link is told, since it makes the one before it lapse; how many there are is limited by who may ask for them.
        await self._teller.raise_event(
            event,
            data=data,
            key=f"{user.id}/{digest_of_token(about)[:12]}",
            to=user.address,
            organization=user.organization,
            language=await self.language_of(user),
        )
