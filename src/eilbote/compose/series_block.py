"""Several everyday recipients of a series at once: what is asked of each value is asked of all of them together.

Composing message by message asks some thirty small questions of each, and the answers are nearly always the same. Here
the values of a block are asked once, joined; where one answer is no, the whole block goes the way of every recipient,
one after the other. A property compares both.
"""

from __future__ import annotations

from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING

from eilbote.compose.generated_check import checked_headers
from eilbote.compose.header_fields import LINE, free_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eilbote.compose.placeholders import Pattern

_FIELDS = 4  # To, Subject, Date, Message-ID
_SHORT_SUBJECT = LINE - len("Subject: ")


class Block:
    """Reads the recipients of one series, and writes the header fields that differ from message to message.

    Args:
        names: The placeholders of texts and subject, in the order in which their values are given.
        subject: The subject.
    """

    __slots__ = ("_names", "_subject", "_subject_is_plain", "_subject_values")

    def __init__(self, names: Sequence[str], subject: Pattern) -> None:
        self._names = names
        self._subject = subject.literals
        self._subject_is_plain = all(map(str.isprintable, subject.literals))
        self._subject_values = [names.index(name) for name in subject.names]

    def columns(self, given: Sequence[Mapping[str, str]]) -> tuple[list[list[str]], bool] | None:
        """Give all values of each name and whether all are ASCII, or ``None`` if one is missing or no plain line."""
        try:
            columns = [list(map(itemgetter(name), given)) for name in self._names]
            joined = "".join(map("".join, columns))
        except (KeyError, TypeError):
            return None
        return (columns, joined.isascii()) if joined.isprintable() else None

    def own_sections(
        self, to: Sequence[str], columns: Sequence[Sequence[str]], date: str, message_ids: Sequence[str]
    ) -> list[bytes] | None:
        """Give each message's own part of the header section with these To fields, or ``None`` if a subject is empty.

        Raises:
            HeaderError: A subject cannot be carried safely.
        """
        subjects = self._subject_fields(self._subjects(columns, len(to)))
        if "" in subjects:
            return None
        blocks = [
            f"{field}{subject}{date}Message-ID: {message_id}\r\n"
            for field, subject, message_id in zip(to, subjects, message_ids, strict=True)
        ]
        return checked_headers(blocks, _FIELDS)

    def _subjects(self, columns: Sequence[Sequence[str]], count: int) -> list[str]:
        pieces: list[Iterable[str]] = [repeat("", count)] * (2 * len(self._subject) - 1)
        pieces[::2] = [repeat(literal, count) for literal in self._subject]
        pieces[1::2] = [columns[index] for index in self._subject_values]
        return list(map("".join, zip(*pieces, strict=True)))

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
