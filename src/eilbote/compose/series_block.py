"""Several everyday recipients of a series at once: what is asked of each value is asked of all of them together.

Composing message by message asks some thirty small questions of each, and the answers are nearly always the same. Here
the values of a block are asked once, joined; where one answer is no, the whole block goes the way of every recipient,
one after the other. A property compares both.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from eilbote.compose.address_fields import mailbox_field
from eilbote.compose.generated_check import checked_headers
from eilbote.compose.header_fields import LINE, free_text
from eilbote.model.address import Mailbox
from eilbote.model.address_parser import parse_simple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eilbote.compose.placeholders import Pattern

_FIELDS = 4  # To, Subject, Date, Message-ID
_SHORT_SUBJECT = LINE - len("Subject: ")


class Block:
    """Reads the recipients of one series, and writes the header fields that differ from message to message.

    Args:
        names: The placeholders of texts and subject, in the order in which their values are given.
        subject: The subject.
    """

    __slots__ = ("_row", "_subject", "_subject_is_plain", "_subject_values")

    def __init__(self, names: Sequence[str], subject: Pattern) -> None:
        self._row = _getter(names)
        self._subject = "%s".join(literal.replace("%", "%%") for literal in subject.literals)
        self._subject_is_plain = all(map(str.isprintable, subject.literals))
        self._subject_values = _getter([names.index(name) for name in subject.names])

    def rows(self, given: Sequence[Mapping[str, str]]) -> tuple[list[tuple[str, ...]], bool] | None:
        """Give each recipient's values and whether all are ASCII, or ``None`` if one is missing or no plain line."""
        try:
            rows = list(map(self._row, given))
            joined = "".join(map("".join, rows))
        except (KeyError, TypeError):
            return None
        return (rows, joined.isascii()) if joined.isprintable() else None

    def own_sections(
        self, to: Sequence[Mailbox], rows: Sequence[tuple[str, ...]], date: str, message_ids: Sequence[str]
    ) -> list[bytes] | None:
        """Give each message's own part of the header section, or ``None`` if a subject is empty.

        Raises:
            HeaderError: A subject cannot be carried safely.
        """
        subjects = self._subject_fields(
            [self._subject % values for values in map(self._subject_values, rows)]
        )
        if "" in subjects:
            return None
        blocks = [
            f"{mailbox_field('To', mailbox)}{subject}{date}Message-ID: {message_id}\r\n"
            for mailbox, subject, message_id in zip(to, subjects, message_ids, strict=True)
        ]
        return checked_headers(blocks, _FIELDS)

    def _subject_fields(self, subjects: list[str]) -> list[str]:
        together = "\n".join(subjects)
        if (
            self._subject_is_plain
            and together.isascii()
            and "=?" not in together
            and max(map(len, subjects)) <= _SHORT_SUBJECT
        ):
            stripped = [subject.strip(" ") for subject in subjects]
            if all(stripped):
                return [f"Subject: {subject}\r\n" for subject in stripped]
        return [free_text("Subject", subject, field="subject") for subject in subjects]


def everyday_mailboxes(given: Sequence[str | Mailbox]) -> list[Mailbox] | None:
    """Read everyday addresses, or give ``None`` if one of them needs the parser."""
    found = [parse_simple(to) if type(to) is str else None for to in given]
    return None if None in found else found  # type: ignore[return-value]  # none of them is missing


def _getter(keys: Sequence[str] | Sequence[int]) -> Callable[[object], tuple[str, ...]]:
    """Give what takes the values of these keys, as a tuple however many they are."""
    match keys:
        case []:
            return lambda _given: ()
        case [key]:
            return lambda given: (given[key],)  # type: ignore[index]  # a table or a row
        case _:
            return itemgetter(*keys)  # type: ignore[return-value]
