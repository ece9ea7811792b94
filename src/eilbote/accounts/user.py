"""A person who works with eilbote, and what is known of how they sign in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from eilbote.accounts.role import Role

if TYPE_CHECKING:
    from eilbote.model.moment import Moment


class UserState(StrEnum):
    """How somebody stands."""

    INVITED = "invited"
    """Has not set a password yet, or not signed in elsewhere."""
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person.

    Attributes:
        id: Letters and digits; never used again.
        organization: Where they belong; :data:`~eilbote.accounts.organization.HOST` for the host.
        address: Their e-mail address, the name they sign in with; nobody else on the host has it, in any letter case.
        name: What they are called.
        role: What they may do.
        state: How they stand.
        language: Their own; empty for that of the organization.
        time_zone: Their own; empty for that of the organization.
        password: The Argon2 hash of it; empty without one. No view shows it.
        subject: Who they are at an OpenID provider, ``issuer|sub``; empty when they never came from there.
        created: Since when.
        changed: When something was changed last.
        signed_in: When they last came in.
        revision: Counts the changes; whoever changes it says which one was seen.
    """

    id: str
    organization: str
    address: str
    name: str = ""
    role: Role = Role.VIEWER
    state: UserState = UserState.INVITED
    language: str = ""
    time_zone: str = ""
    password: str = field(default="", repr=False)
    subject: str = ""
    created: Moment
    changed: Moment
    signed_in: Moment | None = None
    revision: int = 0
