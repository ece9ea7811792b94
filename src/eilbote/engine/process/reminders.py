"""When people are reminded of a task: every day at 07:00 by the clock on the wall of those who do it.

A reminder belongs to its day. One that could not be sent on it, because nothing was running, is not sent later: the next one says the
same. Its name holds the date, so that however many look for it, it is sent once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from eilbote.author.notification.schedule import next_time_of_day, read_zone
from eilbote.model.moment import as_datetime, later

if TYPE_CHECKING:
    from datetime import date

    from eilbote.model.moment import Moment

MINUTE: Final = 7 * 60
"""When, in minutes from midnight."""
_LONGER_THAN_A_DAY: Final = 26 * 3600.0


def next_reminder(after: Moment, zone: str) -> Moment:
    """Give when it is next time for reminders.

    Raises:
        SettingsError: There is no such time zone.
    """
    return next_time_of_day(after, MINUTE, read_zone(zone, field="time_zone"))


def reminder_of(since: Moment, now: Moment, zone: str) -> date | None:
    """Give the day whose reminder is to be sent by now, if it was not sent yet; ``None`` when it is not time for one.

    Args:
        since: When the task was opened; nobody is reminded before it was.
        now: The time.
        zone: IANA name of the zone.

    Raises:
        SettingsError: There is no such time zone.
    """
    at = next_reminder(later(now, -_LONGER_THAN_A_DAY), zone)
    while (following := next_reminder(at, zone)) <= now:
        at = following
    day, today = (as_datetime(each).astimezone(ZoneInfo(zone.strip())).date() for each in (at, now))
    return day if since < at <= now and day == today else None
