"""What an attempt makes of an entry, recipient by recipient."""

from dataclasses import replace

import pytest

from eilbote.connections.retry_policy import RetryPolicy
from eilbote.errors import (
    AttachmentError,
    AuthenticationError,
    ConnectError,
    ConnectionNotFoundError,
    DeliveryTimeoutError,
    DisconnectedError,
    EilboteError,
    InDoubtError,
    OutboxUnavailableError,
    Scope,
    UnreadableEntryError,
)
from eilbote.model.attempt import EventKind
from eilbote.model.envelope import Envelope
from eilbote.model.ids import CourierId, EntryId
from eilbote.model.moment import Moment, later
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import EnhancedStatusCode, EntryState, RecipientKind, RecipientStatus
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.entry import Claim, Lane, Pending
from eilbote.outbox.rescue import MOST_DOUBTS
from eilbote.outbox.settle import settle
from eilbote.outbox.settlement import Settlement
from eilbote.outbox.untried import BREATH_SECONDS, expire, fail_over, put_back

NOW = Moment(1_800_000_000_000)
STARTED = later(NOW, -1.5)
ACCEPTED, DEFERRED = RecipientStatus.ACCEPTED, RecipientStatus.DEFERRED
FAILED, IN_DOUBT = RecipientStatus.FAILED, RecipientStatus.IN_DOUBT
REPLIES = {
    ACCEPTED: (250, EnhancedStatusCode(2, 0, 0), "Ok: queued"),
    DEFERRED: (451, EnhancedStatusCode(4, 3, 0), "later"),
    FAILED: (550, EnhancedStatusCode(5, 1, 1), "no such user"),
    IN_DOUBT: (0, None, ""),
}
POLICY = RetryPolicy()


def a_claim(recipients: int = 1, *, numbers: tuple[int, ...] = (), attempts: int = 0) -> Claim:
    return Claim(
        id=EntryId(17),
        epoch=3,
        lane=Lane("office", "relay"),
        connections=("relay",),
        attempts=attempts,
        accepted=later(NOW, -60),
        expires=later(NOW, POLICY.lifetime_seconds),
        on_in_doubt=InDoubtPolicy.RETRY,
        on_partial=PartialPolicy.RETRY_REST,
        others_accepted=False,
        pending=tuple(
            Pending(number, f"r{number}@example.com", RecipientKind.TO, attempts, in_doubt=False)
            for number in numbers or range(recipients)
        ),
        frozen=b"",
        crc=0,
    )


def a_receipt(claim: Claim, *statuses: RecipientStatus, error: EilboteError | None = None) -> Receipt:
    paths = tuple(pending.address for pending in claim.pending)
    return Receipt(
        message_id="<17@example.com>",
        envelope=Envelope(reverse_path="", forward_paths=paths),
        results=tuple(
            RecipientResult(path, status, *REPLIES[status])
            for path, status in zip(paths, statuses, strict=True)
        ),
        reply="250 2.0.0 Ok: queued" if ACCEPTED in statuses else "",
        server="relay.example.com:587",
        tls_version="TLSv1.3",
        transcript="S: 451 later" if set(statuses) != {ACCEPTED} else "",
        error=error,
    )


def untried(claim: Claim, error: EilboteError, *, attempts: int = 0) -> Receipt:
    """Give the receipt of a delivery nobody was asked about."""
    receipt = a_receipt(claim, *[DEFERRED] * len(claim.pending), error=error)
    return replace(
        receipt,
        attempts=attempts,
        results=tuple(replace(result, reply_code=0, text=error.what) for result in receipt.results),
    )


def settled(claim: Claim, receipt: Receipt, *, closed: frozenset[str] = frozenset()) -> Settlement:
    return settle(
        claim,
        receipt,
        policy=POLICY,
        now=NOW,
        started=STARTED,
        courier=CourierId("here"),
        random=lambda: 0.0,
        closed=closed,
    )


def kinds(settlement: Settlement) -> list[EventKind]:
    return [event.kind for event in settlement.events]


def statuses(settlement: Settlement) -> dict[int, RecipientStatus]:
    assert settlement.attempt is not None
    return {outcome.number: outcome.status for outcome in settlement.attempt.outcomes}


# -- the usual ------------------------------------------------------------------------------------------


