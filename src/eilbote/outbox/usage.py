"""How much an organization has handed in lately, minute by minute; asked before every submission, so it is kept and not counted anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.model.moment import Moment

MINUTE: Final = 60_000
"""Milliseconds."""
HOUR_MINUTES: Final = 60
DAY_MINUTES: Final = 24 * 60


class Usage:
    """Counts submissions in a window that slides by the minute.

    What others have handed in meanwhile is taken over with :meth:`correct`; it needs only the minutes since the last time.
    """

    __slots__ = ("_day", "_hour", "_minute", "_minutes")

    def __init__(self) -> None:
        self._minutes: dict[int, int] = {}
        self._minute: int = -1
        self._hour = 0
        self._day = 0

    def add(self, number: int, *, now: Moment) -> None:
        """Count submissions that were accepted just now."""
        minute = now // MINUTE
        self._minutes[minute] = self._minutes.get(minute, 0) + number
        self._hour += number
        self._day += number

    def correct(self, minutes: Mapping[int, int], *, since: Moment) -> None:
        """Take what was really accepted, in minutes since 1970, from a moment on.

        Args:
            minutes: How many in each minute that has any.
            since: Where the first of them begins; what is older stays as it is.
        """
        first = since // MINUTE
        kept = {minute: number for minute, number in self._minutes.items() if minute < first}
        self._minutes = kept | {minute: number for minute, number in minutes.items() if minute >= first}
        self._minute = -1

    def lately(self, *, now: Moment) -> tuple[int, int]:
        """Give how many were handed in in the last hour and in the last 24 hours, the minute that runs included."""
        minute = now // MINUTE
        if minute != self._minute:
            self._minute = minute
            oldest = minute - DAY_MINUTES
            self._minutes = {each: number for each, number in self._minutes.items() if each > oldest}
            self._day = sum(self._minutes.values())
            self._hour = sum(
                [number for each, number in self._minutes.items() if each > minute - HOUR_MINUTES]
            )
        return self._hour, self._day

    def seconds_until(self, room: int, *, minutes: int, now: Moment) -> float:
        """Tell in how many seconds so many will have left the window of some minutes; all of it when they never will by themselves.

        Args:
            room: How many must have left.
            minutes: How long the window is.
            now: Now.
        """
        minute = now // MINUTE
        for each in sorted(self._minutes):
            if each > minute - minutes:
                room -= self._minutes[each]
                if room <= 0:
                    return ((each + minutes) * MINUTE - now) / 1000
        return minutes * 60.0
