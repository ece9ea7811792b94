"""The Date field (RFC 5322 §3.3), written in English whatever the locale says."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from eilbote.errors import HeaderError

if TYPE_CHECKING:
    from eilbote.model.clock import Clock

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OLDEST_YEAR = 1900  # RFC 5322 §3.3


def date_field(moment: datetime) -> str:
    """Give the field for a moment.

    Raises:
        HeaderError: The moment has no zone, or is older than dates in mail can be.
    """
    offset = moment.utcoffset()
    if offset is None:
        raise HeaderError(
            "the date has no time zone",
            field="date",
            remedy="Give an aware datetime, for instance datetime.now(UTC)",
        )
    if moment.year < _OLDEST_YEAR:
        raise HeaderError("the date lies before 1900", field="date", remedy="Correct it")
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    hours, minutes = divmod(abs(minutes), 60)
    return (
        f"Date: {_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year:04d} "
        f"{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} {sign}{hours:02d}{minutes:02d}\r\n"
    )


class CurrentDate:
    """The Date field for now, written anew once a second."""

    __slots__ = ("_clock", "_field", "_until")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._field = ""
        self._until = float("-inf")

    def field(self) -> str:
        """Give the field."""
        # The monotonic clock is far cheaper to ask than the wall clock with its time zone.
        moment = self._clock.monotonic()
        if moment >= self._until:
            now = self._clock.now()
            self._field = date_field(now)
            self._until = moment + 1 - now.microsecond / 1e6
        return self._field
