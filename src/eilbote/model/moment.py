"""Points in time as they are stored: whole milliseconds since 1970-01-01T00:00Z.

A stored moment is compared, indexed and carried through the hot path by the thousand, so it is a number. At the
doors, where people read and write it, it is an aware :class:`~datetime.datetime`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NewType

Moment = NewType("Moment", int)
"""Milliseconds since 1970-01-01T00:00Z."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DAY_SECONDS = 86_400


def moment_of(time: datetime) -> Moment:
    """Give the moment of an aware time, cut to the millisecond."""
    since = time - _EPOCH  # by its parts: dividing it takes three times as long
    return Moment((since.days * _DAY_SECONDS + since.seconds) * 1000 + since.microseconds // 1000)


def as_datetime(moment: Moment) -> datetime:
    """Give the UTC time of a moment."""
    return _EPOCH + moment * _MILLISECOND


def later(moment: Moment, seconds: float) -> Moment:
    """Give the moment some seconds after another; before it, when they are negative."""
    return Moment(moment + round(seconds * 1000))
