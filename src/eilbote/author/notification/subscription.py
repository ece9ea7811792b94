"""Who wants to hear of which events, how soon, and in which language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.notification.escalation import Step, read_escalation
from eilbote.author.notification.escalation import said_of as steps_said
from eilbote.author.notification.event import read_severity
from eilbote.author.notification.pattern import read_pattern
from eilbote.author.notification.recipients import SYSTEM_ADMINISTRATORS, read_addresses, read_recipients
from eilbote.author.notification.schedule import (
    Quiet,
    read_quiet,
    read_time_of_day,
    read_zone,
    time_of_day,
)
from eilbote.errors import AddressError, DraftError, SettingsError, TemplateError
from eilbote.model.severity import Severity
from eilbote.template.localized import read_locale

if TYPE_CHECKING:
    from eilbote.author.notification.event import SystemEvent
    from eilbote.model.moment import Moment

_ID: Final = re.compile(r"[A-Za-z0-9_.:#/-]{1,64}", re.ASCII)
MOST_LEFT: Final = 1_000
"""People who have unsubscribed from one subscription."""
_LONGEST_CONDITION: Final = 500
_MORNING: Final = 7 * 60
_LATEST: Final = 253_402_214_400_000
"""The last day of the year 9999, which every time zone can still write."""


class Cadence(StrEnum):
    """How soon somebody is told."""

    IMMEDIATELY = "immediately"
    TEN_MINUTES = "ten_minutes"
    """What came together in ten minutes, in one message."""
    HOURLY = "hourly"
    DAILY = "daily"
    """Once a day, at a time of day."""
    NEVER = "never"
    """Nobody is told: by this an organization silences a default of the host's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Somebody's wish to be told.

    Attributes:
        id: Its own.
        organization: Whose events are meant; empty for the host's.
        everywhere: Whether those of every organization are meant as well; for the host's subscriptions only.
        pattern: Which kinds of events: a dotted name in which ``*`` stands for anything, such as ``flow.*``.
        least: How bad an event has to be.
        when: A condition in Liquid that has to hold for the event, such as ``data.total > 1000``; empty for none.
        recipients: Who is told, each in a message of their own: addresses, ``role:operator``, ``user:ID``.
        left: Addresses of those who have unsubscribed and are not told, though they are meant.
        replaces: The host's subscription in place of which this one stands for the events of its organization; empty for none.
        cadence: How soon.
        daily_at: When, in minutes from midnight, for the daily ones.
        time_zone: In which zone times are meant and told.
        quiet: When nobody is to be told; what happens then is told when it is over. Fatal events are told all the same.
        muted_until: Until when nothing is told at all, and nothing afterwards either.
        language: In which language.
        escalation: Who is told next while nobody acknowledges an event; nobody as a rule.
        revision: Grows with each change; 0 for one that is not kept yet.
    """

    id: str
    organization: str = ""
    everywhere: bool = False
    pattern: str = "*"
    least: Severity = Severity.INFORMATION
    when: str = ""
    recipients: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    replaces: str = ""
    cadence: Cadence = Cadence.IMMEDIATELY
    daily_at: int = _MORNING
    time_zone: str = "UTC"
    quiet: Quiet | None = None
    muted_until: Moment | None = None
    language: str = "en"
    escalation: tuple[Step, ...] = ()
    revision: int = 0

    def wants(self, event: SystemEvent) -> bool:
        """Tell whether an event is one of those that are meant."""
        is_ours = event.organization == self.organization or (self.everywhere and not self.organization)
        is_meant = is_ours and event.severity.is_at_least(self.least) and is_like(event.kind, self.pattern)
        return is_meant and (not self.when or _holds(self.when, event))


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
    "when",
    "to",
    "left",
    "replaces",
    "cadence",
    "at",
    "time_zone",
    "quiet",
    "muted_until",
    "language",
    "escalation",
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
        pattern=read_pattern(given.text("event", known.pattern)) if "event" in said else known.pattern,
        least=_severity(given.text("severity", known.least.value)),
        when=_condition(given.text("when", known.when, longest=_LONGEST_CONDITION), known.when),
        recipients=read_recipients(said["to"], field="to") if "to" in said else known.recipients,
        left=_left(said["left"]) if "left" in said else known.left,
        replaces=_replaced(given.text("replaces", known.replaces)),
        cadence=_cadence(given.text("cadence", known.cadence.value)),
        daily_at=read_time_of_day(given.text("at", time_of_day(known.daily_at)), field="at"),
        time_zone=read_zone(given.text("time_zone", known.time_zone), field="time_zone"),
        quiet=read_quiet(given.text("quiet", str(known.quiet or "")), field="quiet"),
        muted_until=_moment(said["muted_until"]) if "muted_until" in said else known.muted_until,
        language=_language(given.text("language", known.language)),
        escalation=read_escalation(said["escalation"]) if "escalation" in said else known.escalation,
    )
    if made.everywhere and made.organization:
        raise SettingsError(
            "an organization hears of itself alone",
            field="everywhere",
            remedy="Leave out one of everywhere and organization",
        )
    if made.replaces and not made.organization:
        raise SettingsError(
            "the host has nothing to replace",
            field="replaces",
            remedy="Change the subscription itself; only organizations replace the host's",
        )
    everybody = {*made.recipients, *(each for step in made.escalation for each in step.recipients)}
    if made.organization and SYSTEM_ADMINISTRATORS in everybody:
        raise SettingsError(
            "an organization has no system administrators",
            field="to",
            remedy="Name another role, such as role:organization_administrator",
        )
    if not made.recipients and made.cadence is not Cadence.NEVER:
        raise SettingsError("nobody is to be told", field="to", remedy="Give an address, or several")
    return made


def said_of(subscription: Subscription) -> dict[str, object]:
    """Give what was said about a subscription, as :func:`read_subscription` reads it; steps only where there are some."""
    found: dict[str, object] = {
        "organization": subscription.organization,
        "everywhere": subscription.everywhere,
        "event": subscription.pattern,
        "severity": subscription.least.value,
        "when": subscription.when,
        "to": list(subscription.recipients),
        "left": list(subscription.left),
        "replaces": subscription.replaces,
        "cadence": subscription.cadence.value,
        "at": time_of_day(subscription.daily_at),
        "time_zone": subscription.time_zone,
        "quiet": str(subscription.quiet or ""),
        "muted_until": subscription.muted_until,
        "language": subscription.language,
    }
    if subscription.escalation:
        found["escalation"] = steps_said(subscription.escalation)
    return found


class _Given:
    __slots__ = ("_said",)

    def __init__(self, said: Mapping[str, object]) -> None:
        self._said = said

    def text(self, name: str, known: str, *, longest: int = 300) -> str:
        value = self._said.get(name, known)
        if isinstance(value, str) and value.isprintable() and len(value) <= longest:
            return value
        raise SettingsError("this is not one line of text", field=name, remedy="Give a text, in quotes")

    def switch(self, name: str, known: bool) -> bool:  # noqa: FBT001 - it is the value itself
        value = self._said.get(name, known)
        if isinstance(value, bool):
            return value
        raise SettingsError("this is neither yes nor no", field=name, remedy="Give true or false")


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
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LATEST):
        return cast("Moment | None", value)
    raise SettingsError(
        "this is no moment",
        field="muted_until",
        remedy="Give milliseconds since 1970, before the year 10000, or nothing",
    )


def _holds(condition: str, event: SystemEvent) -> bool:
    # who has no conditions waits for no templates
    from eilbote.author.notification.condition import holds

    return holds(condition, event)


def _condition(text: str, known: str) -> str:
    if text == known or not text.strip():
        return text.strip()
    from eilbote.author.notification.condition import read_condition

    return read_condition(text)


def is_id(text: str) -> bool:
    """Tell whether something can be the id of a subscription or an event; what cannot is looked for nowhere."""
    return _ID.fullmatch(text) is not None


def _replaced(text: str) -> str:
    said = text.strip()
    if said and not is_id(said):
        raise SettingsError(
            f"{said[:60]!r} cannot be the id of a subscription",
            field="replaces",
            remedy="Give the id of a subscription of the host's, such as default-organization",
        )
    return said


def _left(value: object) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(read_addresses(cast("str | Sequence[str]", value), field="left")))
    if len(found) > MOST_LEFT:
        raise AddressError(
            f"{len(found)} people have unsubscribed", field="left", remedy=f"Give at most {MOST_LEFT}"
        )
    return found
