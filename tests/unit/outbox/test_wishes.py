"""What becomes of an entry when somebody wants something."""

from dataclasses import replace

import pytest

from eilbote.model.attempt import EventKind
from eilbote.model.moment import Moment, later
from eilbote.model.status import EntryState
from eilbote.outbox.lifecycle import LIFECYCLE, Action, Phase
from eilbote.outbox.store import Wish
from eilbote.outbox.wishes import NOBODY_FAILED, REFUSALS, RETRY_SECONDS, Grant, Standing, grant, suited

NOW = Moment(1_800_000_000_000)
LATER = later(NOW, 3600)
END = later(NOW, 2 * RETRY_SECONDS)
QUEUED = Standing(
    state=EntryState.QUEUED, transmitting=False, attempts=0, has_failed=False, due=LATER, expires=END
)
DEFERRED = replace(QUEUED, state=EntryState.DEFERRED, attempts=2)
CLAIMED = replace(QUEUED, state=EntryState.ACTIVE)
TRANSMITTING = replace(CLAIMED, transmitting=True)
HELD = replace(QUEUED, state=EntryState.HELD, attempts=1)
DONE = replace(QUEUED, state=EntryState.DONE, attempts=1)
CANCELLED = replace(QUEUED, state=EntryState.CANCELLED)


def granted(wish: Wish, standing: Standing) -> Grant:
    decided = grant(wish, standing, now=NOW)
    assert isinstance(decided, Grant), decided
    return decided


def test_every_wish_the_lifecycle_does_not_allow_has_its_reason_and_no_other_one_has() -> None:
    refused = {
        (phase, wish)
        for phase in Phase
        if phase is not Phase.ABSENT
        for wish in Wish
        if Action(wish.value) not in LIFECYCLE[phase]
    }
    assert {(phase, wish) for phase, reasons in REFUSALS.items() for wish in reasons} == refused


@pytest.mark.parametrize("wish", [Wish.CANCEL, Wish.HOLD])
def test_what_is_on_its_way_cannot_be_called_back(wish: Wish) -> None:
    refusal = grant(wish, TRANSMITTING, now=NOW)
    assert isinstance(refusal, str)
    assert "its content may be going out at this moment" in refusal


@pytest.mark.parametrize("wish, state", [(Wish.CANCEL, EntryState.CANCELLED), (Wish.HOLD, EntryState.HELD)])
def test_what_is_only_claimed_can_be_called_back_and_its_courier_finds_out(
    wish: Wish, state: EntryState
) -> None:
    decided = granted(wish, CLAIMED)
    assert decided.state is state
    assert decided.takes_claim


@pytest.mark.parametrize("standing", [QUEUED, DEFERRED, HELD])
def test_a_cancelled_entry_is_finished(standing: Standing) -> None:
    decided = granted(Wish.CANCEL, standing)
    assert (decided.state, decided.finishes, decided.event) == (
        EntryState.CANCELLED,
        True,
        EventKind.CANCELLED,
    )
    assert not decided.takes_claim


def test_hold_and_release_change_neither_the_time_nor_the_past() -> None:
    held = granted(Wish.HOLD, DEFERRED)
    assert (held.state, held.due, held.expires, held.event) == (EntryState.HELD, LATER, END, EventKind.HELD)
    assert held.reason
    released = granted(Wish.RELEASE, HELD)
    assert (released.state, released.due, released.expires) == (EntryState.DEFERRED, LATER, END)
    assert released.reason == ""
    assert released.event is EventKind.RELEASED


def test_an_untried_entry_is_queued_again_when_released() -> None:
    assert granted(Wish.RELEASE, replace(HELD, attempts=0)).state is EntryState.QUEUED


@pytest.mark.parametrize("standing", [QUEUED, DEFERRED])
def test_a_retry_makes_it_due_now(standing: Standing) -> None:
    decided = granted(Wish.RETRY, standing)
    assert (decided.state, decided.due, decided.expires) == (standing.state, NOW, END)
    assert not decided.reopens_failed


def test_a_retry_goes_before_a_time_that_is_over() -> None:
    late = replace(DEFERRED, expires=later(NOW, -1))
    assert granted(Wish.RETRY, late).expires == later(NOW, RETRY_SECONDS)


def test_a_release_does_not_send_what_its_author_did_not_want_sent_that_late() -> None:
    late = replace(HELD, expires=later(NOW, -1))
    assert granted(Wish.RELEASE, late).expires == late.expires


def test_a_retry_of_a_finished_entry_is_for_those_who_failed() -> None:
    decided = granted(Wish.RETRY, replace(DONE, has_failed=True))
    assert decided.reopens_failed
    assert (decided.state, decided.due, decided.finishes) == (EntryState.DEFERRED, NOW, False)
    assert grant(Wish.RETRY, DONE, now=NOW) == NOBODY_FAILED


def test_an_entry_that_expired_untried_is_deferred_when_it_is_retried() -> None:
    """Its recipients have failed, so it is not one that was never decided about."""
    assert granted(Wish.RETRY, replace(DONE, attempts=0, has_failed=True)).state is EntryState.DEFERRED


def test_a_retry_of_everything_sends_nothing_that_is_held_or_cancelled() -> None:
    for standing in (HELD, CANCELLED):
        assert isinstance(grant(Wish.RETRY, standing, now=NOW), str)


@pytest.mark.parametrize("has_failed", [False, True])
@pytest.mark.parametrize("standing", [QUEUED, DEFERRED, CLAIMED, TRANSMITTING, HELD, DONE, CANCELLED])
def test_what_is_offered_is_granted_and_nothing_else_is(standing: Standing, *, has_failed: bool) -> None:
    standing = replace(standing, has_failed=has_failed)
    offered = suited(standing.state, transmitting=standing.transmitting, has_failed=has_failed)
    assert offered == tuple(wish for wish in Wish if isinstance(grant(wish, standing, now=NOW), Grant))


def test_what_waits_can_be_hurried_called_back_and_held_and_what_is_over_only_repeated() -> None:
    assert suited(EntryState.QUEUED, transmitting=False, has_failed=False) == (
        Wish.RETRY,
        Wish.CANCEL,
        Wish.HOLD,
    )
    assert suited(EntryState.DONE, transmitting=False, has_failed=False) == ()
    assert suited(EntryState.DONE, transmitting=False, has_failed=True) == (Wish.RETRY,)
