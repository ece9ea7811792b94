"""Identifiers, and the protocols of those who make them."""

from __future__ import annotations

from typing import NewType, Protocol

from eilbote.errors import EntryNotFoundError

MessageId = NewType("MessageId", str)
"""A Message-ID with its angle brackets (RFC 5322 §3.6.4)."""


class IdSource(Protocol):
    """Where code gets names that nobody else has."""

    def token(self) -> str:
        """Give at least 96 random bits as letters and digits, different at each call."""
        ...


EntryId = NewType("EntryId", int)
"""An outbox entry: a number that grows with the time of its acceptance; people see :func:`entry_id_text`."""

CourierId = NewType("CourierId", str)
"""One run of one courier process; never used again by another."""

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)} | {"i": 1, "l": 1, "o": 0}
_LENGTH = 13


def entry_id_text(entry: EntryId) -> str:
    """Write an entry's id as 13 letters and digits that sort as the numbers do."""
    return "".join(_DIGITS[entry >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))


def read_entry_id(text: str) -> EntryId:
    """Read what :func:`entry_id_text` wrote, in either case.

    Raises:
        EntryNotFoundError: No entry can have such an id.
    """
    number = 0
    try:
        for digit in text.strip().lower():
            number = number << 5 | _VALUES[digit]
    except KeyError:
        number = -1
    if len(text.strip()) != _LENGTH or not 0 <= number < 1 << 63:
        raise EntryNotFoundError(
            f"{text[:40]!r} is no entry's id",
            field="id",
            remedy=f"Give the {_LENGTH} letters and digits that `eilbote outbox list` shows",
        )
    return EntryId(number)


def no_such_entry(entry: EntryId) -> EntryNotFoundError:
    """Make the error for an entry that is not there, or belongs to somebody else: the words are the same."""
    return EntryNotFoundError(
        f"there is no entry {entry_id_text(entry)}; it may have been pruned",
        field="id",
        remedy="See `eilbote outbox list`",
    )
