"""What becomes of an entry whose courier is gone."""

from dataclasses import replace

import pytest

from eilbote.model.attempt import EventKind
from eilbote.model.ids import CourierId, EntryId
from eilbote.model.moment import Moment
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.model.submission import InDoubtPolicy
from eilbote.outbox.rescue import MOST_DOUBTS, Orphan, rescue

NOW = Moment(1_800_000_000_000)
ORPHAN = Orphan(
    id=EntryId(17),
    epoch=4,
    organization="office",
    connection="relay",
    courier=CourierId("gone"),
    attempts=0,
    transmitting=False,
    on_in_doubt=InDoubtPolicy.RETRY,
    pending=(0, 2),
)


@pytest.mark.parametrize("policy", InDoubtPolicy)
@pytest.mark.parametrize("attempts, state", [(0, EntryState.QUEUED), (3, EntryState.DEFERRED)])
def test_what_was_only_claimed_waits_as_if_nobody_had_taken_it(
    policy: InDoubtPolicy, attempts: int, state: EntryState
) -> None:
    settlement = rescue(replace(ORPHAN, attempts=attempts, on_in_doubt=policy), now=NOW)
    assert (settlement.id, settlement.epoch) == (17, 4)
    assert (settlement.state, settlement.due, settlement.connection) == (state, NOW, "relay")
    assert settlement.attempt is None
    assert settlement.given_up == ()
    assert [event.kind for event in settlement.events] == [EventKind.RESCUED]


def test_what_was_transmitting_is_in_doubt_for_everybody_and_sent_again() -> None:
    settlement = rescue(replace(ORPHAN, transmitting=True, attempts=2), now=NOW)
    assert (settlement.state, settlement.due) == (EntryState.DEFERRED, NOW)
    attempt = settlement.attempt
    assert attempt is not None
    assert (attempt.number, attempt.courier, attempt.connection) == (3, "gone", "relay")
    assert [(outcome.number, outcome.status) for outcome in attempt.outcomes] == [
        (0, RecipientStatus.IN_DOUBT),
        (2, RecipientStatus.IN_DOUBT),
    ]
    (event,) = settlement.events
    assert (event.kind, event.recipients, event.entry, event.organization) == (
        EventKind.IN_DOUBT,
        (0, 2),
        17,
        "office",
    )
    assert event.text == attempt.reply == settlement.reason


def test_what_was_transmitting_is_held_when_its_policy_wants_a_person_to_decide() -> None:
    settlement = rescue(replace(ORPHAN, transmitting=True, on_in_doubt=InDoubtPolicy.PARK), now=NOW)
    assert settlement.state is EntryState.HELD
    assert "Release it" in settlement.reason
    assert settlement.attempt is not None
    assert [event.kind for event in settlement.events] == [EventKind.IN_DOUBT, EventKind.HELD]


def test_what_ends_its_courier_again_and_again_waits_for_a_person() -> None:
    """A message behind whose content the courier dies each time would reach its recipients each time."""
    orphan = replace(ORPHAN, transmitting=True, doubts=MOST_DOUBTS - 2)
    assert rescue(orphan, now=NOW).state is EntryState.DEFERRED
    settlement = rescue(replace(orphan, doubts=MOST_DOUBTS - 1), now=NOW)
    assert settlement.state is EntryState.HELD
    assert f"in doubt {MOST_DOUBTS} times" in settlement.reason
    assert [event.kind for event in settlement.events] == [EventKind.IN_DOUBT, EventKind.HELD]
