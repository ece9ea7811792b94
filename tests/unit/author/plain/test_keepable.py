"""What every store can keep, and how it is told what it cannot."""

from __future__ import annotations

import pytest

from eilbote.author.plain.keepable import LONGEST_ID, LONGEST_NAME, check_id, check_name, check_text
from eilbote.errors import FlowError, ProcessError


@pytest.mark.parametrize("given", ["a", "order/4711-2", "!~", "i" * LONGEST_ID])
def test_an_id_is_printable_ascii(given: str) -> None:
    check_id(given, of="a run", fault=FlowError)


@pytest.mark.parametrize("given", ["", "a b", "ä", "a\n", "\x7f", "i" * (LONGEST_ID + 1)])
def test_anything_else_is_no_id(given: str) -> None:
    with pytest.raises(FlowError, match="cannot be the id of a run") as caught:
        check_id(given, of="a run", fault=FlowError)
    assert caught.value.field == "id"


def test_a_name_has_an_end_and_can_be_printed() -> None:
    check_name("ü" * LONGEST_NAME, field="name", fault=ProcessError)
    check_name("", field="name", fault=ProcessError)
    with pytest.raises(ProcessError, match="has 201 characters"):
        check_name("ü" * (LONGEST_NAME + 1), field="name", fault=ProcessError)
    with pytest.raises(ProcessError, match="cannot be printed"):
        check_name("a\0", field="name", fault=ProcessError)


def test_the_length_of_a_text_is_counted_in_octets() -> None:
    assert check_text("üü", of="process", most=4, fault=ProcessError) == "üü"
    with pytest.raises(ProcessError, match="the process's text has 5 octets") as caught:
        check_text("üüa", of="process", most=4, fault=ProcessError)
    assert caught.value.remedy == "Give at most 4 octets of text"


def test_half_a_character_is_found_where_it_is() -> None:
    with pytest.raises(ProcessError, match="half a character") as caught:
        check_text("ab\ud800", of="process", most=100, fault=ProcessError)
    assert caught.value.position == 2


def test_a_nul_is_no_text() -> None:
    with pytest.raises(ProcessError, match="holds a NUL"):
        check_text("a\0", of="process", most=100, fault=ProcessError)
