"""When a wall clock that disagrees with the monotonic one is believed."""

from __future__ import annotations

import pytest

from eilbote.model.moment import Moment, later
from eilbote.outbox.believed_time import STEADY_SECONDS, BelievedTime

NOON = Moment(1_800_000_000_000)
DAYS = 5 * 86_400.0


def shown(after: float, *, off: float = 0.0) -> tuple[Moment, float]:
    """Give both clocks so long after noon, the wall clock off by some seconds."""
    return later(NOON, after + off), 1000.0 + after


@pytest.fixture
def time() -> BelievedTime:
    return BelievedTime(*shown(0.0))


def test_time_that_passes_is_believed(time: BelievedTime) -> None:
    assert time.ahead(*shown(10 * DAYS)) == 0


def test_a_clock_that_jumps_forward_is_believed_when_it_has_stood_by_it(time: BelievedTime) -> None:
    assert time.ahead(*shown(60.0, off=DAYS)) == DAYS * 1000
    assert time.ahead(*shown(60.0 + STEADY_SECONDS - 1.0, off=DAYS)) == DAYS * 1000
    assert time.ahead(*shown(60.0 + STEADY_SECONDS, off=DAYS)) == 0
    assert time.ahead(*shown(60.0 + STEADY_SECONDS + 1.0, off=DAYS)) == 0


def test_one_that_comes_back_was_never_believed(time: BelievedTime) -> None:
    assert time.ahead(*shown(60.0, off=DAYS)) == DAYS * 1000
    assert time.ahead(*shown(90.0)) == 0
    assert time.ahead(*shown(60.0 + STEADY_SECONDS, off=DAYS)) == DAYS * 1000  # a new jump, a new wait


def test_one_that_wanders_is_not_believed_at_any_of_its_times(time: BelievedTime) -> None:
    for minute in range(60):
        off = DAYS + 3600.0 * (minute % 7)
        assert time.ahead(*shown(minute * 60.0, off=off)) == off * 1000


def test_one_that_is_set_back_makes_nothing_too_old(time: BelievedTime) -> None:
    assert time.ahead(*shown(60.0, off=-DAYS)) == 0
    assert time.ahead(*shown(120.0)) == 0


def test_one_that_stays_back_is_believed_as_well(time: BelievedTime) -> None:
    for after in (60.0, 60.0 + STEADY_SECONDS):
        assert time.ahead(*shown(after, off=-DAYS)) == 0
    assert time.ahead(*shown(2 * STEADY_SECONDS)) == DAYS * 1000


def test_small_corrections_are_followed_however_many(time: BelievedTime) -> None:
    assert [time.ahead(*shown(minute * 60.0, off=20.0 * minute)) for minute in range(100)] == [0] * 100
