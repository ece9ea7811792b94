from dataclasses import fields
from typing import Any

import pytest

from eilbote.errors import SettingsError
from eilbote.model.timeouts import Timeouts

NAMES = [item.name for item in fields(Timeouts)]


def test_the_final_dot_waits_as_long_as_the_rfc_says() -> None:
    """RFC 5321 §4.5.3.2.6: a client that leaves before ten minutes are over makes servers deliver twice."""
    assert Timeouts().final_dot == 600
    assert Timeouts().total is None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), 86401, True, "30", b"1"])
def test_what_no_timer_can_keep_is_refused(name: str, value: Any) -> None:  # noqa: ANN401 - any value at all
    with pytest.raises(SettingsError) as caught:
        Timeouts(**{name: value})
    assert caught.value.field == f"timeouts.{name}"


@pytest.mark.parametrize("name", NAMES)
def test_any_time_up_to_a_day_is_taken(name: str) -> None:
    assert getattr(Timeouts(**{name: 0.001}), name) == 0.001
    assert getattr(Timeouts(**{name: 86400}), name) == 86400


@pytest.mark.parametrize("name", [name for name in NAMES if name != "total"])
def test_only_the_total_may_be_left_open(name: str) -> None:
    with pytest.raises(SettingsError):
        Timeouts(**{name: None})
