"""A suspended machine's seconds count: a courier that was away has no lease any more."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from eilbote.engine.system_clock import BOOT_CLOCK, SystemClock, seconds_counter


def test_the_clock_that_counts_while_the_machine_is_suspended_is_used_where_there_is_one() -> None:
    assert getattr(time, "CLOCK_BOOTTIME", None) == BOOT_CLOCK
    assert (SystemClock.monotonic is time.monotonic) == (BOOT_CLOCK is None)


@pytest.mark.parametrize("clock", [time.CLOCK_MONOTONIC, time.CLOCK_REALTIME])
def test_the_seconds_are_those_of_the_clock_that_is_named(clock: int) -> None:
    before = time.clock_gettime(clock)
    assert before <= seconds_counter(clock)() <= time.clock_gettime(clock)


def test_without_such_a_clock_the_seconds_are_the_monotonic_ones() -> None:
    before = time.monotonic()
    assert before <= seconds_counter(None)() <= time.monotonic()


class HandTurned(SystemClock):
    """A system's clock whose monotonic seconds are set by hand."""

    seconds = 0.0

    def monotonic(self) -> float:  # type: ignore[override]
        return self.seconds


def test_the_time_is_looked_up_once_for_half_a_millisecond() -> None:
    clock = HandTurned()
    first = clock.now()

    clock.seconds = 0.0004
    assert clock.now() is first
    clock.seconds = 0.0006
    second = clock.now()
    assert second is not first
    clock.seconds = 3600.0
    assert clock.now() is not second


def test_the_time_is_that_of_the_machine_with_its_zone() -> None:
    clock = SystemClock()
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    now = clock.now()

    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == datetime.now(UTC).astimezone().utcoffset()
