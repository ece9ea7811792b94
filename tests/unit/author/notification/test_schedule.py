"""Times of day by the clock on somebody's wall, summer time and all."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.author.notification.schedule import (
    Quiet,
    next_step,
    next_time_of_day,
    read_quiet,
    read_time_of_day,
    time_of_day,
)
from eilbote.model.moment import Moment, as_datetime, moment_of

BERLIN = "Europe/Berlin"
ZONES = st.sampled_from(
    ["UTC", BERLIN, "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"]
)
MOMENTS = st.integers(946_684_800_000, 4_102_444_800_000).map(Moment)
MINUTES = st.integers(0, 24 * 60 - 1)


def berlin(text: str) -> Moment:
    return moment_of(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC))


@pytest.mark.parametrize(
    "now,then",
    [
        ("2026-11-22T06:59:59.999", "2026-11-22T07:00"),
        ("2026-11-22T07:00", "2026-11-23T07:00"),
        ("2026-03-28T12:00", "2026-03-29T07:00"),  # an hour less that night
        ("2026-10-24T12:00", "2026-10-25T07:00"),  # an hour more
    ],
)
def test_seven_is_seven_on_the_wall_all_year(now: str, then: str) -> None:
    assert next_time_of_day(berlin(now), 7 * 60, BERLIN) == berlin(then)


def test_a_time_that_a_day_leaves_out_is_as_much_later() -> None:
    assert as_datetime(next_time_of_day(berlin("2026-03-28T12:00"), 150, BERLIN)).isoformat() == (
        "2026-03-29T01:30:00+00:00"
    )


def test_a_time_that_a_day_has_twice_comes_once() -> None:
    first = next_time_of_day(berlin("2026-10-24T12:00"), 150, BERLIN)

    assert as_datetime(first).isoformat() == "2026-10-25T00:30:00+00:00"
    assert next_time_of_day(first, 150, BERLIN) == berlin("2026-10-26T02:30")


@given(MOMENTS, MINUTES, ZONES)
def test_the_next_time_of_day_is_ahead_and_comes_within_two_days(now: Moment, minute: int, zone: str) -> None:
    found = next_time_of_day(now, minute, zone)

    assert now < found <= now + 49 * 3_600_000
    local = as_datetime(found).astimezone(ZoneInfo(zone))
    assert local.second == 0
    if local.hour * 60 + local.minute != minute:  # the clocks went forward over it
        before = as_datetime(Moment(found - 3 * 3_600_000)).astimezone(ZoneInfo(zone))
        assert before.utcoffset() != local.utcoffset()


@given(MOMENTS, st.sampled_from([10, 60]))
def test_the_next_step_is_ahead_by_one_step_at_most(now: Moment, minutes: int) -> None:
    found = next_step(now, minutes)

    assert now < found <= now + minutes * 60_000
    assert found % (minutes * 60_000) == 0


@pytest.mark.parametrize(
    "now,end",
    [
        ("2026-11-22T21:59", None),
        ("2026-11-22T22:00", "2026-11-23T07:00"),
        ("2026-11-23T00:00", "2026-11-23T07:00"),
        ("2026-11-23T06:59", "2026-11-23T07:00"),
        ("2026-11-23T07:00", None),
    ],
)
def test_a_quiet_night_goes_over_midnight(now: str, end: str | None) -> None:
    assert Quiet(22 * 60, 7 * 60).end(berlin(now), BERLIN) == (None if end is None else berlin(end))


def test_a_quiet_noon_lies_within_the_day() -> None:
    noon = Quiet(12 * 60, 13 * 60)

    assert noon.end(berlin("2026-11-22T12:30"), BERLIN) == berlin("2026-11-22T13:00")
    assert noon.end(berlin("2026-11-22T13:30"), BERLIN) is None


@given(MINUTES, MINUTES)
def test_what_is_written_is_read_again(begins: int, ends: int) -> None:
    assert read_time_of_day(time_of_day(begins), field="at") == begins
    if begins != ends:
        quiet = Quiet(begins, ends)
        assert read_quiet(str(quiet), field="quiet") == quiet
