"""What a check has to say about a text or a flow before it is used: nouns for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """It cannot work as it is written."""
    WARNING = "warning"
    """It works, and hardly as it was meant."""
    HINT = "hint"
    """It works; there is something to know about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFinding:
    """Something about a template.

    Attributes:
        severity: How much it weighs.
        field: The field that the template stands in.
        position: Offset in the template's text, in characters from 0; ``None`` when it concerns all of it.
        what: What it is, one sentence without the full stop.
        cause: Why, as far as it is known.
        remedy: What to do.
    """

    severity: Weight
    field: str
    position: int | None
    what: str
    cause: str | None = None
    remedy: str | None = None
