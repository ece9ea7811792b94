"""What is written into columns is read from them as it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.model.attempt import EventKind, Outcome
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.model.submission import InDoubtPolicy
from eilbote.store.values import (
    TEXTS,
    names_text,
    numbers_text,
    outcomes_text,
    read_names,
    read_numbers,
    read_outcomes,
    storable,
)

any_text = st.text(st.characters(exclude_categories=()), max_size=30)


@given(st.lists(any_text, min_size=1).map(tuple))
def test_names(names: tuple[str, ...]) -> None:
    assert read_names(names_text(names)) == names


@given(st.lists(st.integers(0, 10**6)).map(tuple))
def test_numbers(numbers: tuple[int, ...]) -> None:
    text = numbers_text(numbers)

    assert read_numbers(text) == numbers
    assert not text or json.loads(text) == list(numbers)


@given(
    st.lists(
        st.builds(
            Outcome,
            number=st.integers(0, 1000),
            status=st.sampled_from(RecipientStatus),
            reply_code=st.integers(0, 599),
            enhanced_status_code=any_text,
            text=any_text,
        )
    ).map(tuple)
)
def test_outcomes_whatever_the_server_said(outcomes: tuple[Outcome, ...]) -> None:
    """A reply may hold anything, halves of surrogate pairs and quotation marks included."""
    text = outcomes_text(outcomes)

    assert read_outcomes(text) == outcomes
    assert text.isascii()
    assert storable(text) == text


@given(any_text)
def test_what_is_stored_can_be_encoded_and_holds_no_nul(text: str) -> None:
    kept = storable(text)

    kept.encode()
    assert "\0" not in kept
    if "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text):
        assert kept == text


@pytest.mark.parametrize("member", [*EntryState, *RecipientStatus, *EventKind, *InDoubtPolicy])
def test_words_are_plain_strings(member: str) -> None:
    """The driver looks for an adapter of everything that is not exactly a string, at every row."""
    assert type(TEXTS[member]) is str
    assert TEXTS[member] == member
