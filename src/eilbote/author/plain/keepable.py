"""Ids, names and texts that every store can keep: what is not is refused in the same words, by the author's own error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eilbote.errors import ConfigurationError

LONGEST_ID: Final = 100
LONGEST_NAME: Final = 200
"""Of most that has a name; an index of PostgreSQL's takes three of them in any script."""
_ID: Final = re.compile(r"[!-~]{1,100}")


def check_id(given: str, *, of: str, fault: type[ConfigurationError]) -> None:
    """Refuse an id that cannot be kept.

    Args:
        given: The id.
        of: Of what it is the id: ``run``.
        fault: How it is refused.

    Raises:
        ConfigurationError: ``fault``, in the field ``id``.
    """
    if not _ID.fullmatch(given):
        raise fault(
            f"{given[:60]!r} cannot be the id of {of}",
            field="id",
            remedy=f"Give at most {LONGEST_ID} printable ASCII characters without blanks",
        )


def check_name(name: str, *, field: str, fault: type[ConfigurationError], most: int = LONGEST_NAME) -> None:
    """Refuse a name that cannot be kept.

    Args:
        name: The name.
        field: What it is, for the error.
        fault: How it is refused.
        most: How many characters it may have.

    Raises:
        ConfigurationError: ``fault``; it is too long, or holds control characters.
    """
    if len(name) > most:
        raise fault(f"the {field} has {len(name):,} characters", field=field, remedy=f"Give at most {most}")
    if not name.isprintable():
        raise fault(
            f"the {field} holds a character that cannot be printed",
            field=field,
            remedy="Give letters, digits, blanks and signs",
        )


def check_text(text: str, *, of: str, most: int, fault: type[ConfigurationError]) -> str:
    """Refuse a text that cannot be kept; gives it.

    Args:
        text: The text.
        of: Whose text it is: ``flow``.
        most: How many octets of UTF-8 it may have.
        fault: How it is refused.

    Raises:
        ConfigurationError: ``fault``, in the field ``text``; it is too long, or no text.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError as half:
        raise fault(
            f"the {of}'s text holds half a character",
            field="text",
            position=half.start,
            remedy="Write the file as UTF-8",
        ) from None
    if size > most or "\0" in text:
        raise fault(
            f"the {of}'s text has {size:,} octets" if "\0" not in text else f"the {of}'s text holds a NUL",
            field="text",
            remedy=f"Give at most {most:,} octets of text",
        )
    return text
