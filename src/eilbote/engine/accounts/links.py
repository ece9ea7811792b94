"""Links that let somebody in once: made, looked at, and used up. Of a token only the digest is kept."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from eilbote.accounts.session import LinkPurpose, OneTimeLink, digest_of_token
from eilbote.errors import NotFoundError
from eilbote.model.moment import later, moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.accounts.store import AccountStore
    from eilbote.model.clock import Clock

PATHS: Final[Mapping[LinkPurpose, str]] = {
    LinkPurpose.FIRST_ADMINISTRATOR: "/start/",
    LinkPurpose.INVITATION: "/invitation/",
    LinkPurpose.PASSWORD_RECOVERY: "/recover/",
}
"""What stands between the public address and a token."""
SECONDS: Final[Mapping[LinkPurpose, int]] = {
    LinkPurpose.FIRST_ADMINISTRATOR: 24 * 3600,
    LinkPurpose.INVITATION: 7 * 24 * 3600,
    LinkPurpose.PASSWORD_RECOVERY: 3600,
}
"""How long each is good for."""
_OCTETS: Final = 32
_LONGEST: Final = 100


class Links:
    """Makes links and uses them up.

    Args:
        store: Where they are kept.
        clock: Tells the time.
        public_url: What they begin with; empty when people cannot reach the server.
    """

    def __init__(self, store: AccountStore, *, clock: Clock, public_url: str = "") -> None:
        self._store = store
        self._clock = clock
        self.public_url = public_url.rstrip("/")

    async def make(self, purpose: LinkPurpose, user: str = "") -> str:
        """Make one, and let those before it for the same purpose and person lapse; gives its path, which begins with ``/``.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        now = moment_of(self._clock.now())
        token = secrets.token_urlsafe(_OCTETS)
        link = OneTimeLink(
            digest=digest_of_token(token),
            purpose=purpose,
            user=user,
            created=now,
            expires=later(now, SECONDS[purpose]),
        )
        await self._store.keep_link(link)
        return PATHS[purpose] + token

    async def look(self, token: str, purpose: LinkPurpose) -> OneTimeLink:
        """Give a link without using it up.

        Raises:
            NotFoundError: There is none like it, or not any more.
            OutboxUnavailableError: The database does not answer.
        """
        if len(token) > _LONGEST or not token.isascii():
            raise no_link()
        return self._good(await self._store.link(digest_of_token(token)), purpose)

    async def is_invited(self, user: str) -> bool:
        """Tell whether somebody has an invitation that is good still.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        link = await self._store.link_of(user, LinkPurpose.INVITATION)
        return link is not None and moment_of(self._clock.now()) < link.expires

    async def take(self, token: str, purpose: LinkPurpose) -> OneTimeLink:
        """Use a link up: of two who come with it one gets it.

        Raises:
            NotFoundError: There is none like it, or not any more.
            OutboxUnavailableError: The database does not answer.
        """
        await self.look(token, purpose)  # one for something else is not used up by a mistaken address
        return self._good(await self._store.take_link(digest_of_token(token)), purpose)

    async def give_back(self, link: OneTimeLink) -> None:
        """Keep a link that was taken and led to nothing.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        await self._store.keep_link(link)

    def _good(self, link: OneTimeLink | None, purpose: LinkPurpose) -> OneTimeLink:
        now = moment_of(self._clock.now())
        if link is None or link.purpose is not purpose or now >= link.expires:
            raise no_link()
        return link


def no_link() -> NotFoundError:
    """Give the error for a link that leads nowhere, whatever the reason."""
    return NotFoundError(
        "this link leads nowhere",
        field="token",
        cause="It is incomplete, was used already, or is too old",
        remedy="Open it from the message once more, or have another one sent",
    )
