"""No second sees more messages than the rate allows, whatever came before it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.deliver.throttle import Throttle


def test_without_a_rate_everything_passes() -> None:
    throttle = Throttle(None)

    for _ in range(1000):
        assert throttle.wait(0.0) == 0.0
        throttle.spend(0.0)
    assert throttle.idle


def test_a_slow_rate_spaces_messages_evenly() -> None:
    throttle = Throttle(2)

    throttle.spend(10.0)

    assert throttle.wait(10.0) == pytest.approx(0.5)
    assert throttle.wait(10.5) == 0.0


def test_a_pause_earns_no_burst() -> None:
    throttle = Throttle(100)
    throttle.spend(0.0)

    passed = 0
    while throttle.wait(3600.0) == 0.0:
        throttle.spend(3600.0)
        passed += 1

    assert passed == 10


@given(
    st.floats(min_value=0.5, max_value=5000),
    st.lists(st.floats(min_value=0, max_value=1), min_size=1, max_size=60),
)
def test_the_rate_holds_over_any_window(rate: float, pauses: list[float]) -> None:
    throttle = Throttle(rate)
    now, begun = 0.0, []
    for pause in pauses:
        now += pause
        now += throttle.wait(now)
        throttle.spend(now)
        begun.append(now)

    for first in range(len(begun)):
        for last in range(first, len(begun)):
            most = (begun[last] - begun[first]) * rate + 1 + 0.1 * rate
            assert last - first + 1 <= most + 1e-6