def test_accepted_is_done() -> None:
    claim = a_claim()
    settlement = settled(claim, a_receipt(claim, ACCEPTED))
    assert (settlement.id, settlement.epoch, settlement.connection) == (17, 3, "relay")
    assert (settlement.state, settlement.due, settlement.reason) == (EntryState.DONE, NOW, "")
    assert kinds(settlement) == [EventKind.ACCEPTED]
    attempt = settlement.attempt
    assert attempt is not None
    assert (attempt.number, attempt.started, attempt.seconds, attempt.courier) == (1, STARTED, 1.5, "here")
    assert (attempt.connection, attempt.server, attempt.tls_version) == (
        "relay",
        "relay.example.com:587",
        "TLSv1.3",
    )
    assert (attempt.stage, attempt.reply, attempt.transcript) == ("content", "250 2.0.0 Ok: queued", "")
    (outcome,) = attempt.outcomes
    assert (outcome.number, outcome.reply_code, outcome.enhanced_status_code) == (0, 250, "2.0.0")


@pytest.mark.parametrize("recipients", [1, 3])
def test_the_short_way_of_everyday_mail_decides_as_the_long_way_does(recipients: int) -> None:
    """A receipt that names an error, even one that concerns nobody, goes the long way."""
    claim = a_claim(recipients, attempts=2)
    receipt = a_receipt(claim, *[ACCEPTED] * recipients)
    assert settled(claim, receipt) == settled(claim, replace(receipt, error=EilboteError("of no account")))


def test_failed_is_done_too() -> None:
    claim = a_claim()
    settlement = settled(claim, a_receipt(claim, FAILED))
    assert settlement.state is EntryState.DONE
    assert kinds(settlement) == [EventKind.FAILED]
    assert settlement.events[0].text == "550 5.1.1 no such user"
    assert settlement.given_up == ()


def test_deferred_is_tried_again() -> None:
    claim = a_claim(attempts=2)
    settlement = settled(claim, a_receipt(claim, DEFERRED))
    assert (settlement.state, settlement.due) == (EntryState.DEFERRED, later(NOW, 240))
    assert settlement.reason == "451 4.3.0 later"
    assert kinds(settlement) == [EventKind.DEFERRED]
    assert settlement.attempt is not None
    assert (settlement.attempt.number, settlement.attempt.transcript) == (3, "S: 451 later")


def test_after_a_persons_wish_the_waits_begin_anew() -> None:
    """They went on growing: who had mended the server and asked for a retry waited for hours again."""
    claim = replace(a_claim(attempts=7), attempts_before=7)
    settlement = settled(claim, a_receipt(claim, DEFERRED))
    assert settlement.due == later(NOW, 60)
    assert settlement.attempt is not None
    assert settlement.attempt.number == 8


def test_each_recipient_goes_its_own_way_under_its_own_number() -> None:
    claim = a_claim(numbers=(1, 4, 7))
    settlement = settled(claim, a_receipt(claim, ACCEPTED, DEFERRED, FAILED))
    assert statuses(settlement) == {1: ACCEPTED, 4: DEFERRED, 7: FAILED}
    assert settlement.state is EntryState.DEFERRED
    assert [(event.kind, event.recipients) for event in settlement.events] == [
        (EventKind.ACCEPTED, (1,)),
        (EventKind.FAILED, (7,)),
        (EventKind.DEFERRED, (4,)),
    ]
    assert all((event.entry, event.organization) == (17, "office") for event in settlement.events)


def test_a_server_that_says_when_is_followed() -> None:
    claim = a_claim(2)
    receipt = a_receipt(claim, DEFERRED, DEFERRED)
    first, second = receipt.results
    receipt = replace(
        receipt, results=(replace(first, text="try again in 90 seconds"), replace(second, text="x"))
    )
    assert settled(claim, receipt).due == later(NOW, 90)


def test_a_clock_that_was_put_back_makes_no_negative_duration() -> None:
    claim = a_claim()
    settlement = settle(
        claim,
        a_receipt(claim, ACCEPTED),
        policy=POLICY,
        now=NOW,
        started=later(NOW, 3600),
        courier=CourierId("here"),
        random=lambda: 0.0,
    )
    assert settlement.attempt is not None
    assert settlement.attempt.seconds == 0


