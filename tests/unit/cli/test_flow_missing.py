"""What an input leaves out of a sample is named, wherever it stands."""

import pytest

from eilbote.cli.flow_missing import missing_names
from eilbote.model.data import Data

SAMPLE: dict[str, Data] = {"email": "anna@example.org", "order": {"number": 4711, "total": 7}, "lines": [1]}


@pytest.mark.parametrize(
    "given, said",
    [
        ({"email": "", "order": {"number": 1, "total": None}, "lines": [], "more": 1}, ""),
        ({"email": "x", "order": {"number": 1}}, "order.total, lines"),
        ({"email": "x", "order": 4, "lines": []}, ""),
        ({"lines": []}, "email, order"),
    ],
)
def test_what_is_missing_is_named(given: dict[str, Data], said: str) -> None:
    assert missing_names(SAMPLE, given) == said


def test_many_are_cut_short() -> None:
    assert missing_names({f"n{number}": 1 for number in range(20)}, {"x": 1}).endswith("n7, ...")
