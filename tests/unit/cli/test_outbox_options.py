"""Which entries the options mean, and which options do not go together."""

from datetime import UTC, datetime

import pytest
from tests.unit.cli.outbox_nouns import NOW, entry

from eilbote.cli import mass_action
from eilbote.cli.faults import CommandLineError, NameNotValidError
from eilbote.cli.outbox_options import Chosen, StateWord
from eilbote.cli.send import InDoubtWord, PartialWord
from eilbote.cli.wanted import Wanted, check_wanted
from eilbote.errors import EntryNotFoundError
from eilbote.model.ids import entry_id_text
from eilbote.model.moment import later, moment_of
from eilbote.model.status import EntryState
from eilbote.model.submission import InDoubtPolicy, PartialPolicy
from eilbote.outbox.lifecycle import STATES
from eilbote.outbox.store import EntryFilter, Wish
from eilbote.outbox.wishes import REFUSALS

TIME = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)
ALONE = dict.fromkeys(("service", "user", "password", "directory", "dialogue"), False)


@pytest.mark.parametrize(
    "words, meant", [(StateWord, EntryState), (InDoubtWord, InDoubtPolicy), (PartialWord, PartialPolicy)]
)
def test_the_words_of_the_command_line_are_those_of_the_outbox(words: type[str], meant: type[str]) -> None:
    """They are written twice, because a help page must not load the outbox."""
    assert [str(word) for word in words] == [str(word) for word in meant]  # type: ignore[attr-defined]


def test_every_condition_arrives_in_the_filter() -> None:
    shown = entry_id_text(entry().id)
    which = Chosen(
        ids=(shown, shown.upper()),
        states=(StateWord.HELD, StateWord.HELD, StateWord.DONE),
        connection="Back_Up",
        organization="acme",
        recipient="anna",
        subject="Invoice",
        key="k",
        message_id="17@example.org",
        failed=True,
        in_doubt=True,
        since="2h",
        before="2030-01-31T11:00Z",
    ).filter(now=TIME)
    assert which == EntryFilter(
        ids=(entry().id,),
        states=(EntryState.HELD, EntryState.DONE),
        connection="back-up",
        organization="acme",
        recipient="anna",
        subject="Invoice",
        idempotency_key="k",
        message_id="<17@example.org>",
        failed=True,
        in_doubt=True,
        accepted_from=moment_of(TIME.replace(hour=10)),
        accepted_before=moment_of(TIME.replace(hour=11)),
    )
    assert Chosen().filter(now=TIME) == EntryFilter()


@pytest.mark.parametrize(
    "chosen, fault",
    [
        (Chosen(ids=("xyz",)), EntryNotFoundError),
        (Chosen(since="soon"), CommandLineError),
        (Chosen(since="1h", before="2h"), CommandLineError),
        (Chosen(connection="no name"), NameNotValidError),
    ],
)
def test_what_cannot_be_read_is_refused(chosen: Chosen, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        chosen.filter(now=TIME)


@pytest.mark.parametrize("wish", list(Wish))
def test_a_choice_without_states_means_only_what_the_wish_is_possible_for(wish: Wish) -> None:
    states = mass_action.narrowed(EntryFilter(), wish).states
    assert states
    for phase, refusals in REFUSALS.items():
        if wish in refusals and len(STATES[phase]) == 1 and STATES[phase][0] is not EntryState.ACTIVE:
            assert STATES[phase][0] not in states


def test_named_states_and_ids_are_left_as_they_are() -> None:
    for which in (EntryFilter(states=(EntryState.DONE,)), EntryFilter(ids=(entry().id,))):
        assert mass_action.narrowed(which, Wish.RETRY) is which


def test_a_retry_of_failures_reaches_finished_entries_and_no_other_does() -> None:
    """A retry of everything must not send again to addresses that were refused weeks ago."""
    assert EntryState.DONE in mass_action.narrowed(EntryFilter(failed=True), Wish.RETRY).states
    assert EntryState.DONE not in mass_action.narrowed(EntryFilter(), Wish.RETRY).states


def test_what_is_due_already_is_not_made_due_again() -> None:
    """So a retry that was broken off and is repeated goes on with the rest."""
    due, waits = entry(EntryState.DEFERRED), entry(EntryState.DEFERRED, due=later(NOW, 60))
    expired = entry(EntryState.DEFERRED, expires=later(NOW, -60))
    assert not mass_action.is_meant(due, Wish.RETRY, NOW)
    assert mass_action.is_meant(waits, Wish.RETRY, NOW)
    assert mass_action.is_meant(expired, Wish.RETRY, NOW)
    assert mass_action.is_meant(due, Wish.CANCEL, NOW)


@pytest.mark.parametrize(
    "wanted, queue, via, given, field",
    [
        (Wanted(key="k"), False, None, (), "idempotency_key"),
        (Wanted(send_at="1h"), False, None, (), "send_at"),
        (Wanted(expires="1h"), False, None, (), "expires_at"),
        (Wanted(on_in_doubt="park"), False, None, (), "on_in_doubt"),
        (Wanted(on_partial="ok"), False, None, (), "on_partial"),
        (Wanted(connections=("a", "b")), False, None, (), "connection"),
        (Wanted(connections=("a",)), False, None, ("user",), "connection"),
        (Wanted(connections=("a",)), True, "smtp://h", (), "connection"),
        (Wanted(), True, None, ("service",), "service"),
        (Wanted(), True, "smtp://h", ("user",), "user"),
        (Wanted(), True, "smtp://h", ("dialogue",), "dialogue"),
        (Wanted(), True, "smtp://h", ("directory",), "directory"),
    ],
)
def test_options_that_exclude_each_other_are_refused_with_the_one_at_fault(
    wanted: Wanted, queue: bool, via: str | None, given: tuple[str, ...], field: str
) -> None:
    with pytest.raises(CommandLineError) as caught:
        check_wanted(wanted, queue=queue, via=via, beside=ALONE | dict.fromkeys(given, True))
    assert caught.value.field == field
    assert caught.value.remedy


def test_options_that_go_together_pass() -> None:
    full = Wanted(
        connections=("a", "b"), key="k", send_at="1h", expires="1d", on_in_doubt="park", on_partial="ok"
    )
    check_wanted(full, queue=True, via=None, beside=ALONE)
    check_wanted(Wanted(connections=("a",)), queue=False, via=None, beside=ALONE)
    options = full.options()
    assert (options.idempotency_key, options.connections) == ("k", ("a", "b"))
    assert (options.on_in_doubt, options.on_partial) == (InDoubtPolicy.PARK, PartialPolicy.OK)
    assert options.send_at is not None
    assert options.expires_at is not None
    assert (options.expires_at - options.send_at).total_seconds() == pytest.approx(82_800, abs=5)
