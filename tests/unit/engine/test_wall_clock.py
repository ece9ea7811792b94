from datetime import timedelta

from eilbote.engine.wall_clock import WallClock
from eilbote.testing import ManualClock


def test_time_that_passes_is_no_step() -> None:
    clock = ManualClock()
    wall_clock = WallClock(clock)
    clock.advance(86_400.0)
    assert wall_clock.step() == 0.0


def test_a_clock_that_is_set_is_noticed_once_in_both_directions() -> None:
    clock = ManualClock()
    wall_clock = WallClock(clock)
    clock.set_wall_clock(clock.now() + timedelta(days=1))
    assert wall_clock.step() == 86_400.0
    assert wall_clock.step() == 0.0
    clock.set_wall_clock(clock.now() - timedelta(hours=1))
    assert wall_clock.step() == -3600.0
    assert wall_clock.step() == 0.0


def test_small_corrections_add_up_until_they_are_one_step() -> None:
    clock = ManualClock()
    wall_clock = WallClock(clock)
    steps = []
    for _ in range(10):
        clock.advance(60.0)
        clock.set_wall_clock(clock.now() + timedelta(seconds=8))
        steps.append(wall_clock.step())
    assert steps == [0.0, 0.0, 0.0, 32.0, 0.0, 0.0, 0.0, 32.0, 0.0, 0.0]
