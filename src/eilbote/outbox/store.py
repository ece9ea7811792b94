"""The port behind which the outbox is kept: SQLite, PostgreSQL, or memory; all pass the same exercises.

Rules every implementation keeps:

* What a method has returned is durable (memory excepted): it survives kill -9 and power failure.
* Each call is one transaction: all of it happened, or nothing.
* Nobody but the holder of the newest epoch changes a claimed entry.
* An error is an :class:`~eilbote.errors.OutboxError`; a driver's exception never comes through.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import NoneType
from typing import TYPE_CHECKING, Protocol

from eilbote.errors import DraftError
from eilbote.model.kinds import check_kind
from eilbote.model.status import EntryState
from eilbote.outbox.condition import Condition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.model.attempt import Attempt, Event
    from eilbote.model.ids import CourierId, EntryId
    from eilbote.model.message import OctetSource
    from eilbote.model.moment import Moment
    from eilbote.outbox.entry import Acceptance, Claim, Entry, History, Lane, NewEntry
    from eilbote.outbox.settlement import Settlement
    from eilbote.outbox.statistics import Span, Statistics


class Wish(StrEnum):
    """What somebody may want done with entries; :mod:`eilbote.outbox.lifecycle` says when it is allowed."""

    RETRY = "retry"
    """Due now; failed recipients of a finished entry are tried again."""
    CANCEL = "cancel"
    HOLD = "hold"
    RELEASE = "release"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries; every condition given must hold.

    Attributes:
        states: Any of these; empty means all.
        connection: Waiting for, or last tried through this connection.
        organization: On whose behalf; ``None`` means all.
        recipient: Some forward-path contains this, in any letter case.
        subject: The subject contains this, in any letter case.
        idempotency_key: Submitted under this key.
        message_id: With this Message-ID.
        in_doubt: Some recipient was ever in doubt.
        failed: Some recipient has failed.
        accepted_from: Accepted at this moment or later.
        accepted_before: Accepted before this moment.
        ids: One of these.
        conditions: What a search asks beside; see :func:`~eilbote.outbox.search.parse_search`.

    Raises:
        DraftError: A condition is of the wrong kind.
    """

    states: tuple[EntryState, ...] = ()
    connection: str | None = None
    organization: str | None = None
    recipient: str | None = None
    subject: str | None = None
    idempotency_key: str | None = None
    message_id: str | None = None
    in_doubt: bool = False
    failed: bool = False
    accepted_from: Moment | None = None
    accepted_before: Moment | None = None
    ids: tuple[EntryId, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        """Refuse conditions of the wrong kind, which no entry could meet."""
        for name, kind in (("states", EntryState), ("ids", int), ("conditions", Condition)):
            given: object = getattr(self, name)  # whatever a caller without a type checker wrote
            if not isinstance(given, tuple) or not all(isinstance(one, kind) for one in given):  # pyright: ignore[reportUnknownVariableType] - asked one by one
                raise DraftError(
                    "this is no choice of entries", field=name, remedy=f"Give a tuple of {kind.__name__}"
                )
        for name in ("connection", "organization", "recipient", "subject", "idempotency_key", "message_id"):
            check_kind(getattr(self, name), (str, NoneType), field=name, fault=DraftError)
        for name in ("in_doubt", "failed"):
            check_kind(getattr(self, name), (bool,), field=name, fault=DraftError)
        for name in ("accepted_from", "accepted_before"):
            check_kind(
                getattr(self, name),
                (int, NoneType),
                field=name,
                fault=DraftError,
                remedy="Give a Moment: moment_of(datetime(2030, 1, 31, tzinfo=UTC))",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyLane:
    """A lane with something due.

    Attributes:
        lane: Which.
        urgency: The most urgent that waits there, 0 to 2.
        due: Since when its oldest waits.
    """

    lane: Lane
    urgency: int
    due: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A connection that takes no mail for now.

    Attributes:
        connection: Its name.
        since: When it began.
        until: When a single probe is allowed.
        reason: For the administrator: what happened and what to do.
        failures: How often in a row the probe has failed.
    """

    connection: str
    since: Moment
    until: Moment
    reason: str
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxFigures:
    """The outbox in numbers.

    Attributes:
        entries: How many stand in each state.
        recipients: How many have each status; never tried counts as ``""``.
        in_doubt: Recipients that were ever in doubt.
        by_connection: Entries not yet finished, for each connection.
        oldest_due: Since when the oldest due entry waits; ``None`` when nothing is due.
        octets: Stored, all blobs included.
    """

    entries: Mapping[EntryState, int]
    recipients: Mapping[str, int]
    in_doubt: int
    by_connection: Mapping[str, int]
    oldest_due: Moment | None
    octets: int


class OutboxStore(Protocol):
    """Keeps entries, attempts, events and pauses."""

    async def open(self) -> None:
        """Make ready; the schema must be the one this program knows.

        Raises:
            OutboxError: It is older (upgrade it), newer (this program is too old), damaged or cannot be opened.
        """
        ...

    async def close(self) -> None:
        """Finish what was begun, then let go of everything."""
        ...

    # -- the first half of the sentence ----------------------------------------------------------------------

    async def accept(self, entries: Sequence[NewEntry]) -> list[Acceptance]:
        """Take entries, each with one result; durable when this returns.

        A key that was used before in the organization, or twice in this call, makes no second entry.

        Raises:
            OutboxUnavailableError: Nothing of it was stored: no space, locked for too long, or gone. One case is
                otherwise, and the error says so: a database server was lost in the middle of the commit and did not come
                back in time to be asked, so whether it was stored is unknown. Accepting again is safe under the same
                keys.
        """
        ...

    # -- the second half ------------------------------------------------------------------------------------

    async def begin_courier(self, courier: CourierId, *, host: str, process: int, now: Moment) -> None:
        """Note a courier that is going to claim."""
        ...

    async def beat(self, courier: CourierId, *, now: Moment) -> bool:
        """Say that a courier lives; ``False`` when others have taken it for dead and rescued its entries."""
        ...

    async def couriers(self) -> list[tuple[CourierId, int, bool]]:
        """Tell every courier that has not ended: its id, its count of beats, and whether it is certainly gone.

        Certainly gone means that its process has ended, known without waiting. Otherwise a courier whose count
        stands still for longer than a lease, by the observer's own monotonic clock, is gone: no wall clock decides.
        """
        ...

    async def end_courier(self, courier: CourierId, *, now: Moment) -> int:
        """Take back everything a courier holds, and forget the courier; gives the number of entries.

        What was not transmitting is due again and its event is ``rescued``. What was transmitting is in doubt:
        each pending recipient gets an outcome in_doubt in an attempt of its own, and by the entry's policy the entry is
        deferred (due now) or held. Recovering by :func:`eilbote.outbox.rescue.rescue`, which decides it.
        """
        ...

    async def ready_lanes(self, now: Moment) -> list[ReadyLane]:
        """Tell the lanes with something due; the cost depends on the number of lanes, not of entries."""
        ...

    async def next_due(self, now: Moment) -> Moment | None:
        """Tell when the next entry falls due after now; ``None`` when none will."""
        ...

    async def claim(self, courier: CourierId, lane: Lane, *, limit: int, now: Moment) -> list[Claim]:
        """Take due entries of a lane, the urgent first, then the oldest due; each gets a new epoch and is active.

        A courier that was never begun, or has been ended, gets nothing: nobody would ever rescue what it held.
        """
        ...

    async def transmit(self, claims: Sequence[tuple[EntryId, int]]) -> list[bool]:
        """Note that the contents of these entries may go out from now on; ``False`` for a claim that is lost."""
        ...

    async def settle(self, settlements: Sequence[Settlement]) -> list[bool]:
        """Write what became of claims; ``False`` for a claim that is lost, of which nothing is written."""
        ...

    async def poison(self, entry: EntryId, epoch: int, *, reason: str, now: Moment) -> bool:
        """Hold a claimed entry that cannot be read, with the reason."""
        ...

    async def give_up_expired(self, *, limit: int, now: Moment) -> list[Event]:
        """Fail entries that wait and whose time is over, at most ``limit``; gives one event for each.

        Concerns queued and deferred entries, due or not: those behind a paused connection are claimed by nobody, and
        their authors still have to hear. Decided by :func:`eilbote.outbox.untried.give_up`.
        """
        ...

    async def shift_waiting(self, seconds: float, *, now: Moment, at_most: Moment) -> int:
        """Move the times of what waits after the wall clock was set; gives the number of entries.

        Deferred entries are moved by ``seconds``, and none beyond ``at_most``. A queued entry that was to be sent at once
        is due ``now`` if the clock by which it was accepted was ahead; a time that an author has chosen stays.
        """
        ...

    async def pause(self, pause: Pause) -> None:
        """Note a pause, in place of an earlier one of that connection; tells ``connection_paused`` if it is new."""
        ...

    async def resume(self, connection: str, *, now: Moment) -> bool:
        """End a pause; says whether there was one."""
        ...

    async def pauses(self) -> list[Pause]:
        """Tell every connection that is paused."""
        ...

    async def divert(self, connection: str, *, away_from: frozenset[str], now: Moment) -> int:
        """Move what waits for a connection that takes no mail to another one; gives the number of entries.

        Concerns queued and deferred entries, due or not. Each goes to the first of its own connections that is not
        in ``away_from`` (``connection`` itself is one of these); state and due stay as they are. An entry that has
        no other connection stays, and so does one with a recipient in doubt who may still get another attempt: only
        the server that may have the message can recognise it by its Message-ID.
        """
        ...

    # -- people ------------------------------------------------------------------------------------------------

    async def apply(self, wish: Wish, entries: Sequence[EntryId], *, now: Moment) -> list[str | None]:
        """Do what somebody wants; for each entry ``None``, or why its state does not allow it.

        An id that does not exist gives a text as well, nothing is raised for a single entry.
        """
        ...

    async def entries(
        self, which: EntryFilter, *, limit: int, after: EntryId | None = None, newest_first: bool = True
    ) -> list[Entry]:
        """List entries in the order of their ids, page by page."""
        ...

    async def count(self, which: EntryFilter, *, at_most: int) -> int:
        """Count entries, and stop at a number: beyond it nothing is looked at."""
        ...

    async def history(self, entry: EntryId) -> History:
        """Tell everything about an entry.

        Raises:
            EntryNotFoundError: There is none.
        """
        ...

    async def frozen(self, entry: EntryId) -> bytes:
        """Give what is to be sent, as it was accepted.

        Raises:
            EntryNotFoundError: There is none.
        """
        ...

    async def note(self, event: Event) -> bool:
        """Tell something about an entry that was heard of later, such as its return; ``False`` when there is none any more."""
        ...

    async def figures(self, now: Moment) -> OutboxFigures:
        """Count."""
        ...

    async def octets(self) -> int:
        """Tell how much room the whole database takes, what is not of the outbox included."""
        ...

    async def statistics(self, span: Span) -> Statistics:
        """Count what was accepted in a span of time, and what waits; the cost depends on the span, not on the outbox."""
        ...

    async def submitted_by_minute(self, organization: str, since: Moment) -> Mapping[int, int]:
        """Count what an organization has handed in since a moment, by minutes since 1970."""
        ...

    async def waiting(self, organization: str) -> int:
        """Count the entries of an organization that are queued or deferred."""
        ...

    async def events(self, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Tell what happened, in order; ``after`` is the sequence of the last one that was heard."""
        ...

    async def newest_event(self) -> int:
        """Give the sequence of the last event that was told; 0 before the first."""
        ...

    async def attempts_since(self, connection: str, moment: Moment) -> int:
        """Count the attempts through a connection, to keep to its daily limit over restarts."""
        ...

    async def newest_attempts(self, connections: Sequence[str]) -> Mapping[str, Attempt]:
        """Give the latest attempt through each connection; of one that was never used, or not for long, nothing."""
        ...

    async def prune(self, *, finished_before: Moment, limit: int) -> int:
        """Forget finished entries with everything about them, at most ``limit``; gives their number.

        What happened to connections before that moment is forgotten as well.
        """
        ...

    async def blobs_in_use(self) -> set[str]:
        """Tell the SHA-256 of every blob that an entry refers to."""
        ...


class BlobStore(Protocol):
    """Keeps large parts of messages, each once, under the SHA-256 of its octets."""

    async def put(self, source: OctetSource) -> str:
        """Keep octets, without ever holding all of them; durable when this returns. Gives the SHA-256 in hexadecimal."""
        ...

    async def get(self, sha256: str, *, size: int, dot_free: bool) -> OctetSource:
        """Give the octets, to be read as often as needed.

        Raises:
            OutboxError: They are missing, or of another size.
        """
        ...

    async def sweep(self, in_use: set[str], *, older_than: Moment) -> int:
        """Delete what nobody refers to and was put before a moment; gives the number."""
        ...
