"""Who hears of an event next when nobody acknowledges it: the steps of a subscription, and how far they have gone.

Each step says how long after the one before it is taken, and who is told then; a step may also be louder than the event was. An acknowledgement
ends them, whoever gives it. A step tells those that it names and nobody else, and nothing escalates what it tells: there is no way in a circle.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypedDict, cast

from eilbote.author.notification.event import read_line, read_severity
from eilbote.author.notification.recipients import read_recipients
from eilbote.errors import DraftError, SettingsError

if TYPE_CHECKING:
    from eilbote.model.moment import Moment
    from eilbote.model.severity import Severity

MOST_STEPS: Final = 10
LONGEST_MINUTES: Final = 7 * 24 * 60
"""A week; what nobody has looked at for so long is no alert any more."""
_LONGEST_NAME: Final = 320
_LONGEST_NOTE: Final = 500
_FIELD: Final = "escalation"
_FIELDS: Final = frozenset({"after_minutes", "to", "severity"})
_WAIT: Final = re.compile(r"([0-9]{1,5})([mhd])")
_MINUTES: Final = {"m": 1, "h": 60, "d": 1440}
_LEAST_PARTS, _MOST_PARTS = 2, 3


class StepFields(TypedDict, total=False):
    """What can be said about a step; see :class:`Step`."""

    after_minutes: int
    to: str | Sequence[str]
    severity: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Who is told when nobody has acknowledged an event for some time.

    Attributes:
        after_minutes: How long after the step before, or after the first were told.
        recipients: Who, as in a subscription: addresses, ``role:operator``, ``user:ID``.
        severity: How bad it is by then, if that is worse than it was; ``None`` leaves it as it was.
    """

    after_minutes: int
    recipients: tuple[str, ...]
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """A step that is taken unless somebody acknowledges the event before.

    Attributes:
        event: Which event.
        subscription: By whose wish.
        step: Which of its steps, from 0.
        due: When.
    """

    event: str
    subscription: str
    step: int
    due: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEscalation:
    """A step, and what became of it.

    Attributes:
        escalation: The step.
        done: When it was taken or ended; ``None`` while it waits.
        raised: The event by which the next ones were told; empty when it was not taken.
        reason: Why it was not taken; empty otherwise.
    """

    escalation: Escalation
    done: Moment | None = None
    raised: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """That somebody looks after an event.

    Attributes:
        event: Which event.
        at: When they said so.
        by: Who.
        note: What they said about it; may be empty.
    """

    event: str
    at: Moment
    by: str
    note: str = ""


def read_escalation(said: object) -> tuple[Step, ...]:
    """Read the steps of a subscription: tables of ``after_minutes``, ``to``, ``severity``, or texts such as ``15m role:operator fatal``.

    Raises:
        SettingsError: One cannot be used; ``field`` says which.
        AddressError: A recipient is no address.
    """
    if not isinstance(said, list | tuple):
        raise SettingsError(
            "this is no list of steps", field=_FIELD, remedy="Give a list; an empty one ends it"
        )
    steps = cast("Sequence[object]", said)
    if len(steps) > MOST_STEPS:
        raise SettingsError(
            f"there are {len(steps)} steps", field=_FIELD, remedy=f"Give at most {MOST_STEPS}"
        )
    return tuple(_step(one, f"{_FIELD}[{at}]") for at, one in enumerate(steps))


def read_acknowledgement(event: str, *, at: Moment, by: str, note: str) -> Acknowledgement:
    """Read who says that they look after an event.

    Raises:
        DraftError: A text cannot be kept; ``field`` names it.
    """
    return Acknowledgement(
        event=event,
        at=at,
        by=read_line(by, field="by", most=_LONGEST_NAME),
        note=read_line(note.strip(), field="note", most=_LONGEST_NOTE),
    )


def said_of(steps: Sequence[Step]) -> list[dict[str, object]]:
    """Give steps as :func:`read_escalation` reads them."""
    return [
        {
            "after_minutes": step.after_minutes,
            "to": list(step.recipients),
            "severity": None if step.severity is None else step.severity.value,
        }
        for step in steps
    ]


def step_text(step: Step) -> str:
    """Write a step as :func:`read_escalation` reads it."""
    severity = "" if step.severity is None else f" {step.severity.value}"
    return f"{step.after_minutes}m {','.join(step.recipients)}{severity}"


def _step(said: object, field: str) -> Step:
    if isinstance(said, str):
        said = _taken_apart(said, field)
    if not isinstance(said, Mapping):
        raise SettingsError(
            "this is no step",
            field=field,
            remedy="Give after_minutes and to, or a text such as 15m role:operator",
        )
    given = cast("Mapping[str, object]", said)
    if unknown := sorted(str(name) for name in given if name not in _FIELDS):
        raise SettingsError(
            f"a step has no field {unknown[0][:60]!r}",
            field=field,
            remedy=f"It has {', '.join(sorted(_FIELDS))}",
        )
    recipients = read_recipients(given.get("to", ()), field=f"{field}.to")
    if not recipients:
        raise SettingsError("nobody is to be told", field=f"{field}.to", remedy="Give an address, or several")
    return Step(
        after_minutes=_minutes(given.get("after_minutes"), f"{field}.after_minutes"),
        recipients=recipients,
        severity=_severity(given.get("severity"), f"{field}.severity"),
    )


def _taken_apart(text: str, field: str) -> dict[str, object]:
    parts = text.split()
    wait = _WAIT.fullmatch(parts[0].lower()) if parts else None
    if wait is None or not _LEAST_PARTS <= len(parts) <= _MOST_PARTS:
        raise SettingsError(
            f"{text[:60]!r} is no step",
            field=field,
            remedy="Say after how long, who, and how bad it is by then: '15m role:operator,boss@example.org fatal'",
        )
    return {
        "after_minutes": int(wait[1]) * _MINUTES[wait[2]],
        "to": parts[1],
        "severity": parts[2] if len(parts) == _MOST_PARTS else None,
    }


def _minutes(said: object, field: str) -> int:
    if isinstance(said, int) and not isinstance(said, bool) and 1 <= said <= LONGEST_MINUTES:
        return said
    raise SettingsError(
        "this is no time to wait", field=field, remedy=f"Give whole minutes from 1 to {LONGEST_MINUTES:,}"
    )


def _severity(said: object, field: str) -> Severity | None:
    if said is None:
        return None
    try:
        return read_severity(cast("str", said), field=field)
    except DraftError as fault:
        raise SettingsError(fault.what, field=field, remedy=fault.remedy) from None
