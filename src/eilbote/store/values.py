"""What a single column of the outbox's tables holds, and what it means; the same for both databases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeAlias, TypeVar, cast

from eilbote.errors import UnreadableEntryError
from eilbote.model.attempt import EventKind, Outcome
from eilbote.model.status import EntryState, RecipientKind, RecipientStatus
from eilbote.model.submission import InDoubtPolicy, PartialPolicy

Value: TypeAlias = str | int | float | bytes | None
"""What a column holds."""
Row: TypeAlias = tuple[Value, ...]

_quote: Final = json.encoder.encode_basestring_ascii

_Member = TypeVar("_Member", bound=StrEnum)


class _Words(dict[str, _Member]):
    """What stored words mean.

    One that nobody knows, from a disk that forgets or a newer program, is shown to people as the member that lets
    nothing happen by itself: a single bad row must not hide all others. Claims are read strictly.
    """

    __slots__ = ("_otherwise",)

    def __init__(self, members: Iterable[_Member], *, otherwise: _Member) -> None:
        super().__init__({member.value: member for member in members})
        self._otherwise = otherwise

    def __missing__(self, _: str) -> _Member:
        return self._otherwise


STATES: Final = _Words(EntryState, otherwise=EntryState.HELD)
KINDS: Final = _Words(RecipientKind, otherwise=RecipientKind.ENVELOPE)
STATUSES: Final = _Words(RecipientStatus, otherwise=RecipientStatus.IN_DOUBT)
OPEN_STATUSES: Final = frozenset({None, RecipientStatus.DEFERRED.value, RecipientStatus.IN_DOUBT.value})
"""What is stored of a recipient who is still to be reached."""
IN_DOUBT_POLICIES: Final = _Words(InDoubtPolicy, otherwise=InDoubtPolicy.PARK)
PARTIAL_POLICIES: Final = _Words(PartialPolicy, otherwise=PartialPolicy.RETRY_REST)
EVENTS: Final = _Words(EventKind, otherwise=EventKind.POISONED)

# Plain strings: the driver asks every other type, StrEnum among them, whether somebody has an adapter for it.
TEXTS: Final[Mapping[str, str]] = {
    member: member.value
    for words in (EntryState, RecipientKind, RecipientStatus, InDoubtPolicy, PartialPolicy, EventKind)
    for member in words
}


def storable(text: str) -> str:
    """Give a text as both databases can keep it: without NUL, and without halves of a surrogate pair."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


# -- names and numbers in one column ---------------------------------------------------------------------


@lru_cache(maxsize=1024)
def names_text(names: tuple[str, ...]) -> str:
    """Write names as JSON."""
    return json.dumps(names)


@lru_cache(maxsize=1024)
def read_names(text: str) -> tuple[str, ...]:
    """Read what :func:`names_text` wrote.

    Raises:
        UnreadableEntryError: It is something else.
    """
    try:
        names: object = json.loads(text)
    except (ValueError, TypeError):
        names = None
    if not isinstance(names, list) or not names:
        raise unreadable("its list of connections")
    found = tuple(cast("list[object]", names))
    if not all(isinstance(name, str) for name in found):
        raise unreadable("its list of connections")
    return cast("tuple[str, ...]", found)


def usable_names(text: str) -> tuple[str, ...]:
    """Read names; none where there is no list of names."""
    try:
        return read_names(text)
    except UnreadableEntryError:
        return ()


def shown_names(text: str) -> tuple[str, ...]:
    """Read names for people, who also see what is no list of names."""
    try:
        return read_names(text)
    except UnreadableEntryError:
        return (str(text),)


def unreadable(what: str) -> UnreadableEntryError:
    """Say that something of an entry means nothing."""
    return UnreadableEntryError(
        f"the stored entry cannot be read: {what} is missing or damaged",
        cause="The database was damaged, changed by hand, or written by a newer eilbote",
        remedy="Run `eilbote db check`; cancel the entry and submit the message again",
    )


def numbers_text(numbers: Iterable[int]) -> str:
    """Write numbers as JSON; nothing for none, which is the rule."""
    text = ",".join(map(str, numbers))
    return f"[{text}]" if text else ""


def read_numbers(text: str) -> tuple[int, ...]:
    """Read what :func:`numbers_text` wrote, for people."""
    if not text:
        return ()
    try:
        return tuple(int(number) for number in json.loads(text))
    except (ValueError, TypeError):
        return ()


def outcomes_text(outcomes: Iterable[Outcome]) -> str:
    """Write outcomes as JSON."""
    return f"[{','.join([_outcome_text(one) for one in outcomes])}]"


def _outcome_text(one: Outcome) -> str:
    enhanced = _quote(one.enhanced_status_code)
    return f'[{one.number},"{one.status}",{one.reply_code},{enhanced},{_quote(one.text)}]'


def read_outcomes(text: str) -> tuple[Outcome, ...]:
    """Read what :func:`outcomes_text` wrote, for people."""
    try:
        return tuple(
            Outcome(
                number=number,
                status=STATUSES[status],
                reply_code=code,
                enhanced_status_code=enhanced,
                text=said,
            )
            for number, status, code, enhanced, said in json.loads(text)
        )
    except (ValueError, TypeError):
        return ()
