"""A process that cannot be read at all, as a finding like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.process.bundle import ProcessTextError
from eilbote.author.process.finding import FoundIn, ProcessFinding, Severity

if TYPE_CHECKING:
    from eilbote.errors import ProcessError


def unreadable(fault: ProcessError) -> ProcessFinding:
    """Say why a process cannot be read, with its place as far as that is known."""
    place = fault.place if isinstance(fault, ProcessTextError) else None
    is_setting = fault.what.startswith("the settings") or fault.field == "diagram_process"
    return ProcessFinding(
        severity=Severity.ERROR,
        field=fault.field or "",
        what=fault.what,
        cause=fault.cause,
        remedy=fault.remedy,
        line=place.line if place else 0,
        found_in=FoundIn.SETTINGS if is_setting and place else FoundIn.DIAGRAM,
    )
