"""When people are reminded: at 07:00 by the clock on their wall, whatever it does."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from eilbote.engine.process.reminders import next_reminder, reminder_of
from eilbote.errors import SettingsError
from eilbote.model.moment import Moment, as_datetime, moment_of

BERLIN = "Europe/Berlin"


def at(text: str, zone: str = BERLIN) -> Moment:
    return moment_of(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


@pytest.mark.parametrize(
    "now, expected",
    [
        ("2026-01-15T06:59:59", "2026-01-15T07:00:00+01:00"),
        ("2026-01-15T07:00:00", "2026-01-16T07:00:00+01:00"),
        ("2026-03-28T12:00:00", "2026-03-29T07:00:00+02:00"),
        ("2026-10-24T12:00:00", "2026-10-25T07:00:00+01:00"),
        ("2026-12-31T23:00:00", "2027-01-01T07:00:00+01:00"),
    ],
)
def test_the_next_one_is_at_seven_in_the_morning(now: str, expected: str) -> None:
    following = as_datetime(next_reminder(at(now), BERLIN)).astimezone(ZoneInfo(BERLIN))
    assert following.isoformat() == expected


@pytest.mark.parametrize(
    "since, now, expected",
    [
        ("2026-01-14T10:00:00", "2026-01-15T06:59:59", None),
        ("2026-01-14T10:00:00", "2026-01-15T07:00:00", "2026-01-15"),
        ("2026-01-14T10:00:00", "2026-01-15T23:59:59", "2026-01-15"),
        ("2026-01-14T10:00:00", "2026-01-16T00:00:00", None),
        ("2026-01-15T07:00:00", "2026-01-15T07:00:00", None),
        ("2026-01-15T08:00:00", "2026-01-15T22:00:00", None),
        ("2026-01-15T06:59:00", "2026-01-15T07:00:00", "2026-01-15"),
        ("2026-03-28T10:00:00", "2026-03-29T07:00:00", "2026-03-29"),
        ("2026-10-24T10:00:00", "2026-10-25T06:59:59", None),
        ("2026-10-24T10:00:00", "2026-10-25T23:30:00", "2026-10-25"),
        ("2025-01-01T10:00:00", "2026-10-25T23:30:00", "2026-10-25"),
    ],
)
def test_a_reminder_belongs_to_its_day(since: str, now: str, expected: str | None) -> None:
    day = None if expected is None else date.fromisoformat(expected)
    assert reminder_of(at(since), at(now), BERLIN) == day


@pytest.mark.parametrize(
    "zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "America/New_York"]
)
def test_every_day_of_a_year_has_one_in_every_zone(zone: str) -> None:
    since = now = at("2026-01-01T00:00:00", zone)
    days: list[date] = []
    while len(days) < 365:
        now = next_reminder(now, zone)
        day = reminder_of(since, now, zone)
        assert day is not None
        days.append(day)
    assert days[0] == date(2026, 1, 1)
    assert days[-1] == date(2026, 12, 31)
    assert len(set(days)) == 365


def test_a_zone_that_is_none_is_told() -> None:
    with pytest.raises(SettingsError, match="Mars") as caught:
        next_reminder(at("2026-01-01T00:00:00"), "Mars/Base")
    assert caught.value.remedy
