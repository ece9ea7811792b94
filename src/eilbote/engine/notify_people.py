"""Who has an account and can be told: read from the accounts, and believed for some seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.accounts.organization import HOST
from eilbote.accounts.user import UserState
from eilbote.author.notification.people import NOBODY, Person, people_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.accounts.store import AccountStore
    from eilbote.author.notification.people import People
    from eilbote.model.clock import Clock

_PAGE: Final = 500
_BELIEVED_SECONDS: Final = 5.0
_REMEMBERED: Final = 100


class AccountPeople:
    """Gives people by their accounts: who is active, at the host and in one organization that is let in.

    Args:
        accounts: Gives where accounts are, when somebody is to be told.
        clock: Tells the time.
    """

    def __init__(self, accounts: Callable[[], AccountStore], *, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._known: dict[str, tuple[float, People]] = {}

    async def __call__(self, organization: str) -> People:
        """Give the host's people and those of an organization.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        now = self._clock.monotonic()
        known = self._known.get(organization)
        if known is not None and now - known[0] < _BELIEVED_SECONDS:
            return known[1]
        found = await self._persons(HOST, language="", time_zone="")
        if organization != HOST:
            home = await self._accounts().organization(organization)
            if home is not None and home.is_enabled:
                found += await self._persons(organization, language=home.language, time_zone=home.time_zone)
        people = people_of(found) if found else NOBODY
        self._known[organization] = now, people
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return people

    async def _persons(self, organization: str, *, language: str, time_zone: str) -> list[Person]:
        found: list[Person] = []
        after = ""
        while page := await self._accounts().users(organization, limit=_PAGE, after=after):
            found += [
                Person(
                    id=user.id,
                    address=user.address,
                    organization=user.organization,
                    role=user.role,
                    language=user.language or language,
                    time_zone=user.time_zone or time_zone,
                )
                for user in page
                if user.state is UserState.ACTIVE
            ]
            if len(page) < _PAGE:
                break
            after = page[-1].id
        return found
