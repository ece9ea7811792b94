"""When a digest goes out, and when a quiet night is over, by the clock on the wall of those who get it.

Local times follow the rules of the zone. A time of day that a day leaves out, when clocks go forward, is the same stretch later;
one that a day has twice is the first of both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eilbote.errors import SettingsError
from eilbote.model.moment import Moment, as_datetime, moment_of

_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def next_step(after: Moment, minutes: int) -> Moment:
    """Give the next moment after another that is a multiple of some minutes, counted in UTC."""
    step = minutes * 60_000
    return Moment((after // step + 1) * step)


def next_time_of_day(after: Moment, minute: int, zone: str) -> Moment:
    """Give the next moment after another at which it is some time of day in a zone.

    Args:
        after: The moment before.
        minute: The time of day, in minutes from midnight.
        zone: IANA name of the zone.
    """
    local = as_datetime(after).astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
    times = (_moment(midnight + timedelta(days=days, minutes=minute), zone) for days in count(-1))
    return next(time for time in times if time > after)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A stretch of each day in which nobody wants to be told anything that can wait.

    Attributes:
        begins: In minutes from midnight.
        ends: In minutes from midnight; before ``begins`` when it goes over midnight.
    """

    begins: int
    ends: int

    def __str__(self) -> str:
        """Write it as :func:`read_quiet` reads it."""
        return f"{time_of_day(self.begins)}-{time_of_day(self.ends)}"

    def end(self, now: Moment, zone: str) -> Moment | None:
        """Give the moment at which it is over; ``None`` when it is not quiet now."""
        local = as_datetime(now).astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        is_quiet = (
            self.begins <= minute < self.ends
            if self.begins < self.ends
            else minute >= self.begins or minute < self.ends
        )
        return next_time_of_day(now, self.ends, zone) if is_quiet else None


def read_quiet(text: str, *, field: str) -> Quiet | None:
    """Give the quiet time of ``22:00-07:00``; ``None`` for a blank.

    Raises:
        SettingsError: It is none.
    """
    if not text.strip():
        return None
    begins, dash, ends = text.strip().partition("-")
    if not dash:
        raise SettingsError(
            f"{text[:40]!r} is no stretch of the day", field=field, remedy="Give one such as 22:00-07:00"
        )
    quiet = Quiet(read_time_of_day(begins, field=field), read_time_of_day(ends, field=field))
    if quiet.begins == quiet.ends:
        raise SettingsError(
            "this quiet time never ends",
            field=field,
            remedy="Give different times; to be told nothing at all, mute the subscription",
        )
    return quiet


def read_time_of_day(text: str, *, field: str) -> int:
    """Give the minutes from midnight of ``07:00``.

    Raises:
        SettingsError: It is no time of day.
    """
    if (found := _TIME.fullmatch(text.strip())) is None:
        raise SettingsError(
            f"{text.strip()[:40]!r} is no time of day",
            field=field,
            remedy="Give hours and minutes such as 07:00",
        )
    return int(found[1]) * 60 + int(found[2])


def time_of_day(minute: int) -> str:
    """Write minutes from midnight as hours and minutes."""
    return f"{minute // 60:02}:{minute % 60:02}"


def read_zone(text: str, *, field: str) -> str:
    """Give the name of a time zone.

    Raises:
        SettingsError: There is no such zone.
    """
    try:
        return ZoneInfo(text.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(
            f"{text[:60]!r} is no time zone", field=field, remedy="Give an IANA name such as Europe/Berlin"
        ) from None


def _moment(local: datetime, zone: str) -> Moment:
    """Give the moment of a time on the wall, whether its day has it or not."""
    return moment_of(local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC))
