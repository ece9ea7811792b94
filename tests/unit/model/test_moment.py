"""Moments are whole milliseconds, cut towards the past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from eilbote.model.moment import as_datetime, moment_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "time",
    [
        EPOCH,
        EPOCH - timedelta(microseconds=1),
        EPOCH + timedelta(microseconds=999),
        EPOCH - timedelta(days=400, seconds=3, microseconds=1001),
        datetime(2030, 1, 31, 8, 30, 1, 123_999, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_a_moment_is_the_time_in_whole_milliseconds(time: datetime) -> None:
    moment = moment_of(time)

    assert moment == (time - EPOCH) // timedelta(milliseconds=1)
    assert timedelta(0) <= time - as_datetime(moment) < timedelta(milliseconds=1)
