"""Whatever happens to an entry, in whatever order, no promise about it is broken.

Couriers die at any moment, servers answer anything or nothing, people want things, time passes; a late courier
writes what it believes. The model knows how many copies each recipient really got, and every invariant is one
sentence of what an outbox promises.
"""

from __future__ import annotations

from copy import deepcopy

import hypothesis.strategies as st
from hypothesis import given, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from tests.properties.outbox_world import COURIER, FINAL, Recipient, World

from eilbote.connections.retry_policy import RetryPolicy
from eilbote.errors import (
    AuthenticationError,
    ConnectError,
    DeliveryTimeoutError,
    DisconnectedError,
    EilboteError,
    InDoubtError,
    Scope,
    UnreadableEntryError,
)
from eilbote.model.envelope import Envelope
from eilbote.model.moment import Moment, later
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.entry import Claim
from eilbote.outbox.lifecycle import Phase
from eilbote.outbox.rescue import MOST_DOUBTS, rescue
from eilbote.outbox.retry import expiry, next_attempt
from eilbote.outbox.settle import settle
from eilbote.outbox.settlement import Settlement
from eilbote.outbox.store import Wish
from eilbote.outbox.untried import expire, put_back
from eilbote.outbox.wishes import grant

START = Moment(1_800_000_000_000)
POLICIES = st.builds(
    RetryPolicy,
    first_seconds=st.floats(1, 300),
    factor=st.floats(1, 10),
    cap_seconds=st.floats(300, 20_000),
    lifetime_seconds=st.floats(10, 400_000),
    jitter=st.floats(0, 0.5),
)
CHANCE = st.floats(0, 1, exclude_max=True)
STATUSES = st.lists(st.sampled_from(RecipientStatus), min_size=4, max_size=4)
TEXTS = st.sampled_from(["later", "try again in 5 minutes", "Greylisted", "try again in 9999 hours"])
UNTRIED: list[EilboteError] = [
    ConnectError("refused"),
    AuthenticationError("535"),
    DisconnectedError("closed before anything was said"),
    DeliveryTimeoutError("too late", field="not_after", scope=Scope.MESSAGE),
]


