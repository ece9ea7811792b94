"""Times in answers and questions, where there may be none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.model.moment import as_datetime, moment_of

if TYPE_CHECKING:
    from datetime import datetime

    from eilbote.model.moment import Moment


def time_or_none(moment: Moment | None) -> datetime | None:
    """Give a moment as answers tell it."""
    return None if moment is None else as_datetime(moment)


def moment_or_none(time: datetime | None) -> Moment | None:
    """Give a time of a request as it is kept."""
    return None if time is None else moment_of(time)