def test_results_that_do_not_fit_the_claim_are_never_taken_for_its_own() -> None:
    claim = a_claim(2)
    with pytest.raises(ValueError, match="zip"):
        settled(claim, a_receipt(a_claim(1), ACCEPTED))


REFUSED = ConnectError("connection refused", server="relay.example.com:587")
LOST = InDoubtError("the session broke after the message was sent", stage="content")

# -- time -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [DEFERRED, IN_DOUBT])
def test_who_cannot_be_tried_again_in_time_has_failed(status: RecipientStatus) -> None:
    claim = replace(a_claim(2), expires=later(NOW, 30))
    settlement = settled(claim, a_receipt(claim, ACCEPTED, status))
    assert settlement.state is EntryState.DONE
    assert settlement.given_up == (1,)
    assert statuses(settlement)[1] is status
    assert kinds(settlement)[-1] is EventKind.GAVE_UP
    assert settlement.events[-1].recipients == (1,)
    assert EventKind.DEFERRED not in kinds(settlement)


def test_all_who_are_given_up_at_once_are_named() -> None:
    claim = replace(a_claim(3), expires=later(NOW, 30), on_partial=PartialPolicy.OK)
    settlement = settled(claim, a_receipt(claim, ACCEPTED, IN_DOUBT, DEFERRED, error=LOST))
    assert (settlement.state, settlement.given_up) == (EntryState.DONE, (1, 2))


def test_an_entry_at_rest_is_looked_at_when_its_time_is_over() -> None:
    claim = replace(a_claim(), expires=later(NOW, 2))
    assert settled(claim, untried(claim, REFUSED)).due == claim.expires
    claim = replace(claim, expires=later(NOW, -2))
    assert settled(claim, untried(claim, REFUSED)).due == NOW


def test_an_entry_whose_time_is_over_fails_untried() -> None:
    claim = replace(a_claim(numbers=(0, 3)), expires=NOW)
    settlement = expire(claim, now=NOW)
    assert (settlement.state, settlement.due, settlement.attempt) == (EntryState.DONE, NOW, None)
    assert settlement.given_up == (0, 3)
    assert [(event.kind, event.recipients) for event in settlement.events] == [(EventKind.GAVE_UP, (0, 3))]
    assert "2027-01-15T08:00:00+00:00" in settlement.events[0].text


# -- in doubt ---------------------------------------------------------------------------------------------


def test_in_doubt_is_sent_again_and_told() -> None:
    claim = a_claim(2)
    settlement = settled(claim, a_receipt(claim, IN_DOUBT, IN_DOUBT, error=LOST))
    assert (settlement.state, settlement.due) == (EntryState.DEFERRED, later(NOW, 60))
    assert statuses(settlement) == {0: IN_DOUBT, 1: IN_DOUBT}
    assert kinds(settlement) == [EventKind.IN_DOUBT]
    assert settlement.reason == LOST.what
    assert settlement.attempt is not None
    assert settlement.attempt.outcomes[0].text == LOST.what
    assert (settlement.attempt.stage, settlement.attempt.reply) == ("content", LOST.what)


def test_in_doubt_is_held_when_its_policy_wants_a_person_to_decide() -> None:
    claim = replace(a_claim(2), on_in_doubt=InDoubtPolicy.PARK)
    settlement = settled(claim, a_receipt(claim, IN_DOUBT, DEFERRED, error=LOST))
    assert settlement.state is EntryState.HELD
    assert statuses(settlement) == {0: IN_DOUBT, 1: DEFERRED}
    assert settlement.given_up == ()
    assert kinds(settlement) == [EventKind.IN_DOUBT, EventKind.DEFERRED, EventKind.HELD]
    assert "Release it" in settlement.reason


def test_who_is_in_doubt_again_and_again_waits_for_a_person_whatever_the_policy() -> None:
    """A filter that swallows the server's word behind each content would get a copy at every retry, for four days."""
    claim = a_claim(2)
    once, often = claim.pending
    claim = replace(claim, pending=(once, replace(often, in_doubt=True, doubts=MOST_DOUBTS - 2)))
    again = settled(claim, a_receipt(claim, IN_DOUBT, IN_DOUBT, error=LOST))
    assert again.state is EntryState.DEFERRED
    claim = replace(claim, pending=(once, replace(often, in_doubt=True, doubts=MOST_DOUBTS - 1)))
    enough = settled(claim, a_receipt(claim, DEFERRED, IN_DOUBT, error=LOST))
    assert enough.state is EntryState.HELD
    assert f"in doubt {MOST_DOUBTS} times" in enough.reason
    assert kinds(enough) == [EventKind.IN_DOUBT, EventKind.DEFERRED, EventKind.HELD]
    # It is the doubt that is counted, not the attempt: a server that answers is asked again.
    assert settled(claim, a_receipt(claim, DEFERRED, DEFERRED)).state is EntryState.DEFERRED


