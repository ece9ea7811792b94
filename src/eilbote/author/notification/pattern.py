"""Reads a pattern of events: a dotted name in which ``*`` stands for a part, or for the end of one."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from eilbote.author.notification.catalogue import known_events
from eilbote.errors import SettingsError

_LONGEST: Final = 100
_PART: Final = re.compile(r"\*|[a-z0-9_-]+\*?")
_FIT: Final = re.compile(r"\*?[a-z0-9_-]*\*?")
_NEAR: Final = 0.5
_MOST_NAMED: Final = 3


def read_pattern(text: str, *, field: str = "event") -> str:
    """Read a pattern, in whatever letter case.

    Args:
        text: What somebody has written.
        field: Where.

    Raises:
        SettingsError: No event could ever be meant by it; ``position`` tells where.
    """
    pattern = re.sub(r"\*+", "*", text.strip().lower())
    start = 0
    for part in pattern.split("."):
        if not _PART.fullmatch(part):
            raise _refused(text, pattern, start, part, field=field)
        start += len(part) + 1
    if len(pattern) > _LONGEST:
        raise SettingsError(
            f"a pattern of events has at most {_LONGEST} characters",
            field=field,
            position=_LONGEST,
            remedy="Shorten it; * stands for what is left out",
        )
    return pattern


def _refused(text: str, pattern: str, start: int, part: str, *, field: str) -> SettingsError:
    fits = _FIT.match(part)
    wrong = fits.end() if fits is not None and fits.end() < len(part) else 0
    if not pattern:
        cause = "It is empty"
    elif not part:
        cause = f"Nothing stands {'before' if start < len(pattern) else 'behind'} the dot"
    elif "*" in part[: wrong or 1]:
        cause = "A star stands for a whole part, or for the end of one: behind it comes a dot, or nothing"
    else:
        cause = f"{part[wrong]!r} cannot stand in the name of an event"
    is_as_written = text.strip().lower() == pattern  # several stars were run together otherwise
    near = _nearest(pattern)
    known = f"The known kinds nearest to it are {', '.join(near)}. " if near else ""
    return SettingsError(
        f"{text[:60]!r} cannot be a pattern of events",
        field=field,
        position=len(text) - len(text.lstrip()) + start + wrong if is_as_written else None,
        cause=cause,
        remedy=f"{known}Give a dotted name in which * stands for anything, such as flow.* or invoice.overdue",
    )


def _nearest(pattern: str) -> list[str]:
    plain = ".".join(word for word in re.split(r"[^a-z0-9_-]+", pattern[:_LONGEST]) if word)
    return get_close_matches(plain, [each.kind for each in known_events()], n=_MOST_NAMED, cutoff=_NEAR)
