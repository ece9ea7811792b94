"""Something that has happened and that people may want to hear of.

An event says what happened, once; who is told of it is decided by subscriptions (:mod:`eilbote.author.notification.subscription`).
Whatever its texts and values look like, they are values: nothing in them is ever read as a template or as markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from eilbote.errors import AddressError, DraftError
from eilbote.model.address import Mailbox, parse_address_list
from eilbote.model.severity import Severity

if TYPE_CHECKING:
    from eilbote.model.moment import Moment

EventData: TypeAlias = "str | int | Decimal | bool | list[EventData] | dict[str, EventData] | None"
"""What an event can carry: the values of JSON, numbers with a point as decimals."""

_KIND: Final = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)*")
_LONGEST_KIND: Final = 100
_LONGEST_KEY: Final = 300
LONGEST_SUMMARY: Final = 300
_LONGEST_DETAIL: Final = 20_000
_MOST_CHARACTERS: Final = 64 * 1024
_MOST_VALUES: Final = 2_000
_DEEPEST: Final = 10
_MOST_PEOPLE: Final = 100
_MOST_BITS: Final = 1_000
_MOST_DIGITS: Final = 300

_NO_DATA: Mapping[str, EventData] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemEvent:
    """Something that has happened; made by :func:`new_event`, which checks it.

    Attributes:
        id: Its own; the same event raised twice under one id is one event.
        kind: What kind of thing, a dotted name such as ``flow.failed`` or ``invoice.overdue``.
        at: When.
        severity: How bad it is.
        organization: On whose behalf; empty for the host.
        summary: One line.
        detail: More about it, with line ends; may be empty.
        data: Values for the text that people get.
        key: What it is about: while the same kind is raised about the same thing again, it is counted and not told again.
            Empty tells it each time.
        to: Whom it concerns in person, whatever is subscribed; nobody as a rule.
        language: In which language they are told.
        source: Who raised it, such as ``cli`` or ``flow:orders#r17``.
    """

    id: str
    kind: str
    at: Moment
    severity: Severity = Severity.INFORMATION
    organization: str = ""
    summary: str = ""
    detail: str = ""
    data: Mapping[str, EventData] = field(default_factory=lambda: _NO_DATA)
    key: str = ""
    to: tuple[str, ...] = ()
    language: str = "en"
    source: str = ""


def new_event(
    kind: str,
    *,
    id: str,  # noqa: A002 - the event's own word
    at: Moment,
    severity: Severity | str = Severity.INFORMATION,
    organization: str = "",
    summary: str = "",
    detail: str = "",
    data: Mapping[str, object] | None = None,
    key: str = "",
    to: str | Sequence[str] = (),
    language: str = "en",
    source: str = "",
) -> SystemEvent:
    """Make an event of what somebody says has happened.

    Args:
        kind: As in the event; capitals are made small.
        id: As in the event.
        at: As in the event.
        severity: As in the event, also as a word.
        organization: As in the event.
        summary: As in the event; line ends become blanks, and what is too long is cut.
        detail: As in the event.
        data: As in the event; numbers with a point become decimals.
        key: As in the event.
        to: As in the event: addresses, also in one text.
        language: As in the event.
        source: As in the event.

    Raises:
        DraftError: A field cannot be used; ``field`` names it.
    """
    return SystemEvent(
        id=id,
        kind=read_kind(kind),
        at=at,
        severity=read_severity(severity, field="severity"),
        organization=_limited(organization, field="organization", most=200, in_one_line=True),
        summary=_cut(" ".join(_text(summary, field="summary").split())),
        detail=_limited(detail, field="detail", most=_LONGEST_DETAIL).strip(),
        data=event_data({} if data is None else data),
        key=_limited(key, field="key", most=_LONGEST_KEY, in_one_line=True),
        to=_people(to),
        language=language,
        source=_limited(source, field="source", most=300, in_one_line=True),
    )


def read_kind(text: str) -> str:
    """Give the kind of an event as it is compared.

    Raises:
        DraftError: It is no dotted name.
    """
    kind = _text(text, field="event").strip().lower()
    if len(kind) > _LONGEST_KIND or not _KIND.fullmatch(kind):
        raise DraftError(
            f"{kind[:60]!r} cannot be the kind of an event",
            field="event",
            remedy=f"Give a dotted name of at most {_LONGEST_KIND} letters, digits, _ and -, such as invoice.overdue",
        )
    return kind


def read_severity(text: str, *, field: str) -> Severity:
    """Give a severity from its word; ``info`` and ``warn`` are understood as well.

    Raises:
        DraftError: It is none.
    """
    word = _text(text, field=field).strip().lower()
    try:
        return Severity({"info": "information", "warn": "warning"}.get(word, word))
    except ValueError:
        raise DraftError(
            f"{word[:40]!r} is no severity", field=field, remedy=f"Give one of {', '.join(Severity)}"
        ) from None


def event_data(given: Mapping[str, object]) -> dict[str, EventData]:
    """Copy the values of an event.

    Raises:
        DraftError: One is of a kind that an event cannot carry, or they are too many, too long or too deep.
    """
    copied = _Copy().value(given, "data", 0)
    if not isinstance(copied, dict):
        raise DraftError("the data have no names", field="data", remedy="Give a table of names and values")
    return copied


class _Copy:
    """Copies values, and counts what it has copied."""

    __slots__ = ("_characters", "_values")

    def __init__(self) -> None:
        self._values = 0
        self._characters = 0

    def value(self, value: object, place: str, depth: int) -> EventData:
        self._values += 1
        if self._values > _MOST_VALUES or depth > _DEEPEST:
            raise _too_much(place)
        match value:
            case str():
                return self._counted(value, place)
            case None | bool():
                return value
            case int():
                if value.bit_length() > _MOST_BITS:
                    raise _too_much(place)
                return value
            case float() | Decimal():
                return _number(value, place)
            case Mapping():
                table = cast("Mapping[object, object]", value)
                return {
                    self._counted(_name(name, place), place): self.value(item, f"{place}.{name}", depth + 1)
                    for name, item in table.items()
                }
            case list() | tuple():
                items = cast("Sequence[object]", value)
                return [self.value(item, f"{place}[{at}]", depth + 1) for at, item in enumerate(items)]
            case _:
                raise DraftError(
                    f"a value of type {type(value).__name__} cannot be part of an event",
                    field=place[:200],
                    remedy="Give texts, numbers, truth values, lists and tables of them",
                )

    def _counted(self, text: str, place: str) -> str:
        self._characters += len(text)
        if self._characters > _MOST_CHARACTERS:
            raise _too_much(place)
        return _text(text, field=place[:200])


def _number(value: Decimal | float, place: str) -> Decimal:
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise DraftError(
            f"{number!s:.40} is not a number that an event can carry",
            field=place[:200],
            remedy="Leave it out",
        )
    return number


def _name(name: object, place: str) -> str:
    if isinstance(name, str):
        return name
    raise DraftError(
        "a name is no text",
        field=place[:200],
        remedy=f"Give names as texts; this one is of type {type(name).__name__}",
    )


def _too_much(place: str) -> DraftError:
    return DraftError(
        "the event carries too much",
        field=place[:200],
        remedy=f"Give at most {_MOST_VALUES:,} values and {_MOST_CHARACTERS:,} characters, nested at most {_DEEPEST} deep; "
        "put the rest where a link in the detail leads to",
    )


def _people(to: str | Sequence[str]) -> tuple[str, ...]:
    found = tuple(
        dict.fromkeys(
            mailbox.addr_spec
            for mailbox in parse_address_list(to, field="to")
            if isinstance(mailbox, Mailbox)
        )
    )
    if len(found) > _MOST_PEOPLE:
        raise AddressError(
            f"the event names {len(found)} people", field="to", remedy=f"Name at most {_MOST_PEOPLE}"
        )
    return found


def _text(text: object, *, field: str) -> str:
    if not isinstance(text, str):
        raise DraftError("this is no text", field=field, remedy="Give a text, in quotes")
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise DraftError(
            "the text holds characters that no database keeps",
            field=field,
            remedy="Leave out NUL and lone surrogates",
        )
    return text


def read_line(text: str, *, field: str, most: int) -> str:
    """Read one line of text.

    Raises:
        DraftError: It is longer than ``most`` characters, or not one line.
    """
    return _limited(text, field=field, most=most, in_one_line=True)


def _limited(text: str, *, field: str, most: int, in_one_line: bool = False) -> str:
    found = _text(text, field=field)
    if len(found) > most or (in_one_line and not found.isprintable()):
        raise DraftError(
            f"this has {len(found):,} characters" if len(found) > most else "this is not one line of text",
            field=field,
            remedy=f"Give at most {most:,} characters" + (" in one line" if in_one_line else ""),
        )
    return found


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SUMMARY else f"{text[: LONGEST_SUMMARY - 1]}…"