class EntryMachine(RuleBasedStateMachine):
    """One entry and everything that can happen to it."""

    @initialize(
        recipients=st.integers(1, 4),
        on_in_doubt=st.sampled_from(InDoubtPolicy),
        on_partial=st.sampled_from(PartialPolicy),
        connections=st.sampled_from([("a",), ("a", "b"), ("a", "b", "c")]),
        policy=POLICIES,
    )
    def accept(
        self,
        recipients: int,
        on_in_doubt: InDoubtPolicy,
        on_partial: PartialPolicy,
        connections: tuple[str, ...],
        policy: RetryPolicy,
    ) -> None:
        self.policy = policy
        self.world = World(
            now=START,
            expires=expiry(policy, START),
            on_in_doubt=on_in_doubt,
            on_partial=on_partial,
            connections=connections,
            recipients=[Recipient() for _ in range(recipients)],
            due=START,
            connection=connections[0],
        )
        self.late: list[tuple[Claim, Settlement]] = []

    # -- couriers --------------------------------------------------------------------------------------------

    @precondition(lambda self: self.world.phase is Phase.WAITING)
    @rule()
    def somebody_claims(self) -> None:
        world = self.world
        world.now = max(world.now, world.due)
        undecided = set(world.pending)
        claim = world.take()
        assert {pending.number for pending in claim.pending} == undecided
        assert claim.pending, "claimed although nobody is to be reached"
        if claim.expires <= world.now:
            assert world.write(expire(claim, now=world.now))

    @precondition(lambda self: self.world.phase is Phase.CLAIMED)
    @rule()
    def its_courier_notes_that_it_begins(self) -> None:
        assert self.world.claim is not None
        assert self.world.transmit(self.world.claim)

    @precondition(lambda self: self.world.claim is not None)
    @rule()
    def its_courier_gives_it_back(self) -> None:
        claim = self.world.claim
        assert claim is not None
        assert self.world.write(put_back(claim, now=self.world.now))

    @precondition(lambda self: self.world.phase is Phase.TRANSMITTING)
    @rule(
        statuses=STATUSES,
        secretly=st.lists(st.booleans(), min_size=4, max_size=4),
        text=TEXTS,
        closed=st.frozensets(st.sampled_from("abc")),
        chance=CHANCE,
        dies=st.booleans(),
    )
    def the_server_answers(
        self,
        *,
        statuses: list[RecipientStatus],
        secretly: list[bool],
        text: str,
        closed: frozenset[str],
        chance: float,
        dies: bool,
    ) -> None:
        world, claim = self.world, self.world.claim
        assert claim is not None
        chosen = statuses[: len(claim.pending)]
        for pending, status, took in zip(claim.pending, chosen, secretly, strict=False):
            took_it = status is RecipientStatus.ACCEPTED or (status is RecipientStatus.IN_DOUBT and took)
            world.recipients[pending.number].copies += took_it
        error = InDoubtError("lost", stage="content") if RecipientStatus.IN_DOUBT in chosen else None
        settlement = self._settled(claim, chosen, text, error, closed=closed, chance=chance)
        if dies:  # behind the server's word and before it was written
            self.late.append((claim, settlement))
            self._rescue()
            return
        before = world.connection
        assert world.write(settlement)
        self._check_written(settlement, before)

    def _settled(
        self,
        claim: Claim,
        statuses: list[RecipientStatus],
        text: str,
        error: EilboteError | None,
        *,
        closed: frozenset[str] = frozenset(),
        chance: float = 0.0,
        attempts: int = 1,
    ) -> Settlement:
        paths = tuple(pending.address for pending in claim.pending)
        codes = {RecipientStatus.ACCEPTED: 250, RecipientStatus.DEFERRED: 451, RecipientStatus.FAILED: 550}
        return settle(
            claim,
            Receipt(
                message_id="<1@example.com>",
                envelope=Envelope(reverse_path="", forward_paths=paths),
                results=tuple(
                    RecipientResult(path, status, codes.get(status, 0), text=text)
                    for path, status in zip(paths, statuses, strict=True)
                ),
                attempts=attempts,
                error=error,
            ),
            policy=self.policy,
            now=self.world.now,
            started=self.world.now,
            courier=COURIER,
            random=lambda: chance,
            closed=closed,
        )

    def _check_written(self, settlement: Settlement, before: str) -> None:
        world = self.world
        if settlement.state is EntryState.DEFERRED and settlement.attempt is not None:
            assert world.now < settlement.due < world.expires, "due when its time is over"
        if settlement.state in {EntryState.QUEUED, EntryState.DEFERRED}:
            assert world.now <= settlement.due <= max(world.now, world.expires)
            if any(world.recipients[number].in_doubt for number in world.pending):
                assert settlement.connection == before, "somebody else may have it"

    @precondition(lambda self: self.world.phase is Phase.TRANSMITTING)
    @rule(error=st.sampled_from(UNTRIED), closed=st.frozensets(st.sampled_from("abc")), chance=CHANCE)
    def the_server_is_not_even_asked(
        self, error: EilboteError, closed: frozenset[str], chance: float
    ) -> None:
        world, claim = self.world, self.world.claim
        assert claim is not None
        attempts, before = world.attempts, world.connection
        statuses = [RecipientStatus.DEFERRED] * len(claim.pending)
        settlement = self._settled(claim, statuses, "", error, closed=closed, chance=chance, attempts=0)
        assert world.write(settlement)
        assert world.attempts == attempts, "a retry was used up"
        assert not settlement.given_up
        self._check_written(settlement, before)

    @precondition(lambda self: self.world.phase is Phase.TRANSMITTING)
    @rule()
    def its_content_cannot_be_read(self) -> None:
        world, claim = self.world, self.world.claim
        assert claim is not None
        statuses = [RecipientStatus.DEFERRED] * len(claim.pending)
        assert world.write(self._settled(claim, statuses, "", UnreadableEntryError("damaged")))
        assert world.state is EntryState.HELD

    @precondition(lambda self: self.world.claim is not None)
    @rule(secretly=st.lists(st.booleans(), min_size=4, max_size=4))
    def its_courier_dies(self, secretly: list[bool]) -> None:
        world, claim = self.world, self.world.claim
        assert claim is not None
        if world.transmitting:
            for pending, took in zip(claim.pending, secretly, strict=False):
                world.recipients[pending.number].copies += took
        self.late.append((claim, put_back(claim, now=world.now)))
        self._rescue()

    def _rescue(self) -> None:
        world = self.world
        was_transmitting, doubts = world.transmitting, [one.in_doubt for one in world.recipients]
        pending = world.pending
        assert world.write(rescue(world.orphan(), now=world.now), rescued=True)
        for number, one in enumerate(world.recipients):
            assert one.in_doubt - doubts[number] == (was_transmitting and number in pending)
        enough = max(one.in_doubt for one in world.recipients) >= MOST_DOUBTS
        if was_transmitting and (world.on_in_doubt is InDoubtPolicy.PARK or enough):
            assert world.state is EntryState.HELD

    @precondition(lambda self: bool(self.late))
    @rule()
    def a_courier_that_was_taken_for_dead_writes_what_it_knows(self) -> None:
        claim, settlement = self.late.pop()
        before = deepcopy(self.world)
        assert not self.world.write(settlement)
        assert not self.world.transmit(claim)
        assert self.world == before

    # -- people and time ---------------------------------------------------------------------------------------

    @rule(wish=st.sampled_from(Wish))
    def somebody_wants_something(self, wish: Wish) -> None:
        world = self.world
        if wish is Wish.RETRY and world.state is EntryState.DONE:
            return  # a finished entry is opened again by another rule, that the others get far
        self._want(wish)

    @precondition(lambda self: self.world.state is EntryState.DONE)
    @rule()
    def somebody_wants_those_who_failed_tried_again(self) -> None:
        failed = [one for one in self.world.recipients if one.status is RecipientStatus.FAILED]
        self._want(Wish.RETRY)
        assert all(one.status is RecipientStatus.DEFERRED for one in failed)
        assert (self.world.state is EntryState.DEFERRED) is bool(failed)

    def _want(self, wish: Wish) -> None:
        world = self.world
        claim = world.claim
        was_transmitting = world.transmitting
        decided = grant(wish, world.standing(), now=world.now)
        if isinstance(decided, str):
            return
        assert not was_transmitting, "called back while it may be on its way"
        world.grant(decided)
        if claim is not None:
            assert not world.transmit(claim), "its courier does not find out"

    @rule(seconds=st.floats(0, 100_000))
    def time_passes(self, seconds: float) -> None:
        self.world.now = later(self.world.now, seconds)

    # -- promises ------------------------------------------------------------------------------------------------

    @invariant()
    def an_entry_is_done_if_and_only_if_nobody_is_left(self) -> None:
        if self.world.state is not EntryState.CANCELLED:
            assert (self.world.state is EntryState.DONE) is (not self.world.pending)

    @invariant()
    def a_second_copy_is_never_a_surprise(self) -> None:
        for one in self.world.recipients:
            assert one.copies <= 1 + one.in_doubt

    @invariant()
    def what_is_said_to_be_accepted_was(self) -> None:
        for one in self.world.recipients:
            assert one.status is not RecipientStatus.ACCEPTED or one.copies >= 1

    @invariant()
    def who_got_a_copy_is_accepted_or_was_in_doubt(self) -> None:
        for one in self.world.recipients:
            assert (
                not one.copies or one.status is RecipientStatus.ACCEPTED or one.in_doubt or self.world.claim
            )

    @invariant()
    def every_claim_and_every_taking_back_has_an_epoch_of_its_own(self) -> None:
        assert self.world.epochs == sorted(set(self.world.epochs))

    @invariant()
    def only_what_is_active_is_transmitting(self) -> None:
        assert not self.world.transmitting or self.world.state is EntryState.ACTIVE

    @invariant()
    def what_waits_untried_is_queued_and_what_waits_tried_is_deferred(self) -> None:
        if self.world.state is EntryState.QUEUED:
            assert self.world.attempts == 0
            assert all(one.status not in FINAL for one in self.world.recipients)


EntryMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestEntry = EntryMachine.TestCase


@given(
    first=st.floats(1, 300),
    factor=st.floats(1, 10),
    jitter=st.floats(0, 0.5),
    lives=st.floats(1, 300),
    chance=CHANCE,
    hint=st.none() | st.floats(0, 1e6),
)
@settings(deadline=None)
def test_attempts_are_bounded_and_end_with_the_lifetime(
    *, first: float, factor: float, jitter: float, lives: float, chance: float, hint: float | None
) -> None:
    policy = RetryPolicy(
        first_seconds=first, factor=factor, cap_seconds=20_000, lifetime_seconds=lives * first, jitter=jitter
    )
    expires = expiry(policy, START)
    now, attempts = START, 1
    while (
        due := next_attempt(
            policy, attempts=attempts, now=now, expires=expires, hint_seconds=hint, random=lambda: chance
        )
    ) is not None:
        assert now < due < expires
        now, attempts = due, attempts + 1
        assert attempts <= 4 + lives / (1 - jitter)


@given(chances=st.lists(CHANCE, min_size=1, max_size=50), hint=st.none() | st.floats(0, 1e6))
def test_four_days_of_the_default_schedule_see_at_most_forty_attempts(
    chances: list[float], hint: float | None
) -> None:
    policy = RetryPolicy()
    expires = expiry(policy, START)
    now, attempts = START, 0
    due: Moment | None = START
    while due is not None:
        now, attempts = due, attempts + 1
        due = next_attempt(
            policy,
            attempts=attempts,
            now=now,
            expires=expires,
            hint_seconds=hint,
            random=lambda: chances[attempts % len(chances)],  # noqa: B023 - called at once
        )
    assert attempts <= 40
