"""What the stores of accounts say of addresses that somebody has, and by which form they are compared; the same in memory."""

from __future__ import annotations

import unicodedata

from eilbote.errors import ConflictError


def address_key(address: str) -> str:
    """Give the form in which two spellings of an address are the same: in any letter case, however its letters are composed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", address.strip()).casefold())


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
