"""Who wants to hear of which events, how soon, and in which language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.notification.event import read_severity
from eilbote.author.notification.schedule import (
    Quiet,
    read_quiet,
    read_time_of_day,
    read_zone,
    time_of_day,
)
from eilbote.errors import AddressError, DraftError, SettingsError, TemplateError
from eilbote.model.address import Mailbox, parse_address_list
from eilbote.model.severity import Severity
from eilbote.template.localized import read_locale

if TYPE_CHECKING:
    from eilbote.author.notification.event import SystemEvent
    from eilbote.model.moment import Moment

_PATTERN: Final = re.compile(r"[a-z0-9_.*-]{1,100}")
_MOST_PEOPLE: Final = 100
_MORNING: Final = 7 * 60


class Cadence(StrEnum):
    """How soon somebody is told."""

    IMMEDIATELY = "immediately"
    TEN_MINUTES = "ten_minutes"
    """What came together in ten minutes, in one message."""
    HOURLY = "hourly"
    DAILY = "daily"
    """Once a day, at a time of day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Somebody's wish to be told.

    Attributes:
        id: Its own.
        organization: Whose events are meant; empty for the host's.
        everywhere: Whether those of every organization are meant as well; for the host's subscriptions only.
        pattern: Which kinds of events: a dotted name in which ``*`` stands for anything, such as ``flow.*``.
        least: How bad an event has to be.
        recipients: Who is told; each gets a message of their own.
        cadence: How soon.
        daily_at: When, in minutes from midnight, for the daily ones.
        time_zone: In which zone times are meant and told.
        quiet: When nobody is to be told; what happens then is told when it is over. Fatal events are told all the same.
        muted_until: Until when nothing is told at all, and nothing afterwards either.
        language: In which language.
        revision: Grows with each change; 0 for one that is not kept yet.
    """

    id: str
    organization: str = ""
    everywhere: bool = False
    pattern: str = "*"
    least: Severity = Severity.INFORMATION
    recipients: tuple[str, ...] = ()
    cadence: Cadence = Cadence.IMMEDIATELY
    daily_at: int = _MORNING
    time_zone: str = "UTC"
    quiet: Quiet | None = None
    muted_until: Moment | None = None
    language: str = "en"
    revision: int = 0

    def wants(self, event: SystemEvent) -> bool:
        """Tell whether an event is one of those that are meant."""
        is_ours = event.organization == self.organization or (self.everywhere and not self.organization)
        return is_ours and event.severity.is_at_least(self.least) and is_like(event.kind, self.pattern)


def is_like(kind: str, pattern: str) -> bool:
    """Tell whether a kind of event is one of a pattern; ``*`` stands for any letters, dots as well, and for none."""
    first, *parts = pattern.split("*")
    if not parts:
        return kind == pattern
    *inner, last = parts
    if not kind.startswith(first) or len(kind) < len(first) + len(last) or not kind.endswith(last):
        return False
    at, end = len(first), len(kind) - len(last)
    for part in inner:
        if (found := kind.find(part, at, end)) < 0:
            return False
        at = found + len(part)
    return True


# -- reading ---------------------------------------------------------------------------------------------------

FIELDS: Final = (
    "organization",
    "everywhere",
    "event",
    "severity",
    "to",
    "cadence",
    "at",
    "time_zone",
    "quiet",
    "muted_until",
    "language",
)
"""What can be said about a subscription."""


def read_subscription(said: Mapping[str, object], known: Subscription) -> Subscription:
    """Change a subscription by what somebody said, or fill in a new one.

    Args:
        said: By the names of :data:`FIELDS`; what is left out stays as it is.
        known: What it is so far.

    Raises:
        SettingsError: A field is unknown or cannot be used; ``field`` names it.
        AddressError: A recipient is no address.
    """
    for name in said:
        if name not in FIELDS:
            raise SettingsError(
                f"a subscription has no field {name[:60]!r}",
                field=name[:60],
                remedy=f"It has {', '.join(FIELDS)}",
            )
    given = _Given(said)
    made = replace(
        known,
        organization=given.text("organization", known.organization).strip(),
        everywhere=given.switch("everywhere", known.everywhere),
        pattern=_pattern(given.text("event", known.pattern)),
        least=_severity(given.text("severity", known.least.value)),
        recipients=_recipients(said["to"]) if "to" in said else known.recipients,
        cadence=_cadence(given.text("cadence", known.cadence.value)),
        daily_at=read_time_of_day(given.text("at", time_of_day(known.daily_at)), field="at"),
        time_zone=read_zone(given.text("time_zone", known.time_zone), field="time_zone"),
        quiet=read_quiet(given.text("quiet", str(known.quiet or "")), field="quiet"),
        muted_until=_moment(said["muted_until"]) if "muted_until" in said else known.muted_until,
        language=_language(given.text("language", known.language)),
    )
    if made.everywhere and made.organization:
        raise SettingsError(
            "an organization hears of itself alone",
            field="everywhere",
            remedy="Leave out one of everywhere and organization",
        )
    if not made.recipients:
        raise SettingsError("nobody is to be told", field="to", remedy="Give an address, or several")
    return made


class _Given:
    __slots__ = ("_said",)

    def __init__(self, said: Mapping[str, object]) -> None:
        self._said = said

    def text(self, name: str, known: str) -> str:
        value = self._said.get(name, known)
        if isinstance(value, str) and value.isprintable() and len(value) <= 300:  # noqa: PLR2004 - no field is longer
            return value
        raise SettingsError("this is not one line of text", field=name, remedy="Give a text, in quotes")

    def switch(self, name: str, known: bool) -> bool:  # noqa: FBT001 - it is the value itself
        value = self._said.get(name, known)
        if isinstance(value, bool):
            return value
        raise SettingsError("this is neither yes nor no", field=name, remedy="Give true or false")


def _pattern(text: str) -> str:
    pattern = re.sub(r"\*+", "*", text.strip().lower())
    if not _PATTERN.fullmatch(pattern):
        raise SettingsError(
            f"{text[:60]!r} cannot be a pattern of events",
            field="event",
            remedy="Give a dotted name in which * stands for anything, such as flow.* or invoice.overdue",
        )
    return pattern


def _severity(text: str) -> Severity:
    try:
        return read_severity(text, field="severity")
    except DraftError as fault:
        raise SettingsError(fault.what, field="severity", remedy=fault.remedy) from None


def _cadence(text: str) -> Cadence:
    word = text.strip().lower().replace("-", "_")
    try:
        return Cadence(word)
    except ValueError:
        raise SettingsError(
            f"{word[:40]!r} cannot be chosen", field="cadence", remedy=f"Give one of {', '.join(Cadence)}"
        ) from None


def _language(text: str) -> str:
    try:
        return read_locale(text.strip())
    except TemplateError as fault:
        raise SettingsError(fault.what, field="language", remedy=fault.remedy) from None


def _moment(value: object) -> Moment | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return cast("Moment | None", value)
    raise SettingsError(
        "this is no moment", field="muted_until", remedy="Give milliseconds since 1970, or nothing"
    )


def _recipients(value: object) -> tuple[str, ...]:
    found = parse_address_list(cast("str | Sequence[str]", value), field="to")
    people = tuple(dict.fromkeys(each.addr_spec for each in found if isinstance(each, Mailbox)))
    if len(people) > _MOST_PEOPLE:
        raise AddressError(
            f"there are {len(people)} recipients", field="to", remedy=f"Give at most {_MOST_PEOPLE}"
        )
    return people
