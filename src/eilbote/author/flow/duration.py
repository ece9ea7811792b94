"""Lengths of time as authors write them: ``2d 4h``, ``90m``, ``45s``, or a number of seconds."""

from __future__ import annotations

import re
from typing import Final

from eilbote.errors import FlowError

LONGEST_SECONDS: Final = 400 * 86_400
"""How long a run may wait for anything."""
_DURATION: Final = re.compile(
    r"(?:(\d{1,6})\s*d)?\s*(?:(\d{1,6})\s*h)?\s*(?:(\d{1,6})\s*m(?:in)?)?\s*(?:(\d{1,9})\s*s?)?"
)
_UNITS: Final = (86_400, 3600, 60, 1)


def read_seconds(text: str, *, field: str) -> int:
    """Give a length of time in seconds.

    Raises:
        FlowError: It is none, nothing at all, or more than 400 days.
    """
    found = _DURATION.fullmatch(text.strip())
    seconds = (
        sum(int(part or 0) * unit for part, unit in zip(found.groups(), _UNITS, strict=True)) if found else 0
    )
    if not 0 < seconds <= LONGEST_SECONDS:
        raise FlowError(
            f"{text[:60]!r} is no time to wait",
            field=field,
            remedy="Give a time such as 2d 4h, 90m or 30s; at most 400 days",
        )
    return seconds
