"""The settings beside a diagram, YAML (``docs/reference/process-settings.md``): so that a foreign diagram needs no change."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eilbote.author.plain.source import PlainTextError, Source, read_source
from eilbote.author.process.bundle import ProcessTextError
from eilbote.author.process.finding import FoundIn, ProcessFinding, Severity
from eilbote.author.process.given_settings import Given, GivenFields, ProcessSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAD: Final = ("process", "title", "diagram_process", "correlation")
_TABLES: Final = ("elements", "conditions")
_NAMES_BELOW: Final = 2
_MOST: Final = {"elements": 2_000, "conditions": 5_000}
"""As many as a diagram has."""
_MOST_FIELDS: Final = 100
"""Of one element."""


@lru_cache(maxsize=8)  # who checks a process asks for its lines right after it was read
def read_settings(text: str) -> ProcessSettings:
    """Read the settings of a process; nothing at all is allowed.

    Raises:
        ProcessTextError: It is neither YAML nor JSON, or no table; line and column are told.
    """
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return ProcessSettings()
    try:
        source = read_source(text, what="settings")
    except PlainTextError as fault:
        raise ProcessTextError(
            f"the settings cannot be read: {fault.what}",
            place=fault.place,
            cause=fault.reason,
            remedy=fault.remedy,
        ) from None
    if not isinstance(source.data, dict):
        raise ProcessTextError(
            "the settings are no table",
            place=source.place(),
            remedy="Write fields such as process:, correlation: and elements:",
        )
    reading = _Reading(source)
    names = reading.names("elements", "an element")
    return ProcessSettings(
        process={name: reading.given(name) for name in _HEAD if name in source.data},
        elements={name: reading.fields("elements", name) for name in names if reading.is_table(name)},
        conditions={
            name: reading.given("conditions", name) for name in reading.names("conditions", "a sequence flow")
        },
        faults=tuple(reading.found),
        lines={name: reading.line("elements", name) for name in names},
    )


class _Reading:
    def __init__(self, source: Source) -> None:
        self._source = source
        self.found: list[ProcessFinding] = []
        if isinstance(source.data, dict):
            for name in source.data:
                if name not in (*_HEAD, *_TABLES):
                    self._fault(
                        f"the settings have no field {name[:60]!r}", _nearest(name, (*_HEAD, *_TABLES)), name
                    )

    def names(self, table: str, of_what: str) -> list[str]:
        match self._source.at(table):
            case None:
                return []
            case dict() as found if len(found) > _MOST[table]:
                raise ProcessTextError(
                    f"the settings speak of {len(found):,} {table}",
                    place=self._source.place(table),
                    cause=f"At most {_MOST[table]:,} are read",
                    remedy="Say only what the diagram does not say",
                )
            case dict() as found:
                return list(found)
            case _:
                self._fault(
                    f"{table} is no table",
                    f"Write the id of {of_what}, a colon, and what is said of it",
                    table,
                )
                return []

    def is_table(self, element: str) -> bool:
        found = self._source.at("elements", element)
        if found is not None and not isinstance(found, dict):
            self._fault(
                f"what is said of {element[:60]!r} is no table",
                "Write its fields below it, each indented",
                "elements",
                element,
            )
        return isinstance(found, dict)

    def fields(self, *path: str) -> GivenFields:
        found = self._source.at(*path)
        if isinstance(found, dict) and len(found) > _MOST_FIELDS:
            self._fault(
                f"{len(found):,} fields are said of {path[-1][:60]!r}",
                f"Say at most {_MOST_FIELDS}; nothing has more",
                *path,
            )
            return {}
        return {name: self.given(*path, name) for name in found} if isinstance(found, dict) else {}

    def given(self, *path: str) -> Given:
        value = self._source.at(*path)
        below = {name: self.line(*path, name) for name in value} if isinstance(value, dict) else {}
        return Given(value=value, line=self.line(*path), found_in=FoundIn.SETTINGS, lines=below)

    def line(self, *path: str) -> int:
        """Give where a part stands; 0 when nobody knows."""
        place = self._source.place(*path)
        return 0 if place is None else place.line

    def _fault(self, what: str, remedy: str, *path: str) -> None:
        self.found.append(
            ProcessFinding(
                severity=Severity.ERROR,
                element=path[1] if len(path) >= _NAMES_BELOW else "",
                field="" if len(path) >= _NAMES_BELOW else path[0],
                what=what,
                remedy=remedy,
                line=self.line(*path),
                found_in=FoundIn.SETTINGS,
            )
        )


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    alike = difflib.get_close_matches(name[:60], names, n=1, cutoff=0.5)
    return f"Did you mean {alike[0]!r}?" if alike else f"There are {', '.join(names)}"
