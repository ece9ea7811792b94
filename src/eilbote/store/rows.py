"""Between the nouns of the outbox and the rows of its tables; the same for both databases.

The hot path reads and writes tuples in the order of its named SQL; here is what the values in them mean.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar, cast

from eilbote.errors import UnreadableEntryError
from eilbote.model.attempt import Attempt, Event, EventKind, Outcome
from eilbote.model.ids import CourierId, EntryId, MessageId
from eilbote.model.moment import Moment
from eilbote.model.status import EntryState, RecipientKind, RecipientStatus
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.entry import Claim, Entry, EntryRecipient, Lane, Pending
from eilbote.outbox.store import Pause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.outbox.entry import NewEntry

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
_KINDS: Final = _Words(RecipientKind, otherwise=RecipientKind.ENVELOPE)
_STATUSES: Final = _Words(RecipientStatus, otherwise=RecipientStatus.IN_DOUBT)
_OPEN: Final = frozenset({None, RecipientStatus.DEFERRED.value, RecipientStatus.IN_DOUBT.value})
_IN_DOUBT: Final = _Words(InDoubtPolicy, otherwise=InDoubtPolicy.PARK)
_PARTIAL: Final = _Words(PartialPolicy, otherwise=PartialPolicy.RETRY_REST)
_EVENTS: Final = _Words(EventKind, otherwise=EventKind.POISONED)

# Plain strings: the driver asks every other type, StrEnum among them, whether somebody has an adapter for it.
_TEXTS: Final[Mapping[str, str]] = {
    member: member.value
    for words in (EntryState, RecipientKind, RecipientStatus, InDoubtPolicy, PartialPolicy, EventKind)
    for member in words
}


def word(member: str) -> str:
    """Give the stored word of an enumeration's member."""
    return _TEXTS[member]


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
        raise _unreadable("its list of connections")
    found = tuple(cast("list[object]", names))
    if not all(isinstance(name, str) for name in found):
        raise _unreadable("its list of connections")
    return cast("tuple[str, ...]", found)


def usable_names(text: str) -> tuple[str, ...]:
    """Read names; none where there is no list of names."""
    try:
        return read_names(text)
    except UnreadableEntryError:
        return ()


def _shown_names(text: str) -> tuple[str, ...]:
    """Read names for people, who also see what is no list of names."""
    try:
        return read_names(text)
    except UnreadableEntryError:
        return (str(text),)


def _unreadable(what: str) -> UnreadableEntryError:
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
                status=_STATUSES[status],
                reply_code=code,
                enhanced_status_code=enhanced,
                text=said,
            )
            for number, status, code, enhanced, said in json.loads(text)
        )
    except (ValueError, TypeError):
        return ()


# -- nouns to rows -----------------------------------------------------------------------------------------


def entry_row(entry: NewEntry, number: int, lane: int) -> Row:
    """Write a new entry, in the order of ``accept_entry.sql``."""
    return (
        number,
        lane,
        entry.urgency,
        entry.due,
        entry.accepted,
        entry.expires,
        entry.organization,
        entry.idempotency_key,
        entry.digest,
        entry.message_id,
        storable(entry.subject),
        entry.author,
        entry.size,
        names_text(entry.connections),
        _TEXTS[entry.on_in_doubt],
        _TEXTS[entry.on_partial],
    )


def event_row(event: Event) -> Row:
    """Write an event, in the order of ``event.sql``."""
    return (
        _TEXTS[event.kind],
        event.at,
        event.entry,
        numbers_text(event.recipients),
        event.connection,
        event.organization,
        storable(event.text),
    )


def attempt_row(entry: int, attempt: Attempt) -> Row:
    """Write an attempt, in the order of ``settle_attempt.sql``."""
    return (
        entry,
        attempt.number,
        attempt.started,
        attempt.seconds,
        attempt.courier,
        attempt.connection,
        attempt.server,
        attempt.tls_version,
        attempt.stage,
        storable(attempt.reply),
        outcomes_text(attempt.outcomes),
        storable(attempt.transcript),
    )


def outcome_row(entry: int, outcome: Outcome) -> Row:
    """Write what an attempt meant for a recipient, in the order of ``settle_recipient.sql``."""
    return (
        entry,
        outcome.number,
        _TEXTS[outcome.status],
        1 if outcome.status is RecipientStatus.IN_DOUBT else 0,
        outcome.reply_code,
        outcome.enhanced_status_code,
        storable(outcome.text),
    )


def count_states(rows: Iterable[tuple[str, int]]) -> dict[EntryState, int]:
    """Add up how many entries stand in each state; what nobody knows counts as it is shown."""
    counts: dict[EntryState, int] = {}
    for state, count in rows:
        counts[STATES[state]] = counts.get(STATES[state], 0) + count
    return counts


# -- rows to nouns ---------------------------------------------------------------------------------------------
# Each takes a row as its database gives it: any tuple, in the order that is named.


