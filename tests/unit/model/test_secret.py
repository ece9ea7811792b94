"""A secret can be used but not printed."""

from __future__ import annotations

import copy
import pickle

import pytest

from eilbote.model.secret import Secret


@pytest.mark.parametrize("show", [repr, str, format, lambda s: f"{s:>40}", lambda s: f"{s!r}", "{}".format])
def test_no_way_of_showing_it_shows_it(show: object) -> None:
    assert "tr0ub4dor" not in show(Secret("tr0ub4dor"))  # type: ignore[operator]


def test_it_is_not_in_the_repr_of_what_holds_it() -> None:
    assert "tr0ub4dor" not in repr([{"password": Secret("tr0ub4dor")}])


def test_reveal_gives_it_back() -> None:
    assert Secret("tr0ub4dor").reveal() == "tr0ub4dor"
    assert Secret(Secret("tr0ub4dor")).reveal() == "tr0ub4dor"


def test_equal_by_content_but_never_to_a_plain_text() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1


def test_pickling_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Secret("a"))


def test_an_empty_secret_is_falsy() -> None:
    assert not Secret("")
    assert Secret(" ")


def test_copying_is_refused_like_pickling() -> None:
    with pytest.raises(TypeError):
        copy.copy(Secret("a"))
