"""What the stores of accounts and webhooks say when something cannot be kept, and by which form addresses are compared; the same in memory."""

from __future__ import annotations

import unicodedata

from eilbote.errors import ConflictError


def address_key(address: str) -> str:
    """Give the form in which two spellings of an address are the same: in any letter case, however its letters are composed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", address.strip()).casefold())


def taken(what: str, name: str, *, field: str) -> ConflictError:
    """Say that there is one of that name already.

    Args:
        what: What kind of thing.
        name: The name.
        field: What the error names.
    """
    return ConflictError(f"there is {what} {name!r} already", field=field, remedy="Take another one")


def address_taken(address: str) -> ConflictError:
    """Say that somebody else has an address."""
    return ConflictError(
        f"the address {address!r} belongs to a user already",
        field="address",
        remedy="Take another address, or change that user",
    )


def subject_taken() -> ConflictError:
    """Say that somebody else is known by a subject."""
    return ConflictError(
        "another user is known by that sign-in elsewhere",
        field="subject",
        remedy="Have them sign in with it, or remove it there first",
    )


def changed_meanwhile(what: str, name: str) -> ConflictError:
    """Say that somebody was quicker.

    Args:
        what: What kind of thing, with its article: ``the webhook``.
        name: Its name.
    """
    return ConflictError(
        f"somebody has changed {what} {name!r} meanwhile, or it was removed",
        field="revision",
        remedy="Look at it again, then change it",
    )