def read_pending(row: Sequence[object]) -> Pending:
    """Read number, address, kind, attempts, in_doubt, status.

    Under a status that nobody knows may lie one that was accepted: to try again would be a second copy.

    Raises:
        UnreadableEntryError: There is something else.
    """
    number, address, kind, attempts, in_doubt, status = cast("tuple[int, object, str, int, int, object]", row)
    if not isinstance(address, str) or kind not in _KINDS or status not in _OPEN:
        raise _unreadable("one of its recipients")
    return Pending(number, address, _KINDS[kind], attempts, in_doubt > 0, in_doubt)


def read_in_doubt_policy(stored: str) -> InDoubtPolicy:
    """Read a policy where there is no claim that could be refused; one that is unknown is read as the careful one."""
    return _IN_DOUBT[stored]


def read_claim(row: Sequence[object], lane: Lane, pending: tuple[Pending, ...]) -> Claim:
    """Read a row of ``claim_entry.sql``.

    Raises:
        UnreadableEntryError: Something that is needed for an attempt is missing or damaged.
    """
    entry, epoch, connections, attempts, accepted, expires, in_doubt, partial, others, frozen, crc = cast(
        "tuple[EntryId, int, str, int, Moment, Moment, str, str, int, object, object]", row
    )
    if in_doubt not in _IN_DOUBT or partial not in _PARTIAL:
        raise _unreadable("one of its policies")
    if not type(attempts) is type(accepted) is type(expires) is int:  # a Moment is an int
        raise _unreadable("one of its times")
    if not pending:
        raise _unreadable("its list of recipients to be reached")
    if not isinstance(frozen, bytes) or not isinstance(crc, int):
        raise _unreadable("its content")
    return Claim(
        id=entry,
        epoch=epoch,
        lane=lane,
        connections=read_names(connections),
        attempts=attempts,
        accepted=accepted,
        expires=expires,
        on_in_doubt=_IN_DOUBT[in_doubt],
        on_partial=_PARTIAL[partial],
        others_accepted=bool(others),
        pending=pending,
        frozen=frozen,
        crc=crc,
    )


def read_entry(row: Mapping[str, object], recipients: Sequence[Mapping[str, object]]) -> Entry:
    """Read an entry and its recipients, by the names of their columns."""
    one = cast("Mapping[str, str]", row)
    many = cast("Mapping[str, int]", row)
    finished, courier = row["finished"], row["courier"]
    return Entry(
        id=EntryId(many["id"]),
        organization=one["organization"],
        connection=one["connection"],
        connections=_shown_names(one["connections"]),
        idempotency_key=one["idempotency_key"],
        message_id=MessageId(one["message_id"]),
        subject=one["subject"],
        author=one["author"],
        size=many["size"],
        urgency=many["urgency"],
        state=STATES[one["state"]],
        reason=one["reason"],
        transmitting=bool(row["transmitting"]),
        attempts=many["attempts"],
        accepted=Moment(many["accepted"]),
        due=Moment(many["due"]),
        expires=Moment(many["expires"]),
        finished=None if finished is None else Moment(many["finished"]),
        courier=None if courier is None else CourierId(one["courier"]),
        on_in_doubt=_IN_DOUBT[one["on_in_doubt"]],
        on_partial=_PARTIAL[one["on_partial"]],
        recipients=tuple(_read_recipient(recipient) for recipient in recipients),
    )


def _read_recipient(row: Mapping[str, object]) -> EntryRecipient:
    one = cast("Mapping[str, str]", row)
    many = cast("Mapping[str, int]", row)
    return EntryRecipient(
        address=one["address"],
        kind=_KINDS[one["kind"]],
        status=None if row["status"] is None else _STATUSES[one["status"]],
        attempts=many["attempts"],
        in_doubt=many["in_doubt"],
        reply_code=many["reply_code"],
        enhanced_status_code=one["enhanced_status_code"],
        text=one["text"],
    )


def read_attempt(row: Mapping[str, object]) -> Attempt:
    """Read an attempt, by the names of its columns."""
    one = cast("Mapping[str, str]", row)
    many = cast("Mapping[str, int]", row)
    return Attempt(
        number=many["number"],
        started=Moment(many["started"]),
        seconds=cast("float", row["seconds"]),
        courier=CourierId(one["courier"]),
        connection=one["connection"],
        server=one["server"],
        tls_version=one["tls_version"],
        stage=one["stage"],
        reply=one["reply"],
        outcomes=read_outcomes(one["outcomes"]),
        transcript=one["transcript"],
    )


def read_event(row: Mapping[str, object]) -> Event:
    """Read an event, by the names of its columns."""
    one = cast("Mapping[str, str]", row)
    many = cast("Mapping[str, int]", row)
    return Event(
        kind=_EVENTS[one["kind"]],
        at=Moment(many["at"]),
        entry=None if row["entry"] is None else EntryId(many["entry"]),
        recipients=read_numbers(one["recipients"]),
        connection=one["connection"],
        organization=one["organization"],
        text=one["text"],
        sequence=many["sequence"],
    )


def read_pause(row: Mapping[str, object]) -> Pause:
    """Read a pause, by the names of its columns."""
    one = cast("Mapping[str, str]", row)
    many = cast("Mapping[str, int]", row)
    return Pause(
        connection=one["connection"],
        since=Moment(many["since"]),
        until=Moment(many["until"]),
        reason=one["reason"],
        failures=many["failures"],
    )
