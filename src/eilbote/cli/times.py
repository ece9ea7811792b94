"""Times as people write them on a command line, and as they read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from eilbote.cli.faults import CommandLineError

if TYPE_CHECKING:
    from eilbote.model.moment import Moment

_SPAN = re.compile(r"\+?(\d{1,9})\s*([smhdw])\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST_SPAN = 36_500 * 86_400
_MINUTE = 60
_UNITS = ((86_400, "d"), (3600, "h"), (_MINUTE, "min"), (1, "s"))


def read_time(text: str, *, field: str, now: datetime, ago: bool = False) -> datetime:
    """Read a point in time: ``2030-01-31 08:00``, with or without zone, or a span such as ``90s``, ``2h``, ``3d``.

    Args:
        text: What was written. A time without a zone is this machine's.
        field: The option, for the error.
        now: Where spans begin.
        ago: Spans lead into the past.

    Raises:
        CommandLineError: It is neither.
    """
    written = text.strip()
    if match := _SPAN.match(written.lower()):
        seconds = int(match[1]) * _SECONDS[match[2]]
        if seconds <= _LONGEST_SPAN:
            span = timedelta(seconds=seconds)
            return now - span if ago else now + span
    try:
        return datetime.fromisoformat(written).astimezone()
    except (ValueError, OverflowError, OSError):
        pass
    raise CommandLineError(
        f"{text[:40]!r} is not a time",
        field=field,
        remedy=(
            "Write a span such as 90s, 30m, 2h, 3d, or a time such as '2030-01-31 08:00' (this machine's) or "
            "2030-01-31T08:00+01:00"
        ),
    )


def moment_text(moment: Moment | None) -> str | None:
    """Write a moment for programs: ISO 8601 in UTC, to the millisecond."""
    if moment is None:
        return None
    from eilbote.model.moment import as_datetime

    return as_datetime(moment).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local_text(moment: Moment) -> str:
    """Write a moment for people, in this machine's zone."""
    from eilbote.model.moment import as_datetime

    return f"{as_datetime(moment).astimezone():%Y-%m-%d %H:%M:%S}"


def span_text(seconds: float) -> str:
    """Write a length of time in its two largest units, cut: ``45 s``, ``12 min``, ``3 h 59 min``, ``2 d``."""
    left = int(abs(seconds))
    for (size, unit), (smaller, name) in pairwise(_UNITS):
        if left >= size:
            rest = left % size // smaller
            return (
                f"{left // size} {unit} {rest} {name}"
                if rest and size > _MINUTE
                else f"{left // size} {unit}"
            )
    return f"{left} s"


def distance_text(moment: Moment, now: Moment) -> str:
    """Say how far a moment is away: ``in 5 min``, ``3 h ago``, ``now``."""
    seconds = (moment - now) / 1000
    if abs(seconds) < 1:
        return "now"
    return f"in {span_text(seconds)}" if seconds > 0 else f"{span_text(seconds)} ago"
