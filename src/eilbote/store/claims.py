"""From rows to what a courier gets; strict, for it decides about an attempt, and the same for both databases.

A claim is made for every message, so it is filled while it is of a class with the same slots that is not frozen; see
:mod:`eilbote.model.finished`. A test compares the classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from eilbote.outbox.entry import Claim, Pending
from eilbote.store.values import (
    IN_DOUBT_POLICIES,
    KINDS,
    OPEN_STATUSES,
    PARTIAL_POLICIES,
    read_names,
    unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment
    from eilbote.model.status import RecipientKind
    from eilbote.model.submission import InDoubtPolicy, PartialPolicy
    from eilbote.outbox.entry import Lane


class _OpenPending:
    __slots__ = tuple(Pending.__slots__)

    number: int
    address: str
    kind: RecipientKind
    attempts: int
    in_doubt: bool
    doubts: int


class _OpenClaim:
    __slots__ = tuple(Claim.__slots__)

    id: EntryId
    epoch: int
    lane: Lane
    connections: tuple[str, ...]
    attempts: int
    accepted: Moment
    expires: Moment
    on_in_doubt: InDoubtPolicy
    on_partial: PartialPolicy
    others_accepted: bool
    pending: tuple[Pending, ...]
    frozen: bytes
    crc: int
    attempts_before: int


def read_pending(row: Sequence[object]) -> Pending:
    """Read number, address, kind, attempts, in_doubt, status.

    Under a status that nobody knows may lie one that was accepted: to try again would be a second copy.

    Raises:
        UnreadableEntryError: There is something else.
    """
    number, address, kind, attempts, doubts, status = cast("tuple[int, object, str, int, int, object]", row)
    if not isinstance(address, str) or kind not in KINDS or status not in OPEN_STATUSES:
        raise unreadable("one of its recipients")
    pending = _OpenPending()
    pending.number = number
    pending.address = address
    pending.kind = KINDS[kind]
    pending.attempts = attempts
    pending.in_doubt = doubts > 0
    pending.doubts = doubts
    pending.__class__ = Pending  # type: ignore[assignment]
    return pending  # type: ignore[return-value]  # it is one now


def read_claim(row: Sequence[object], lane: Lane, pending: tuple[Pending, ...]) -> Claim:
    """Read a row of ``claim_entry.sql``.

    Raises:
        UnreadableEntryError: Something that is needed for an attempt is missing or damaged.
    """
    entry, epoch, connections, attempts, accepted, expires, in_doubt, partial, others, frozen, crc, before = (
        cast("tuple[EntryId, int, str, int, Moment, Moment, str, str, int, object, object, int]", row)
    )
    if in_doubt not in IN_DOUBT_POLICIES or partial not in PARTIAL_POLICIES:
        raise unreadable("one of its policies")
    if not type(attempts) is type(accepted) is type(expires) is int:  # a Moment is an int
        raise unreadable("one of its times")
    if not pending:
        raise unreadable("its list of recipients to be reached")
    if not isinstance(frozen, bytes) or not isinstance(crc, int):
        raise unreadable("its content")
    claim = _OpenClaim()
    claim.id = entry
    claim.epoch = epoch
    claim.lane = lane
    claim.connections = read_names(connections)
    claim.attempts = attempts
    claim.accepted = accepted
    claim.expires = expires
    claim.on_in_doubt = IN_DOUBT_POLICIES[in_doubt]
    claim.on_partial = PARTIAL_POLICIES[partial]
    claim.others_accepted = bool(others)
    claim.pending = pending
    claim.frozen = frozen
    claim.crc = crc
    claim.attempts_before = before
    claim.__class__ = Claim  # type: ignore[assignment]
    return claim  # type: ignore[return-value]  # as above
