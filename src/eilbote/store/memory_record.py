"""One entry as :class:`~eilbote.store.memory_outbox.MemoryOutbox` keeps it, and what is read from and written to it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from eilbote.model.attempt import EventKind
from eilbote.model.moment import later
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.entry import Claim, Entry, EntryRecipient, Lane, Pending
from eilbote.outbox.rescue import Orphan
from eilbote.outbox.untried import Expired
from eilbote.outbox.wishes import Standing
from eilbote.store.memory_conditions import contains, meets

if TYPE_CHECKING:
    from eilbote.model.attempt import Attempt, Outcome
    from eilbote.model.ids import CourierId, EntryId
    from eilbote.model.moment import Moment
    from eilbote.outbox.entry import NewEntry
    from eilbote.outbox.settlement import Settlement
    from eilbote.outbox.store import EntryFilter
    from eilbote.outbox.wishes import Grant

WAITING: Final = frozenset({EntryState.QUEUED, EntryState.DEFERRED})
"""In these states an entry waits for its turn or its time."""

_SETTLED: Final = frozenset({RecipientStatus.ACCEPTED, RecipientStatus.FAILED})


@dataclass(slots=True, kw_only=True)
class MemoryRecord:
    """An entry; the only thing of the memory outbox that changes."""

    id: EntryId
    new: NewEntry
    lane: Lane
    due: Moment
    expires: Moment
    recipients: list[EntryRecipient]
    state: EntryState = EntryState.QUEUED
    epoch: int = 0
    transmitting: bool = False
    courier: CourierId | None = None
    attempts: list[Attempt] = field(default_factory=list["Attempt"])
    finished: Moment | None = None
    reason: str = ""
    attempts_before: int = 0

    @classmethod
    def of(cls, new: NewEntry, number: EntryId) -> MemoryRecord:
        """Begin the record of a new entry."""
        return cls(
            id=number,
            new=new,
            lane=Lane(new.organization, new.connections[0]),
            due=new.due,
            expires=new.expires,
            recipients=[
                EntryRecipient(
                    address=one.address,
                    kind=one.kind,
                    status=None,
                    attempts=0,
                    in_doubt=0,
                    reply_code=0,
                    enhanced_status_code="",
                    text="",
                )
                for one in new.recipients
            ],
        )

    # -- what changes ----------------------------------------------------------------------------------------

    def claim(self, courier: CourierId) -> Claim:
        """Give it to a courier."""
        self.state, self.courier, self.reason = EntryState.ACTIVE, courier, ""
        self.epoch += 1
        return Claim(
            id=self.id,
            epoch=self.epoch,
            lane=self.lane,
            connections=self.new.connections,
            attempts=len(self.attempts),
            accepted=self.new.accepted,
            expires=self.expires,
            on_in_doubt=self.new.on_in_doubt,
            on_partial=self.new.on_partial,
            others_accepted=any(one.status is RecipientStatus.ACCEPTED for one in self.recipients),
            pending=self._pending(),
            frozen=self.new.frozen,
            crc=zlib.crc32(self.new.frozen),
            attempts_before=self.attempts_before,
        )

    def settle(self, settlement: Settlement) -> None:
        """Write what became of a claim."""
        if settlement.attempt is not None:
            self.attempts.append(settlement.attempt)
            for outcome in settlement.attempt.outcomes:
                self.recipients[outcome.number] = _tried(self.recipients[outcome.number], outcome)
        for number in settlement.given_up:
            self.recipients[number] = replace(self.recipients[number], status=RecipientStatus.FAILED)
        self.lane = Lane(self.lane.organization, settlement.connection)
        self.due, self.reason = settlement.due, settlement.reason
        self.finished = settlement.due if settlement.state is EntryState.DONE else None
        self._let_go(settlement.state)

    def grant(self, granted: Grant, now: Moment) -> None:
        """Write what a wish makes of it."""
        self.due, self.expires, self.reason = granted.due, granted.expires, granted.reason
        self.finished = now if granted.finishes else None
        self.epoch += granted.takes_claim
        if granted.event is EventKind.RETRIED:
            self.attempts_before = len(self.attempts)
        if granted.reopens_failed:
            self.recipients = [
                replace(one, status=RecipientStatus.DEFERRED) if one.status is RecipientStatus.FAILED else one
                for one in self.recipients
            ]
        self._let_go(granted.state)

    def hold(self, reason: str, now: Moment) -> None:
        """Take it from its courier and let it stand still."""
        self.reason, self.due = reason, now
        self._let_go(EntryState.HELD)

    def shift(self, seconds: float, *, now: Moment, at_most: Moment) -> bool:
        """Move its time after the wall clock was set; says whether it is another one now."""
        if self.state is EntryState.DEFERRED:
            due = min(later(self.due, seconds), at_most)
        else:
            due = min(self.due, now) if self.due <= self.new.accepted else self.due
        is_moved, self.due = due != self.due, due
        return is_moved

    def _let_go(self, state: EntryState) -> None:
        self.state, self.courier, self.transmitting = state, None, False

    # -- what is read ----------------------------------------------------------------------------------------

    @property
    def is_waiting(self) -> bool:
        """Whether somebody may claim it when it is due."""
        return self.state in WAITING

    @property
    def is_tied(self) -> bool:
        """Whether a recipient in doubt may get another attempt, which only the same server can recognise."""
        return any(one.in_doubt and one.status not in _SETTLED for one in self.recipients)

    def is_held_under(self, epoch: int) -> bool:
        """Tell whether a claim still holds it."""
        return self.state is EntryState.ACTIVE and self.epoch == epoch

    def view(self) -> Entry:
        """Give it as people see it."""
        return Entry(
            id=self.id,
            organization=self.new.organization,
            connection=self.lane.connection,
            connections=self.new.connections,
            idempotency_key=self.new.idempotency_key,
            message_id=self.new.message_id,
            subject=self.new.subject,
            author=self.new.author,
            size=self.new.size,
            urgency=self.new.urgency,
            state=self.state,
            reason=self.reason,
            transmitting=self.transmitting,
            attempts=len(self.attempts),
            accepted=self.new.accepted,
            due=self.due,
            expires=self.expires,
            finished=self.finished,
            courier=self.courier,
            on_in_doubt=self.new.on_in_doubt,
            on_partial=self.new.on_partial,
            recipients=tuple(self.recipients),
            sender=self.new.sender,
            attachments=self.new.attachments,
        )

    def expired(self) -> Expired:
        """Give what must be known of it to give it up."""
        return Expired(
            id=self.id,
            epoch=self.epoch,
            lane=self.lane,
            expires=self.expires,
            pending=tuple(pending.number for pending in self._pending()),
        )

    def standing(self) -> Standing:
        """Give what must be known of it to decide about a wish."""
        return Standing(
            state=self.state,
            transmitting=self.transmitting,
            attempts=len(self.attempts),
            has_failed=any(one.status is RecipientStatus.FAILED for one in self.recipients),
            due=self.due,
            expires=self.expires,
        )

    def orphan(self, courier: CourierId) -> Orphan:
        """Give what must be known of it to take it back from a courier that is gone."""
        return Orphan(
            id=self.id,
            epoch=self.epoch,
            organization=self.lane.organization,
            connection=self.lane.connection,
            courier=courier,
            attempts=len(self.attempts),
            transmitting=self.transmitting,
            on_in_doubt=self.new.on_in_doubt,
            pending=tuple(pending.number for pending in self._pending()),
            doubts=max((pending.doubts for pending in self._pending()), default=0),
        )

    def _pending(self) -> tuple[Pending, ...]:
        return tuple(
            Pending(
                number, one.address, one.kind, one.attempts, in_doubt=one.in_doubt > 0, doubts=one.in_doubt
            )
            for number, one in enumerate(self.recipients)
            if one.status not in _SETTLED
        )

    def matches(self, which: EntryFilter) -> bool:
        """Tell whether every condition that is given holds."""
        new = self.new
        return all(
            (
                not which.states or self.state in which.states,
                which.connection is None or which.connection == self.lane.connection,
                which.organization is None or which.organization == new.organization,
                which.recipient is None
                or any(contains(which.recipient, one.address) for one in self.recipients),
                which.subject is None or contains(which.subject, new.subject),
                which.idempotency_key is None or which.idempotency_key == new.idempotency_key,
                which.message_id is None or which.message_id == new.message_id,
                not which.in_doubt or any(one.in_doubt for one in self.recipients),
                not which.failed or any(one.status is RecipientStatus.FAILED for one in self.recipients),
                which.accepted_from is None or new.accepted >= which.accepted_from,
                which.accepted_before is None or new.accepted < which.accepted_before,
                not which.ids or self.id in which.ids,
                all(meets(self, each) for each in which.conditions),
            )
        )


def _tried(recipient: EntryRecipient, outcome: Outcome) -> EntryRecipient:
    return replace(
        recipient,
        status=outcome.status,
        attempts=recipient.attempts + 1,
        in_doubt=recipient.in_doubt + (outcome.status is RecipientStatus.IN_DOUBT),
        reply_code=outcome.reply_code,
        enhanced_status_code=outcome.enhanced_status_code,
        text=outcome.text,
    )
