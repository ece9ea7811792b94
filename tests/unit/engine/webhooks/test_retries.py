"""When a delivery is tried again, and when it ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eilbote.engine.webhooks.retries import JITTER, LONGEST_WISH, PAUSES, is_given_up, pause_after
from eilbote.model.moment import Moment, later


@given(st.integers(1, 30), st.floats(0, 1), st.floats(0, 1e9))
def test_pauses_are_those_of_the_table_a_little_longer_by_chance_and_end(
    attempts: int, chance: float, wish: float
) -> None:
    pause = pause_after(attempts, chance=chance, wish=wish)
    if attempts > len(PAUSES):
        assert pause is None
    else:
        assert pause is not None
        assert pause >= max(PAUSES[attempts - 1], min(wish, LONGEST_WISH))
        assert pause <= max(PAUSES[attempts - 1] * (1 + JITTER), LONGEST_WISH)


def test_everything_is_tried_for_three_days() -> None:
    assert 3 * 86_400 < sum(PAUSES) < 4 * 86_400


@given(st.integers(0, 10**6))
def test_a_day_of_failures_is_the_end(seconds: int) -> None:
    since = Moment(1_700_000_000_000)
    assert is_given_up(since, later(since, seconds)) == (seconds >= 86_400)
    assert not is_given_up(None, since)
