"""Reads the JSON of a snapshot, which may come from anybody: every field is known, of its kind, and there once."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar, cast

from eilbote.engine.snapshot_archive import refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.connections.stored import FieldValue
    from eilbote.errors import SettingsError

T = TypeVar("T")

MOST_JSON_OCTETS: Final = 8 * 1024 * 1024
"""Read at once a text takes some twenty times its size in memory."""
_WORDS: Final[Mapping[type[object], str]] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    list: "a list",
    dict: "a table",
}


def read_json(octets: bytes, member: str) -> object:
    """Read a member.

    Raises:
        SettingsError: It is no JSON as eilbote writes it.
    """
    if len(octets) > MOST_JSON_OCTETS:
        raise refused(
            "the snapshot cannot be read",
            f"{member} has {len(octets):,} octets, and may have {MOST_JSON_OCTETS:,}",
        )
    try:
        read: object = json.loads(octets.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as fault:
        cause = "It is nested too deeply" if isinstance(fault, RecursionError) else str(fault)[:200]
        raise refused("the snapshot cannot be read", f"{member} is no JSON: {cause}") from None
    return read


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a name stands twice in a table")
    return read


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


class Row:
    """A table of the snapshot, from which fields are taken one by one.

    Args:
        said: What stands there.
        where: Where that is, for errors: ``flows.json[3]``.
    """

    __slots__ = ("_said", "where")

    def __init__(self, said: object, where: str) -> None:
        self.where = where
        if not isinstance(said, dict):
            raise self.fault("", "is no table")
        self._said = dict(cast("dict[str, object]", said))

    def text(self, name: str, *, most: int = 1000) -> str:
        """Take a text of one line."""
        text = self._take(name, str)
        if len(text) > most or not text.isprintable():
            raise self.fault(name, f"is not a line of at most {most} printable characters")
        return text

    def switch(self, name: str) -> bool:
        """Take true or false."""
        return self._take(name, bool)

    def number(self, name: str) -> int:
        """Take a whole number that is not negative and that a database can keep."""
        number = self._take(name, int)
        if not 0 <= number < 2**63:
            raise self.fault(name, "is out of range")
        return number

    def texts(self, name: str) -> tuple[str, ...]:
        """Take a list of texts, each of which is there once."""
        listed = cast("list[object]", self._take(name, list))
        if any(not isinstance(each, str) for each in listed):
            raise self.fault(name, "is not a list of texts")
        texts = tuple(cast("list[str]", listed))
        if len(set(texts)) != len(texts):
            raise self.fault(name, "names something twice")
        return texts

    def rows(self, name: str) -> Sequence[Row]:
        """Take a list of tables."""
        return rows_of(cast("list[object]", self._take(name, list)), f"{self.where}.{name}")

    def table(self, name: str) -> Mapping[str, object]:
        """Take a table of anything."""
        return cast("dict[str, object]", self._take(name, dict))

    def fields(self, name: str) -> Mapping[str, FieldValue]:
        """Take a table of texts, numbers and switches."""
        read: dict[str, FieldValue] = {}
        for field, value in self.table(name).items():
            if isinstance(value, float) and not math.isfinite(value):
                raise self.fault(f"{name}.{field[:60]}", "is no number")
            if isinstance(value, str):
                _check_whole(value, self, f"{name}.{field[:60]}")
            if not isinstance(value, (str, int, float, bool)):
                raise self.fault(f"{name}.{field[:60]}", "is neither a text nor a number nor a switch")
            read[field] = value
        return MappingProxyType(read)

    def secrets(self, name: str) -> Mapping[str, str]:
        """Take a table of texts of any kind."""
        read: dict[str, str] = {}
        for field, value in self.table(name).items():
            if not isinstance(value, str):
                raise self.fault(f"{name}.{field[:60]}", "is no text")
            read[field] = value
        return read

    def secrets_text(self, name: str) -> str:
        """Take a text of any length."""
        return self._take(name, str)

    def digest(self, name: str) -> str | None:
        """Take the SHA-256 of a text, in hexadecimal digits, or nothing."""
        value = self._said.get(name)
        if value is None and name in self._said:
            del self._said[name]
            return None
        text = self._take(name, str)
        if len(text) != 64 or text.strip("0123456789abcdef"):  # noqa: PLR2004 - digits of 32 octets
            raise self.fault(name, "is no digest")
        return text

    def rest(self) -> Mapping[str, object]:
        """Take all that has not been taken yet."""
        rest, self._said = self._said, {}
        return rest

    def end(self) -> None:
        """See that everything was taken.

        Raises:
            SettingsError: Something is left, which this eilbote does not know.
        """
        if self._said:
            raise self.fault(min(self._said)[:60], "is not known to this eilbote")

    def fault(self, name: str, what: str) -> SettingsError:
        """Say that a field cannot be used."""
        place = f"{self.where}.{name}" if name else self.where
        return refused("the snapshot cannot be read", f"{place} {what}")

    def _take(self, name: str, kind: type[T]) -> T:
        if name not in self._said:
            raise self.fault(name, "is missing")
        value = self._said.pop(name)
        if type(value) is not kind:
            raise self.fault(name, f"is not {_WORDS[kind]}")
        if isinstance(value, str):
            _check_whole(value, self, name)
        return value


def rows_of(said: object, where: str) -> Sequence[Row]:
    """Give the tables of a list.

    Raises:
        SettingsError: It is none, or something else is in it.
    """
    if not isinstance(said, list):
        raise refused("the snapshot cannot be read", f"{where} is no list")
    return [Row(each, f"{where}[{number}]") for number, each in enumerate(cast("list[object]", said))]


def _check_whole(text: str, row: Row, name: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise row.fault(name, "holds half a character") from None
    if "\0" in text:
        raise row.fault(name, "holds a NUL")
