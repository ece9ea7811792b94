"""API keys: by which programs say who they are.

The text of a key is ``eb_live_<id>_<secret>``: 10 letters and digits by which it is found, and 256 random bits. Of the secret only the
SHA-256 is kept; what cannot be guessed needs no slow hash. It is shown once, when it is made.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eilbote.accounts.role import Permission
    from eilbote.model.moment import Moment

PREFIX: Final = "eb_live_"
_TEXT: Final = re.compile(r"eb_live_([A-Za-z0-9]{10})_([A-Za-z0-9_-]{43})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key, without its secret.

    Attributes:
        id: By which it is found; stands in its text.
        organization: On whose behalf it acts; empty for the host.
        name: What it is for, for people.
        permissions: What it may do.
        senders: Addresses or domains it may send from; empty for all that the connection allows.
        digest: SHA-256 of its secret.
        former_digest: That of the secret before the last rotation; empty without one.
        former_until: Until when the former secret is taken as well.
        created_by: Who made it.
        created: Since when.
        expires: Not after; ``None`` for ever.
        used: When it was last used, to the hour.
        is_revoked: Whether it was called back.
        revision: Counts the changes.
    """

    id: str
    organization: str
    name: str
    permissions: frozenset[Permission]
    senders: tuple[str, ...] = ()
    digest: bytes = field(repr=False)
    former_digest: bytes = field(default=b"", repr=False)
    former_until: Moment | None = None
    created_by: str = ""
    created: Moment
    expires: Moment | None = None
    used: Moment | None = None
    is_revoked: bool = False
    revision: int = 0


def key_text(id: str, secret: str) -> str:  # noqa: A002 - its own word
    """Give the text of a key, as its owner keeps it."""
    return f"{PREFIX}{id}_{secret}"


def split_key(text: str) -> tuple[str, str] | None:
    """Give id and secret of a key's text; ``None`` when it is none."""
    found = _TEXT.match(text)
    return None if found is None else (found[1], found[2])


def digest_of_secret(secret: str) -> bytes:
    """Give what is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()
