"""Whether the meeting of a route can be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.process.route.attribute_values import read_duration, read_moment
from eilbote.author.process.route.finding import RouteFinding
from eilbote.author.process.route.placeholder import key_of, pattern_of
from eilbote.author.process.route.route import AttributeType
from eilbote.template.finding import Weight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.process.route.route import Route

_TIME = "Give a date-and-time attribute, or a time such as 2026-12-24T18:00:00Z"
_TIME_OR_LENGTH = f"{_TIME}; or how long it lasts, such as PT1H30M or a duration attribute"
_TIMES = frozenset({AttributeType.DATE_TIME, AttributeType.TEXT})


def meeting_findings(route: Route) -> Iterator[RouteFinding]:
    """Give what is to be said about beginning and end."""
    meeting = route.properties.meeting
    if meeting is None:
        return
    for field, text in (("meeting.start", meeting.start), ("meeting.end", meeting.end)):
        is_end = field == "meeting.end"
        remedy = _TIME_OR_LENGTH if is_end else _TIME
        pattern = pattern_of(text)
        if not text.strip():
            yield _error(field, f"the meeting has no {'end' if is_end else 'beginning'}", remedy)
        elif (alone := pattern.alone) is not None:
            kinds = {key_of(each.system_name): each.type for each in route.attributes}
            kind = kinds.get(alone.key)
            fits = kind in _TIMES or (is_end and kind is AttributeType.DURATION)
            if kind is not None and kind is not AttributeType.DOCUMENT and not fits:
                yield _error(field, f"{alone} is no time", remedy, position=alone.position)
        elif not any(pattern.placeholders) and not _can_be(text, is_end=is_end):
            yield _error(field, f"{text.strip()[:60]!r} is no time", remedy)


def _can_be(text: str, *, is_end: bool) -> bool:
    try:
        read_moment(text, time_zone="UTC")
    except ValueError:
        pass
    else:
        return True
    try:
        read_duration(text)
    except ValueError:
        return False
    return is_end


def _error(field: str, what: str, remedy: str, *, position: int | None = None) -> RouteFinding:
    return RouteFinding(severity=Weight.ERROR, field=field, what=what, remedy=remedy, position=position)
