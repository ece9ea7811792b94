"""Two spellings of an address are the same when people would say so."""

from __future__ import annotations

import pytest

from eilbote.store.account_faults import address_key


@pytest.mark.parametrize(
    "spelling",
    [
        "jürgen@example.org",
        "JÜRGEN@EXAMPLE.ORG",
        "Jürgen@Example.org ",
        "ju\N{COMBINING DIAERESIS}rgen@example.org",
        "JU\N{COMBINING DIAERESIS}RGEN@example.org",
    ],
)
def test_letter_case_and_composition_make_no_difference(spelling: str) -> None:
    assert address_key(spelling) == "jürgen@example.org"


def test_letters_make_a_difference() -> None:
    assert address_key("jurgen@example.org") != address_key("jürgen@example.org")
    assert address_key("anna+1@example.org") != address_key("anna@example.org")


@pytest.mark.parametrize("spelling", ["ß@x.org", "\N{ANGSTROM SIGN}@x.org", "ΐ@x.org", "İ@x.org", "ﬁ@x.org"])
def test_what_is_compared_is_compared_the_same_again(spelling: str) -> None:
    key = address_key(spelling)

    assert address_key(key) == key
