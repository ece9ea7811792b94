"""A model of one outbox entry and of the world around it, for the state machine that looks for a broken promise.

It does with settlements, rescues and grants exactly what a store is to do with them, and checks each step against
the lifecycle. Beside that it knows what no outbox can know: how many copies each recipient really got.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from eilbote.model.ids import CourierId, EntryId
from eilbote.model.moment import Moment
from eilbote.model.status import EntryState, RecipientKind, RecipientStatus
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.entry import Claim, Lane, Pending
from eilbote.outbox.lifecycle import LIFECYCLE, Action, Phase, after, phase_of, state_of
from eilbote.outbox.rescue import Orphan
from eilbote.outbox.settlement import Settlement
from eilbote.outbox.wishes import Grant, Standing

FINAL = {RecipientStatus.ACCEPTED, RecipientStatus.FAILED}
COURIER = CourierId("one")


@dataclass
class Recipient:
    """What the outbox knows of a recipient, and what is true."""

    status: RecipientStatus | None = None
    attempts: int = 0
    in_doubt: int = 0
    copies: int = 0
    reopened: int = 0


@dataclass
class World:
    """One entry, its recipients, and the clock."""

    now: Moment
    expires: Moment
    on_in_doubt: InDoubtPolicy
    on_partial: PartialPolicy
    connections: tuple[str, ...]
    recipients: list[Recipient]
    due: Moment
    connection: str
    state: EntryState = EntryState.QUEUED
    transmitting: bool = False
    epoch: int = 0
    attempts: int = 0
    claim: Claim | None = None
    epochs: list[int] = field(default_factory=lambda: [0])

    @property
    def phase(self) -> Phase:
        return phase_of(self.state, transmitting=self.transmitting)

    @property
    def pending(self) -> list[int]:
        return [number for number, one in enumerate(self.recipients) if one.status not in FINAL]

    def take(self) -> Claim:
        """Claim it."""
        assert after(self.phase, Action.CLAIM) is Phase.CLAIMED
        self.state = EntryState.ACTIVE
        self._next_epoch()
        self.claim = Claim(
            id=EntryId(1),
            epoch=self.epoch,
            lane=Lane("", self.connection),
            connections=self.connections,
            attempts=self.attempts,
            accepted=Moment(0),
            expires=self.expires,
            on_in_doubt=self.on_in_doubt,
            on_partial=self.on_partial,
            others_accepted=any(one.status is RecipientStatus.ACCEPTED for one in self.recipients),
            pending=tuple(
                Pending(
                    number,
                    f"r{number}@example.com",
                    RecipientKind.TO,
                    self.recipients[number].attempts,
                    in_doubt=self.recipients[number].in_doubt > 0,
                    doubts=self.recipients[number].in_doubt,
                )
                for number in self.pending
            ),
            frozen=b"",
            crc=0,
        )
        return self.claim

    def transmit(self, claim: Claim) -> bool:
        """Note that its content may go out."""
        if not self.is_held_by(claim):
            return False
        assert after(self.phase, Action.TRANSMIT) is Phase.TRANSMITTING
        self.transmitting = True
        return True

    def is_held_by(self, claim: Claim) -> bool:
        return self.state is EntryState.ACTIVE and claim.epoch == self.epoch

    def orphan(self) -> Orphan:
        """Give it as a rescuer finds it."""
        return Orphan(
            id=EntryId(1),
            epoch=self.epoch,
            organization="",
            connection=self.connection,
            courier=COURIER,
            attempts=self.attempts,
            transmitting=self.transmitting,
            on_in_doubt=self.on_in_doubt,
            pending=tuple(self.pending),
            doubts=max(self.recipients[number].in_doubt for number in self.pending),
        )

    def standing(self) -> Standing:
        """Give it as somebody finds it who wants something."""
        return Standing(
            state=self.state,
            transmitting=self.transmitting,
            attempts=self.attempts,
            has_failed=any(one.status is RecipientStatus.FAILED for one in self.recipients),
            due=self.due,
            expires=self.expires,
        )

    def write(self, settlement: Settlement, *, rescued: bool = False) -> bool:
        """Write a settlement; ``False`` when its claim is lost."""
        if settlement.epoch != self.epoch or self.state is not EntryState.ACTIVE:
            return False
        before = self.phase
        if settlement.attempt is not None:
            assert before is Phase.TRANSMITTING, "an attempt without the note that it may begin"
            assert settlement.attempt.number == self.attempts + 1
            self.attempts += 1
            for outcome in settlement.attempt.outcomes:
                one = self.recipients[outcome.number]
                assert one.status not in FINAL, "tried again after it was decided"
                one.status = outcome.status
                one.attempts += 1
                one.in_doubt += outcome.status is RecipientStatus.IN_DOUBT
        for number in settlement.given_up:
            assert self.recipients[number].status is not RecipientStatus.ACCEPTED, "gave up what was accepted"
            self.recipients[number].status = RecipientStatus.FAILED
        allowed = {
            state_of(following, tried=self.attempts > 0)
            for action in (_RESCUES if rescued else _SETTLEMENTS)
            if (following := LIFECYCLE[before].get(action)) is not None
        }
        assert settlement.state in allowed, f"{before} -> {settlement.state}"
        self._leave(settlement.state)
        self.due, self.connection = settlement.due, settlement.connection
        if rescued:
            self._next_epoch()
        return True

    def grant(self, granted: Grant) -> None:
        """Write what somebody's wish makes of it."""
        assert granted.takes_claim is (self.phase is Phase.CLAIMED)
        if granted.takes_claim:
            self._next_epoch()
        if granted.reopens_failed:
            for one in self.recipients:
                if one.status is RecipientStatus.FAILED:
                    one.status = RecipientStatus.DEFERRED
                    one.reopened += 1
        self._leave(granted.state)
        self.due, self.expires = granted.due, granted.expires

    def _leave(self, state: EntryState) -> None:
        self.state = state
        self.transmitting = False
        self.claim = None

    def _next_epoch(self) -> None:
        self.epoch += 1
        self.epochs.append(self.epoch)


_SETTLEMENTS = (Action.PUT_BACK, Action.DEFER, Action.PARK, Action.FINISH, Action.POISON)
_RESCUES = (Action.RESCUE, Action.RESCUE_PARKED)
