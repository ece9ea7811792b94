"""At most so many messages in any stretch of time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.deliver.window import Window


def test_a_burst_is_free_and_then_it_waits() -> None:
    window = Window(30, 60.0)
    for _ in range(30):
        assert window.wait(100.0) == 0.0
        window.spend(100.0)
    assert window.room(100.0) == 0
    assert 60.0 <= window.wait(100.0) <= 61.0
    assert window.wait(100.0 + window.wait(100.0)) == 0.0


def test_a_day_that_others_have_used_up_is_waited_for() -> None:
    window = Window(10, 86_400.0)
    window.spend(0.0, 15)
    assert window.room(3600.0) == 0
    assert window.room(86_400.0 + 1440.0) == 10


def test_what_is_beyond_the_limit_must_leave_as_well() -> None:
    window = Window(2, 60.0)
    window.spend(0.0, 1)
    window.spend(30.0, 2)
    assert window.wait(30.0) == pytest.approx(61.0)


def test_nothing_is_counted_for_nothing() -> None:
    window = Window(1, 60.0)
    window.spend(0.0, 0)
    assert window.room(0.0) == 1


@given(
    limit=st.integers(1, 40),
    steps=st.lists(st.tuples(st.floats(0, 30), st.integers(0, 10)), max_size=60),
)
def test_no_window_ever_holds_more_than_the_limit(limit: int, steps: list[tuple[float, int]]) -> None:
    window = Window(limit, 60.0)
    now, begun = 0.0, list[float]()
    for pause, wanted in steps:
        now += pause
        for _ in range(min(wanted, window.room(now))):
            window.spend(now)
            begun.append(now)
        if window.room(now) == 0:
            wait = window.wait(now)
            assert 0 < wait <= 61.1
            assert window.room(now + wait + 1e-6) > 0
            now += wait + 1e-6
    for start in begun:
        assert sum(start <= moment < start + 60.0 for moment in begun) <= limit


def test_waiting_for_the_moment_it_names_is_enough() -> None:
    window = Window(3, 60.0)
    now = 12.3
    for _ in range(50):
        now += window.wait(now)
        assert window.room(now) > 0
        window.spend(now)
    assert now == pytest.approx(12.3 + 16 * 61, abs=40)
