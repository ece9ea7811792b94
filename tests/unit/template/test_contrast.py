"""Text on a colour can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.template.contrast import contrast, readable_on


@pytest.mark.parametrize(
    "colour, text",
    [("#1f5fd0", "#ffffff"), ("#ffcc00", "#000000"), ("#fff", "#000000"), ("#000", "#ffffff")],
)
def test_dark_colours_take_white_and_light_ones_black(colour: str, text: str) -> None:
    assert readable_on(colour) == text


def test_black_on_white_is_the_strongest_there_is() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(
        4.54, abs=0.01
    )  # the example that everybody quotes


@given(st.integers(0, 0xFFFFFF))
def test_any_colour_can_be_written_on(number: int) -> None:
    colour = f"#{number:06x}"
    assert contrast(colour, readable_on(colour)) >= 4.5