@pytest.mark.parametrize("earlier", [False, True])
def test_a_doubt_ties_an_entry_to_the_server_that_may_have_it(earlier: bool) -> None:
    claim = replace(a_claim(), connections=("main", "relay", "backup"))
    if earlier:
        claim = replace(claim, pending=(replace(claim.pending[0], in_doubt=True),))
        receipt = a_receipt(claim, DEFERRED)
    else:
        receipt = a_receipt(claim, IN_DOUBT, error=LOST)
    assert settled(claim, receipt).connection == "relay"
    if earlier:
        assert settled(claim, untried(claim, ConnectError("refused"))).connection == "relay"


# -- some accepted ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", [PartialPolicy.OK, PartialPolicy.ERROR])
@pytest.mark.parametrize("earlier", [False, True])
def test_once_somebody_was_accepted_the_rest_is_given_up(policy: PartialPolicy, earlier: bool) -> None:
    claim = replace(a_claim(2), on_partial=policy, others_accepted=earlier)
    settlement = settled(claim, a_receipt(claim, DEFERRED if earlier else ACCEPTED, DEFERRED))
    assert settlement.state is EntryState.DONE
    assert settlement.given_up == ((0, 1) if earlier else (1,))
    assert EventKind.DEFERRED not in kinds(settlement)
    gave_up = [event for event in settlement.events if event.kind is EventKind.GAVE_UP]
    assert gave_up[0].recipients == settlement.given_up
    # The whole has failed, or it has not: that is what the two policies differ in.
    assert (len(gave_up) == 2) is (policy is PartialPolicy.ERROR)
    assert bool(settlement.reason) is (policy is PartialPolicy.ERROR)


def test_a_part_refused_for_good_is_a_failure_of_the_whole_by_policy() -> None:
    for policy, told in [(PartialPolicy.ERROR, True), (PartialPolicy.OK, False)]:
        claim = replace(a_claim(2), on_partial=policy)
        settlement = settled(claim, a_receipt(claim, ACCEPTED, FAILED))
        assert settlement.given_up == ()
        assert (EventKind.GAVE_UP in kinds(settlement)) is told


@pytest.mark.parametrize("policy", PartialPolicy)
def test_nobody_is_given_up_while_nobody_was_accepted(policy: PartialPolicy) -> None:
    claim = replace(a_claim(2), on_partial=policy)
    settlement = settled(claim, a_receipt(claim, DEFERRED, FAILED))
    assert settlement.state is EntryState.DEFERRED
    assert settlement.given_up == ()


@pytest.mark.parametrize("policy", [PartialPolicy.OK, PartialPolicy.ERROR])
def test_a_doubt_is_not_given_up_for_others_that_were_accepted(policy: PartialPolicy) -> None:
    claim = replace(a_claim(3), on_partial=policy)
    settlement = settled(claim, a_receipt(claim, ACCEPTED, IN_DOUBT, DEFERRED, error=LOST))
    assert settlement.state is EntryState.DEFERRED
    assert settlement.given_up == (2,)


# -- the connection, not the message ----------------------------------------------------------------------

SITE_FAILURES = [
    (REFUSED, 0),
    (AuthenticationError("the server refuses the password"), 0),
    (AuthenticationError("Authentication required", stage="mail"), 1),
    (ConnectionNotFoundError("no connection is called 'relay'"), 0),
    (DisconnectedError("closed before anything was said", scope=Scope.SESSION), 0),
]


