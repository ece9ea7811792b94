from datetime import UTC, datetime, timedelta

import pytest

from eilbote.model.clock import Clock
from eilbote.model.ids import IdSource
from eilbote.testing import FixedIds, ManualClock


def test_time_passes_when_told() -> None:
    clock: Clock = (manual := ManualClock())
    before = (clock.now(), clock.monotonic())
    assert (clock.now(), clock.monotonic()) == before
    manual.advance(90.5)
    assert clock.now() - before[0] == timedelta(seconds=90.5)
    assert clock.monotonic() - before[1] == 90.5


def test_a_wall_clock_may_be_put_back_and_monotonic_time_not() -> None:
    clock = ManualClock()
    clock.set_wall_clock(datetime(2000, 1, 1, tzinfo=UTC))
    assert clock.now().year == 2000
    assert clock.monotonic() == 0
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


def test_a_clock_knows_its_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001 - what is to be refused


def test_ids_repeat_from_run_to_run_and_never_within_one() -> None:
    def names(prefix: str = "fixed") -> list[str]:
        ids: IdSource = FixedIds(prefix)
        return [ids.token() for _ in range(100)]

    assert names() == names()
    assert len({*names(), *names("other")}) == 200
    assert {len(name) for name in names()} == {24}
    with pytest.raises(ValueError, match="letters"):
        FixedIds("a-b")
