"""When timers fire: dates, durations and cycles of ISO 8601, counted from a moment that is handed in.

Months and years are those of the calendar: a month after January 31 is the last of February. A time without a zone is UTC. Of a
cycle whose turns were missed, one is made up for; the others are passed over, so that a night without a worker does not
become a flood in the morning.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, assert_never

from eilbote.author.process.diagram import TimerKind
from eilbote.errors import ProcessError
from eilbote.model.moment import Moment, as_datetime, moment_of

LONGEST_YEARS: Final = 100
"""No duration may be longer."""
SHORTEST_CYCLE_MS: Final = 1000
"""No cycle may turn faster."""
_MONTHS: Final = 12
_LAST_YEAR: Final = 9000
_UNITS: Final = {"W": 604_800_000, "D": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000}
_NUMBER: Final = r"(\d{1,9}(?:[.,]\d{1,9})?)"
_DURATION: Final = re.compile(
    rf"P(?:(\d{{1,4}})Y)?(?:(\d{{1,5}})M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)
_CYCLE: Final = re.compile(r"R(\d{0,6})/([^/]+)(?:/([^/]+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time.

    Attributes:
        months: Of the calendar.
        milliseconds: Beside them.
    """

    months: int = 0
    milliseconds: int = 0

    def after(self, moment: Moment) -> Moment:
        """Give the moment that lies so much later."""
        if self.months:
            time = as_datetime(moment)
            month = time.year * _MONTHS + time.month - 1 + self.months
            year, month = month // _MONTHS, month % _MONTHS + 1
            day = min(time.day, monthrange(year, month)[1])
            moment = moment_of(time.replace(year=year, month=month, day=day))
        return Moment(moment + self.milliseconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When something fires.

    Attributes:
        first: The first time.
        left: How many times in all; ``None`` for ever.
        every: The duration between two times, as it was written; empty when it fires once.
    """

    first: Moment
    left: int | None = 1
    every: str = ""


def schedule(kind: TimerKind, text: str, *, now: Moment, field: str) -> Schedule:
    """Tell when a timer fires that begins to run.

    Args:
        kind: How it is said.
        text: ISO 8601, templates rendered.
        now: From when durations count.
        field: Where the text stands, for errors.

    Raises:
        ProcessError: It cannot be read, or lies too far ahead.
    """
    text = text.strip()
    match kind:
        case TimerKind.DATE:
            return Schedule(first=_date(text, field))
        case TimerKind.DURATION:
            return Schedule(first=read_duration(text, field=field).after(now))
        case TimerKind.CYCLE:
            return _cycle(text, now, field)
        case _:
            assert_never(kind)


def following(every: str, *, due: Moment, now: Moment) -> Moment:
    """Tell when a cycle fires next: after its last time ``due``, at the first turn that lies after ``now``."""
    step = read_duration(every, field="timer")
    if not step.months:
        passed = max(0, now - due) // max(step.milliseconds, 1)
        return Moment(due + (passed + 1) * max(step.milliseconds, 1))
    next_due = step.after(due)
    while next_due <= now:
        next_due = step.after(next_due)
    return next_due


def following_start(kind: TimerKind, text: str, *, due: Moment, fired: int, now: Moment) -> Moment | None:
    """Tell when a timer start event fires next; ``None`` when it does not any more.

    Args:
        kind: How it is said.
        text: ISO 8601.
        due: When it was due last.
        fired: How many times it has fired, this time included.
        now: The time.

    Raises:
        ProcessError: It cannot be read.
    """
    if kind is not TimerKind.CYCLE:
        return None
    cycle = _read_cycle(text.strip(), "timer")
    if cycle.count is not None and fired >= cycle.count:
        return None
    found = following(cycle.every, due=due, now=now)
    last = cycle.end
    if cycle.start is not None and cycle.count is not None:
        last = _last_of(cycle.start, cycle.step, cycle.count)
    return found if last is None or found <= last else None


def read_duration(text: str, *, field: str) -> Duration:
    """Read a duration such as ``P2DT4H`` or ``P1M``.

    Raises:
        ProcessError: It is none, or longer than a hundred years.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None or text.strip().endswith(("P", "T")):
        raise ProcessError(
            f"{text[:60]!r} is no duration",
            field=field,
            remedy="Write it in ISO 8601, such as PT15M, PT2H, P3D or P1M",
        )
    years, months, *rest = found.groups()
    milliseconds = sum(
        Decimal((part or "0").replace(",", ".")) * unit
        for part, unit in zip(rest, _UNITS.values(), strict=True)
    )
    duration = Duration(months=int(years or 0) * _MONTHS + int(months or 0), milliseconds=int(milliseconds))
    if duration.months > LONGEST_YEARS * _MONTHS or milliseconds > LONGEST_YEARS * 366 * _UNITS["D"]:
        raise ProcessError(
            f"{text[:60]!r} is longer than a hundred years",
            field=field,
            remedy=f"Give at most {LONGEST_YEARS} years",
        )
    return duration


def _date(text: str, field: str) -> Moment:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or not 1 < time.year < _LAST_YEAR:
        raise ProcessError(
            f"{text[:60]!r} is no date",
            field=field,
            remedy="Write it in ISO 8601, such as 2026-12-24T18:00:00Z or 2026-12-24T18:00:00+01:00",
        )
    return moment_of(time if time.tzinfo is not None else time.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cycle:
    """A cycle as it was written: how often, from when or until when, and the duration between two times."""

    count: int | None
    every: str
    step: Duration
    start: Moment | None = None
    end: Moment | None = None


def _read_cycle(text: str, field: str) -> _Cycle:
    found = _CYCLE.fullmatch(text)
    one, other = (found[2].strip(), (found[3] or "").strip()) if found else ("", "")
    is_first = one.startswith("P")
    every, bound = (one, other) if is_first else (other, one)
    if found is None or found[1] == "0" or not every:
        raise ProcessError(
            f"{text[:60]!r} is no cycle",
            field=field,
            cause="Cron expressions are not understood" if " " in text else None,
            remedy="Write it in ISO 8601, such as R3/PT1H for three times, R/P1D for every day",
        )
    step = read_duration(every, field=field)
    if step.after(Moment(0)) < SHORTEST_CYCLE_MS:
        raise ProcessError(
            f"the cycle {text[:60]!r} turns without a pause",
            field=field,
            remedy="Let at least a second pass between two times",
        )
    when = _date(bound, field) if bound else None
    return _Cycle(
        count=int(found[1]) if found[1] else None,
        every=every,
        step=step,
        start=None if is_first else when,
        end=when if is_first else None,
    )


def _cycle(text: str, now: Moment, field: str) -> Schedule:
    cycle = _read_cycle(text, field)
    first, left = cycle.step.after(now), cycle.count
    if cycle.start is not None:
        first, left = _from_start(cycle.start, cycle.step, cycle.every, left, now)
    if cycle.end is not None:
        left = _until_end(first, cycle.step, left, cycle.end)
    return Schedule(first=first, left=left, every=cycle.every)


def _from_start(
    start: Moment, step: Duration, every: str, left: int | None, now: Moment
) -> tuple[Moment, int | None]:
    """Begin at the start, or at the first turn from now on; when all have passed, once and at once."""
    if start >= now:
        return start, left
    first = following(every, due=start, now=Moment(now - 1))
    if left is None:
        return first, None
    passed = _turns(start, step, Moment(now - 1))
    return (first, left - passed) if passed < left else (now, 1)


def _until_end(first: Moment, step: Duration, left: int | None, end: Moment) -> int:
    """Count the times until an end; the first always counts."""
    times = max(1, _turns(first, step, end))
    return times if left is None else min(left, times)


def _turns(first: Moment, step: Duration, last: Moment) -> int:
    """Count the times from the first until a moment."""
    if not step.months:
        return max(0, (last - first) // step.milliseconds + 1)
    times = 0
    while first <= last:
        first = step.after(first)
        times += 1
    return times


def _last_of(start: Moment, step: Duration, count: int) -> Moment | None:
    """Give the last time of a cycle that begins somewhere; ``None`` when it lies out of sight."""
    months, milliseconds = step.months * (count - 1), step.milliseconds * (count - 1)
    if months > LONGEST_YEARS * _MONTHS or milliseconds > LONGEST_YEARS * 366 * _UNITS["D"]:
        return None
    return Duration(months=months, milliseconds=milliseconds).after(start)