@pytest.mark.parametrize("error, attempts", SITE_FAILURES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("before, state", [(0, EntryState.QUEUED), (2, EntryState.DEFERRED)])
def test_trouble_with_the_connection_is_no_attempt(
    error: EilboteError, attempts: int, before: int, state: EntryState
) -> None:
    claim = a_claim(attempts=before)
    settlement = settled(claim, untried(claim, error, attempts=attempts))
    assert (settlement.state, settlement.attempt) == (state, None)
    assert (settlement.given_up, settlement.events) == ((), ())
    assert settlement.due == later(NOW, BREATH_SECONDS)
    assert settlement.connection == "relay"
    assert error.what in settlement.reason


def test_a_session_that_broke_within_the_message_is_an_attempt() -> None:
    claim = a_claim()
    settlement = settled(claim, untried(claim, DisconnectedError("closed", stage="data"), attempts=1))
    assert settlement.state is EntryState.DEFERRED
    assert settlement.attempt is not None
    assert settlement.attempt.stage == "data"


def test_the_next_connection_is_tried_at_once() -> None:
    claim = replace(a_claim(), connections=("main", "relay", "backup", "last"))
    settlement = settled(claim, untried(claim, REFUSED))
    assert (settlement.connection, settlement.due) == ("backup", NOW)
    settlement = settled(claim, untried(claim, REFUSED), closed=frozenset({"backup"}))
    assert (settlement.connection, settlement.due) == ("last", NOW)


def test_an_entry_whose_connections_are_all_broken_does_not_run_in_a_circle() -> None:
    claim = replace(a_claim(), connections=("main", "relay"))
    settlement = settled(claim, untried(claim, REFUSED))
    assert (settlement.connection, settlement.due) == ("main", later(NOW, BREATH_SECONDS))
    settlement = settled(claim, untried(claim, REFUSED), closed=frozenset({"main", "relay"}))
    assert (settlement.connection, settlement.due) == ("relay", later(NOW, BREATH_SECONDS))


def test_a_connection_that_was_taken_off_the_list_is_left() -> None:
    claim = replace(a_claim(), connections=("main", "backup"))
    settlement = fail_over(claim, now=NOW, reason="gone", random=lambda: 0.0)
    assert (settlement.connection, settlement.due) == ("main", NOW)


def test_a_retry_goes_to_the_first_connection_that_takes_mail() -> None:
    claim = replace(a_claim(), connections=("main", "relay"))
    receipt = a_receipt(claim, DEFERRED)
    assert settled(claim, receipt).connection == "main"
    assert settled(claim, receipt, closed=frozenset({"main"})).connection == "relay"
    assert settled(claim, receipt, closed=frozenset({"main", "relay"})).connection == "relay"


def test_what_others_have_is_an_attempt_although_the_connection_failed() -> None:
    claim = a_claim(2)
    settlement = settled(claim, a_receipt(claim, ACCEPTED, DEFERRED, error=AuthenticationError("expired")))
    assert statuses(settlement) == {0: ACCEPTED, 1: DEFERRED}


def test_a_delivery_whose_moment_had_passed_goes_back_unchanged() -> None:
    claim = replace(a_claim(), connections=("relay", "backup"))
    late = DeliveryTimeoutError("its moment had passed", field="not_after", scope=Scope.MESSAGE)
    settlement = settled(claim, untried(claim, late, attempts=1))
    assert (settlement.state, settlement.due, settlement.connection) == (EntryState.QUEUED, NOW, "relay")
    assert settlement.attempt is None


def test_what_cannot_be_read_is_set_apart() -> None:
    claim = a_claim()
    for error in (
        UnreadableEntryError("a part is missing"),
        AttachmentError("the content could not be read"),
    ):
        receipt = replace(a_receipt(claim, FAILED, error=error), reply="")
        settlement = settled(claim, receipt)
        assert settlement.state is EntryState.HELD
        assert settlement.attempt is None
        assert kinds(settlement) == [EventKind.POISONED]
        assert error.what in settlement.reason


def test_what_cannot_be_read_for_now_is_tried_again_soon() -> None:
    claim = a_claim()
    settlement = settled(claim, untried(claim, OutboxUnavailableError("the disk is gone"), attempts=1))
    assert (settlement.state, settlement.due) == (EntryState.QUEUED, later(NOW, BREATH_SECONDS))


def test_what_is_put_back_is_as_it_was() -> None:
    settlement = put_back(a_claim(attempts=1), now=NOW)
    assert (settlement.state, settlement.due, settlement.connection) == (EntryState.DEFERRED, NOW, "relay")
    assert (settlement.attempt, settlement.events, settlement.given_up) == (None, (), ())
