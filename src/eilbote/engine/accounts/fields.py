"""Reads what people say about accounts: names, languages, time zones, addresses, revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eilbote.errors import SettingsError
from eilbote.model.address import parse_mailbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from eilbote.accounts.store import AccountStore
    from eilbote.accounts.user import User

LANGUAGES: Final = ("en", "de", "ru")
_LONGEST: Final = 200
_AT_ONCE: Final = 500


def read_text(text: str, *, field: str) -> str:
    """Read a name or a title for people: one line that can be printed; may be empty.

    Raises:
        SettingsError: It is none.
    """
    said = text.strip()
    if not said.isprintable() or len(said) > _LONGEST:
        raise SettingsError(
            "this is no name",
            field=field,
            cause="It is too long" if len(said) > _LONGEST else "It holds characters that cannot be shown",
            remedy=f"Give at most {_LONGEST} characters on one line",
        )
    return said


def read_language(text: str, *, field: str) -> str:
    """Read a language; an empty text stays one.

    Raises:
        SettingsError: It is none of ours.
    """
    said = text.strip().lower()
    if said and said not in LANGUAGES:
        raise SettingsError(
            f"{text[:40]!r} is none of our languages",
            field=field,
            remedy=f"Give one of {', '.join(LANGUAGES)}",
        )
    return said


def read_zone(text: str, *, field: str) -> str:
    """Read a time zone; an empty text stays one.

    Raises:
        SettingsError: There is no such zone.
    """
    said = text.strip()
    if not said:
        return said
    try:
        return ZoneInfo(said).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(
            f"{text[:60]!r} is no time zone", field=field, remedy="Give an IANA name such as Europe/Berlin"
        ) from None


def read_address(text: str, *, field: str = "address") -> str:
    """Read an address alone, without a name beside it.

    Raises:
        AddressError: It is none.
        SettingsError: There is a name beside it.
    """
    found = parse_mailbox(text.strip(), field=field)
    if found.display_name:
        raise SettingsError(
            "there is a name beside the address",
            field=field,
            remedy="Give the address alone: anna@example.org",
        )
    return found.addr_spec


async def each_user(store: AccountStore, organization: str) -> AsyncIterator[User]:
    """Give everybody of an organization, page by page.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    after = ""
    while users := await store.users(organization, limit=_AT_ONCE, after=after):
        for user in users:
            yield user
        after = users[-1].id
