"""By which time a courier goes when its machine's clock is set."""

from datetime import timedelta

import pytest

from eilbote.engine.wall_clock import WallClock
from eilbote.model.moment import later, moment_of
from eilbote.testing import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def wall_clock(clock: ManualClock) -> WallClock:
    return WallClock(clock)


def put(clock: ManualClock, by: timedelta) -> None:
    clock.set_wall_clock(clock.now() + by)


def test_time_that_passes_is_no_step(clock: ManualClock, wall_clock: WallClock) -> None:
    clock.advance(86_400.0)
    assert wall_clock.step() == 0.0
    assert wall_clock.now() == wall_clock.certain_now() == moment_of(clock.now())


@pytest.mark.parametrize("by", [timedelta(days=1), timedelta(hours=-1)])
def test_a_clock_that_is_set_is_gone_by_when_that_was_noticed(
    by: timedelta, clock: ManualClock, wall_clock: WallClock
) -> None:
    before = wall_clock.now()
    put(clock, by)
    clock.advance(3.0)
    assert wall_clock.now() == later(before, 3.0)
    assert wall_clock.step() == by.total_seconds()
    wall_clock.notice(by.total_seconds())
    assert wall_clock.step() == 0.0
    assert wall_clock.now() == moment_of(clock.now())


def test_a_step_that_is_taken_back_before_anybody_noticed_has_never_been(
    clock: ManualClock, wall_clock: WallClock
) -> None:
    put(clock, timedelta(days=1))
    put(clock, timedelta(days=-1))
    assert wall_clock.step() == 0.0
    assert wall_clock.now() == moment_of(clock.now())


def test_what_is_too_old_is_decided_by_a_step_forward_only_after_a_while(
    clock: ManualClock, wall_clock: WallClock
) -> None:
    put(clock, timedelta(days=1))
    wall_clock.notice(wall_clock.step())
    now = wall_clock.now()
    assert wall_clock.ahead(now) == 86_400_000
    assert wall_clock.certain_now() == now - 86_400_000
    clock.advance(600.0)
    assert wall_clock.certain_now() == wall_clock.now() == moment_of(clock.now())


def test_small_corrections_are_followed_and_add_up_until_they_are_one_step(
    clock: ManualClock, wall_clock: WallClock
) -> None:
    steps = []
    for _ in range(10):
        clock.advance(60.0)
        put(clock, timedelta(seconds=8))
        steps.append(wall_clock.step())
        wall_clock.notice(steps[-1])
        assert wall_clock.now() == moment_of(clock.now())
    assert steps == [0.0, 0.0, 0.0, 32.0, 0.0, 0.0, 0.0, 32.0, 0.0, 0.0]
