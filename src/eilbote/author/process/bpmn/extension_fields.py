"""Takes the fields of one element one by one; what is wrong with them is noted, so that all of it is told at once."""

from __future__ import annotations

import difflib
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from eilbote.author.process.finding import FoundIn, ProcessFinding, Severity
from eilbote.author.process.given_settings import Given, GivenFields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eilbote.model.data import Data

_Word = TypeVar("_Word", bound=StrEnum)
_YES = frozenset({"true", "yes", "on"})
_NO = frozenset({"false", "no", "off"})
_NOTHING = Given(value=None)


class ElementFields:
    """The fields of an element; :meth:`finish` tells those that nobody took.

    Args:
        element: Its id.
        given: By name.
        faults: Where faults are put.
        below: The field that they stand in; empty for none.
    """

    def __init__(
        self, element: str, given: GivenFields, faults: list[ProcessFinding], *, below: str = ""
    ) -> None:
        self._element = element
        self._given = given
        self._faults = faults
        self._below = f"{below}." if below else ""
        self._taken: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def text(self, name: str, otherwise: str = "") -> str:
        """Take a text; numbers and truth values are taken as they are written."""
        match self._take(name):
            case None:
                return otherwise
            case bool() as value:
                return "true" if value else "false"
            case int() | Decimal() as value:
                return str(value)
            case str() as value:
                return value.strip()
            case _:
                self.fault(name, "this is no text", "Give a text, in quotes")
                return otherwise

    def word(self, name: str, words: type[_Word], otherwise: _Word) -> _Word:
        """Take one of several words."""
        said = self.text(name).lower().replace("-", "_")
        if not said:
            return otherwise
        known = [str(word) for word in words]
        if said not in known:
            self.fault(name, f"{said[:60]!r} cannot be chosen", _nearest(said, known, "Give"))
            return otherwise
        return words(said)

    def switch(self, name: str) -> bool:
        """Take a yes or no."""
        match self._take(name):
            case None:
                return False
            case bool() as value:
                return value
            case str() as value if value.strip().lower() in _YES | _NO:
                return value.strip().lower() in _YES
            case _:
                self.fault(name, "this is neither yes nor no", "Give true or false")
                return False

    def number(self, name: str, *, otherwise: float, most: float) -> float:
        """Take a number above 0."""
        said = self.text(name)
        if not said:
            return otherwise
        try:
            number = float(said)
        except ValueError:
            number = 0.0
        if not 0 < number <= most:
            self.fault(name, f"{said[:60]!r} is no possible number", f"Give a number up to {most:g}")
            return otherwise
        return number

    def table(self, name: str) -> dict[str, Data]:
        """Take a table of plain data."""
        match self._take(name):
            case None:
                return {}
            case dict() as value:
                return value
            case _:
                self.fault(name, "this is no table", "Write names, each with a colon and its value")
                return {}

    def texts(self, name: str) -> tuple[str, ...]:
        """Take a list of texts, or one text."""
        match self._take(name):
            case None:
                return ()
            case str() as value:
                return (value.strip(),) if value.strip() else ()
            case list() as value if all(isinstance(each, str) for each in value):
                return tuple(str(each).strip() for each in value)
            case _:
                self.fault(name, "these are no texts", "Give a list of texts, in quotes")
                return ()

    def data(self, name: str) -> Data:
        """Take whatever is there; ``None`` when nothing is."""
        return self._take(name)

    def below(self, name: str) -> ElementFields:
        """Take a table whose fields are to be taken one by one."""
        given = self._given.get(name, _NOTHING)
        table = self.table(name)
        fields = {
            each: Given(
                value=value, line=given.lines.get(each, given.line), found_in=given.found_in, lines={}
            )
            for each, value in table.items()
        }
        return ElementFields(self._element, fields, self._faults, below=f"{self._below}{name}")

    def finish(self, what: str) -> None:
        """Tell the fields that nobody took.

        Args:
            what: What the element is: ``a user task``.
        """
        for name in self._given:
            if name not in self._taken:
                self.fault(
                    name,
                    f"{what} has no field {name[:60]!r}",
                    _nearest(name, dict.fromkeys(self._taken), "It has"),
                    at=name,
                )

    def fault(self, name: str, what: str, remedy: str, *, cause: str | None = None, at: str = "") -> None:
        """Note what is wrong with a field."""
        given = self._given.get(at or name.partition(".")[0], _NOTHING)
        self._faults.append(
            ProcessFinding(
                severity=Severity.ERROR,
                element=self._element,
                field=f"{self._below}{name}",
                what=what,
                cause=cause,
                remedy=remedy,
                line=given.lines.get(name.partition(".")[2], given.line),
                found_in=given.found_in if given is not _NOTHING else FoundIn.SETTINGS,
            )
        )

    def _take(self, name: str) -> Data:
        self._taken.append(name)
        return self._given.get(name, _NOTHING).value


def lines_of(given: GivenFields) -> Mapping[str, tuple[int, FoundIn]]:
    """Give where each field stands."""
    return {name: (each.line, each.found_in) for name, each in given.items()}


def _nearest(name: str, known: Iterable[str], otherwise: str) -> str:
    names = list(known)
    alike = difflib.get_close_matches(name[:60], names, n=1, cutoff=0.6)
    return f"Did you mean {alike[0]!r}?" if alike else f"{otherwise} {', '.join(names)}"
