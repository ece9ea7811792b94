"""Timers of processes: ISO 8601, the calendar's months, and cycles whose turns were missed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.author.process.diagram import TimerKind
from eilbote.author.process.interpret.timer import following, following_start, read_duration, schedule
from eilbote.errors import ProcessError
from eilbote.model.moment import Moment, moment_of

DAY = 86_400_000


def moment(text: str) -> Moment:
    return moment_of(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    "text, months, milliseconds",
    [
        ("PT15M", 0, 900_000),
        ("P1Y2M", 14, 0),
        ("P2W", 0, 14 * DAY),
        ("P1DT2H3M4.5S", 0, DAY + 7_384_500),
        ("PT0,5S", 0, 500),
        (" PT1S ", 0, 1000),
    ],
)
def test_durations(text: str, months: int, milliseconds: int) -> None:
    found = read_duration(text, field="due")
    assert (found.months, found.milliseconds) == (months, milliseconds)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "1h", "P-1D", "-P1D", "PT1H1D", "P1.5M", "p1d", "P" + "9" * 99 + "D"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ProcessError, match="no duration") as told:
        read_duration(text, field="due")
    assert told.value.field == "due"


@pytest.mark.parametrize(
    "begin, duration, end",
    [
        ("2026-01-31T08:00", "P1M", "2026-02-28T08:00"),
        ("2028-02-29T08:00", "P1Y", "2029-02-28T08:00"),
        ("2026-11-30T08:00", "P3M", "2027-02-28T08:00"),
        ("2026-12-15T08:00", "P1MT1H", "2027-01-15T09:00"),
    ],
)
def test_months_are_those_of_the_calendar(begin: str, duration: str, end: str) -> None:
    assert read_duration(duration, field="due").after(moment(begin)) == moment(end)


@pytest.mark.parametrize(
    "text, first, left, every",
    [
        ("R3/PT1H", "2026-06-01T13:00", 3, "PT1H"),
        ("R/P1D", "2026-06-02T12:00", None, "P1D"),
        ("R3/2026-06-03T09:00:00Z/P1D", "2026-06-03T09:00", 3, "P1D"),
        ("R5/2026-05-31T09:00:00Z/P1D", "2026-06-02T09:00", 3, "P1D"),
        ("R/2020-01-01T09:00:00Z/P1D", "2026-06-02T09:00", None, "P1D"),
        ("R2/2020-01-01T09:00:00Z/P1D", "2026-06-01T12:00", 1, "P1D"),
        ("R/PT1H/2026-06-01T15:30:00Z", "2026-06-01T13:00", 3, "PT1H"),
        ("R2/PT1H/2026-06-01T15:30:00Z", "2026-06-01T13:00", 2, "PT1H"),
    ],
)
def test_cycles(text: str, first: str, left: int | None, every: str) -> None:
    found = schedule(TimerKind.CYCLE, text, now=moment("2026-06-01T12:00"), field="timer")
    assert (found.first, found.left, found.every) == (moment(first), left, every)


@pytest.mark.parametrize(
    "text", ["", "R", "R3", "R/", "0 0 9 * * ?", "R3/P1D/P1D", "R3/PT0.5S", "RR/P1D", "R1234567/P1D"]
)
def test_what_is_no_cycle(text: str) -> None:
    with pytest.raises(ProcessError) as told:
        schedule(TimerKind.CYCLE, text, now=Moment(0), field="timer")
    assert told.value.remedy


def test_dates_without_a_zone_are_in_utc_and_those_with_one_are_not() -> None:
    now = Moment(0)
    assert schedule(TimerKind.DATE, "2026-06-01T12:00:00", now=now, field="t").first == moment(
        "2026-06-01T12:00"
    )
    assert schedule(TimerKind.DATE, "2026-06-01", now=now, field="t").first == moment("2026-06-01T00:00")
    with_zone = schedule(TimerKind.DATE, "2026-06-01T14:00:00+02:00", now=now, field="t")
    assert with_zone.first == moment("2026-06-01T12:00")
    for far in ("9999-12-31T00:00:00Z", "0001-01-01"):
        with pytest.raises(ProcessError, match="no date"):
            schedule(TimerKind.DATE, far, now=now, field="t")


def test_a_timer_start_fires_so_many_times() -> None:
    now = moment("2026-06-01T12:00")
    due: Moment | None = schedule(TimerKind.CYCLE, "R3/PT1H", now=now, field="timer").first
    fired = 0
    while due is not None:
        fired += 1
        due = following_start(TimerKind.CYCLE, "R3/PT1H", due=due, fired=fired, now=due)
    assert fired == 3
    assert following_start(TimerKind.DATE, "2026-06-01", due=now, fired=1, now=now) is None


def test_a_timer_start_with_a_beginning_keeps_its_count() -> None:
    text = "R3/2026-06-01T09:00:00Z/P1D"
    due: Moment | None = schedule(TimerKind.CYCLE, text, now=moment("2026-05-01T00:00"), field="timer").first
    dues: list[Moment] = []
    while due is not None:
        dues.append(due)
        due = following_start(TimerKind.CYCLE, text, due=due, fired=len(dues), now=due)
    assert dues == [moment(f"2026-06-0{day}T09:00") for day in (1, 2, 3)]


@given(
    every=st.sampled_from(["PT1S", "PT7M", "P1D", "P1W", "P1M", "P1Y", "P1MT1S"]),
    due=st.integers(0, 4_000_000_000_000),
    late=st.integers(0, 400 * DAY),
)
def test_the_next_turn_of_a_cycle_lies_ahead_and_not_too_far(every: str, due: int, late: int) -> None:
    now = Moment(due + late)
    found = following(every, due=Moment(due), now=now)
    assert now < found <= read_duration(every, field="t").after(now) + 4 * DAY
