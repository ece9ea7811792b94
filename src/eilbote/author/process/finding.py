"""What a check has to say about a process: nouns for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """It cannot run as it is drawn; it is not published."""
    WARNING = "warning"
    """It runs, and hardly as it was meant."""
    NOTE = "note"
    """It runs; there is something to know about it."""


class FoundIn(StrEnum):
    """Which of the two texts of a process a line belongs to."""

    DIAGRAM = "diagram"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFinding:
    """Something about a process.

    Attributes:
        severity: How much it weighs.
        element: The id of the element or arrow it concerns; empty when it concerns all of the process.
        field: Which setting of it, such as ``mapping.Customer``; empty when it is none.
        what: What it is, one sentence without the full stop.
        cause: Why, as far as it is known.
        remedy: What to do.
        line: Where it stands, counted from 1; 0 when that cannot be said.
        found_in: In which text that line is.
    """

    severity: Severity
    element: str = ""
    field: str = ""
    what: str
    cause: str | None = None
    remedy: str | None = None
    line: int = 0
    found_in: FoundIn = FoundIn.DIAGRAM

    def __str__(self) -> str:
        """Give the whole story in one line: where, what, why, what to do."""
        where = ".".join(part for part in (self.element, self.field) if part)
        if self.line:
            where = f"{where} ({self.found_in} line {self.line})".lstrip()
        head = f"{where}: {self.what}" if where else self.what
        parts = [head, *(part for part in (self.cause, self.remedy) if part)]
        return " ".join(part if part.endswith(("?", "!")) else f"{part.rstrip('.')}." for part in parts)
