"""That somebody is signed in, and links that let somebody in once. Of every token only the SHA-256 is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.model.moment import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody is signed in, in one browser.

    Attributes:
        digest: SHA-256 of the cookie, in hexadecimal.
        user: Whose.
        csrf: What requests that change something have to bring along in a header; no secret to the page itself.
        created: Since when.
        seen: When it was last used, to the minute.
        expires: Not after, however busy it is.
        address: Whence it was begun.
        agent: Which program it was begun with, as it called itself; at most 200 characters.
    """

    digest: str
    user: str
    csrf: str = field(repr=False)
    created: Moment
    seen: Moment
    expires: Moment
    address: str = ""
    agent: str = ""


class LinkPurpose(StrEnum):
    """What a link is for."""

    FIRST_ADMINISTRATOR = "first_administrator"
    """Printed at the first start: who opens it becomes the first system administrator."""
    INVITATION = "invitation"
    PASSWORD_RECOVERY = "password_recovery"  # noqa: S105 - a purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeLink:
    """A link that lets somebody in once.

    Attributes:
        digest: SHA-256 of its token, in hexadecimal.
        purpose: What for.
        user: Whom it lets in; empty for the first administrator, who is nobody yet.
        created: Since when.
        expires: Not after.
    """

    digest: str
    purpose: LinkPurpose
    user: str = ""
    created: Moment
    expires: Moment


def digest_of_token(token: str) -> str:
    """Give what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
