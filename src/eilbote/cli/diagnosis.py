"""What ``eilbote doctor`` finds: each finding with how bad it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.errors import EilboteError


class Verdict(StrEnum):
    """How it is with something."""

    WELL = "ok"
    WARNING = "warning"
    """It works, and somebody should look at it."""
    PROBLEM = "problem"
    """Mail is not sent, or will not be for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosed:
    """One thing that was looked at.

    Attributes:
        about: What was looked at, in one or two words.
        verdict: How it is.
        text: What was found, as a sentence.
        remedy: What to do; empty when all is well.
    """

    about: str
    verdict: Verdict
    text: str
    remedy: str = ""


@dataclass(slots=True)
class Diagnosis:
    """Everything that was looked at, in its order.

    Attributes:
        found: One for each thing.
    """

    found: list[Diagnosed] = field(default_factory=list[Diagnosed])

    def well(self, about: str, text: str) -> None:
        """Say that something is as it should be."""
        self.found.append(Diagnosed(about=about, verdict=Verdict.WELL, text=text))

    def warn(self, about: str, text: str, remedy: str) -> None:
        """Say that somebody should look at something."""
        self.found.append(Diagnosed(about=about, verdict=Verdict.WARNING, text=text, remedy=remedy))

    def problem(self, about: str, text: str, remedy: str) -> None:
        """Say that something does not work."""
        self.found.append(Diagnosed(about=about, verdict=Verdict.PROBLEM, text=text, remedy=remedy))

    def fault(self, about: str, fault: EilboteError) -> None:
        """Say that something does not work, in the words of an error."""
        cause = f": {fault.cause}" if fault.cause else ""
        where = f"{fault.field}: " if fault.field else ""
        self.problem(about, f"{where}{fault.what}{cause}", fault.remedy or "See the log")

    def count(self, verdict: Verdict) -> int:
        """Count the findings of one kind."""
        return sum(each.verdict is verdict for each in self.found)
