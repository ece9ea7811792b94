"""An organization: who shares the host with others, and sees nothing of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eilbote.errors import SettingsError

if TYPE_CHECKING:
    from eilbote.model.moment import Moment

HOST: Final = ""
"""The name of the host, where an organization's would stand."""
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How much an organization may do; 0 means as much as it likes.

    Attributes:
        messages_per_hour: Submissions in any hour.
        messages_per_day: Submissions in any 24 hours.
        waiting: Entries that are not finished.
    """

    messages_per_hour: int = 0
    messages_per_day: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """An organization.

    Attributes:
        name: Its name in addresses and everywhere else that organizations are named: small letters, digits, hyphens.
        title: What people call it.
        language: Its people's, where they say nothing themselves: ``en``, ``de``, ``ru``.
        time_zone: As in the IANA database.
        is_enabled: Whether its people and programs are let in. Mail that was accepted goes on.
        quota: How much it may do.
        created: Since when.
        changed: When something was changed last.
        revision: Counts the changes; whoever changes it says which one was seen.
    """

    name: str
    title: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    is_enabled: bool = True
    quota: Quota = field(default_factory=Quota)
    created: Moment
    changed: Moment
    revision: int = 0


def is_organization_name(text: str) -> bool:
    """Tell whether a text is the name of an organization, in the one form it has in addresses."""
    return _NAME.match(text) is not None


def organization_name(text: str, *, field: str = "name") -> str:
    """Read the name of an organization, as it stands in addresses.

    Raises:
        SettingsError: It cannot be one.
    """
    name = text.strip().lower()
    if _NAME.match(name) is None:
        raise SettingsError(
            f"{text[:60]!r} cannot be the name of an organization",
            field=field,
            remedy="Give 1 to 63 small letters, digits and hyphens, such as acme-gmbh; the title may hold anything",
        )
    return name
