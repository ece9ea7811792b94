"""Values of runs and instances as programs read them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from eilbote.engine.shown_data import plain


@pytest.mark.parametrize(
    "number, written",
    [("12", "12"), ("12.50", "12.5"), ("1E+3", "1000"), ("-1E+307", "-1" + "0" * 307), ("1E-999999", "0.0")],
)
def test_a_number_is_written_as_the_number_it_is(number: str, written: str) -> None:
    assert json.dumps(plain(Decimal(number))) == written


@pytest.mark.parametrize("number", ["1E+99999", "1E+999999999", "1.5E+400", "-1E+308"])
def test_a_number_that_no_reader_can_hold_is_written_as_text_at_once(number: str) -> None:
    assert plain({"n": [Decimal(number)]}) == {"n": [number]}
