"""For operations that need nobody to say who it is: signing in, invitations, recovering a password.

What another site has a browser send is refused all the same, or it could sign people in as somebody else without their knowing. Browsers
tell whence a request comes in ``Sec-Fetch-Site`` (W3C Fetch Metadata), older ones in ``Origin`` (RFC 6454 section 7); what is no browser
sends neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from fastapi import Request

from eilbote.accounts.principal import Origin
from eilbote.api.acting import House, house_of, origin_of
from eilbote.errors import ForbiddenError

if TYPE_CHECKING:
    from eilbote.engine.accounts.accounts_desk import AccountsDesk

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE: Final = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody who has not said who they are.

    Attributes:
        origin: Whence they come.
        house: What the API works with.
    """

    origin: Origin
    house: House = field(repr=False)

    @property
    def accounts(self) -> AccountsDesk:
        """Everything about accounts."""
        return self.house.eilbote.accounts


class Everybody:
    """A dependency that lets in everybody, but for changes that come from the page of another site."""

    async def __call__(self, request: Request) -> Guest:
        """Let a request in.

        Raises:
            ForbiddenError: Another site had a browser send it.
        """
        check_own_site(request)
        return Guest(origin=origin_of(request), house=house_of(request))


def everybody() -> Everybody:
    """Give the dependency that lets in everybody; see :class:`Everybody`."""
    return Everybody()


def check_own_site(request: Request) -> None:
    """Refuse a change that another site had a browser send.

    Raises:
        ForbiddenError: It did.
    """
    if request.method in _SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        is_own = site in _OWN_SITE
    elif origin is not None:
        is_own = _authority(origin) in {
            _authority(house_of(request).eilbote.config.public_url),
            request.headers.get("host", "").lower(),
        } - {""}
    else:
        is_own = True
    if not is_own:
        raise ForbiddenError(
            "this comes from the page of another site",
            field="origin",
            remedy="Open the page of eilbote itself, and do it there",
        )


def _authority(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
